"""Let a phone get codes again: after too many wrong ones, or after its owner asked for no more texts."""

from uuid import UUID

from starlette.responses import Response

from rightsdesk.verification.answering import is_shut, unlock
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.office.shells import actor
from rightsdesk.web.proof import means
from rightsdesk.web.visits import Visit


def gets_no_codes(visit: Visit, person: UUID) -> bool:
    """Say whether a phone of this person gets no codes now."""
    tools = means(visit.portal, visit.tx, visit.here, visit.now)
    return any(is_shut(tools, number, visit.now) for _, number in visit.people.contacts(person, "text"))


def let_in(visit: Visit) -> Response:
    """Open the text path of this person's phones again; the office spoke with them.

    Raises:
        NotOnFile: not this agency's, or unknown.
    """
    who, tools = identity(visit.part("person")), means(visit.portal, visit.tx, visit.here, visit.now)
    for _, number in visit.people.contacts(visit.people.person(who).id, "text"):
        unlock(tools, number, actor(visit), who)
    return visit.see(f"{visit.url('office.person', person=str(who))}?said=unlocked")
