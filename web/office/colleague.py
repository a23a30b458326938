"""One colleague: what they may do, who they are on the roster, and how and where they sign in."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.errors import AgencyProblem, BadStaff, NoSuchStaff
from rightsdesk.requests.agencies.staffing import check_reset, give_roles, remove_colleague, tie_to_roster
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.staff import factors
from rightsdesk.verification.staff.invitations.store import Invitations
from rightsdesk.web.desk.own import Place, places
from rightsdesk.web.desk.refusing import abandon
from rightsdesk.web.desk.seating import means_of
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.office.shells import OfficeShell, actor, office_shell
from rightsdesk.web.office.tying import Tying, chosen, tying
from rightsdesk.web.visits import Visit

_ROLES: Final = tuple(str(role) for role in Role)


@dataclass(frozen=True, slots=True)
class ColleaguePage:
    """One member of staff as the office sees them; ``may_reset`` their sign-in, ``may_change`` their roles."""

    shell: OfficeShell
    id: UUID
    name: str
    email: str
    given: tuple[str, ...]
    on_roster: str
    is_me: bool
    may_change: bool
    may_reset: bool
    has_joined: bool
    invited_until: datetime | None
    places: tuple[Place, ...]
    roles: tuple[str, ...] = _ROLES
    tying: Tying | None = None
    error: Fault | None = None


def show(visit: Visit) -> Response:
    """Show a colleague."""
    return visit.render("office/colleague.html", colleague_page(visit, found(visit)))


def change(visit: Visit) -> Response:
    """Change what somebody may do or who they are on the roster, or remove them; their sessions end with it."""
    whose, do = found(visit), visit.form.text("do")
    if do == "find":
        page = replace(colleague_page(visit, whose), tying=tying(visit, whose))
        return visit.render("office/colleague.html", page)
    try:
        _change(visit, whose, do)
    except NoSuchStaff:
        raise
    except AgencyProblem as problem:
        abandon(visit)
        page = colleague_page(visit, whose, Fault(visit.say(str(problem)), "main"))
        return visit.render("office/colleague.html", page, status=422)
    if do == "remove":
        return visit.see(f"{visit.url('office.staff')}?said=removed")
    return visit.see(f"{visit.url('office.colleague', colleague=str(whose.id))}?said=saved")


def colleague_page(visit: Visit, whose: Colleague, error: Fault | None = None) -> ColleaguePage:
    """Return the page of a colleague."""
    people = visit.people.persons([whose.person] if whose.person else [])
    links = Invitations(visit.tx, visit.here.id).open(visit.now, whose.id)
    return ColleaguePage(
        shell=office_shell(visit, "office.staff"),
        id=whose.id,
        name=whose.name,
        email=whose.email,
        given=tuple(sorted(whose.roles)),
        on_roster=people[whose.person].name if whose.person in people else "",
        is_me=whose.id == visit.me.id,
        may_change=Role.ADMINISTRATOR in visit.me.roles,
        may_reset=_may_reset(visit, whose),
        has_joined=factors.has_joined(means_of(visit), whose.id),
        invited_until=links[0].expires_at if links else None,
        places=places(visit, whose.id),
        error=error,
    )


def _change(visit: Visit, whose: Colleague, do: str) -> None:
    store, record, who = Staff(visit.tx, visit.here.id, visit.vault), visit.docket.record, actor(visit)
    if do == "remove":
        remove_colleague(store, record, whose.id, who, visit.now)
        factors.forget(means_of(visit), whose.id, visit.now)
        _end_sessions(visit, whose.id)
    elif do == "person":
        tie_to_roster(store, record, whose.id, chosen(visit), who)
    else:
        given = frozenset(Role(one) for one in visit.form.texts("role") if one in _ROLES)
        give_roles(store, record, whose.id, given, who)
        if given != whose.roles:
            _end_sessions(visit, whose.id)


def _end_sessions(visit: Visit, who: UUID) -> None:
    """End them all; whoever changed their own roles goes on under a new id."""
    if visit.sessions is not None:
        visit.sessions.end_all(staff=who, besides=visit.seat.id)
    if who == visit.me.id:
        visit.renew(visit.seat)


def found(visit: Visit) -> Colleague:
    """Return the colleague whom the path names.

    Raises:
        NoSuchStaff: nobody of this agency has the id.
    """
    whose = Staff(visit.tx, visit.here.id, visit.vault).numbered(identity(visit.part("colleague")))
    if whose is None:
        raise NoSuchStaff("Nobody on the desk of this agency has this id.")
    return whose


def _may_reset(visit: Visit, whose: Colleague) -> bool:
    try:
        check_reset(visit.me, whose)
    except (BadStaff, NoSuchStaff):
        return False
    return True
