"""Who works here, and how somebody new is added. Adding needs a second factor younger than five minutes."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.errors import AgencyProblem
from rightsdesk.requests.agencies.staffing import add_colleague
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.staff.invitations.inviting import Purpose
from rightsdesk.verification.staff.invitations.store import Invitations
from rightsdesk.web.desk.refusing import abandon
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.office.inviting import invited, way_of
from rightsdesk.web.office.shells import OfficeShell, actor, office_shell
from rightsdesk.web.office.tying import Tying, chosen, tying
from rightsdesk.web.visits import Visit

ROLES: Final = tuple(str(role) for role in Role)


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One member of staff in the list; ``invited_until`` while a link of theirs still opens something."""

    id: UUID
    name: str
    email: str
    roles: tuple[str, ...]
    is_me: bool
    on_roster: str = ""
    invited_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StaffPage:
    """The staff; ``may_add`` for administrators."""

    shell: OfficeShell
    staff: tuple[StaffLine, ...]
    may_add: bool


@dataclass(frozen=True, slots=True)
class AddPage:
    """The form for one more, with what was typed."""

    shell: OfficeShell
    name: str = ""
    email: str = ""
    given: tuple[str, ...] = ()
    roles: tuple[str, ...] = ROLES
    tying: Tying | None = None
    error: Fault | None = None


def staff(visit: Visit) -> Response:
    """Show who works here."""
    every = _store(visit).every()
    people = visit.people.persons(one.person for one in every if one.person)
    links = {one.account: one.expires_at for one in Invitations(visit.tx, visit.here.id).open(visit.now)}
    lines = (
        StaffLine(
            one.id,
            one.name,
            one.email,
            tuple(sorted(one.roles)),
            one.id == visit.me.id,
            people[one.person].name if one.person in people else "",
            links.get(one.id),
        )
        for one in every
    )
    may_add = Role.ADMINISTRATOR in visit.me.roles
    return visit.render("office/staff.html", StaffPage(office_shell(visit, "office.staff"), tuple(lines), may_add))


def ask(visit: Visit) -> Response:
    """Ask who is to be added."""
    return visit.render("office/add.html", AddPage(office_shell(visit, "office.staff")))


def add(visit: Visit) -> Response:
    """Add somebody with their roles, and invite them by mail or on paper."""
    form = visit.form
    roles = frozenset(Role(one) for one in form.texts("role") if one in ROLES)
    colleague = Colleague(visit.portal.fresh_id(), form.text("name")[:120], form.text("email")[:200], roles)
    if form.text("do") == "find" or not form.text("person"):
        return _ask_roster(visit, colleague)
    colleague = replace(colleague, person=chosen(visit))
    try:
        add_colleague(_store(visit), visit.docket.record, colleague, actor(visit), visit.now)
    except AgencyProblem as problem:
        abandon(visit)
        fault = Fault(visit.say(str(problem)), "email" if "e-mail" in str(problem) else "name")
        page = replace(_typed(visit), tying=tying(visit, colleague), error=fault)
        return visit.render("office/add.html", page, status=422)
    return invited(visit, colleague, Purpose.JOIN, way_of(visit))


def _ask_roster(visit: Visit, colleague: Colleague) -> Response:
    """Ask who the one to be added is on the roster; nothing is added yet."""
    page = replace(_typed(visit), tying=tying(visit, colleague))
    if visit.form.text("do") != "find":
        page = replace(page, error=Fault(visit.say("Say who they are on the roster."), "person"))
    return visit.render("office/add.html", page, status=422 if page.error else 200)


def _typed(visit: Visit) -> AddPage:
    form = visit.form
    return AddPage(office_shell(visit, "office.staff"), form.text("name"), form.text("email"), form.texts("role"))


def _store(visit: Visit) -> Staff:
    return Staff(visit.tx, visit.here.id, visit.vault)
