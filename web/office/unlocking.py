"""Let a phone get codes again: after too many wrong ones, or after its owner asked for no more texts."""

from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.verification.answering import is_shut, let_calls, unlock
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.office.shells import actor
from rightsdesk.web.proof import means
from rightsdesk.web.visits import Visit

_CALLS: Final = {"no_calls": True, "calls": False}  # what is pressed, and whether calls stop


def gets_no_codes(visit: Visit, person: UUID) -> bool:
    """Say whether a phone of this person gets no codes now."""
    tools = means(visit.portal, visit.tx, visit.here, visit.now)
    return any(is_shut(tools, number, visit.now) for _, number in visit.people.contacts(person, "text"))


def let_in(visit: Visit) -> Response:
    """Open the text path of this person's phones again, or note that they want no calls; the office spoke with them.

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
    said = "saved" if act in _CALLS else "unlocked"
    return visit.see(f"{visit.url('office.person', person=str(who))}?said={said}")
