"""Says what a person is in the words of the laws; one person is often several kinds at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rightsdesk.requests.law.terms import Region, RequesterKind

_MAJORITY: Final = 18
_COPPA_AGE: Final = 13  # 16 CFR 312.2
_CALIFORNIA_AGE: Final = 16  # Cal. Educ. Code 49076(a)(6)


class Relation(StrEnum):
    """What the asker is to the student; ``STATE_RECORD`` is a person whom a State agency keeps a record of."""

    PARENT = "parent"
    GUARDIAN = "guardian"
    STUDENT = "student"
    REPRESENTATIVE = "representative"
    STATE_RECORD = "state_record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """The facts that decide: the relation and the student's age in whole years, nothing when it is not known."""

    relation: Relation
    region: Region
    student_age: int | None = None
    postsecondary: bool = False
    grade_ten_done: bool = False
    dependent_for_tax: bool = False
    left_sixty_days_ago: bool = False


def requester_kinds(asker: Asker) -> frozenset[RequesterKind]:
    """Return every kind this asker is; none for the parent of a student who holds the rights alone.

    At 18, or at a postsecondary school, US rights move to the student (34 CFR 99.5). In the EU and the UK the data
    subject may ask at any age; who can understand the right is for the agency to judge, never a birthday here.
    """
    return frozenset(_us(asker) if asker.region is Region.US else _europe(asker))


def _us(asker: Asker) -> Iterator[RequesterKind]:
    match asker.relation:
        case Relation.STUDENT:
            yield from _us_student(asker)
        case Relation.REPRESENTATIVE:
            yield RequesterKind.REPRESENTATIVE
        case Relation.STATE_RECORD:
            yield RequesterKind.STATE_DATA_SUBJECT
        case Relation.PARENT | Relation.GUARDIAN:
            yield from _us_parent(asker)


def _us_student(asker: Asker) -> Iterator[RequesterKind]:
    yield RequesterKind.ELIGIBLE_STUDENT if _holds_own_rights(asker) else RequesterKind.STUDENT_OWN_MINOR
    yield RequesterKind.STUDENT_ANY_AGE_PERMANENT
    if asker.grade_ten_done or _aged(asker, _CALIFORNIA_AGE):
        yield RequesterKind.STUDENT_16_OR_GRADE10


def _us_parent(asker: Asker) -> Iterator[RequesterKind]:
    parent = asker.relation is Relation.PARENT
    if asker.left_sixty_days_ago:
        yield RequesterKind.FORMER_STUDENT_PARENT
    if not _holds_own_rights(asker):
        yield RequesterKind.PARENT if parent else RequesterKind.GUARDIAN
    elif asker.dependent_for_tax:
        yield RequesterKind.PARENT_OF_DEPENDENT
    if parent and asker.student_age is not None and asker.student_age < _COPPA_AGE:
        yield RequesterKind.PARENT_OF_UNDER_13


def _europe(asker: Asker) -> Iterator[RequesterKind]:
    match asker.relation:
        case Relation.PARENT:  # England's pupil regulations name the parent
            yield from (RequesterKind.PARENTAL_RESPONSIBILITY, RequesterKind.PARENT)
        case Relation.GUARDIAN:
            yield RequesterKind.PARENTAL_RESPONSIBILITY
        case Relation.STUDENT | Relation.STATE_RECORD:
            yield RequesterKind.DATA_SUBJECT
        case Relation.REPRESENTATIVE:
            yield RequesterKind.REPRESENTATIVE


def _holds_own_rights(asker: Asker) -> bool:
    return asker.postsecondary or _aged(asker, _MAJORITY)


def _aged(asker: Asker, years: int) -> bool:
    return asker.student_age is not None and asker.student_age >= years
