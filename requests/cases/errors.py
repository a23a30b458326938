"""Refusals about cases."""


class CaseProblem(Exception):
    """A refusal that the requester or the approver caused and can understand."""


class NoAuthority(CaseProblem):
    """The requester may not act for this data subject. Always told like an unknown id."""


class NoSuchCase(CaseProblem):
    """No case of this agency, or of this requester, has this reference."""


class MovedOn(CaseProblem):
    """The case is not in a state, or not in the version, that this act needs; nothing was changed."""

    def __init__(self, words: str, version: int) -> None:
        super().__init__(words)
        self.version = version


class NotForYou(CaseProblem):
    """This member of staff may not do this on this case: role, own family, or the same person twice."""


class NeedsFreshProof(CaseProblem):
    """The act needs a second factor younger than five minutes."""


class BadDecision(CaseProblem):
    """A decision without a fitting ground, without words, or over elements that are not of the case."""


class BadFiling(CaseProblem):
    """A filing that names nothing, or something that cannot be asked."""


class AlreadyAsked(CaseProblem):
    """The same request of the same person is open; ``reference`` is its reference."""

    def __init__(self, reference: str) -> None:
        super().__init__("The same request is open already.")
        self.reference = reference


class LiveValueChanged(CaseProblem):
    """The value was changed after the filing: the approver must look at the new one first (F-47)."""


class LetterNotReady(CaseProblem):
    """The letter lacks a block that a law demands, or a language nobody has read."""


class AuthorityEnded(CaseProblem):
    """The requester's right to act ended after the filing: the case waits for a new proof instead of a decision."""
