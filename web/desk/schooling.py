"""Staff sign in by their school account; the authenticator's code follows, unless a second factor was proved there."""

from dataclasses import dataclass, replace
from datetime import datetime

from starlette.responses import Response

from rightsdesk.requests.ledger.audit import Event
from rightsdesk.verification.assurance import ProofKind
from rightsdesk.verification.school import linking
from rightsdesk.verification.school.errors import AnswerRefused, SchoolProblem, Why
from rightsdesk.verification.school.identity import Proven
from rightsdesk.verification.school.kinds import Purpose, Side
from rightsdesk.verification.school.linking import Arrival, link_staff
from rightsdesk.verification.school.provider import Provider
from rightsdesk.verification.school.signing_in import Begun
from rightsdesk.verification.staff import accounts, factors
from rightsdesk.verification.staff.means import Told, tell
from rightsdesk.web import schooling
from rightsdesk.web.devices import device_of
from rightsdesk.web.problems import NotFound
from rightsdesk.web.sessions import STAFF
from rightsdesk.web.staffroom import staff_means
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class ConnectPage:
    """The way to the provider as a link: a form could not lead there under our own content policy."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Account:
    """A school account that signs somebody in at the desk."""

    id: str
    provider: str
    since: datetime


def sign_in(visit: Visit) -> Response:
    """Send the browser to the provider."""
    with visit.looking():
        provider = schooling.named(visit, Side.STAFF)
    return schooling.send_away(visit, provider, Purpose.STAFF, visit.onward(visit.query("next"), ""))


def come_back(visit: Visit) -> Response:
    """Take the provider's answer: sign in, or connect the account to whoever is signed in."""
    with visit.looking():
        provider = schooling.named(visit, Side.STAFF)
    try:
        begun, proven = schooling.proven(visit, provider, (Purpose.STAFF, Purpose.CONNECT))
        with visit.unit():
            answer = (
                _connected(visit, provider, proven) if _connects(begun) else _let_in(visit, provider, begun, proven)
            )
    except SchoolProblem as problem:
        return schooling.failed(visit, provider, Purpose.STAFF, problem)
    visit.portal.meter.sign_in(provider.kind.value, "done")
    return answer


def connect(visit: Visit) -> Response:
    """Begin to connect a school account to the staff account that is signed in, on the person's own press of a button.

    A link would not do: another page could press it, with its own school account signed in at the provider.
    """
    with visit.looking():
        provider = schooling.named(visit, Side.STAFF)
    try:
        address = schooling.address_to(visit, provider, Purpose.CONNECT, "")
    except SchoolProblem as problem:
        return schooling.failed(visit, provider, Purpose.CONNECT, problem)
    with visit.looking():
        return visit.render("desk/school_connect.html", ConnectPage(provider.label, address))


def disconnect(visit: Visit) -> Response:
    """Take one's own school account off one's account at the desk."""
    tools = schooling.means(visit)
    mine = {str(one.id): one for one in tools.identities.of_account(Side.STAFF, visit.me.id)}
    found = mine.get(visit.form.text("identity"))
    if found is None:
        raise NotFound
    linking.part(tools, found, f"staff:{visit.me.id}", "own_wish", visit.now)
    _tell(visit, Told.SCHOOL_REMOVED)
    return visit.see(f"{visit.url('desk.settings')}?said=saved")


def own_accounts(visit: Visit) -> tuple[Account, ...]:
    """Return the school accounts that sign in whoever is signed in."""
    tools = schooling.means(visit)
    labels = tools.providers.labels()
    living = [one for one in tools.identities.of_account(Side.STAFF, visit.me.id) if one.unlinked_at is None]
    return tuple(Account(str(one.id), labels.get((one.issuer, one.tenant), ""), one.linked_at) for one in living)


def _tell(visit: Visit, what: Told) -> None:
    tell(staff_means(visit.portal, visit.tx, visit.here, visit.now, visit.language), visit.me.id, what)


def _connects(begun: Begun) -> bool:
    return begun.purpose is Purpose.CONNECT


def _connected(visit: Visit, provider: Provider, proven: Proven) -> Response:
    if visit.colleague is None or not visit.seat.is_signed_in:
        raise AnswerRefused(Why.STATE, detail="signed_out")
    arrival = Arrival(provider, proven, visit.portal.fresh_id(), visit.now)
    linking.connect(schooling.means(visit), visit.me.id, arrival)
    _tell(visit, Told.SCHOOL_CONNECTED)
    return visit.see(f"{visit.url('desk.settings')}?said=connected")


def _let_in(visit: Visit, provider: Provider, begun: Begun, proven: Proven) -> Response:
    arrival = Arrival(provider, proven, visit.portal.fresh_id(), visit.now)
    account = link_staff(schooling.means(visit), schooling.on_record(visit), arrival).link.account
    second = visit.now if proven.has_second_factor else None
    before = visit.seat.id
    seat = replace(visit.seat, kind=STAFF, staff=account, password_at=visit.now, second_at=second, worked_at=None)
    by = ProofKind.SCHOOL_SECOND_FACTOR if second else ProofKind.SECOND_FACTOR
    device = device_of(visit.request.headers.get("user-agent", ""))
    visit.renew(replace(seat, second_by=by, onward=begun.onward, device=device, purpose=""))
    schooling.means(visit).sign_ins.carry_over(before, visit.seat.id)
    if second:
        facts = (("by", by.value), ("provider", provider.slug))
        visit.docket.record(Event("staff_signed_in", f"staff:{account}", facts=facts))
        return visit.see(begun.onward or visit.url("desk.cases"))
    tools = staff_means(visit.portal, visit.tx, visit.here, visit.now)
    if factors.may_set_up_app(tools, account) and not accounts.is_enrolled(tools, account):
        accounts.begin_app(tools, account)
    return visit.see(visit.url("desk.second_factor"))
