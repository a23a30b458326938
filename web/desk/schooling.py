"""Staff sign in by their school account; the authenticator's code follows, unless a second factor was proved there."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from starlette.responses import Response

from rightsdesk.requests.ledger.audit import Event
from rightsdesk.verification.assurance import ProofKind
from rightsdesk.verification.school import linking
from rightsdesk.verification.school.errors import SchoolProblem
from rightsdesk.verification.school.identity import Proven
from rightsdesk.verification.school.kinds import Purpose, Side
from rightsdesk.verification.school.linking import Arrival, link_staff
from rightsdesk.verification.school.provider import Provider
from rightsdesk.verification.school.signing_in import Begun
from rightsdesk.verification.school.store import Linked
from rightsdesk.verification.staff import accounts, factors
from rightsdesk.verification.staff.means import StaffMeans, Told, tell
from rightsdesk.web import schooling
from rightsdesk.web.desk.connecting import connected, joined
from rightsdesk.web.desk.seating import invited_account, means_of
from rightsdesk.web.devices import device_of
from rightsdesk.web.sessions import STAFF
from rightsdesk.web.visits import Visit

_Arrived: TypeAlias = Callable[[Visit, Provider, Begun, Proven], Response]


def sign_in(visit: Visit) -> Response:
    """Send the browser to the provider."""
    with visit.looking():
        provider = schooling.named(visit, Side.STAFF)
    return schooling.send_away(visit, provider, Purpose.STAFF, visit.onward(visit.query("next"), ""))


def come_back(visit: Visit) -> Response:
    """Take the provider's answer: sign in, or connect the account to whoever is signed in or was invited."""
    with visit.looking():
        provider = schooling.named(visit, Side.STAFF)
    try:
        begun, proven = schooling.proven(visit, provider, tuple(_ARRIVED))
        with visit.unit():
            answer = _ARRIVED[begun.purpose](visit, provider, begun, proven)
    except SchoolProblem as problem:
        return schooling.failed(visit, provider, _may_begin(visit), problem)
    visit.portal.meter.sign_in(provider.kind.value, "done")
    return answer


def _may_begin(visit: Visit) -> Purpose:
    """Return what this session can begin anew: of an answer that is refused nobody knows what it was for."""
    if visit.seat.is_signed_in:
        return Purpose.CONNECT
    return Purpose.STAFF if invited_account(visit) is None else Purpose.JOIN


def _let_in(visit: Visit, provider: Provider, begun: Begun, proven: Proven) -> Response:
    arrival = Arrival(provider, proven, visit.portal.fresh_id(), visit.now)
    found, tools = link_staff(schooling.means(visit), schooling.on_record(visit), arrival), means_of(visit)
    account = found.link.account
    if found.is_new:
        tell(tools, account, Told.SCHOOL_CONNECTED)
    second = visit.now if proven.has_second_factor and _may_vouch(tools, found.link) else None
    before = visit.seat.id
    seat = replace(visit.seat, kind=STAFF, staff=account, password_at=visit.now, second_at=second, worked_at=None)
    seat = replace(seat, rests_on=found.link.id)
    by = ProofKind.SCHOOL_SECOND_FACTOR if second else ProofKind.SECOND_FACTOR
    device = device_of(visit.request.headers.get("user-agent", ""))
    visit.renew(replace(seat, second_by=by, onward=begun.onward, device=device, purpose=""))
    schooling.means(visit).sign_ins.carry_over(before, visit.seat.id)
    if second:
        facts = (("by", by.value), ("provider", provider.slug))
        visit.docket.record(Event("staff_signed_in", f"staff:{account}", facts=facts))
        return visit.see(begun.onward or visit.url("desk.cases"))
    if factors.may_set_up_app(tools, account) and not accounts.is_enrolled(tools, account):
        accounts.begin_app(tools, account)
    return visit.see(visit.url("desk.second_factor"))


def _may_vouch(tools: StaffMeans, link: Linked) -> bool:
    """Say whether the provider's word for a second factor is taken: whoever has an app shows it once beside the link.

    Else an administrator who enters a provider of their own would be every colleague whom the roster knows.
    """
    return linking.is_vouched_for(link) or not accounts.is_enrolled(tools, link.account)


_ARRIVED: Final[Mapping[Purpose, _Arrived]] = {
    Purpose.STAFF: _let_in,
    Purpose.CONNECT: connected,
    Purpose.JOIN: joined,
}
