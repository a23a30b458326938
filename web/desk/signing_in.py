"""Sign in at the desk: a password, then always a second factor; the first time the authenticator app is set up."""

import io
from dataclasses import dataclass, replace

import segno
from starlette.responses import Response

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.web.desk.credentials import Answer, Credentials, credentials
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.sessions import STAFF
from rightsdesk.web.visits import Visit

_WORDS = {
    Answer.WRONG: "That code is not right. Wait for the next one in your app and try again.",
    Answer.REPLAYED: "That code was used already. Wait for the next one in your app.",
    Answer.BLOCKED: "You have tried too often. Wait 15 minutes, or ask an administrator.",
}


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The first question; the password is never shown again."""

    email: str = ""
    onward: str = ""
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
    """Check the password; unknown addresses take as long and are told the same."""
    email, onward = visit.form.text("email"), visit.onward(visit.form.text("next"), "")
    colleague = Staff(visit.tx, visit.here.id, visit.vault).addressed(email) if email else None
    answer = credentials(visit).password(colleague.id if colleague else None, email, visit.form.secret("password"))
    if answer is not Answer.RIGHT or colleague is None:
        words = _WORDS[answer] if answer is Answer.BLOCKED else "That e-mail or password is not right. Try again."
        page = SignInPage(email, onward, Fault(visit.say(words), "email"))
        return visit.render("desk/sign_in.html", page, status=422)
    seat = replace(visit.seat, kind=STAFF, staff=colleague.id, password_at=visit.now, second_at=None, onward=onward)
    visit.renew(seat)
    store = credentials(visit)
    if store.is_enrolled(colleague.id):
        return visit.see(visit.url("desk.second_factor"))
    store.begin(colleague.id)
    return visit.see(visit.url("desk.enrol"))


def second_factor(visit: Visit) -> Response:
    """Ask for the code of the app, or a recovery code."""
    if not credentials(visit).is_enrolled(visit.me.id):
        return visit.see(visit.url("desk.enrol"))
    return visit.render("desk/second_factor.html", _page(visit, visit.query("next"), None))


def second_factor_shown(visit: Visit) -> Response:
    """Check the code and go on to where the person was; each code works once."""
    answer = credentials(visit).second_factor(visit.me.id, visit.form.text("totp"))
    if answer is not Answer.RIGHT:
        page = _page(visit, visit.query("next"), Fault(visit.say(_WORDS[answer]), "totp"))
        return visit.render("desk/second_factor.html", page, status=422)
    wish = visit.seat.onward or visit.query("next")
    visit.renew(replace(visit.seat, second_at=visit.now, onward=""))
    return visit.see(visit.onward(wish, visit.url("desk.cases")))


def enrol(visit: Visit) -> Response:
    """Show the key of the app that is being set up."""
    store = credentials(visit)
    if store.is_enrolled(visit.me.id):
        return visit.see(visit.url("desk.second_factor"))
    return visit.render("desk/enrol.html", _enrol_page(visit, store, None))


def enrolled(visit: Visit) -> Response:
    """Check the first code of the new app, and show the recovery codes once."""
    store = credentials(visit)
    codes = store.confirm(visit.me.id, visit.form.text("totp"))
    if not codes:
        page = _enrol_page(visit, store, Fault(visit.say(_WORDS[Answer.WRONG]), "totp"))
        return visit.render("desk/enrol.html", page, status=422)
    visit.renew(replace(visit.seat, second_at=visit.now, onward=""))
    return visit.render("desk/recovery.html", RecoveryPage(codes))


def sign_out(visit: Visit) -> Response:
    """End the session."""
    visit.leave()
    return visit.see(visit.url("desk.sign_in"))


def _page(visit: Visit, wish: str, error: Fault | None) -> SecondFactorPage:
    path = visit.url("desk.second_factor")
    onward = visit.onward(wish, "")
    return SecondFactorPage(f"{path}?next={onward}" if onward else path, visit.seat.is_signed_in, error)


def _enrol_page(visit: Visit, store: Credentials, error: Fault | None) -> EnrolPage:
    seed, uri = store.pending(visit.me.id, visit.me.email)
    drawn = io.BytesIO()
    segno.make(uri, error="m").save(drawn, kind="svg", scale=4, border=4, xmldecl=False, svgns=False, nl=False)
    groups = " ".join(seed[start : start + 4] for start in range(0, len(seed), 4))
    return EnrolPage(drawn.getvalue().decode("ascii"), groups, error)
