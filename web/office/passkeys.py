"""The passkeys of a family at the office: seen, and ended at the word of whoever did not set one up."""

from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.ledger.audit import Event
from rightsdesk.verification.passkeys.store import FAMILY, Passkeys
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.office.shells import actor
from rightsdesk.web.problems import NotFound
from rightsdesk.web.visits import Visit


def end(visit: Visit) -> Response:
    """End a passkey of this person, and what they have open here: whoever has the device may sit there now.

    Raises:
        NotFound: the passkey is not this person's.
        NotOnFile: the person is not this agency's, or unknown.
    """
    who = visit.people.person(identity(visit.part("person"))).id
    if not _ended(visit, who, identity(visit.form.text("passkey")), "office"):
        raise NotFound
    if visit.sessions is not None:
        visit.sessions.end_all(person=who)
    return visit.see(f"{visit.url('office.person', person=str(who))}?said=ended")


def end_on_phone_of(visit: Visit, guardian: UUID, other: UUID) -> None:
    """End the passkeys of somebody that were set up with a number which a guardian under an order has too.

    The phone may stay in that guardian's hand when the record says so no more.
    """
    held = {number for _, number in visit.people.contacts(guardian, "text")}
    points = {point for point, number in visit.people.contacts(other, "text") if number in held}
    for one in _kept(visit).of(other):
        if one.rests_on in points:
            _ended(visit, other, one.id, "order")


def _ended(visit: Visit, who: UUID, passkey: UUID, why: str) -> bool:
    if not _kept(visit).remove(who, passkey):
        return False
    facts = (("passkey", str(passkey)), ("reason", why))
    visit.docket.record(Event("passkey_removed", actor(visit), subject=who, facts=facts))
    return True


def _kept(visit: Visit) -> Passkeys:
    return Passkeys(visit.tx, visit.here.id, FAMILY, visit.vault)
