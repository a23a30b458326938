"""Signing a student in with a username and a password; each try is counted before it is looked at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from rightsdesk.verification.attempts import ADDRESS_BUDGET, PASSWORD_BUDGET, Budget, Stop, stopped
from rightsdesk.verification.counting.store import Counts
from rightsdesk.verification.passwords import Match, Passwords
from rightsdesk.verification.protocols import ADDRESS, Event, Jobs, Record, Seal
from rightsdesk.verification.staff.accounts import Attempt, Shown, Worth
from rightsdesk.verification.students.store import StudentPasswords
from rightsdesk.verification.tables import Counted

# Apart from the staff's names: a guesser at the families' page must not lock anybody out of the desk.
STUDENT_NAME: Final = "student-name"
NAME_LOCKED_JOB: Final = "name_locked"  # the owner of a name that was locked is told, if there is one
_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class StudentMeans:
    """Stores of one agency and one transaction, and what else signing students in needs."""

    kept: StudentPasswords
    counts: Counts
    seal: Seal
    record: Record
    passwords: Passwords
    jobs: Jobs


def begin(means: StudentMeans, person: UUID | None, name: str, now: datetime, address: str) -> Attempt | Shown:
    """Count a try and return what to compare with, or why nothing may be tried now.

    ``name`` is what was typed, as ``read_name`` returns it: the limits count it, known or not. ``address`` is the
    caller's as ``counted_address`` gives it. Unknown names cost the same statements and the same hash.
    """
    keys, addresses = name_keys(means, name), means.seal.indexes(ADDRESS, address) if address else ()
    shut = _reserve(means, Counted.PASSWORD, keys, PASSWORD_BUDGET, now)
    if shut is None and addresses:
        shut = _reserve(means, Counted.ADDRESS, addresses, ADDRESS_BUDGET, now)
        if shut:
            means.counts.give_back(Counted.PASSWORD, keys)
    if shut:
        _refused(means, shut.worth)
        return shut
    return Attempt(person, keys, means.kept.of(person), addresses)


def end(means: StudentMeans, attempt: Attempt, match: Match, typed: str) -> bool:
    """Say whether the password was right; then the count is taken back, and it is hashed by the newest rules.

    One that was replaced while it was looked at is wrong: who changed it has ended every session by then.
    """
    if match is Match.WRONG or attempt.account is None or not _still_stands(means, attempt.account, attempt.stored):
        _refused(means, "password")
        _tell_locked(means, attempt)
        return False
    means.counts.succeed(Counted.PASSWORD, attempt.keys)
    if attempt.addresses:
        means.counts.give_back(Counted.ADDRESS, attempt.addresses)
    if match is Match.STALE:
        means.kept.rehash(attempt.account, means.passwords.hashed(typed))
    return True


def name_keys(means: StudentMeans, name: str) -> tuple[str, ...]:
    """Return the blind indexes under which tries at a name are counted, newest key first."""
    return means.seal.indexes(STUDENT_NAME, name)


def forget_failures(means: StudentMeans, name: str) -> None:
    """Forget the failures at a name: its owner proved themselves in another way, or staff vouched."""
    means.counts.unlock(Counted.PASSWORD, name_keys(means, name))


def _tell_locked(means: StudentMeans, attempt: Attempt) -> None:
    """Have the owner told when this was the last wrong one that a name has; of a name nobody has, at the same cost."""
    count = means.counts.seen(Counted.PASSWORD, attempt.keys)
    if count.failures >= PASSWORD_BUDGET.total:
        owner = str(attempt.account or _NOBODY)
        means.jobs.submit(
            means.counts.session, NAME_LOCKED_JOB, f"{owner}:{count.day}", str(means.counts.agency), owner
        )


def _still_stands(means: StudentMeans, person: UUID, stored: str | None) -> bool:
    return stored is not None and means.kept.stands(person, stored)


def _reserve(means: StudentMeans, kind: Counted, keys: tuple[str, ...], budget: Budget, now: datetime) -> Shown | None:
    if means.counts.reserve(kind, keys, budget, now) is not None:
        return None
    shut = stopped(means.counts.hold(kind, keys, now), budget, now, means.counts.zone)
    locked = shut is None or shut.stop is Stop.LOCKED
    return Shown(Worth.LOCKED) if locked else Shown(Worth.PAUSED, shut.until if shut else None)


def _refused(means: StudentMeans, reason: str) -> None:
    # Nobody's name: known and unknown ones leave the same trace.
    means.record(Event("sign_in_refused", "unknown", facts=(("reason", reason),)))
