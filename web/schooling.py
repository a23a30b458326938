"""School sign-ins of one agency: verification's means, built on this portal's record, and the page when one fails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.authority import Band
from rightsdesk.requests.people.errors import NotOnFile
from rightsdesk.requests.people.register.store import Register
from rightsdesk.requests.people.store import People
from rightsdesk.verification.attempts import SCHOOL_ASKS
from rightsdesk.verification.counting.store import Counts
from rightsdesk.verification.school.errors import ProviderDown, SchoolProblem, Why
from rightsdesk.verification.school.exchanging import WayBack, end
from rightsdesk.verification.school.identity import Proven
from rightsdesk.verification.school.kinds import LinkKey, Purpose, Side
from rightsdesk.verification.school.linking import SUBJECT, Standing
from rightsdesk.verification.school.provider import Provider
from rightsdesk.verification.school.signing_in import Begun, Returned, SchoolMeans, Wish, begin, depart, refused, take
from rightsdesk.verification.school.store import Identities, Providers, SignIns
from rightsdesk.web.portal import Portal
from rightsdesk.web.problems import NotFound
from rightsdesk.web.proof import Recorder, has_turn
from rightsdesk.web.visits import Visit

_PLACE: Final = "school"  # what presses of one place are counted under
_FOR_ONE: Final = frozenset({Purpose.CONNECT, Purpose.JOIN})  # begun for the staff account of this session
_CALLBACK: Final = {Side.FAMILY: "family.school_back", Side.STAFF: "desk.school_back"}
_START: Final = {
    Purpose.FAMILY: "family.school_sign_in",
    Purpose.STAFF: "desk.school_sign_in",
    Purpose.CONNECT: "desk.own",
    Purpose.JOIN: "desk.password",
}


@dataclass(frozen=True, slots=True)
class FailedPage:
    """A school sign-in that ended: one page for all reasons. ``is_launch`` when it was not begun here at all.

    ``is_taken`` is told to staff alone, who have an account here and the school account in question.
    """

    label: str
    again: str
    purpose: Purpose
    is_launch: bool = False
    is_taken: bool = False
    is_down: bool = False


@dataclass(frozen=True, slots=True)
class OnRecord:
    """The agency's record as linking asks it."""

    tx: Session
    agency: Agency
    vault: AgencyVault
    now: datetime

    def known_by(self, key: LinkKey, value: str) -> Sequence[UUID]:
        """Return everybody on the record who has this roster id, student number or username."""
        people = People(self.tx, self.agency, self.vault)
        match key:
            case LinkKey.SOURCED_ID:
                return self._sourced(value)
            case LinkKey.STUDENT_NUMBER:
                return people.found_by("student_number", self.vault.indexes("student_number", value))
            case LinkKey.USERNAME:
                return people.found_by("username", self.vault.indexes("username", value.casefold()))
            case LinkKey.NONE:
                return ()

    def standing(self, person: UUID) -> Standing:
        """Say whether this person may sign in today: as for texts, an unknown age counts as under 13."""
        people = People(self.tx, self.agency, self.vault)
        try:
            known = people.person(person)
        except NotOnFile:
            return Standing.GONE
        if known.erased_at is not None or not known.is_active:
            return Standing.GONE
        if not known.is_student:
            return Standing.MAY
        band = people.student(person, self.agency.today(self.now)).band
        return Standing.MAY if band in {Band.TEEN, Band.ADULT} else Standing.TOO_YOUNG

    def accounts_of(self, person: UUID) -> Sequence[UUID]:
        """Return the staff accounts of somebody on the record."""
        return [one.id for one in self._staff().every() if one.person == person]

    def is_staff(self, account: UUID) -> bool:
        """Say whether an account works here today."""
        return self._staff().numbered(account) is not None

    def _staff(self) -> Staff:
        return Staff(self.tx, self.agency.id, self.vault)

    def _sourced(self, value: str) -> Sequence[UUID]:
        try:
            return (Register(self.tx, self.agency, self.vault).sourced(value),)
        except NotOnFile:
            return ()


def school_means(portal: Portal, tx: Session, agency: Agency, now: datetime) -> SchoolMeans:
    """Return what school sign-ins of an agency need, inside one unit of work."""
    vault = portal.vault.agency(agency.id)
    return SchoolMeans(
        providers=Providers(tx, agency.id, vault),
        sign_ins=SignIns(tx, agency.id),
        identities=Identities(tx, agency.id),
        seal=vault,
        record=Recorder(portal.ledger(tx, agency.id, now), Counts(tx, agency.id, ZoneInfo(agency.zone)), now),
    )


def enter_anew(identities: Identities, vault: AgencyVault) -> None:
    """Enter every school account under the newest index key; what belongs to somebody erased goes."""
    for link in identities.every():
        try:
            written = vault.unseal(link.account, "identity", f"school_identities:{link.id}:sealed", link.sealed)
        except KeyGone:
            identities.forget(link.account)
        else:
            identities.enter_anew(link.id, vault.index(SUBJECT, written))


def means(visit: Visit) -> SchoolMeans:
    """Return the same for the unit of work that a visit is in."""
    return school_means(visit.portal, visit.tx, visit.here, visit.now)


def on_record(visit: Visit) -> OnRecord:
    """Return the agency's record for the unit of work that a visit is in."""
    return OnRecord(visit.tx, visit.here, visit.vault, visit.now)


def named(visit: Visit, side: Side) -> Provider:
    """Return the provider that a path names, for whom it is entered.

    Raises:
        NotFound: the agency has none of this name for families, or staff.
    """
    found = Providers(visit.tx, visit.here.id, visit.vault).named(visit.part("provider"))
    if found is None or not (found.for_families if side is Side.FAMILY else found.for_staff):
        raise NotFound
    return found


def address_to(visit: Visit, provider: Provider, purpose: Purpose, onward: str) -> str:
    """Return where to send the browser, and remember it. Call it outside of any unit of work.

    Raises:
        SchoolProblem: the provider cannot be used now.
    """
    document = visit.portal.schools.answering(provider, visit.now)
    account = visit.seat.staff if purpose in _FOR_ONE else None
    is_anew = visit.seat.is_proved or visit.seat.is_signed_in
    wish = Wish(visit.seat.id, purpose, returns_to(visit, provider.slug, _side(purpose)), onward, account, is_anew)
    departure = depart(provider, document, wish, visit.portal.draw)
    with visit.unit():
        if not has_turn(visit, _PLACE, SCHOOL_ASKS):
            raise SchoolProblem(Why.TOO_OFTEN)
        if not visit.seat.is_stored:
            visit.keep(visit.seat)
        begin(means(visit), provider, departure, wish, visit.now)
    return departure.address


def send_away(visit: Visit, provider: Provider, purpose: Purpose, onward: str) -> Response:
    """Send the browser to the provider, or say that it does not work now."""
    try:
        address = address_to(visit, provider, purpose, onward)
    except SchoolProblem as problem:
        return failed(visit, provider, purpose, problem)
    return RedirectResponse(address, status_code=303)


def proven(visit: Visit, provider: Provider, purposes: Sequence[Purpose]) -> tuple[Begun, Proven]:
    """Return what was begun, used up in a unit of its own, and whom the provider vouches for, asked outside of any.

    Raises:
        SchoolProblem: it was not begun here, or the answer is not to be believed.
    """
    returned = Returned.read(visit.request.url.query)
    with visit.unit():
        tools = means(visit)
        begun = take(tools, provider, returned, visit.seat.id, purposes, visit.now)
        secret = tools.providers.secret(provider.id)
    back = WayBack(provider, begun, returned, returns_to(visit, provider.slug, _side(purposes[0])), secret)
    return begun, end(visit.portal.schools, back, visit.now)


def failed(visit: Visit, provider: Provider, purpose: Purpose, problem: SchoolProblem) -> Response:
    """Record why a sign-in ended and show the one page for it: 503 while the provider is down, else 400 or 429.

    From a place whose presses are used up nothing is recorded: the ledger only ever grows.
    """
    is_launch = problem.why is Why.STATE
    # A tile at the provider, pressed by somebody who is signed in here: they want in, and connect nothing.
    start = Purpose.STAFF if is_launch and purpose is Purpose.CONNECT else purpose
    # A stranger's launch from a provider's portal is no event; an answer that this session did not ask for is one.
    if visit.seat.is_stored or not is_launch:
        with visit.unit():
            if has_turn(visit, _PLACE, SCHOOL_ASKS):
                refused(means(visit), provider, purpose, problem)
    visit.portal.meter.sign_in(provider.kind.value, problem.why.value)
    page = FailedPage(
        provider.label,
        visit.url(_START[start], provider=provider.slug),
        purpose,
        is_launch=is_launch,
        is_taken=problem.why is Why.TAKEN and purpose in _FOR_ONE,
        is_down=problem.is_down,
    )
    visit.hides_query = True
    with visit.looking():
        response = visit.render("school/failed.html", page, status=_status(problem))
    # The address of this page holds what the provider sent.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _status(problem: SchoolProblem) -> int:
    if isinstance(problem, ProviderDown):
        return 503
    return 429 if problem.why is Why.TOO_OFTEN else 400


def _side(purpose: Purpose) -> Side:
    return Side.FAMILY if purpose is Purpose.FAMILY else Side.STAFF


def returns_to(visit: Visit, slug: str, side: Side) -> str:
    """Return the address at which a provider of this short name sends the browser back to us."""
    return visit.portal.settings.public_url + visit.url(_CALLBACK[side], provider=slug)
