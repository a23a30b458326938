"""Who works at an agency's desk: add, give roles, remove; an agency never loses its last administrator."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.errors import BadStaff, LastAdministrator, NoSuchStaff
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.ledger.audit import Event

DECIDING: Final = frozenset({Role.APPROVER, Role.LEAD, Role.SECOND_APPROVER})


class Record(Protocol):
    """Writes one event to the tamper-evident ledger, inside the caller's transaction."""

    def __call__(self, event: Event) -> None:
        """Append the event."""


def add_colleague(staff: Staff, record: Record, colleague: Colleague, actor: str, now: datetime) -> Colleague:
    """Enter a member of staff and return them; ``actor`` is "staff:<uuid>" or "operator".

    Raises:
        BadStaff: name, address or roles are missing, or the address is taken.
    """
    colleague = replace(colleague, added_by=_staff_of(actor))
    if not colleague.name.strip():
        raise BadStaff("Write a name.")
    if "@" not in colleague.email.strip("@") or " " in colleague.email:
        raise BadStaff("Write a work e-mail, like name@school.example.")
    if not colleague.roles:
        raise BadStaff("Choose what they may do.")
    if staff.addressed(colleague.email) is not None:
        raise BadStaff("Somebody at this desk has this e-mail already.")
    staff.add(colleague, now)
    facts = (*_roles(colleague.roles), _tied(colleague.person))
    record(Event("staff_added", actor, subject=colleague.id, facts=facts))
    return colleague


def give_roles(staff: Staff, record: Record, who: UUID, roles: Iterable[Role], actor: str) -> None:
    """Give a member of staff exactly these roles.

    Raises:
        NoSuchStaff: nobody of this agency has the id.
        BadStaff: no role is left; remove the person instead. Or a colleague gives themselves a role that decides.
        LastAdministrator: nobody else is an administrator.
    """
    given = frozenset(roles)
    colleague = _found(staff, who)
    if not given:
        raise BadStaff("Choose what they may do, or remove them.")
    if Role.ADMINISTRATOR in colleague.roles - given:
        _keep_one(staff, who)
    if _staff_of(actor) == who and DECIDING & (given - colleague.roles):
        raise BadStaff("You cannot give yourself a role that decides. Another administrator must do it.")
    staff.set_roles(who, given)
    record(Event("role_changed", actor, subject=who, facts=_roles(given)))


def tie_to_roster(staff: Staff, record: Record, who: UUID, person: UUID | None, actor: str) -> None:
    """Say who a colleague is on the roster, or with None that they are not on it; it never lets anybody sign in.

    Raises:
        NoSuchStaff: nobody of this agency has the id.
        BadStaff: they say it of themselves: an own family must not be talked away.
    """
    _found(staff, who)
    if _staff_of(actor) == who:
        raise BadStaff("You cannot say who you are on the roster. Another administrator must do it.")
    staff.set_person(who, person)
    record(Event("role_changed", actor, subject=who, facts=(_tied(person),)))


def check_reset(by: Colleague, whose: Colleague) -> None:
    """Return when one colleague may let another set up anew how they sign in.

    Raises:
        NoSuchStaff: it is their own: a session left open would be enough to take an account over.
        BadStaff: a lead may not do it for an administrator, or they would be one a link later.
    """
    if by.id == whose.id:
        raise NoSuchStaff("Nobody on the desk of this agency has this id.")
    if Role.ADMINISTRATOR in whose.roles - by.roles:
        raise BadStaff("Only an administrator can do this for an administrator.")


def note_reset(staff: Staff, who: UUID, actor: str) -> None:
    """Remember who renewed what a colleague signs in with: those two never count as two people.

    Raises:
        NoSuchStaff: nobody of this agency has the id.
    """
    _found(staff, who)
    staff.set_reset_by(who, _staff_of(actor))


def remove_colleague(staff: Staff, record: Record, who: UUID, actor: str, now: datetime) -> None:
    """Take a member of staff off the desk; what they decided keeps their name.

    Raises:
        NoSuchStaff: nobody of this agency has the id.
        LastAdministrator: nobody else is an administrator.
    """
    if Role.ADMINISTRATOR in _found(staff, who).roles:
        _keep_one(staff, who)
    staff.remove(who, now)
    record(Event("staff_removed", actor, subject=who))


def _found(staff: Staff, who: UUID) -> Colleague:
    colleague = staff.numbered(who)
    if colleague is None:
        raise NoSuchStaff("Nobody on the desk of this agency has this id.")
    return colleague


def _keep_one(staff: Staff, leaving: UUID) -> None:
    if not any(Role.ADMINISTRATOR in one.roles for one in staff.every() if one.id != leaving):
        raise LastAdministrator("This is the last administrator. Add another one first.")


def _staff_of(actor: str) -> UUID | None:
    kind, _, number = actor.partition(":")
    return UUID(number) if kind == "staff" else None


def _tied(person: UUID | None) -> tuple[str, str]:
    return ("person", "linked" if person else "none")


def _roles(roles: Iterable[Role]) -> tuple[tuple[str, str], ...]:
    return (("roles", ".".join(sorted(roles))),)
