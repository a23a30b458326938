"""How I sign in: one's own password, school accounts, app and recovery codes, and where one is signed in."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.ledger.audit import Event
from rightsdesk.verification.assurance import Act
from rightsdesk.verification.errors import PasswordProblem
from rightsdesk.verification.passwords import Match
from rightsdesk.verification.reading import counted_address
from rightsdesk.verification.school.provider import Provider
from rightsdesk.verification.staff import accounts, factors
from rightsdesk.verification.staff.accounts import Attempt, Shown, Worth
from rightsdesk.verification.staff.recovery import fresh_recovery
from rightsdesk.web.desk.connecting import Account, own_accounts
from rightsdesk.web.desk.enrolling import EnrolPage, enrol_page, names, recovery_page, unfit
from rightsdesk.web.desk.seating import let_in, means_of
from rightsdesk.web.desk.shells import shell
from rightsdesk.web.desk.shown import Fault, Shell
from rightsdesk.web.desk.signing_in import code_fault, refusal
from rightsdesk.web.guards import lacks
from rightsdesk.web.seats import Seat
from rightsdesk.web.visits import Visit

FEW: Final = 3  # recovery codes; so few are soon none
_REPLACING: Final = "replacing"  # the purpose of a session in which a new app is being set up


@dataclass(frozen=True, slots=True)
class Place:
    """One of a person's sessions; ``mark`` names it to its owner, ``is_half`` while the second factor is owed."""

    mark: str
    device: str
    begun_at: datetime | None
    seen_at: datetime | None
    is_this: bool
    is_half: bool


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What somebody signs in with, and where they are signed in."""

    shell: Shell
    email: str
    password_set_at: datetime | None
    app_since: datetime | None
    codes_left: int
    few: int
    places: tuple[Place, ...]
    accounts: tuple[Account, ...]
    ways: tuple[Provider, ...]


@dataclass(frozen=True, slots=True)
class ChangePage:
    """The question for the old and the new password."""

    shell: Shell
    email: str
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class AppPage:
    """The key of the next app once it was asked for."""

    shell: Shell
    app: EnrolPage | None = None
    error: Fault | None = None


def own(visit: Visit) -> Response:
    """Show how I sign in, and where I am signed in."""
    means, me = means_of(visit), visit.me
    known = means.credentials.of(me.id)
    page = OwnPage(
        shell(visit),
        me.email,
        known.password_set_at if known else None,
        known.enrolled_at if known else None,
        means.credentials.recovery_codes_left(me.id),
        FEW,
        places(visit, me.id),
        own_accounts(visit),
        tuple(visit.school_sign_ins()),
    )
    return visit.render("desk/own.html", page)


def places(visit: Visit, who: UUID) -> tuple[Place, ...]:
    """Return where a member of staff is signed in, the session used last first."""
    seats = visit.sessions.of_staff(who) if visit.sessions else ()
    return tuple(_place(visit, seat) for seat in seats)


def password(visit: Visit) -> Response:
    """Ask for the old and a new password."""
    return visit.render("desk/own_password.html", ChangePage(shell(visit), visit.me.email))


def password_changed(visit: Visit) -> Response:
    """Keep a new password when the old one is right, and end every other session."""
    with visit.unit():
        address = counted_address(visit.address)
        begun = accounts.begin_password(means_of(visit), visit.me.id, visit.me.email, visit.now, address)
    fault = Fault(refusal(visit, begun), "old") if isinstance(begun, Shown) else _change(visit, begun)
    if fault:
        with visit.looking():
            page = ChangePage(shell(visit), visit.me.email, fault)
            return visit.render("desk/own_password.html", page, status=422)
    return _saved(visit)


def codes_renewed(visit: Visit) -> Response:
    """Show ten new recovery codes once; the old ones are void."""
    recovery = fresh_recovery(visit.portal.passwords, visit.portal.draw)  # ten hashes, in which others write
    with visit.unit():
        codes = factors.renew_codes(means_of(visit), visit.me.id, recovery)
    return visit.render("desk/recovery.html", recovery_page(codes, visit.url("desk.own")))


def app(visit: Visit) -> Response:
    """Show the key of the next app in the session that asked for it, while the proof of the old one is fresh."""
    if visit.seat.purpose != _REPLACING:
        return visit.render("desk/own_app.html", AppPage(shell(visit)))
    if lacks(visit, Act.CHANGE_OWN_FACTORS):
        return visit.see(f"{visit.url('desk.second_factor')}?next={visit.url('desk.own_app')}")
    return _app_page(visit, None)


def app_replaced(visit: Visit) -> Response:
    """Draw the key of the next app, or take that app into use: the old one works until then."""
    if visit.form.text("do") == "begin":
        with visit.unit():
            accounts.begin_replacement(means_of(visit), visit.me.id)
            visit.keep(replace(visit.seat, purpose=_REPLACING))
        return visit.see(visit.url("desk.own_app"))
    if visit.seat.purpose != _REPLACING:
        return visit.see(visit.url("desk.own_app"))
    codes = _confirmed(visit, visit.form.text("totp"))
    if codes:
        return visit.render("desk/recovery.html", recovery_page(codes, visit.url("desk.own")))
    with visit.looking():
        return _app_page(visit, code_fault(visit, Shown(Worth.WRONG)))


def sessions_ended(visit: Visit) -> Response:
    """End one of my sessions, or all but this one."""
    if visit.sessions is not None:
        if visit.form.text("do") == "others":
            ended = visit.sessions.end_all(staff=visit.me.id, besides=visit.seat.id) > 0
        else:
            mark = visit.form.text("session")
            ended = mark != visit.seat.mark and visit.sessions.end_one(visit.me.id, mark)
        if ended:
            visit.docket.record(Event("session_ended", f"staff:{visit.me.id}", facts=(("reason", "owner"),)))
    return _saved(visit)


def _change(visit: Visit, attempt: Attempt) -> Fault | None:
    old, new = visit.form.secret("old"), visit.form.secret("password")
    match, means = visit.portal.passwords.compare(attempt.stored, old), means_of(visit)
    chosen: str | Fault
    try:
        chosen = factors.weigh_password(means, new, names(visit)) if match is not Match.WRONG else ""
    except PasswordProblem as problem:
        chosen = unfit(visit, problem)
    with visit.unit():
        means = means_of(visit)
        if accounts.end_password(means, attempt, match, old, visit.now).worth is not Worth.RIGHT:
            return Fault(visit.say("That is not the password you have now. Try again."), "old")
        if isinstance(chosen, Fault):
            return chosen
        visit.renew(visit.seat)
        factors.keep_password(means, visit.me.id, chosen, visit.now)
        _end_others(visit)
    return None


def _confirmed(visit: Visit, typed: str) -> tuple[str, ...]:
    with visit.looking():
        means = means_of(visit)
        seed = accounts.pending_seed(means, visit.me.id)
    fits = seed is not None and accounts.is_of_app(seed, typed, visit.now)
    recovery = fresh_recovery(means.passwords, means.draw) if fits else None
    with visit.unit():
        codes = accounts.confirm_app(means_of(visit), visit.me.id, typed, visit.now, recovery)
        if codes:
            visit.keep(replace(visit.seat, purpose=""))
            let_in(visit)
            _end_others(visit)
    return codes


def _app_page(visit: Visit, error: Fault | None) -> Response:
    seed = accounts.pending_seed(means_of(visit), visit.me.id)
    drawn = enrol_page(visit, seed, error) if seed else None
    return visit.render("desk/own_app.html", AppPage(shell(visit), drawn, error), status=422 if error else 200)


def _end_others(visit: Visit) -> None:
    if visit.sessions is not None:
        visit.sessions.end_all(staff=visit.me.id, besides=visit.seat.id)


def _place(visit: Visit, seat: Seat) -> Place:
    is_this = seat.id == visit.seat.id
    return Place(seat.mark, seat.device, seat.begun_at, seat.seen_at, is_this, is_half=seat.second_at is None)


def _saved(visit: Visit) -> Response:
    return visit.see(f"{visit.url('desk.own')}?said=saved")
