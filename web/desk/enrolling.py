"""Set up how one signs in: a password of one's own, then the authenticator app and its recovery codes."""

from dataclasses import dataclass, replace

from starlette.responses import Response

from rightsdesk.verification.errors import PasswordProblem, PasswordTooLong, PasswordTooShort
from rightsdesk.verification.school.provider import Provider
from rightsdesk.verification.staff import accounts, factors
from rightsdesk.verification.staff.accounts import Shown, Worth
from rightsdesk.verification.staff.invitations.inviting import Purpose
from rightsdesk.verification.staff.recovery import fresh_recovery
from rightsdesk.verification.totp import grouped, provisioning_uri
from rightsdesk.web.desk.seating import ENROL, PASSWORD, let_in, means_of, owed, vouch
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.desk.signing_in import code_fault
from rightsdesk.web.pictures import qr_code
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class PasswordPage:
    """The question for one's own password, which is never shown again; ``email`` is for the program that keeps it.

    ``ways`` are the school sign-ins by which somebody who was invited may join instead.
    """

    email: str
    is_first: bool
    ways: tuple[Provider, ...] = ()
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class EnrolPage:
    """The seed of the authenticator app, as a picture and in groups of four."""

    picture: str
    seed_groups: str
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class RecoveryPage:
    """The recovery codes, shown once, and where to go on from there."""

    codes: tuple[str, ...]
    onward: str


def password(visit: Visit) -> Response:
    """Ask for a password that nobody else knows."""
    owes = owed(visit)
    if owes != PASSWORD:
        return visit.see(visit.url(owes))
    return visit.render("desk/password.html", _password_page(visit, None))


def password_chosen(visit: Visit) -> Response:
    """Keep the chosen password, end every other session, and go on to the second factor."""
    with visit.looking():
        owes, means = owed(visit), means_of(visit)
    if owes != PASSWORD:
        return visit.see(visit.url(owes))
    try:
        chosen = factors.weigh_password(means, visit.form.secret("password"), names(visit))  # 32 ms, others write
    except PasswordProblem as problem:
        with visit.looking():
            page = _password_page(visit, unfit(visit, problem))
            return visit.render("desk/password.html", page, status=422)
    with visit.unit():
        _keep(visit, chosen)
        owes = owed(visit)
    return visit.see(visit.url(owes))


def enrol(visit: Visit) -> Response:
    """Show the key of the app that is being set up; after a reset the way to it leads through the link alone."""
    owes = owed(visit)
    if owes != ENROL:
        return visit.see(visit.url(owes))
    seed = accounts.pending_seed(means_of(visit), visit.me.id)
    if seed is None:
        return visit.render("desk/by_link.html", None)
    return visit.render("desk/enrol.html", enrol_page(visit, seed, None))


def enrolled(visit: Visit) -> Response:
    """Check the first code of the new app, and show the recovery codes once."""
    typed = visit.form.text("totp")
    with visit.looking():
        means, owes = means_of(visit), owed(visit)
        seed = accounts.pending_seed(means, visit.me.id) if owes == ENROL else None
    if seed is None:
        return visit.see(visit.url(owes))
    recovery = fresh_recovery(means.passwords, means.draw) if accounts.is_of_app(seed, typed, visit.now) else None
    with visit.unit():
        codes = accounts.confirm_app(means_of(visit), visit.me.id, typed, visit.now, recovery)
        if codes:
            vouch(visit)
            let_in(visit)
    if not codes:
        page = enrol_page(visit, seed, code_fault(visit, Shown(Worth.WRONG)))
        return visit.render("desk/enrol.html", page, status=422)
    return visit.render("desk/recovery.html", recovery_page(codes, visit.url("desk.cases")))


def names(visit: Visit) -> tuple[str, ...]:
    """Return the names that a password must not be built from."""
    return (visit.here.name, visit.here.short_name, visit.me.name, visit.me.email, "Rightsdesk")


def unfit(visit: Visit, problem: PasswordProblem, field: str = "password") -> Fault:
    """Return why a new password is refused, in the words of the page."""
    match problem:
        case PasswordTooShort():
            words = visit.say("Use 15 letters or more. You have used %(used)s", used=problem.count)
        case PasswordTooLong():
            words = visit.say("Use 128 letters or fewer. You have used %(used)s", used=problem.count)
        case _:
            words = visit.say(str(problem))
    return Fault(words, field)


def enrol_page(visit: Visit, seed: str, error: Fault | None) -> EnrolPage:
    """Return the page that shows the seed of an app."""
    return EnrolPage(qr_code(provisioning_uri(seed, visit.me.email)), grouped(seed), error)


def recovery_page(codes: tuple[str, ...], onward: str) -> RecoveryPage:
    """Return the page that shows recovery codes once."""
    return RecoveryPage(tuple(grouped(code) for code in codes), onward)


def _keep(visit: Visit, chosen: str) -> None:
    means, who = means_of(visit), visit.me.id
    # First: a session that was ended meanwhile keeps nothing.
    seat = replace(visit.seat, password_at=visit.now, purpose="")
    is_new = visit.seat.purpose == Purpose.JOIN
    visit.renew(seat)
    factors.keep_password(means, who, chosen, visit.now)
    if visit.sessions is not None:
        visit.sessions.end_all(staff=who, besides=visit.seat.id)
    if is_new:
        means.credentials.allow_app(who)
    if factors.may_set_up_app(means, who) and not accounts.is_enrolled(means, who):
        accounts.begin_app(means, who)


def _password_page(visit: Visit, error: Fault | None) -> PasswordPage:
    is_first = visit.seat.purpose == Purpose.JOIN
    return PasswordPage(visit.me.email, is_first, tuple(visit.school_sign_ins()) if is_first else (), error)
