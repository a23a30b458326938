"""Who may speak for a student, and why: values in, an answer out (34 CFR 99.3 to 99.5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID


class Band(StrEnum):
    """The age band of a student; the birth date itself never leaves the people module."""

    UNDER_13 = "under_13"
    TEEN = "13_17"
    ADULT = "18_plus"
    UNKNOWN = "unknown"


class Grade(StrEnum):
    """What a guardianship is worth: set by the roster, or by the agency's staff."""

    CONFIRMED = "confirmed"
    ROSTER_ASSERTED = "roster_asserted"
    UNCONFIRMED = "unconfirmed"
    DENIED = "denied"


class Why(StrEnum):
    """Why somebody may, or may not, act for a student. Families never see it; staff and the ledger do."""

    LINKED = "linked"
    OWN_RECORD = "own_record"
    NOT_LINKED = "not_linked"
    UNCONFIRMED = "unconfirmed"
    RESTRICTED = "restricted"
    RIGHTS_TRANSFERRED = "rights_transferred"
    UNDER_13 = "under_13"
    AGE_UNKNOWN = "age_unknown"
    FROZEN = "frozen"
    NOT_OFFERED = "not_offered"


# Codes of the rule book's requester kinds.
PARENT: Final = "parent"
GUARDIAN: Final = "guardian"
ELIGIBLE_STUDENT: Final = "eligible_student"
STUDENT_OWN_MINOR: Final = "student_own_minor"


@dataclass(frozen=True, slots=True)
class Link:
    """One guardianship as the record holds it."""

    student: UUID
    guardian: UUID
    relation: str
    grade: Grade
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Restriction:
    """What the agency has set against a guardian. ``student`` is None for all children; ``ends`` is exclusive."""

    id: UUID
    guardian: UUID
    student: UUID | None
    kind: str
    begins: date
    ends: date | None = None
    is_lifted: bool = False

    def holds(self, student: UUID, today: date) -> bool:
        """Say whether it stands against acting for this student today."""
        if self.is_lifted or (self.student is not None and self.student != student):
            return False
        return self.begins <= today and (self.ends is None or today < self.ends)


@dataclass(frozen=True, slots=True)
class Student:
    """What the rules need to know of a data subject."""

    id: UUID
    band: Band
    is_frozen: bool = False


@dataclass(frozen=True, slots=True)
class Authority:
    """The answer: ``requester_kind`` is a code of the rule book, empty when there is no right to act."""

    requester_kind: str
    why: Why

    @property
    def holds(self) -> bool:
        """Say whether this person may act."""
        return bool(self.requester_kind)


def band(birth: date | None, today: date) -> Band:
    """Return the age band on this day of the agency's calendar; unknown stays unknown.

    Somebody born on 29 February turns a year older on 1 March of a common year.
    """
    if birth is None or birth > today:
        return Band.UNKNOWN
    age = today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
    if age < 13:
        return Band.UNDER_13
    return Band.TEEN if age < 18 else Band.ADULT


def guardian_authority(
    student: Student, link: Link | None, restrictions: Iterable[Restriction], today: date, *, roster_suffices: bool
) -> Authority:
    """Say whether this guardian may act for this student today.

    An agency's restriction beats every roster fact. Unknown age counts as a minor here: it never takes a
    parent's rights away.
    """
    if any(one.holds(student.id, today) for one in restrictions):
        return Authority("", Why.RESTRICTED)
    if link is None or not link.is_active or link.grade is Grade.DENIED:
        return Authority("", Why.NOT_LINKED)
    if link.grade is Grade.UNCONFIRMED or (link.grade is Grade.ROSTER_ASSERTED and not roster_suffices):
        return Authority("", Why.UNCONFIRMED)
    if student.band is Band.ADULT:
        return Authority("", Why.RIGHTS_TRANSFERRED)
    if student.is_frozen:
        return Authority("", Why.FROZEN)
    return Authority(PARENT if link.relation == "parent" else GUARDIAN, Why.LINKED)


def own_authority(student: Student, *, offered: bool) -> Authority:
    """Say whether a student may act for themselves; ``offered`` is the agency's policy for this kind at 13 to 17."""
    if student.is_frozen:
        return Authority("", Why.FROZEN)
    match student.band:
        case Band.ADULT:
            return Authority(ELIGIBLE_STUDENT, Why.OWN_RECORD)
        case Band.TEEN:
            return Authority(STUDENT_OWN_MINOR, Why.OWN_RECORD) if offered else Authority("", Why.NOT_OFFERED)
        case Band.UNDER_13:
            return Authority("", Why.UNDER_13)
        case Band.UNKNOWN:
            return Authority("", Why.AGE_UNKNOWN)
