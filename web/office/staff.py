"""Who works here: add, give roles, remove. Each act needs a second factor younger than five minutes."""

from base64 import b32encode
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.errors import AgencyProblem, NoSuchStaff
from rightsdesk.requests.agencies.staffing import add_colleague, give_roles, note_reset, remove_colleague, tie_to_roster
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.staff import accounts
from rightsdesk.verification.staff.accounts import StaffMeans
from rightsdesk.verification.totp import grouped
from rightsdesk.web.desk.refusing import abandon
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.office.shells import OfficeShell, actor, office_shell
from rightsdesk.web.onroster import adults_found, proposed
from rightsdesk.web.staffroom import staff_means
from rightsdesk.web.visits import Visit

_PASSWORD_BYTES: Final = 15  # 120 bits, 24 letters and digits
NOT_ON_ROSTER: Final = "none"
_ROLES: Final = tuple(str(role) for role in Role)


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One member of staff in the list."""

    id: UUID
    name: str
    email: str
    roles: tuple[str, ...]
    is_me: bool
    on_roster: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on the roster whom a colleague may be."""

    id: UUID
    name: str
    is_proposed: bool


@dataclass(frozen=True, slots=True)
class Tying:
    """The question who somebody is on the roster; ``of`` is None while they are being added."""

    of: UUID | None
    name: str
    searched: str
    found: tuple[Candidate, ...]


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
    tying: Tying | None = None
    error: Fault | None = None


def staff(visit: Visit) -> Response:
    """Show who works here."""
    return visit.render("office/staff.html", staff_page(visit))


def add(visit: Visit) -> Response:
    """Add somebody with their roles."""
    form = visit.form
    roles = frozenset(Role(one) for one in form.texts("role") if one in _ROLES)
    colleague = Colleague(visit.portal.fresh_id(), form.text("name")[:120], form.text("email")[:200], roles)
    if form.text("do") == "find" or not form.text("person"):
        return _ask_roster(visit, colleague)
    colleague = replace(colleague, person=_chosen(visit))
    try:
        add_colleague(_store(visit), visit.docket.record, colleague, actor(visit), visit.now)
        password = _new_password(visit, colleague.id)
    except AgencyProblem as problem:
        abandon(visit)
        fault = Fault(visit.say(str(problem)), "email" if "e-mail" in str(problem) else "name")
        typed = replace(_typed(visit), tying=_tying(visit, colleague, None), error=fault)
        return visit.render("office/staff.html", typed, status=422)
    # Shown in the answer itself and nowhere else: a person hands it over.
    page = replace(staff_page(visit), password=password, password_for=colleague.name)
    return visit.render("office/staff.html", page)


def colleague(visit: Visit) -> Response:
    """Change somebody's roles, or remove them."""
    who, act = identity(visit.part("colleague")), visit.form.text("do")
    if act in {"password", "app"}:
        return _anew(visit, who, act)
    if act == "find":
        return _ask_again(visit, who)
    try:
        if act == "remove":
            remove_colleague(_store(visit), visit.docket.record, who, actor(visit), visit.now)
            _end_sessions(visit, who)
        elif act == "person":
            tie_to_roster(_store(visit), visit.docket.record, who, _chosen(visit), actor(visit))
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
    every = _store(visit).every()
    people = visit.people.persons(one.person for one in every if one.person)
    lines = (
        StaffLine(
            one.id,
            one.name,
            one.email,
            tuple(sorted(one.roles)),
            one.id == visit.me.id,
            people[one.person].name if one.person in people else "",
        )
        for one in every
    )
    return StaffPage(office_shell(visit, "office.staff"), tuple(lines))


def _ask_roster(visit: Visit, colleague: Colleague) -> Response:
    """Ask who the one to be added is on the roster; nothing is added yet."""
    page = replace(_typed(visit), tying=_tying(visit, colleague, None))
    if visit.form.text("do") != "find":
        page = replace(page, error=Fault(visit.say("Say who they are on the roster."), "person"))
    return visit.render("office/staff.html", page, status=422 if page.error else 200)


def _ask_again(visit: Visit, who: UUID) -> Response:
    whose = _store(visit).numbered(who)
    if whose is None:
        raise NoSuchStaff("Nobody on the desk of this agency has this id.")
    return visit.render("office/staff.html", replace(staff_page(visit), tying=_tying(visit, whose, whose.id)))


def _tying(visit: Visit, whose: Colleague, of: UUID | None) -> Tying:
    """Return the people whom the e-mail, and what was typed or else the name, find on the roster."""
    searched, on = visit.form.text("roster")[:120], (visit.tx, visit.here, visit.vault)
    likely = proposed(*on, whose.email, visit.now)
    found = {one.id: one for one in adults_found(*on, whose.email, visit.now)}
    found |= {one.id: one for one in adults_found(*on, searched or whose.name, visit.now)}
    visit.searched(len(found))
    lines = (Candidate(one.id, one.name, one.id == (whose.person or likely)) for one in found.values())
    return Tying(of, whose.name, searched, tuple(lines))


def _chosen(visit: Visit) -> UUID | None:
    """Return whom the form names on the roster, None for nobody.

    Raises:
        NotOnFile: not this agency's, or unknown.
    """
    typed = visit.form.text("person")
    return None if typed == NOT_ON_ROSTER else visit.people.person(identity(typed)).id


def _typed(visit: Visit) -> StaffPage:
    form = visit.form
    return replace(
        staff_page(visit),
        typed_name=form.text("name"),
        typed_email=form.text("email"),
        typed_roles=form.texts("role"),
    )


def _anew(visit: Visit, who: UUID, act: str) -> Response:
    """Give a new password, or let a new app be set up at the next sign-in; the person is out until then."""
    whose = _store(visit).numbered(who)
    if whose is None or who == visit.me.id:
        raise NoSuchStaff("Nobody on the desk of this agency has this id.")
    _end_sessions(visit, who)
    note_reset(_store(visit), who, actor(visit))
    if act == "app":
        accounts.remove_app(_means(visit), who, actor(visit))
        return visit.see(f"{visit.url('office.staff')}?said=saved")
    accounts.lift_limits(_means(visit), who, whose.email, actor(visit))
    page = replace(staff_page(visit), password=_new_password(visit, who), password_for=whose.name)
    return visit.render("office/staff.html", page)


def _new_password(visit: Visit, who: UUID) -> str:
    password = grouped(b32encode(visit.portal.draw(_PASSWORD_BYTES)).decode().lower()).replace(" ", "-")
    accounts.hand_out_password(_means(visit), who, password, visit.now)
    return password


def _means(visit: Visit) -> StaffMeans:
    return staff_means(visit.portal, visit.tx, visit.here, visit.now)


def _store(visit: Visit) -> Staff:
    return Staff(visit.tx, visit.here.id, visit.vault)


def _end_sessions(visit: Visit, who: UUID) -> None:
    if visit.sessions is not None:
        visit.sessions.end_all(staff=who)
