"""Names every letter, and picks the one a decision needs."""

from enum import StrEnum
from typing import Final

from rightsdesk.requests.law.rulebook import Rulebook
from rightsdesk.requests.law.terms import Right


class LetterKind(StrEnum):
    """Which body a letter has. ``APPROVED`` ones say yes; ``READY``, ``CORRECTED``, ``ERASED`` say it is done."""

    RECEIVED = "received"
    PROOF_NEEDED = "proof_needed"
    EXPIRED = "expired"
    DUPLICATE = "duplicate"
    QUESTION = "question"
    EXTENDED = "extended"
    APPROVED_ACCESS = "approved_access"
    APPROVED_CORRECTION = "approved_correction"
    APPROVED_ERASURE = "approved_erasure"
    APPROVED_OTHER = "approved_other"
    PARTIAL = "partial"
    DENIED_ACCESS = "denied_access"
    DENIED_CORRECTION = "denied_correction"
    DENIED_ERASURE = "denied_erasure"
    DENIED_OTHER = "denied_other"
    NEUTRAL_REFUSAL = "neutral_refusal"
    STOPPED = "stopped"
    READY = "ready"
    CORRECTED = "corrected"
    ERASED = "erased"
    DONE_OTHER = "done_other"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    LATE = "late"
    BLOCKED = "blocked"
    PACKAGE_ENDING = "package_ending"
    REFERRED = "referred"
    RIGHTS_MOVED = "rights_moved"
    HEARING_RECEIVED = "hearing_received"
    HEARING_DATE = "hearing_date"
    HEARING_DROPPED = "hearing_dropped"
    HEARING_WON = "hearing_won"
    HEARING_LOST = "hearing_lost"
    STATEMENT_KEPT = "statement_kept"


class Step(StrEnum):
    """How far a decision is when the letter goes out."""

    APPROVED = "approved"
    DENIED = "denied"
    DONE = "done"


class Line(StrEnum):
    """A sentence that stands in a letter only when it is so."""

    CLOCK_RUNS = "clock_runs"
    CLOCK_STOPPED = "clock_stopped"
    CLOCK_NOT_STARTED = "clock_not_started"
    LATER_OPEN_ACCESS = "later_open_access"
    LATER_RETENTION = "later_retention"
    LATER_HOLD = "later_hold"
    KEPT = "kept"
    OWN_MINOR = "own_minor"
    NO_RIGHT = "no_right"
    LINK = "link"
    PARTIAL = "partial"

    @property
    def place(self) -> str:
        """Return the placeholder this sentence goes into."""
        return _PLACES.get(self, f"{self.partition('_')[0]}_line")


_PLACES: Final = {Line.OWN_MINOR: "standing_line", Line.NO_RIGHT: "standing_line"}


def kind_of(step: Step, right: Right) -> LetterKind:
    """Return the letter for a decision about this right; portability and the disclosure log read like access."""
    if step is Step.DONE:
        return _DONE.get(right, LetterKind.DONE_OTHER)
    return LetterKind(f"{step}_{_BODIES.get(right, 'other')}")


def refusal_kind(right: Right, ground: str, rulebook: Rulebook) -> LetterKind:
    """Return the letter for a refusal on this ground.

    Want of authority always gets the neutral one, so that it cannot be told from a restriction on file (34 CFR 99.4).

    Raises:
        UnknownLaw: the ground is not in the rulebook.
    """
    if rulebook.shown(ground).code == "NO_AUTHORITY":
        return LetterKind.NEUTRAL_REFUSAL
    return kind_of(Step.DENIED, right)


_BODIES: Final = {
    Right.ACCESS: "access",
    Right.PORTABILITY: "access",
    Right.RECORD_OF_DISCLOSURES: "access",
    Right.CORRECTION: "correction",
    Right.ERASURE: "erasure",
}
_DONE: Final = {
    Right.ACCESS: LetterKind.READY,
    Right.PORTABILITY: LetterKind.READY,
    Right.RECORD_OF_DISCLOSURES: LetterKind.READY,
    Right.CORRECTION: LetterKind.CORRECTED,
    Right.ERASURE: LetterKind.ERASED,
}
