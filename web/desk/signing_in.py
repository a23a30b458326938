"""Sign in at the desk: a password, then always a second factor."""

from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.reading import counted_address
from rightsdesk.verification.staff import accounts, factors
from rightsdesk.verification.staff.accounts import Attempt, Shown, Worth
from rightsdesk.verification.staff.invitations.inviting import Purpose
from rightsdesk.web.desk.seating import SECOND_FACTOR, first_shown, let_in, means_of, owed, vouch
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.passkeys import can_have_passkeys
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The first question; the password is never shown again. ``after_link`` when a link for a new app led here."""

    email: str = ""
    onward: str = ""
    after_link: bool = False
    has_passkeys: bool = False
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class SecondFactorPage:
    """The second question; ``is_step_up`` when the person is signed in and an act asks for it anew."""

    action: str
    is_step_up: bool
    onward: str = ""
    has_passkeys: bool = False
    error: Fault | None = None


def sign_in(visit: Visit) -> Response:
    """Ask for e-mail and password; whoever is signed in goes on to the desk."""
    if visit.seat.is_signed_in:
        return visit.see(visit.url("desk.cases"))
    onward = visit.onward(visit.query("next"), "")
    return visit.render("desk/sign_in.html", _sign_in_page(visit, onward=onward))


def signed_in(visit: Visit) -> Response:
    """Check the password; an unknown address costs the same work and is told the same."""
    email, onward = visit.form.text("username"), visit.onward(visit.form.text("next"), "")
    with visit.unit():
        colleague = Staff(visit.tx, visit.here.id, visit.vault).addressed(email) if email else None
        who, address = colleague.id if colleague else None, counted_address(visit.address)
        begun = accounts.begin_password(means_of(visit), who, email, visit.now, address)
    shown = begun if isinstance(begun, Shown) else _compared(visit, begun, onward)
    if shown.worth is Worth.RIGHT and who is not None:
        return visit.see(visit.url(SECOND_FACTOR))
    page = _sign_in_page(visit, email, onward, Fault(refusal(visit, shown), "email"))
    with visit.looking():
        return visit.render("desk/sign_in.html", page, status=422)


def second_factor(visit: Visit) -> Response:
    """Ask for the code of the app, or a recovery code."""
    owes = owed(visit)
    if owes != SECOND_FACTOR:
        return visit.see(visit.url(owes))
    return visit.render("desk/second_factor.html", _page(visit, None))


def second_factor_shown(visit: Visit) -> Response:
    """Check the code and go on to where the person was; each code works once."""
    owes = owed(visit)
    if owes != SECOND_FACTOR:
        return visit.see(visit.url(owes))
    shown = accounts.show_second_factor(means_of(visit), visit.me.id, visit.form.text("totp"), visit.now)
    if shown.worth is not Worth.RIGHT:
        return visit.render("desk/second_factor.html", _page(visit, code_fault(visit, shown)), status=422)
    wish = visit.seat.onward or visit.query("next")
    vouch(visit)
    let_in(visit)
    return visit.see(visit.onward(wish, visit.url("desk.cases")))


def sign_out(visit: Visit) -> Response:
    """End the session."""
    visit.leave()
    return visit.see(visit.url("desk.sign_in"))


def refusal(visit: Visit, shown: Shown) -> str:
    """Return why a password did not open anything, in the words of the page."""
    match shown.worth:
        case Worth.PAUSED:
            return visit.say("You have tried too often. Wait 15 minutes and try again.")
        case Worth.LOCKED:
            return visit.say("For safety you cannot sign in now. Ask an administrator of your agency.")
        case _:
            return visit.say("That e-mail or password is not right. Try again.")


def code_fault(visit: Visit, shown: Shown) -> Fault:
    """Return why a code did not open anything, in the words of the page."""
    match shown.worth:
        case Worth.REPLAYED:
            words = visit.say("That code was used already. Wait for the next one in your app.")
        case Worth.PAUSED | Worth.LOCKED:
            words = refusal(visit, shown)
        case _:
            words = visit.say("That code is not right. Wait for the next one in your app and try again.")
    return Fault(words, "totp")


def passkey_refused(visit: Visit, onward: str) -> Response:
    """Say on the page of the factor that is owed that a passkey opened nothing; the other ways stand beside it."""
    fault = Fault(visit.say("That did not work. Try again, or choose another way."), "passkey")
    if visit.colleague is not None and owed(visit) == SECOND_FACTOR:
        return visit.render("desk/second_factor.html", _page(visit, fault, onward), status=422)
    return visit.render("desk/sign_in.html", _sign_in_page(visit, "", onward, fault), status=422)


def _compared(visit: Visit, attempt: Attempt, onward: str) -> Shown:
    secret = visit.form.secret("password")
    match = visit.portal.passwords.compare(attempt.stored, secret)  # 32 ms, in which others write
    with visit.unit():
        means = means_of(visit)
        shown = accounts.end_password(means, attempt, match, secret, visit.now)
        if shown.worth is Worth.RIGHT and attempt.account is not None:
            _begin(visit, attempt.account, onward)
    return shown


def _begin(visit: Visit, account: UUID, onward: str) -> None:
    means, has_link = means_of(visit), _came_by_link(visit) and visit.seat.staff == account
    first_shown(visit, account, onward)
    if accounts.is_enrolled(means, account):
        return
    if has_link:
        means.credentials.allow_app(account)
    if factors.may_set_up_app(means, account):
        accounts.begin_app(means, account)


def _came_by_link(visit: Visit) -> bool:
    return visit.seat.purpose == Purpose.APP


def _page(visit: Visit, error: Fault | None, wish: str = "") -> SecondFactorPage:
    path, onward = visit.url(SECOND_FACTOR), visit.onward(wish or visit.query("next"), "")
    action = f"{path}?next={quote(onward)}" if onward else path
    return SecondFactorPage(action, visit.seat.is_signed_in, onward, can_have_passkeys(visit.portal), error)


def _sign_in_page(visit: Visit, email: str = "", onward: str = "", error: Fault | None = None) -> SignInPage:
    return SignInPage(email, onward, _came_by_link(visit), can_have_passkeys(visit.portal), error)
