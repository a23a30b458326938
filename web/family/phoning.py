"""Ask for a code by text: the page is the same for every number, on file or not."""

from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Final

from starlette.responses import Response

from rightsdesk.verification.asking import Asked, Closed, Closing, ask
from rightsdesk.verification.challenges import Purpose
from rightsdesk.verification.directories.port import Kind
from rightsdesk.verification.directories.store import Directories
from rightsdesk.verification.errors import NumberEmpty, NumberNotAllowed, NumberProblem
from rightsdesk.verification.reading import ending, read_number
from rightsdesk.web.family import countries
from rightsdesk.web.family.faults import Fault, Mistake
from rightsdesk.web.passkeys import can_have_passkeys
from rightsdesk.web.proof import asking_place, means
from rightsdesk.web.sessions import REQUESTER, Draft, Seat
from rightsdesk.web.visits import Visit

FIELD: Final = "phone"
_COOKIES: Final = ("rightsdesk", "__Host-rightsdesk")
_SHUT: Final = {
    Closing.LOCKED: Mistake.LOCKED,
    Closing.TODAY: Mistake.CLOSED_TODAY,
    Closing.PAUSED: Mistake.TEXTS_PAUSED,
}


@dataclass(frozen=True, slots=True)
class PhonePage:
    """The question for the number; ``ended`` tells somebody whose session was closed."""

    error: Fault | None = None
    typed: str = ""
    next: str = ""
    ended: Fault | None = None
    has_passwords: bool = False
    has_passkeys: bool = False


@dataclass(frozen=True, slots=True)
class ClosedPage:
    """Why no code helps now; ``retry`` says whether one can be asked for later on this page."""

    error: Fault
    retry: bool


def show_phone(visit: Visit) -> Response:
    """Ask for the mobile number."""
    wish = visit.onward(visit.query("next"), "")
    # A cookie without a session behind it: the person was here, and went away for too long.
    gone = bool(wish) and not visit.seat.is_stored and any(name in visit.request.cookies for name in _COOKIES)
    ended = Fault(Mistake.SESSION_ENDED) if gone else None
    return shown(visit, PhonePage(next=wish, ended=ended))


def ask_code(visit: Visit) -> Response:
    """Have a code sent to the number, if it is on file, and go on to the page that asks for it."""
    typed, wish = visit.form.text("phone"), visit.onward(visit.form.text("next"), "")
    allowed = visit.portal.settings.texting.countries
    try:
        number = read_number(typed, countries.home(allowed), allowed)
    except NumberProblem as problem:
        return shown(visit, PhonePage(_unreadable(problem, allowed, visit.language), typed[:60], wish))
    return text(visit, unproved(visit), number, Purpose.FILE_REQUEST, PhonePage(None, typed[:60], wish))


def text(visit: Visit, seat: Seat, number: str, purpose: Purpose, page: PhonePage) -> Response:
    """Open a challenge for an E.164 number in this session and show the page for its code, or why there is none.

    ``page`` is where a refusal is told: with what was typed there, and with where to go on after the proof.
    """
    asked = Asked(seat.id, purpose, number, asking_place(visit), visit.language)
    opened = ask(means(visit.portal, visit.tx, visit.here, visit.now), asked, visit.now)
    if isinstance(opened, Closed):
        return refused(visit, opened, replace(page, error=_closed(opened, visit.now)))
    # Of a number that was not typed here no digit is shown.
    told = ending(number) if purpose is Purpose.FILE_REQUEST or ending(number) == seat.number_ending else ""
    asked_for = replace(seat, challenge=opened.challenge, purpose=purpose, number_ending=told, onward=page.next)
    also = asked_for.also_proved if asked_for.is_proved else ()
    visit.keep(replace(asked_for, kind=REQUESTER, candidates=(), also_proved=also))
    return visit.see(visit.url("family.code"))


def refused(visit: Visit, closed: Closed, page: PhonePage) -> Response:
    """Say why no code is sent, alike for known and unknown numbers."""
    if closed.closing in _SHUT:
        return shut(visit, Fault(_SHUT[closed.closing], at=closed.until))
    if closed.closing is Closing.TOO_SOON and visit.seat.challenge and visit.seat.number_ending:
        return visit.see(visit.url("family.code"))  # pressed twice: the first text is on its way
    return shown(visit, page)


def shut(visit: Visit, fault: Fault) -> Response:
    """Show that codes do not help now, and the other ways."""
    retry = fault.mistake in {Mistake.SPENT, Mistake.PAUSED}  # where a new code helps later today
    return visit.render("family/closed.html", ClosedPage(fault, retry), status=422)


def too_soon(closed: Closed, now: datetime, field: str) -> Fault:
    """Return how long to wait for the next text, in seconds, or until which clock time."""
    if closed.closing is Closing.TOO_SOON and closed.until is not None:
        return Fault(Mistake.TOO_SOON, field, count=max(1, ceil((closed.until - now).total_seconds())))
    return Fault(Mistake.TOO_MANY, field, at=closed.until or now)


def keeps_passwords(visit: Visit) -> bool:
    """Say whether the students of this agency have a password here."""
    return Directories(visit.tx, visit.here.id, visit.vault).kind() is Kind.BUILT_IN


def shown(visit: Visit, page: PhonePage) -> Response:
    """Show the question for the number with the other ways in."""
    page = replace(page, has_passwords=keeps_passwords(visit), has_passkeys=can_have_passkeys(visit.portal))
    return visit.render("family/phone.html", page, status=422 if page.error else 200)


def _closed(closed: Closed, now: datetime) -> Fault:
    return too_soon(closed, now, FIELD)


def unproved(visit: Visit) -> Seat:
    """Return a seat that proves nothing: whoever starts again is somebody else until shown otherwise."""
    if not visit.seat.is_proved:
        return visit.seat
    return visit.renew(replace(visit.seat, person=None, proved_at=None, candidates=(), challenge="", draft=Draft()))


def _unreadable(problem: NumberProblem, allowed: frozenset[str], language: str) -> Fault:
    if isinstance(problem, NumberEmpty):
        return Fault(Mistake.NUMBER_EMPTY, FIELD)
    if isinstance(problem, NumberNotAllowed):
        return Fault(Mistake.NUMBER_NOT_ALLOWED, FIELD, words=countries.named(allowed, language))
    return Fault(Mistake.NUMBER_UNREADABLE, FIELD, words=countries.example(allowed))
