"""A username under which too much was typed wrong: codes and passwords stay shut until staff vouch for its owner."""

from datetime import datetime

from rightsdesk.verification.attempts import NUMBER_BUDGET, PASSWORD_BUDGET, stopped
from rightsdesk.verification.challenges import Purpose
from rightsdesk.verification.means import Means
from rightsdesk.verification.students.signing_in import StudentMeans, forget_failures, name_keys
from rightsdesk.verification.tables import Counted


def is_shut(codes: Means, students: StudentMeans, name: str, now: datetime) -> bool:
    """Say whether this name, as ``read_name`` returns it, gets no codes or lets nobody sign in now."""
    kinds = (
        (Counted.NUMBER, codes.typed_keys(Purpose.RESET_PASSWORD, name), NUMBER_BUDGET),
        (Counted.PASSWORD, name_keys(students, name), PASSWORD_BUDGET),
    )
    zone = codes.counts.zone
    return any(stopped(codes.counts.seen(kind, keys), budget, now, zone) for kind, keys, budget in kinds)


def reopen(codes: Means, students: StudentMeans, name: str) -> None:
    """Forget what was typed wrong under this name. What was counted for a phone stays."""
    codes.counts.unlock(Counted.NUMBER, codes.typed_keys(Purpose.RESET_PASSWORD, name))
    forget_failures(students, name)
