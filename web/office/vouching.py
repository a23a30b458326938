"""Staff saw a person and their paper: the phone number on record is theirs, whatever its age says."""

from starlette.responses import Response

from rightsdesk.requests.ledger.audit import Event, Kind
from rightsdesk.requests.people.phones.store import Numbers
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.office.people import person_page
from rightsdesk.web.office.phones import DOCUMENTS
from rightsdesk.web.office.shells import actor
from rightsdesk.web.problems import NotFound
from rightsdesk.web.visits import Visit


def confirm(visit: Visit) -> Response:
    """Confirm a number of this person. It cannot be undone: who sees the person again confirms it anew.

    Raises:
        NotFound: the number is not this person's.
        NotOnFile: the person is not this agency's, or unknown.
    """
    who, contact = visit.people.person(identity(visit.part("person"))).id, identity(visit.form.text("contact"))
    if contact not in {point for point, _ in visit.people.contacts(who, "text")}:
        raise NotFound
    document = visit.form.text("document")
    if document not in DOCUMENTS or visit.form.text("seen") != "yes":
        words = visit.say("Choose what you saw, and say that you saw the person.")
        page = person_page(visit, who, Fault(words, f"document-{contact}"))
        return visit.render("office/person.html", page, status=422)
    Numbers(visit.tx, visit.here, visit.vault).vouch(contact, visit.me.id, document, visit.now)
    facts = (("contact", str(contact)), ("document", document))
    visit.docket.record(Event(Kind.NUMBER_CONFIRMED, actor(visit), subject=who, facts=facts))
    return visit.see(f"{visit.url('office.person', person=str(who))}?said=confirmed")
