"""Who works here: add, give roles, remove. Each act needs a second factor younger than five minutes."""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.errors import AgencyProblem, NoSuchStaff
from rightsdesk.requests.agencies.staffing import add_colleague, give_roles, remove_colleague
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.web.desk.numbers import identity
from rightsdesk.web.desk.refusing import abandon
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.office.shells import OfficeShell, actor, office_shell
from rightsdesk.web.visits import Visit

_ROLES: Final = tuple(str(role) for role in Role)


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One member of staff in the list."""

    id: UUID
    name: str
    email: str
    roles: tuple[str, ...]
    is_me: bool


@dataclass(frozen=True, slots=True)
class StaffPage:
    """The staff, and the form for one more; ``password`` is shown once, to be handed over by a person."""

    shell: OfficeShell
    staff: tuple[StaffLine, ...]
    roles: tuple[str, ...] = _ROLES
    typed_name: str = ""
    typed_email: str = ""
    typed_roles: tuple[str, ...] = ()
    password: str = ""
    password_for: str = ""
    error: Fault | None = None


def staff(visit: Visit) -> Response:
    """Show who works here."""
    return visit.render("office/staff.html", staff_page(visit))


def add(visit: Visit) -> Response:
    """Add somebody with their roles."""
    if not visit.seat.is_fresh(visit.now):
        return _prove(visit)
    form = visit.form
    roles = frozenset(Role(one) for one in form.texts("role") if one in _ROLES)
    colleague = Colleague(visit.portal.fresh_id(), form.text("name")[:120], form.text("email")[:200], roles)
    try:
        add_colleague(_store(visit), visit.docket.record, colleague, actor(visit), visit.now)
    except AgencyProblem as problem:
        abandon(visit)
        typed = replace(
            staff_page(visit),
            typed_name=form.text("name"),
            typed_email=form.text("email"),
            typed_roles=form.texts("role"),
            error=Fault(visit.say(str(problem)), "email" if "e-mail" in str(problem) else "name"),
        )
        return visit.render("office/staff.html", typed, status=422)
    return visit.see(f"{visit.url('office.staff')}?said=added")


def colleague(visit: Visit) -> Response:
    """Change somebody's roles, or remove them."""
    if not visit.seat.is_fresh(visit.now):
        return _prove(visit)
    who, act = identity(visit.part("colleague")), visit.form.text("do")
    try:
        if act == "remove":
            remove_colleague(_store(visit), visit.docket.record, who, actor(visit), visit.now)
            _end_sessions(visit, who)
        else:
            roles = [Role(one) for one in visit.form.texts("role") if one in _ROLES]
            give_roles(_store(visit), visit.docket.record, who, roles, actor(visit))
    except NoSuchStaff:
        raise
    except AgencyProblem as problem:
        abandon(visit)
        page = replace(staff_page(visit), error=Fault(visit.say(str(problem)), "main"))
        return visit.render("office/staff.html", page, status=422)
    return visit.see(f"{visit.url('office.staff')}?said={'removed' if act == 'remove' else 'saved'}")


def staff_page(visit: Visit) -> StaffPage:
    """Return the list of staff."""
    lines = (
        StaffLine(one.id, one.name, one.email, tuple(sorted(one.roles)), one.id == visit.me.id)
        for one in _store(visit).every()
    )
    return StaffPage(office_shell(visit, "office.staff"), tuple(lines))


def _store(visit: Visit) -> Staff:
    return Staff(visit.tx, visit.here.id, visit.vault)


def _prove(visit: Visit) -> Response:
    visit.keep(replace(visit.seat, onward=visit.url("office.staff")))
    return visit.see(visit.url("desk.second_factor"))


def _end_sessions(visit: Visit, who: UUID) -> None:
    if visit.sessions is not None:
        visit.sessions.end_all(staff=who)
