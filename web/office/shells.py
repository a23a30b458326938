"""What stands around every page of the office."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.cases.effects import look_again
from rightsdesk.requests.cases.mailroom.store import Mailroom
from rightsdesk.requests.fulfilment.chores.store import Chores
from rightsdesk.requests.fulfilment.mending.store import SourceTasks
from rightsdesk.requests.people.phones.store import Numbers
from rightsdesk.requests.people.restricting import Clerk, Guardrails
from rightsdesk.verification.school.disputes.store import Disputes
from rightsdesk.web.jobs import count_dead_of
from rightsdesk.web.visits import Visit

TASKS: Final = "office.tasks"
_ADMINISTRATORS: Final = frozenset({Role.ADMINISTRATOR})
_TABS: Final = {
    TASKS: frozenset({Role.ADMINISTRATOR, Role.LEAD}),
    "office.roster": _ADMINISTRATORS,
    "office.people": frozenset({Role.ADMINISTRATOR, Role.LEAD}),
    "office.staff": frozenset({Role.ADMINISTRATOR, Role.LEAD}),
    "office.sign_in": _ADMINISTRATORS,
    "office.policies": _ADMINISTRATORS,
    "office.audit": frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    "office.texts": frozenset({Role.ADMINISTRATOR, Role.LEAD, Role.AUDITOR}),
}
ANY_TAB: Final = frozenset[Role]().union(*_TABS.values())


@dataclass(frozen=True, slots=True)
class OfficeShell:
    """Who is signed in, which tabs they have, which one is open, what was just done, and how much waits for them."""

    name: str
    initials: str
    tabs: tuple[str, ...]
    tab: str
    said: str
    tasks: int


def office_shell(visit: Visit, tab: str) -> OfficeShell:
    """Return the frame of an office page."""
    me, tabs = visit.me, _tabs(visit)
    return OfficeShell(me.name, me.initials, tabs, tab, visit.query("said"), waiting(visit) if TASKS in tabs else 0)


def home(visit: Visit) -> Response:
    """Lead from the short address of the office to the first page this person may see."""
    return visit.see(visit.url(_tabs(visit)[0]))


def _tabs(visit: Visit) -> tuple[str, ...]:
    return tuple(name for name, roles in _TABS.items() if roles & visit.me.roles)


def waiting(visit: Visit) -> int:
    """Return how much waits for a person at this office."""
    tx, agency = visit.tx, visit.here.id
    mail = len(Mailroom(tx, agency).waiting())
    numbers = Numbers(tx, visit.here, visit.vault).count_unusable()
    people = mail + numbers + Disputes(tx, agency).count()
    return SourceTasks(tx, agency).count() + Chores(tx, agency).count() + count_dead_of(tx, agency) + people


def guardrails(visit: Visit) -> Guardrails:
    """Return what restrictions are worked with; open cases are looked at again in the same unit of work."""
    docket = visit.docket
    return Guardrails(
        people=docket.people,
        record=docket.record,
        recheck=lambda students, now: look_again(docket, students, now),
        draw=docket.draw,
    )


def clerk(visit: Visit) -> Clerk:
    """Return the member of staff as the people's use cases need them."""
    return Clerk(visit.me.id, visit.me.person)


def actor(visit: Visit) -> str:
    """Return who acts, as the ledger writes it."""
    return f"staff:{visit.me.id}"
