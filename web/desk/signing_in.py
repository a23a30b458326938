"""Sign in at the desk: a password, then always a second factor; the first time the authenticator app is set up."""

import io
from dataclasses import dataclass, replace
from urllib.parse import quote

from starlette.responses import Response

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.verification.errors import PasswordProblem, PasswordTooLong, PasswordTooShort
from rightsdesk.verification.reading import counted_address
from rightsdesk.verification.staff import accounts
from rightsdesk.verification.staff.accounts import Attempt, Shown, StaffMeans, Worth
from rightsdesk.verification.staff.recovery import fresh_recovery
from rightsdesk.verification.totp import grouped, provisioning_uri
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.sessions import STAFF
from rightsdesk.web.staffroom import staff_means
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The first question; the password is never shown again."""

    email: str = ""
    onward: str = ""
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class PasswordPage:
    """The question for one's own password; what was typed is never shown again."""

    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class SecondFactorPage:
    """The second question; ``is_step_up`` when the person is signed in and an act asks for it anew."""

    action: str
    is_step_up: bool
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class EnrolPage:
    """The seed of the authenticator app, as a picture and in groups of four."""

    picture: str
    seed_groups: str
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class RecoveryPage:
    """The recovery codes, shown once."""

    codes: tuple[str, ...]


def sign_in(visit: Visit) -> Response:
    """Ask for e-mail and password; whoever is signed in goes on to the desk."""
    if visit.seat.is_signed_in:
        return visit.see(visit.url("desk.cases"))
    return visit.render("desk/sign_in.html", SignInPage(onward=visit.onward(visit.query("next"), "")))


def signed_in(visit: Visit) -> Response:
    """Check the password; an unknown address costs the same work and is told the same."""
    email, onward = visit.form.text("username"), visit.onward(visit.form.text("next"), "")
    with visit.unit():
        colleague = Staff(visit.tx, visit.here.id, visit.vault).addressed(email) if email else None
        who, address = colleague.id if colleague else None, counted_address(visit.address)
        begun = accounts.begin_password(_means(visit), who, email, visit.now, address)
    shown = begun if isinstance(begun, Shown) else _compared(visit, begun, onward)
    if shown.worth is Worth.RIGHT and who is not None:
        return visit.see(visit.url("desk.second_factor"))
    page = SignInPage(email, onward, Fault(_refusal(visit, shown), "email"))
    with visit.looking():
        return visit.render("desk/sign_in.html", page, status=422)


def password(visit: Visit) -> Response:
    """Ask for a password that nobody else knows, in place of the one that was handed over."""
    if not accounts.must_change(_means(visit), visit.me.id):
        return visit.see(visit.url("desk.second_factor"))
    return visit.render("desk/password.html", PasswordPage())


def password_chosen(visit: Visit) -> Response:
    """Keep the chosen password and end every other session that the handed-over one began."""
    names = (visit.here.name, visit.here.short_name, visit.me.name, visit.me.email, "Rightsdesk")
    try:
        with visit.looking():
            chosen = accounts.weigh_password(_means(visit), visit.me.id, visit.form.secret("password"), names)
    except PasswordProblem as problem:
        page = PasswordPage(Fault(_unfit(visit, problem), "password"))
        return visit.render("desk/password.html", page, status=422)
    with visit.unit():
        if accounts.keep_chosen(_means(visit), visit.me.id, chosen, visit.now) and visit.sessions is not None:
            visit.sessions.end_all(staff=visit.me.id)
            visit.renew(visit.seat)
    return visit.see(visit.url("desk.second_factor"))


def second_factor(visit: Visit) -> Response:
    """Ask for the code of the app, or a recovery code."""
    if accounts.must_change(_means(visit), visit.me.id):
        return visit.see(visit.url("desk.password"))
    if not accounts.is_enrolled(_means(visit), visit.me.id):
        return visit.see(visit.url("desk.enrol"))
    return visit.render("desk/second_factor.html", _page(visit, None))


def second_factor_shown(visit: Visit) -> Response:
    """Check the code and go on to where the person was; each code works once."""
    if accounts.must_change(_means(visit), visit.me.id):
        return visit.see(visit.url("desk.password"))
    shown = accounts.show_second_factor(_means(visit), visit.me.id, visit.form.text("totp"), visit.now)
    if shown.worth is not Worth.RIGHT:
        return visit.render("desk/second_factor.html", _page(visit, _fault(visit, shown)), status=422)
    wish = visit.seat.onward or visit.query("next")
    _let_in(visit)
    return visit.see(visit.onward(wish, visit.url("desk.cases")))


def enrol(visit: Visit) -> Response:
    """Show the key of the app that is being set up."""
    means = _means(visit)
    if accounts.is_enrolled(means, visit.me.id) or accounts.must_change(means, visit.me.id):
        return visit.see(visit.url("desk.second_factor"))
    seed = accounts.pending_seed(means, visit.me.id)
    if seed is None:  # an administrator took the app away while this person was half signed in
        return visit.see(visit.url("desk.sign_in"))
    return visit.render("desk/enrol.html", _enrol_page(visit, seed, None))


def enrolled(visit: Visit) -> Response:
    """Check the first code of the new app, and show the recovery codes once."""
    typed = visit.form.text("totp")
    with visit.looking():
        means = _means(visit)
        seed = None if accounts.must_change(means, visit.me.id) else accounts.pending_seed(means, visit.me.id)
    if seed is None:
        return visit.see(visit.url("desk.second_factor"))
    recovery = fresh_recovery(means.passwords, means.draw) if accounts.is_of_app(seed, typed, visit.now) else None
    with visit.unit():
        codes = accounts.confirm_app(_means(visit), visit.me.id, typed, visit.now, recovery)
        if codes:
            _let_in(visit)
    if not codes:
        page = _enrol_page(visit, seed, _fault(visit, Shown(Worth.WRONG)))
        return visit.render("desk/enrol.html", page, status=422)
    return visit.render("desk/recovery.html", RecoveryPage(tuple(grouped(code) for code in codes)))


def sign_out(visit: Visit) -> Response:
    """End the session."""
    visit.leave()
    return visit.see(visit.url("desk.sign_in"))


def _compared(visit: Visit, attempt: Attempt, onward: str) -> Shown:
    secret = visit.form.secret("password")
    match = visit.portal.passwords.compare(attempt.stored, secret)  # 32 ms, in which others write
    with visit.unit():
        means = _means(visit)
        shown = accounts.end_password(means, attempt, match, secret)
        if shown.worth is Worth.RIGHT and attempt.account is not None:
            begun = replace(visit.seat, kind=STAFF, staff=attempt.account, password_at=visit.now, second_at=None)
            visit.renew(replace(begun, onward=onward))
            if not accounts.is_enrolled(means, attempt.account):
                accounts.begin_app(means, attempt.account)
    return shown


def _means(visit: Visit) -> StaffMeans:
    return staff_means(visit.portal, visit.tx, visit.here, visit.now)


def _let_in(visit: Visit) -> None:
    if not visit.seat.is_signed_in:
        visit.docket.record(Event("staff_signed_in", f"staff:{visit.me.id}"))
    visit.renew(replace(visit.seat, second_at=visit.now, worked_at=None, onward=""))


def _refusal(visit: Visit, shown: Shown) -> str:
    match shown.worth:
        case Worth.PAUSED:
            return visit.say("You have tried too often. Wait 15 minutes and try again.")
        case Worth.LOCKED:
            return visit.say("For safety you cannot sign in now. Ask an administrator of your agency.")
        case _:
            return visit.say("That e-mail or password is not right. Try again.")


def _unfit(visit: Visit, problem: PasswordProblem) -> str:
    match problem:
        case PasswordTooShort():
            return visit.say("Use 15 letters or more. You have used %(used)s", used=problem.count)
        case PasswordTooLong():
            return visit.say("Use 128 letters or fewer. You have used %(used)s", used=problem.count)
        case _:
            return visit.say(str(problem))


def _fault(visit: Visit, shown: Shown) -> Fault:
    match shown.worth:
        case Worth.REPLAYED:
            words = visit.say("That code was used already. Wait for the next one in your app.")
        case Worth.PAUSED | Worth.LOCKED:
            words = _refusal(visit, shown)
        case _:
            words = visit.say("That code is not right. Wait for the next one in your app and try again.")
    return Fault(words, "totp")


def _page(visit: Visit, error: Fault | None) -> SecondFactorPage:
    path, onward = visit.url("desk.second_factor"), visit.onward(visit.query("next"), "")
    return SecondFactorPage(f"{path}?next={quote(onward)}" if onward else path, visit.seat.is_signed_in, error)


def _enrol_page(visit: Visit, seed: str, error: Fault | None) -> EnrolPage:
    drawn = io.BytesIO()
    uri = provisioning_uri(seed, visit.me.email)
    import segno  # noqa: PLC0415 - once in the life of an account

    segno.make(uri, error="m").save(drawn, kind="svg", border=4, omitsize=True, xmldecl=False, svgns=False, nl=False)
    return EnrolPage(drawn.getvalue().decode("ascii"), grouped(seed), error)
