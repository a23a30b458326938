"""What the use cases of the staff's sign-in work with, and how each change is noted and told."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from rightsdesk.verification.counting.store import Counts
from rightsdesk.verification.passwords import Passwords
from rightsdesk.verification.protocols import Draw, Event, Jobs, Record, Seal
from rightsdesk.verification.staff.store import Credentials

TOLD_JOB: Final = "mail_staff"
NOBODY: Final = UUID(int=0)  # a name that nobody has costs the same writes as one that somebody has
_KEY_BYTES: Final = 8


class Told(StrEnum):
    """What a member of staff is told of by mail (NIST SP 800-63B-4 section 4.6, ASVS 5.0 sections 6.3.5 and 6.3.7)."""

    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an act
    APP_ENROLLED = "app_enrolled"
    APP_REPLACED = "app_replaced"
    CODES_RENEWED = "codes_renewed"
    CODE_USED = "code_used"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_COPIED = "passkey_copied"
    SCHOOL_CONNECTED = "school_connected"
    SCHOOL_REMOVED = "school_removed"
    RESET = "reset"
    LOCKED = "locked"
    WAYS_CHANGED = "ways_changed"


@dataclass(frozen=True, slots=True)
class StaffMeans:
    """Stores of one agency and one transaction, and what else signing staff in needs.

    ``language`` is that of the page, and so of the mails that tell of what was done on it.
    """

    credentials: Credentials
    counts: Counts
    seal: Seal
    record: Record
    draw: Draw
    passwords: Passwords
    jobs: Jobs
    now: datetime
    language: str = "en"


def note(means: StaffMeans, account: UUID | None, kind: str, reason: str) -> None:
    """Write into the ledger what somebody did with their own sign-in, or what was refused."""
    actor = f"staff:{account}" if account else "unknown"
    means.record(Event(kind, actor, facts=(("reason", reason),)))


def tell(means: StaffMeans, account: UUID | None, what: Told, key: str = "") -> None:
    """Have the owner of an account told by mail; the same key is told once."""
    owner, key = account or NOBODY, key or means.draw(_KEY_BYTES).hex()
    told = (str(means.credentials.agency), str(owner), str(what), means.language, means.now.isoformat())
    means.jobs.submit(means.credentials.session, TOLD_JOB, f"{TOLD_JOB}:{owner}:{what}:{key}", *told)
