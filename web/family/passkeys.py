"""A family's passkeys: sign in by one, the list of one's own, and the offer that can be declined."""

from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response

from rightsdesk.requests.ledger.audit import Event
from rightsdesk.verification.assurance import Act, ProofKind
from rightsdesk.verification.errors import VerificationProblem
from rightsdesk.verification.numbers_on_file import is_kept_back
from rightsdesk.verification.passkeys import ceremonies
from rightsdesk.verification.passkeys.ceremonies import Owner
from rightsdesk.verification.passkeys.errors import PasskeyProblem, TooManyPasskeys
from rightsdesk.verification.passkeys.store import Passkey, Stop
from rightsdesk.verification.school.kinds import Side
from rightsdesk.verification.school.linking import Standing
from rightsdesk.verification.school.store import Identities
from rightsdesk.web import passkeys, schooling
from rightsdesk.web.family.faults import Fault, Mistake
from rightsdesk.web.family.phoning import PhonePage, shown
from rightsdesk.web.family.seating import blank, seat_for
from rightsdesk.web.family.subjects import requester
from rightsdesk.web.guards import lacks
from rightsdesk.web.passkeys import FAMILY, can_have_passkeys, own_passkeys, passkey_means
from rightsdesk.web.proof import means
from rightsdesk.web.visits import Visit

_KEPT_BACK: Final = "kept_back"  # an order keeps somebody away who has the phone that it was set up with
DECLINED: Final = "rightsdesk-no-passkey"  # a cookie: this device was asked, and its owner said not now
_YEAR: Final = 31_536_000


@dataclass(frozen=True, slots=True)
class PasskeysPage:
    """Somebody's passkeys; ``is_fresh`` while the proof is young enough to change them."""

    passkeys: tuple[Passkey, ...]
    is_fresh: bool
    said: str = ""
    error: Fault | None = None


def ask(visit: Visit) -> Response:
    """Ask this browser for a passkey, whoever sits there."""
    return passkeys.ask_sign_in(visit, FAMILY)


def sign_in(visit: Visit) -> Response:
    """Let in whoever showed a passkey of a person who could get in by a text code too."""
    onward = visit.onward(visit.form.text("next"), "")
    passkeys.begin(visit)
    with visit.unit():
        answer = _let_in(visit, onward)
    if answer is not None:
        return answer
    with visit.looking():
        return shown(visit, PhonePage(Fault(Mistake.PASSKEY_FAILED, "passkey"), next=onward))


def show(visit: Visit) -> Response:
    """Show one's own passkeys."""
    return visit.render("family/passkeys.html", _page(visit, visit.query("said")))


def changed(visit: Visit) -> Response:
    """Add, rename or remove one of one's own."""
    passkeys.begin(visit)
    with visit.unit():
        try:
            done, fault = passkeys.change(visit, FAMILY, _owner(visit)), None
        except VerificationProblem as problem:
            full = isinstance(problem, TooManyPasskeys)
            done, fault = "", Fault(Mistake.PASSKEYS_FULL if full else Mistake.PASSKEY_FAILED)
    if fault is None:
        return visit.see(f"{visit.url('family.passkeys')}?said={done or 'nothing'}")
    with visit.looking():
        return visit.render("family/passkeys.html", replace(_page(visit), error=fault), status=422)


def ask_set_up(visit: Visit) -> Response:
    """Ask this browser to make a passkey."""
    with visit.looking():
        owner = _owner(visit)
    return passkeys.ask_set_up(visit, FAMILY, owner)


def decline(visit: Visit) -> Response:
    """Offer it no more on this device, and go on where one was."""
    answer = visit.see(visit.onward(visit.form.text("next"), visit.url("family.requests")))
    secure = visit.portal.settings.is_secure
    answer.set_cookie(DECLINED, "1", max_age=_YEAR, secure=secure, httponly=True, samesite="lax")
    return answer


def is_offered(visit: Visit) -> bool:
    """Say whether a page may offer a passkey to whoever proved themselves: they have none, and did not say not now."""
    if DECLINED in visit.request.cookies or not can_have_passkeys(visit.portal):
        return False
    return not own_passkeys(visit, FAMILY, requester(visit))


def _let_in(visit: Visit, onward: str) -> Response | None:
    tools = passkey_means(visit, FAMILY)
    try:
        passkey = ceremonies.sign_in(tools, visit.seat.id, visit.form.secret("answer"), visit.now)
    except PasskeyProblem:
        return None
    bar = _bar(visit, passkey)
    if bar:
        ceremonies.turn_away(tools, passkey, bar, visit.now)
        return None
    facts = (("by", ProofKind.PASSKEY.value), ("passkey", str(passkey.id)))
    visit.docket.record(Event("signed_in", f"requester:{passkey.owner}", subject=passkey.owner, facts=facts))
    # Whoever sat here before may be somebody else: nothing of theirs goes on.
    seat = visit.seat if visit.seat.person == passkey.owner else blank(visit.seat)
    visit.seat = replace(seat, onward=onward)
    return seat_for(visit, passkey.owner, ProofKind.PASSKEY, rests_on=passkey.rests_on)


def _bar(visit: Visit, passkey: Passkey) -> str:
    """Return why its owner may not come in today, or "": what a text code or a school sign-in would ask too."""
    standing = schooling.on_record(visit).standing(passkey.owner)
    if standing is not Standing.MAY:
        return standing.value
    links = Identities(visit.tx, visit.here.id).of_account(Side.FAMILY, passkey.owner)
    if passkey.rests_on in {one.id for one in links if one.unlinked_at is None}:
        return ""
    points = dict(visit.people.contacts(passkey.owner, "text"))
    number = points.get(passkey.rests_on) if passkey.rests_on else None
    if number is None:
        return Stop.ROOT_GONE
    codes = means(visit.portal, visit.tx, visit.here, visit.now)
    holders = codes.holders.numbers_on_file(codes.number_keys(number), visit.now)
    return _KEPT_BACK if is_kept_back(holders, passkey.owner) else ""


def _owner(visit: Visit) -> Owner:
    person = requester(visit)
    # The device's own window shows it, so that two parents with one tablet see whose is whose.
    name = f"{visit.people.person(person).name}, {visit.here.short_name or visit.here.name}"
    return Owner(person, name, f"requester:{person}")


def _page(visit: Visit, said: str = "") -> PasskeysPage:
    fresh = not lacks(visit, Act.MANAGE_PASSKEYS) and can_have_passkeys(visit.portal)
    return PasskeysPage(own_passkeys(visit, FAMILY, requester(visit)), fresh, said)
