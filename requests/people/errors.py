"""Refusals about people and who may speak for them."""


class PeopleProblem(Exception):
    """A refusal about a person or a link that the caller can understand."""


class NotOnFile(PeopleProblem):
    """No such person in this agency: unknown and foreign ids look the same."""


class RestrictionProblem(PeopleProblem):
    """A restriction that cannot be set or lifted as asked, in words for the office."""
