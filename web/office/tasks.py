"""What waits for a person at the office: a source to mend, an element no system took, work that gave up."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.mailroom.store import Mailroom, Undelivered
from rightsdesk.requests.cases.posting import resend
from rightsdesk.requests.fulfilment.chores.store import Chores
from rightsdesk.requests.fulfilment.correcting import close_task, retry
from rightsdesk.requests.fulfilment.errors import NoSuchTask
from rightsdesk.requests.fulfilment.mending.store import SourceTasks
from rightsdesk.requests.ledger.audit import Event, Kind
from rightsdesk.requests.people.phones.store import Numbers
from rightsdesk.web import jobs
from rightsdesk.web.desk.shells import approver
from rightsdesk.web.desk.typed import identity, version
from rightsdesk.web.jobs import Dead
from rightsdesk.web.kin import family, is_own
from rightsdesk.web.office.disputes import Mistaken, looked_at, mistaken
from rightsdesk.web.office.shells import OfficeShell, actor, office_shell
from rightsdesk.web.problems import NotFound
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class Unmended:
    """The roster still says the old value of an element."""

    id: UUID
    student: str
    person: UUID
    element: str
    reference: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Stopped:
    """An element that no system took; ``error`` is a type, ``attempts`` how often it was tried."""

    student: str
    element: str
    reference: str
    version: int
    error: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Invited:
    """A family that wants to see the data at the school or on paper."""

    student: str
    reference: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Silent:
    """A number on record that the carrier calls none, by its last two digits."""

    id: UUID
    person: UUID
    name: str
    ending: str
    since: datetime


@dataclass(frozen=True, slots=True)
class TasksPage:
    """Everything that waits for a person here."""

    shell: OfficeShell
    unmended: tuple[Unmended, ...]
    stopped: tuple[Stopped, ...]
    invited: tuple[Invited, ...]
    dead: tuple[Dead, ...]
    undelivered: tuple[Undelivered, ...] = ()
    unusable: tuple[Silent, ...] = ()
    mistaken: tuple[Mistaken, ...] = ()


def tasks(visit: Visit) -> Response:
    """Show what waits for a person; nothing about the own family of whoever looks."""
    own, chores = family(visit), Chores(visit.tx, visit.here.id)
    sources = [one for one in SourceTasks(visit.tx, visit.here.id).waiting() if one.person not in own]
    stuck = [one for one in chores.stuck() if one.subject not in own]
    awaited = [one for one in chores.awaited() if one.subject not in own]
    about = {*(one.person for one in sources), *(one.subject for one in stuck), *(one.subject for one in awaited)}
    names = {number: person.name for number, person in visit.people.persons(about).items()}
    page = TasksPage(
        shell=office_shell(visit, "office.tasks"),
        unmended=tuple(
            Unmended(one.id, names.get(one.person, ""), one.person, one.element, one.reference, one.opened_at)
            for one in sources
        ),
        stopped=tuple(
            Stopped(names.get(one.subject, ""), one.element, one.reference, one.version, one.error, one.attempts)
            for one in stuck
        ),
        invited=tuple(Invited(names.get(one.subject, ""), one.reference, one.due_on) for one in awaited),
        dead=tuple(jobs.dead_of(visit.tx, visit.here.id)),
        undelivered=tuple(one for one in Mailroom(visit.tx, visit.here.id).waiting() if one.subject not in own),
        unusable=_unusable(visit),
        mistaken=mistaken(visit),
    )
    return visit.render("office/tasks.html", page)


def _unusable(visit: Visit) -> tuple[Silent, ...]:
    own, numbers = family(visit), Numbers(visit.tx, visit.here, visit.vault)
    found = [one for one in numbers.unusable() if one.person not in own]
    names = {number: person.name for number, person in visit.people.persons(one.person for one in found).items()}
    return tuple(Silent(one.id, one.person, names.get(one.person, ""), one.ending, one.since) for one in found)


def act(visit: Visit) -> Response:
    """Close a task, or let an element or a piece of work be tried again."""
    what = visit.form.text("do")
    if what == "done":
        _done(visit)
    elif what == "retry":
        retry(visit.docket, visit.me.id, _case(visit).reference, version(visit))
    elif what == "mended":
        _mended(visit)
    elif what == "looked":
        looked_at(visit)
    elif what == "resend":
        resend(visit.docket, approver(visit), identity(visit.form.text("notice")), visit.now)
    elif what == "revive":
        _revive(visit)
    else:
        raise NotFound
    said = "saved" if what in {"done", "mended", "looked"} else "retried"
    return visit.see(f"{visit.url('office.tasks')}?said={said}")


def _mended(visit: Visit) -> None:
    contact = identity(visit.form.text("contact"))
    if contact not in {one.id for one in _unusable(visit)}:
        raise NotFound
    Numbers(visit.tx, visit.here, visit.vault).settle_unusable(contact)
    visit.docket.record(Event(Kind.NUMBER_MENDED, actor(visit), facts=(("contact", str(contact)),)))


def _done(visit: Visit) -> None:
    task = identity(visit.form.text("task"))
    if task in {one.id for one in SourceTasks(visit.tx, visit.here.id).waiting() if one.person in family(visit)}:
        raise NotFound
    try:
        close_task(visit.docket, visit.me.id, task, visit.now)
    except NoSuchTask as gone:
        raise NotFound from gone


def _case(visit: Visit) -> Case:
    case = visit.cases.find(visit.form.text("reference"))
    if is_own(visit, case):
        raise NotFound
    return case


def _revive(visit: Visit) -> None:
    typed = visit.form.text("job")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0
    kind = jobs.revive(visit.tx, visit.here.id, number)
    if not kind:
        raise NotFound
    visit.docket.record(Event("retried", actor(visit), facts=(("job", str(number)), ("kind", kind))))
