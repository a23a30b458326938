"""The SQL statements that read what decides whether one person may ask about one student: built once, one look each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, bindparam, exists, select
from sqlmodel import Session, col

from rightsdesk.requests.ledger.dialects import run
from rightsdesk.requests.people.authority import Grade, Link, Restriction
from rightsdesk.requests.people.tables import ContactRow, GuardianshipRow, PersonRow, RestrictionRow

CHANNELS: Final = ("text", "mail")
_ABOUT_STUDENT: Final = (
    select(col(PersonRow.birth_date), col(PersonRow.frozen_at), col(PersonRow.school))
    .where(col(PersonRow.id) == bindparam("student"))
    .where(col(PersonRow.agency) == bindparam("agency"), col(PersonRow.is_student))
)


def _reached_by(channel: str) -> ColumnElement[bool]:
    mine = and_(col(ContactRow.agency) == bindparam("agency"), col(ContactRow.person) == bindparam("requester"))
    return exists().where(mine, col(ContactRow.channel) == channel, col(ContactRow.is_usable)).label(channel)


_REACHED: Final = select(*(_reached_by(channel) for channel in CHANNELS))
# One row, or one for each thing that was ever set against the person.
_ABOUT_BOTH: Final = (
    _ABOUT_STUDENT.add_columns(
        col(GuardianshipRow.relation),
        col(GuardianshipRow.authority),
        col(GuardianshipRow.is_active),
        col(RestrictionRow.id).label("order"),
        col(RestrictionRow.student).label("child"),
        col(RestrictionRow.kind),
        col(RestrictionRow.begins),
        col(RestrictionRow.ends),
        col(RestrictionRow.lifted_at),
        *(_reached_by(channel) for channel in CHANNELS),
    )
    .outerjoin(
        GuardianshipRow,
        and_(
            col(GuardianshipRow.agency) == col(PersonRow.agency),
            col(GuardianshipRow.student) == col(PersonRow.id),
            col(GuardianshipRow.guardian) == bindparam("requester"),
        ),
    )
    .outerjoin(
        RestrictionRow,
        and_(
            col(RestrictionRow.agency) == col(PersonRow.agency),
            col(RestrictionRow.guardian) == bindparam("requester"),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class StudentFacts:
    """What is stored about a student's standing; the birth date is sealed."""

    birth_date: bytes | None
    frozen_at: datetime | None
    school: UUID | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is stored about somebody who asks about a student."""

    student: StudentFacts
    link: Link | None
    restrictions: tuple[Restriction, ...]
    channels: frozenset[str]


def of_student(tx: Session, agency: UUID, student: UUID) -> StudentFacts | None:
    """Return what is stored about a student, nothing when the agency has none of this id."""
    row = run(tx, _ABOUT_STUDENT, {"agency": agency, "student": student}).one_or_none()
    return None if row is None else _student(row)


def of_both(tx: Session, agency: UUID, requester: UUID, student: UUID) -> Facts | None:
    """Return what is stored about a requester and a student, nothing when the agency has no such student."""
    rows = run(tx, _ABOUT_BOTH, {"agency": agency, "requester": requester, "student": student}).all()
    if not rows:
        return None
    first, link = rows[0], None
    if first.authority is not None:
        link = Link(student, requester, first.relation, Grade(first.authority), first.is_active)
    orders = tuple(_restriction(row, requester) for row in rows if row.order is not None)
    return Facts(_student(first), link, orders, _named(first))


def channels(tx: Session, agency: UUID, person: UUID) -> frozenset[str]:
    """Return the channels on which a person has a usable number or address."""
    return _named(run(tx, _REACHED, {"agency": agency, "requester": person}).one())


def _student(row: Row[*tuple[Any, ...]]) -> StudentFacts:
    return StudentFacts(row.birth_date, row.frozen_at, row.school)


def _named(row: Row[*tuple[Any, ...]]) -> frozenset[str]:
    return frozenset(channel for channel in CHANNELS if getattr(row, channel))


def _restriction(row: Row[*tuple[Any, ...]], guardian: UUID) -> Restriction:
    is_lifted = row.lifted_at is not None
    return Restriction(row.order, guardian, row.child, row.kind, row.begins, row.ends, is_lifted)
