"""A school account becomes a way in to an account at the desk: of whoever is signed in, or of whoever was invited."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from rightsdesk.verification.assurance import ProofKind
from rightsdesk.verification.school import linking
from rightsdesk.verification.school.errors import AnswerRefused, SchoolProblem, Why
from rightsdesk.verification.school.identity import Proven
from rightsdesk.verification.school.kinds import Purpose, Side
from rightsdesk.verification.school.linking import Arrival
from rightsdesk.verification.school.provider import Provider
from rightsdesk.verification.school.signing_in import Begun
from rightsdesk.verification.staff import accounts
from rightsdesk.verification.staff.means import Told, tell
from rightsdesk.web import schooling
from rightsdesk.web.desk.seating import OWN, PASSWORD, invited_account, let_in, means_of, owed
from rightsdesk.web.problems import NotFound
from rightsdesk.web.seats import Seat
from rightsdesk.web.sessions import SessionOver
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class ConnectPage:
    """The way to the provider as a link: a form could not lead there under our own content policy."""

    label: str
    address: str
    email: str
    back: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class Account:
    """A school account that signs somebody in at the desk."""

    id: str
    provider: str
    since: datetime


def connect(visit: Visit) -> Response:
    """Begin to connect a school account to the staff account that is signed in, on the person's own press of a button.

    A link would not do: another page could press it, with its own school account signed in at the provider.
    """
    return _begun(visit, Purpose.CONNECT, OWN)


def join(visit: Visit) -> Response:
    """Begin to set up, by a school account, the staff account that this browser was just invited to."""
    if invited_account(visit) is not None:
        return _begun(visit, Purpose.JOIN, PASSWORD)
    with visit.looking():
        if visit.seat.is_signed_in:
            schooling.named(visit, Side.STAFF)  # a provider that is not theirs is no page of theirs
        return visit.see(visit.url(owed(visit)))


def disconnect(visit: Visit) -> Response:
    """Take one's own school account off one's account at the desk."""
    tools = schooling.means(visit)
    mine = {str(one.id): one for one in tools.identities.of_account(Side.STAFF, visit.me.id)}
    found = mine.get(visit.form.text("identity"))
    if found is None:
        raise NotFound
    linking.part(tools, found, f"staff:{visit.me.id}", "own_wish", visit.now)
    tell(means_of(visit), visit.me.id, Told.SCHOOL_REMOVED)
    return visit.see(f"{visit.url(OWN)}?said=saved")


def own_accounts(visit: Visit) -> tuple[Account, ...]:
    """Return the school accounts that sign in whoever is signed in."""
    tools = schooling.means(visit)
    labels = tools.providers.labels()
    living = [one for one in tools.identities.of_account(Side.STAFF, visit.me.id) if one.unlinked_at is None]
    return tuple(Account(str(one.id), labels.get((one.issuer, one.tenant), ""), one.linked_at) for one in living)


def connected(visit: Visit, provider: Provider, begun: Begun, proven: Proven) -> Response:
    """Connect the account to whoever began it, while they are signed in.

    Raises:
        AnswerRefused: they are not any more, somebody else sits here now, or it is a colleague's.
    """
    _link(visit, visit.me.id if visit.colleague and visit.seat.is_signed_in else None, begun, provider, proven)
    _renewed(visit, visit.seat)
    return visit.see(f"{visit.url(OWN)}?said=connected")


def joined(visit: Visit, provider: Provider, begun: Begun, proven: Proven) -> Response:
    """Let the invited person sign in by their school account from now on; the second factor follows, unless proved.

    Raises:
        AnswerRefused: the invitation's session is over or went another way meanwhile, or the account is a colleague's.
    """
    account = _link(visit, invited_account(visit), begun, provider, proven)
    _renewed(visit, replace(visit.seat, password_at=visit.now, purpose=""))
    means = means_of(visit)
    means.credentials.allow_app(account)
    if proven.has_second_factor:
        let_in(visit, ProofKind.SCHOOL_SECOND_FACTOR)
        return visit.see(visit.url("desk.cases"))
    if not accounts.is_enrolled(means, account):
        accounts.begin_app(means, account)
    return visit.see(visit.url(owed(visit)))


def _begun(visit: Visit, purpose: Purpose, back: str) -> Response:
    with visit.looking():
        provider = schooling.named(visit, Side.STAFF)
    try:
        address = schooling.address_to(visit, provider, purpose, "")
    except SchoolProblem as problem:
        return schooling.failed(visit, provider, purpose, problem)
    with visit.looking():
        page = ConnectPage(provider.label, address, visit.me.email, visit.url(back), purpose is Purpose.JOIN)
        return visit.render("desk/school_connect.html", page)


def _link(visit: Visit, account: UUID | None, begun: Begun, provider: Provider, proven: Proven) -> UUID:
    # Begun for one account: what somebody else began in this browser before must not open the account of now.
    if account is None or begun.account != account:
        raise AnswerRefused(Why.STATE, detail="signed_out")
    arrival = Arrival(provider, proven, visit.portal.fresh_id(), visit.now)
    by = linking.INVITED if begun.purpose is Purpose.JOIN else linking.CONNECTED
    linking.connect(schooling.means(visit), account, arrival, by)
    tell(means_of(visit), account, Told.SCHOOL_CONNECTED)
    return account


def _renewed(visit: Visit, seat: Seat) -> None:
    before = visit.seat.id
    try:
        visit.renew(seat)
    except SessionOver:  # ended while the provider was asked: nothing is connected
        raise AnswerRefused(Why.STATE, detail="signed_out") from None
    schooling.means(visit).sign_ins.carry_over(before, visit.seat.id)
