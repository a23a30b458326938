"""Stopping a guardian, confirming and lifting that, and freezing a student: the agency's own word beats the roster."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.people.errors import NotOnFile, RestrictionProblem
from rightsdesk.requests.people.restrictions.store import Order, RestrictionKind, Restrictions, Standing
from rightsdesk.requests.people.store import People

__all__ = ["Order", "RestrictionKind", "Standing"]

Draw: TypeAlias = Callable[[int], bytes]


class Record(Protocol):
    """Writes one event to the tamper-evident ledger, inside the caller's transaction."""

    def __call__(self, event: Event) -> None:
        """Append the event."""


class Recheck(Protocol):
    """Looks again at the open cases about these students; implemented by cases, handed in by web (T-25)."""

    def __call__(self, students: Sequence[UUID], now: datetime) -> int:
        """Return how many cases lost their authority and were stopped."""


@dataclass(frozen=True, slots=True)
class Clerk:
    """The member of staff who acts; ``person`` is who they are on the roster, where they are on it."""

    staff: UUID
    person: UUID | None = None


@dataclass(frozen=True, slots=True)
class Guardrails:
    """What the office works restrictions with, on one session that web commits."""

    people: People
    record: Record
    recheck: Recheck
    draw: Draw

    @property
    def restrictions(self) -> Restrictions:
        """Return the agency's restrictions."""
        return Restrictions(self.people.session, self.people.agency.id, self.people.vault)


def set_restriction(desk: Guardrails, order: Order, clerk: Clerk, now: datetime) -> UUID:
    """Stop a guardian at once and return the restriction's id; a second person is asked to confirm it.

    Open cases of the guardian about these students go back to proof (T-25), a copy that was ready closes.

    Raises:
        NotOnFile: the guardian or the student is not on this agency's record.
        RestrictionProblem: the dates contradict, or the clerk is of the family.
    """
    students = _students(desk, order)
    _not_own_family(desk, clerk, order.guardian, students)
    if order.ends is not None and order.ends <= order.begins:
        raise RestrictionProblem("Write an end that is after the first day.")
    identity = UUID(bytes=desk.draw(16), version=4)
    desk.restrictions.add(identity, order, clerk.staff, now)
    stopped = desk.recheck(students, now)
    facts = (("restriction", str(identity)), ("kind", order.kind.value), ("stopped", str(stopped)))
    desk.record(Event("restriction_set", _actor(clerk), subject=_about(order), facts=facts))
    return identity


def confirm_restriction(desk: Guardrails, identity: UUID, clerk: Clerk) -> Standing:
    """Return the restriction, now agreed by a second person.

    Raises:
        NotOnFile: this agency has no such restriction.
        RestrictionProblem: the same person set it, or it was confirmed or lifted already.
    """
    found = _standing(desk, identity, clerk)
    if found.set_by == clerk.staff:
        raise RestrictionProblem("You set this restriction. Another person must confirm it.")
    if not desk.restrictions.confirm(identity, clerk.staff):
        raise RestrictionProblem("This restriction was confirmed or lifted already.")
    return _done(desk, "restriction_set", "confirmed", found, clerk)


def change_end(desk: Guardrails, identity: UUID, ends: date | None, clerk: Clerk, now: datetime) -> Standing:
    """Return the restriction with its new end, None for no end; open cases are looked at again.

    Raises:
        NotOnFile: this agency has no such restriction.
        RestrictionProblem: the end is not after the first day, or it was lifted already.
    """
    found = _standing(desk, identity, clerk)
    if ends is not None and ends <= found.order.begins:
        raise RestrictionProblem("Write an end that is after the first day.")
    if not desk.restrictions.change_end(identity, ends):
        raise RestrictionProblem("This restriction was lifted already.")
    desk.recheck(_students(desk, found.order), now)
    return _done(desk, "restriction_set", "changed", found, clerk)


def lift_restriction(desk: Guardrails, identity: UUID, clerk: Clerk, now: datetime) -> Standing:
    """Return the restriction, lifted. Cases that it stopped stay where they are until somebody proves them.

    Raises:
        NotOnFile: this agency has no such restriction.
        RestrictionProblem: it was lifted already, or the clerk is of the family.
    """
    found = _standing(desk, identity, clerk)
    if not desk.restrictions.lift(identity, clerk.staff, now):
        raise RestrictionProblem("This restriction was lifted already.")
    return _done(desk, "restriction_lifted", "lifted", found, clerk)


def freeze(desk: Guardrails, student: UUID, clerk: Clerk, now: datetime) -> None:
    """Stop everything that is asked or released about a student, whoever asks (F-16).

    Raises:
        NotOnFile: not a student of this agency.
        RestrictionProblem: the clerk is of the family.
    """
    _set_freeze(desk, student, clerk, now)
    desk.recheck([student], now)
    desk.record(Event("hold_set", _actor(clerk), subject=student))


def thaw(desk: Guardrails, student: UUID, clerk: Clerk) -> None:
    """Allow again what was frozen.

    Raises:
        NotOnFile: not a student of this agency.
        RestrictionProblem: the clerk is of the family.
    """
    _set_freeze(desk, student, clerk, None)
    desk.record(Event("hold_lifted", _actor(clerk), subject=student))


def _set_freeze(desk: Guardrails, student: UUID, clerk: Clerk, at: datetime | None) -> None:
    if not desk.people.person(student).is_student:
        raise NotOnFile("No student on this agency's record has this id.")
    _not_own_family(desk, clerk, None, [student])
    desk.people.freeze(student, at)


def _standing(desk: Guardrails, identity: UUID, clerk: Clerk) -> Standing:
    found = desk.restrictions.one(identity)
    if found is None:
        raise NotOnFile("No restriction of this agency has this id.")
    _not_own_family(desk, clerk, found.order.guardian, _students(desk, found.order))
    return found


def _students(desk: Guardrails, order: Order) -> Sequence[UUID]:
    desk.people.person(order.guardian)
    if order.student is None:
        return desk.restrictions.children(order.guardian)
    if not desk.people.person(order.student).is_student:
        raise NotOnFile("No student on this agency's record has this id.")
    return [order.student]


def _not_own_family(desk: Guardrails, clerk: Clerk, guardian: UUID | None, students: Sequence[UUID]) -> None:
    family = {guardian, *students, *(one for student in students for one in desk.restrictions.guardians(student))}
    if clerk.person is not None and clerk.person in family:
        raise RestrictionProblem("You cannot change this: it is about your own family.")


def _done(desk: Guardrails, kind: str, act: str, found: Standing, clerk: Clerk) -> Standing:
    facts = (("restriction", str(found.id)), ("kind", found.order.kind.value), ("act", act))
    desk.record(Event(kind, _actor(clerk), subject=_about(found.order), facts=facts))
    after = desk.restrictions.one(found.id)
    return after if after is not None else found


def _about(order: Order) -> UUID:
    return order.student if order.student is not None else order.guardian


def _actor(clerk: Clerk) -> str:
    return f"staff:{clerk.staff}"
