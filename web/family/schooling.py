"""Families sign in by their school account: to the provider, back, and once to say that the school found them."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.agencies.store import Schools
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.verification.answering import forgive
from rightsdesk.verification.assurance import Proof, ProofKind
from rightsdesk.verification.school import linking
from rightsdesk.verification.school.errors import AnswerRefused, SchoolProblem
from rightsdesk.verification.school.kinds import Purpose, Side
from rightsdesk.verification.school.linking import Arrival, link_family
from rightsdesk.verification.school.store import Linked
from rightsdesk.web import schooling
from rightsdesk.web.family.seating import SCHOOL, blank, seat_for
from rightsdesk.web.proof import means as code_means
from rightsdesk.web.school_notices import NEW_SCHOOL_ACCOUNT
from rightsdesk.web.visits import Visit

_HELD: Final = timedelta(minutes=10)  # between the sign-in and the answer "this is me"


@dataclass(frozen=True, slots=True)
class LinkedPage:
    """Whom a school account was linked to: somebody else must see at once that it is not them."""

    name: str
    school: str
    provider: str


@dataclass(frozen=True, slots=True)
class PartedPage:
    """The school account signs nobody in now."""


def sign_in(visit: Visit) -> Response:
    """Send the browser to the provider."""
    with visit.looking():
        provider = schooling.named(visit, Side.FAMILY)
    return schooling.send_away(visit, provider, Purpose.FAMILY, visit.onward(visit.query("next"), ""))


def come_back(visit: Visit) -> Response:
    """Take the provider's answer and go on as whoever it proves."""
    with visit.looking():
        provider = schooling.named(visit, Side.FAMILY)
    try:
        begun, proven = schooling.proven(visit, provider, (Purpose.FAMILY,))
        with visit.unit():
            arrival = Arrival(provider, proven, visit.portal.fresh_id(), visit.now)
            found = link_family(schooling.means(visit), schooling.on_record(visit), arrival)
            answer = _arrived(visit, found.link, begun.onward)
    except SchoolProblem as problem:
        return schooling.failed(visit, provider, Purpose.FAMILY, problem)
    visit.portal.meter.sign_in(provider.kind.value, "done")
    return answer


def show_linked(visit: Visit) -> Response:
    """Show whom the school account was linked to, and ask whether that is right."""
    link = _waiting(visit)
    if link is None:
        return visit.see(visit.url("family.phone"))
    person = visit.people.person(link.account)
    names = Schools(visit.tx, visit.here.id).names([person.school] if person.school else [])
    return visit.render("family/school_linked.html", LinkedPage(person.name, next(iter(names.values()), ""), ""))


def answer_linked(visit: Visit) -> Response:
    """Go on as that person, or take the two apart and tell the office."""
    link = _waiting(visit)
    if link is None:
        return visit.see(visit.url("family.phone"))
    tools, before = schooling.means(visit), visit.seat.id
    if visit.form.text("do") != "confirm":
        _dispute(visit, link)
        visit.renew(blank(visit.seat))
        return visit.render("family/school_parted.html", PartedPage())
    if link.confirmed_at is None:
        NEW_SCHOOL_ACCOUNT.tell(visit.docket, link.id)
    linking.confirm(tools, link, f"requester:{link.account}", visit.now)
    answer = _seated(visit, link)
    tools.sign_ins.carry_over(before, visit.seat.id)
    return answer


def _dispute(visit: Visit, link: Linked) -> None:
    is_first = linking.dispute(schooling.means(visit), link, visit.now)
    if is_first and link.confirmed_at and visit.sessions is not None:
        # Said "this is me" in another browser: one of the two is wrong, and nobody knows yet who sits there.
        visit.sessions.end_all(person=link.account)


def _arrived(visit: Visit, link: Linked, onward: str) -> Response:
    before, seat = visit.seat.id, visit.seat
    if seat.person != link.account:
        # Whoever sat here before is somebody else: nothing of theirs goes on.
        seat = blank(seat)
    visit.seat = replace(seat, onward=onward)
    answer = _seated(visit, link) if link.confirmed_at else _asked(visit, link)
    schooling.means(visit).sign_ins.carry_over(before, visit.seat.id)
    return answer


def _asked(visit: Visit, link: Linked) -> Response:
    shown = (Proof(ProofKind.SCHOOL_SIGN_IN, visit.now),)
    visit.renew(replace(blank(visit.seat), challenge=str(link.id), purpose=SCHOOL, also_proved=shown))
    return visit.see(visit.url("family.school_account"))


def _seated(visit: Visit, link: Linked) -> Response:
    _open_texts(visit, link.account)
    facts = (("by", ProofKind.SCHOOL_SIGN_IN.value), ("identity", str(link.id)))
    visit.docket.record(Event("signed_in", f"requester:{link.account}", subject=link.account, facts=facts))
    return seat_for(visit, link.account, ProofKind.SCHOOL_SIGN_IN, rests_on=link.id)


def _open_texts(visit: Visit, person: UUID) -> None:
    """Open the person's phones again that too many wrong codes have locked: here is their owner (DESIGN section 7)."""
    tools = code_means(visit.portal, visit.tx, visit.here, visit.now)
    for _, number in visit.people.contacts(person, "text"):
        forgive(tools, number, f"requester:{person}", person, visit.now)


def _waiting(visit: Visit) -> Linked | None:
    """Return the link that this session was asked about, while it may still be answered."""
    seat = visit.seat
    shown = next((one for one in seat.also_proved if one.kind is ProofKind.SCHOOL_SIGN_IN), None)
    if seat.purpose != SCHOOL or shown is None or visit.now - shown.at >= _HELD:
        return None
    link = schooling.means(visit).identities.numbered(UUID(seat.challenge))
    if link is None or link.unlinked_at is not None:
        return None
    try:
        linking.require_may(schooling.on_record(visit), link.account)
    except AnswerRefused:
        return None
    return link
