"""Where somebody stands who has not proved enough yet; it is kept where the purpose of the challenge stood."""

from enum import StrEnum
from typing import Final

from rightsdesk.verification.challenges import Purpose


class Step(StrEnum):
    """A step of a new password after its code was right, or the page at which it ends."""

    NUMBER = "reset_number"  # the student number is asked for as well
    CHOOSE = "reset_choose"
    DONE = "reset_done"
    UNSURE = "reset_unsure"
    ELSEWHERE = "reset_elsewhere"
    TOO_YOUNG = "reset_too_young"
    NO_NUMBER = "reset_no_number"
    OFFICE = "reset_office"


ENDS: Final = frozenset(Step) - {Step.NUMBER, Step.CHOOSE}
RESETTING: Final[frozenset[str]] = frozenset({Purpose.RESET_PASSWORD, *Step})
