"""What stands around every page of the office."""

from dataclasses import dataclass
from typing import Final

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.cases.effects import look_again
from rightsdesk.requests.people.restricting import Clerk, Guardrails
from rightsdesk.web.visits import Visit

_ADMIN: Final = ("desk.cases", "office.roster", "office.people", "office.staff", "office.policies", "office.audit")
_AUDIT: Final = ("desk.cases", "office.audit")


@dataclass(frozen=True, slots=True)
class OfficeShell:
    """Who is signed in, which tabs they have, which one is open, and what was just done."""

    name: str
    initials: str
    tabs: tuple[str, ...]
    tab: str
    said: str


def office_shell(visit: Visit, tab: str) -> OfficeShell:
    """Return the frame of an office page."""
    me = visit.me
    tabs = _ADMIN if Role.ADMINISTRATOR in me.roles else _AUDIT
    return OfficeShell(me.name, me.initials, tabs, tab, visit.query("said"))


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
