"""Why a roster package is refused as a whole; the words are for the office, the code for programs."""


class RosterProblem(Exception):
    """A refusal of a roster import that the agency's office caused and can understand."""


class PackageRefused(RosterProblem):
    """Nothing of the package is used. ``code`` is what programs read; the text is for people."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


class NotHeld(RosterProblem):
    """The run is not on hold, or is not this agency's."""


class Cancelled(RosterProblem):
    """Somebody stopped the import while it could still be stopped."""
