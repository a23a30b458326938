"""Find a person, see who may act for a student and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.agencies.store import Schools, Staff
from rightsdesk.requests.people.person import Person
from rightsdesk.requests.people.register.store import Reached, Register, Tie
from rightsdesk.requests.people.restrictions.store import RestrictionKind, Standing
from rightsdesk.verification.passkeys.store import FAMILY, Passkey
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.kin import family
from rightsdesk.web.office.linked import SchoolAccount, school_accounts
from rightsdesk.web.office.phones import DOCUMENTS, OfficePhone, phones
from rightsdesk.web.office.shells import OfficeShell, guardrails, office_shell
from rightsdesk.web.office.unlocking import gets_no_codes, has_name_shut
from rightsdesk.web.passkeys import own_passkeys
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """One line of what a search found."""

    id: UUID
    name: str
    is_student: bool
    is_active: bool
    grade: str
    school: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A restriction that a second person has not confirmed yet."""

    person: UUID
    name: str
    set_by: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """The search, what it found, and what waits for a second person."""

    shell: OfficeShell
    q: str
    found: tuple[FoundPerson, ...]
    unconfirmed: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody linked to a student, how they are reached, and whether they may act: ``why`` is a code."""

    id: UUID
    name: str
    relation: str
    grade: str
    is_active: bool
    is_own: bool
    reached: tuple[Reached, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A restriction in the words of the office."""

    id: UUID
    guardian: str
    student: str
    kind: str
    paper: str
    begins: date
    ends: date | None
    set_by: str
    confirmed_by: str
    lifted_at: datetime | None
    stands: bool
    may_confirm: bool


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Everything the office needs to know of one person."""

    shell: OfficeShell
    id: UUID
    name: str
    given: str
    is_student: bool
    student_number: str
    grade: str
    school: str
    band: str
    first_seen: date
    gone_at: datetime | None
    frozen_at: datetime | None
    actors: tuple[Actor, ...]
    children: tuple[Actor, ...]
    restrictions: tuple[Shown, ...]
    kinds: tuple[str, ...]
    cases: tuple[str, ...]
    gets_no_codes: bool
    phones: tuple[OfficePhone, ...]
    documents: tuple[str, ...]
    has_name_shut: bool
    is_administrator: bool  # a lead confirms numbers and nothing else here
    accounts: tuple[SchoolAccount, ...] = ()
    passkeys: tuple[Passkey, ...] = ()
    error: Fault | None = None


def people(visit: Visit) -> Response:
    """Search by a name as the roster spells it, or a student number."""
    q = visit.query("q")
    register = Register(visit.tx, visit.here, visit.vault)
    own = family(visit)
    found = visit.people.persons(one for one in register.found(q) if one not in own) if q else {}
    if q:
        visit.searched(len(found))
    schools = Schools(visit.tx, visit.here.id).names({one.school for one in found.values() if one.school})
    lines = [
        FoundPerson(
            one.id,
            one.name,
            one.is_student,
            one.is_active,
            one.grade,
            schools.get(one.school, "") if one.school else "",
        )
        for one in sorted(found.values(), key=lambda one: (one.family, one.given, one.id))
    ]
    page = PeoplePage(office_shell(visit, "office.people"), q, tuple(lines), _unconfirmed(visit, own))
    return visit.render("office/people.html", page)


def person(visit: Visit) -> Response:
    """Show one person: who may act and why not, numbers by their end, restrictions."""
    page = person_page(visit, identity(visit.part("person")), None)
    visit.saw("", page.id)
    return visit.render("office/person.html", page)


def person_page(visit: Visit, who: UUID, error: Fault | None) -> PersonPage:
    """Return the page of a person.

    Raises:
        NotOnFile: not this agency's, or unknown.
    """
    one, today = visit.people.person(who), visit.here.today(visit.now)
    register = Register(visit.tx, visit.here, visit.vault)
    entry = register.entry(who, today)
    school = Schools(visit.tx, visit.here.id).names([one.school]).get(one.school, "") if one.school else ""
    return PersonPage(
        shell=office_shell(visit, "office.people"),
        id=who,
        name=one.name,
        given=one.given,
        is_student=one.is_student,
        student_number=entry.student_number,
        grade=one.grade.lstrip("0"),
        school=school,
        band=str(entry.band),
        first_seen=visit.here.today(entry.first_seen),
        gone_at=entry.gone_at,
        frozen_at=one.frozen_at,
        actors=_actors(visit, register, one) if one.is_student else (),
        children=_children(visit, register, one) if not one.is_student else (),
        restrictions=_restrictions(visit, one),
        kinds=tuple(RestrictionKind),
        cases=tuple(case.reference for case in visit.cases.about(who)),
        gets_no_codes=gets_no_codes(visit, who),
        has_name_shut=has_name_shut(visit, who),
        accounts=school_accounts(visit, who),
        passkeys=own_passkeys(visit, FAMILY, who),
        phones=phones(visit, who),
        documents=DOCUMENTS,
        is_administrator=Role.ADMINISTRATOR in visit.me.roles,
        error=error,
    )


def _actors(visit: Visit, register: Register, student: Person) -> tuple[Actor, ...]:
    ties = register.ties(student.id)
    people_found = visit.people.persons([student.id, *(tie.guardian for tie in ties)])
    reached = register.reached_at(people_found)
    own = Tie(student.id, student.id, "self", "", is_active=True, judged_by=None)
    return tuple(
        _actor(visit, tie, people_found[tie.guardian], reached) for tie in (*ties, own) if tie.guardian in people_found
    )


def _children(visit: Visit, register: Register, guardian: Person) -> tuple[Actor, ...]:
    ties = register.children(guardian.id)
    students = visit.people.persons(tie.student for tie in ties)
    return tuple(_actor(visit, tie, students[tie.student], ()) for tie in ties if tie.student in students)


def _actor(visit: Visit, tie: Tie, who: Person, reached: Sequence[Reached]) -> Actor:
    authority = visit.people.authority(tie.guardian, tie.student, "access", visit.here.today(visit.now))
    own = tuple(one for one in reached if one.person == who.id)
    is_own = tie.guardian == tie.student
    return Actor(who.id, who.name, tie.relation, tie.grade, tie.is_active, is_own, own, str(authority.why))


def _restrictions(visit: Visit, one: Person) -> tuple[Shown, ...]:
    store = guardrails(visit).restrictions
    found = store.of_student(one.id, store.guardians(one.id)) if one.is_student else store.of_guardian(one.id)
    named = {key for each in found for key in (each.order.guardian, each.order.student) if key}
    names = {key: value.name for key, value in visit.people.persons(named).items()}
    staff = {key: value.name for key, value in Staff(visit.tx, visit.here.id, visit.vault).names().items()}
    return tuple(_shown(visit, each, names, staff) for each in found)


def _shown(visit: Visit, each: Standing, names: dict[UUID, str], staff: dict[UUID, str]) -> Shown:
    order = each.order
    return Shown(
        id=each.id,
        guardian=names.get(order.guardian, ""),
        student=names.get(order.student, "") if order.student else "",
        kind=str(order.kind),
        paper=order.paper,
        begins=order.begins,
        ends=order.ends,
        set_by=staff.get(each.set_by, ""),
        confirmed_by=staff.get(each.confirmed_by, "") if each.confirmed_by else "",
        lifted_at=each.lifted_at,
        stands=each.stands(visit.here.today(visit.now)),
        may_confirm=each.confirmed_by is None and each.lifted_at is None and each.set_by != visit.me.id,
    )


def _unconfirmed(visit: Visit, own: frozenset[UUID]) -> tuple[Waiting, ...]:
    waiting = guardrails(visit).restrictions.unconfirmed()
    found = [one for one in waiting if own.isdisjoint({one.order.guardian, one.order.student})]
    names = visit.people.persons(each.order.guardian for each in found)
    staff = Staff(visit.tx, visit.here.id, visit.vault).names()
    return tuple(
        Waiting(
            each.order.student or each.order.guardian,
            names[each.order.guardian].name if each.order.guardian in names else "",
            staff[each.set_by].name if each.set_by in staff else "",
            each.set_at,
        )
        for each in found
    )
