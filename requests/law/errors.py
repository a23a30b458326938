"""What the law folder refuses, in words an operator or an approver can act on."""


class LawProblem(Exception):
    """A refusal that comes from the rules of law or from how they are used."""


class RulesBroken(LawProblem):
    """The law files contradict themselves; the product must not start."""


class UnknownLaw(LawProblem):
    """A law, rule, ground or notice is named that the rulebook does not hold."""


class NoClock(LawProblem):
    """The rule sets no date, by law or by policy."""


class NaiveInstant(LawProblem):
    """An instant came without its zone, so the day it fell on is not known."""


class GroundDoesNotFit(LawProblem):
    """The ground is not known to every law that grants this right."""


class ExamplesUnreadable(LawProblem):
    """A file of worked dates cannot be read; the words name line and column."""


class LetterIncomplete(LawProblem):
    """A letter would go out with something missing; ``missing`` names the placeholders or blocks."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(f"The letter cannot be sent. Missing: {', '.join(missing)}.")
        self.missing = missing
