"""Let a phone, or a student's username, be used again: after too much was typed wrong, or its owner replied STOP."""

from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.people.fields.store import Fields
from rightsdesk.verification.answering import is_shut, let_calls, unlock
from rightsdesk.verification.reading import read_name
from rightsdesk.verification.students import reopening
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.office.shells import actor
from rightsdesk.web.proof import means
from rightsdesk.web.resets.changing import NAMES, student_means
from rightsdesk.web.visits import Visit

_CALLS: Final = {"no_calls": True, "calls": False}  # what is pressed, and whether calls stop


def gets_no_codes(visit: Visit, person: UUID) -> bool:
    """Say whether a phone of this person gets no codes now."""
    tools = means(visit.portal, visit.tx, visit.here, visit.now)
    return any(is_shut(tools, number, visit.now) for _, number in visit.people.contacts(person, "text"))


def has_name_shut(visit: Visit, person: UUID) -> bool:
    """Say whether a student's username, or school address, gets no codes now or lets nobody sign in."""
    return bool(_shut_names(visit, person))


def let_in(visit: Visit) -> Response:
    """Open what wrong answers shut for this person, or note that they want no calls; the office spoke with them.

    Raises:
        NotOnFile: not this agency's, or unknown.
    """
    who, tools = identity(visit.part("person")), means(visit.portal, visit.tx, visit.here, visit.now)
    act = visit.form.text("do")
    for _, number in visit.people.contacts(visit.people.person(who).id, "text"):
        if act in _CALLS:
            let_calls(tools, number, actor(visit), who, visit.now if _CALLS[act] else None)
        else:
            unlock(tools, number, actor(visit), who)
    said = "saved" if act in _CALLS else "reopened" if _reopen(visit, who) else "unlocked"
    return visit.see(f"{visit.url('office.person', person=str(who))}?said={said}")


def _reopen(visit: Visit, person: UUID) -> bool:
    """Open what is shut under somebody's names, and say whether anything was."""
    codes, shut = means(visit.portal, visit.tx, visit.here, visit.now), _shut_names(visit, person)
    for name in shut:
        reopening.reopen(codes, student_means(visit.docket, visit.portal.passwords, visit.now), name)
    if shut:
        visit.docket.record(Event("code_unlocked", actor(visit), subject=person, facts=(("reason", "username"),)))
    return bool(shut)


def _shut_names(visit: Visit, person: UUID) -> list[str]:
    if not visit.people.person(person).is_student:
        return []
    codes = means(visit.portal, visit.tx, visit.here, visit.now)
    students = student_means(visit.docket, visit.portal.passwords, visit.now)
    found = Fields(visit.tx, visit.here, visit.vault).values(person, NAMES).values()
    names = [read_name(name) for name in found if name]
    return [name for name in names if reopening.is_shut(codes, students, name, visit.now)]
