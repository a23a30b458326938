"""Follow what was asked: one request with its history and messages, taking it back."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from starlette.responses import Response

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.cases import references
from rightsdesk.requests.cases.case import Case, Delivery, Kind, Outcome
from rightsdesk.requests.cases.conversation import LONGEST, NOTE, answer, thread
from rightsdesk.requests.cases.errors import AuthorityEnded
from rightsdesk.requests.cases.lettering import kept_letter, own_words
from rightsdesk.requests.cases.states import UNANSWERED, State
from rightsdesk.requests.cases.timeline import Moment, family_timeline
from rightsdesk.requests.cases.withdrawing import may_withdraw, withdraw
from rightsdesk.requests.fulfilment.packages import ready
from rightsdesk.web.family.asked import known_as
from rightsdesk.web.family.checking import Line, asked_lines, own_case
from rightsdesk.web.family.faults import Fault, Mistake
from rightsdesk.web.problems import NotFound
from rightsdesk.web.sessions import Draft
from rightsdesk.web.visits import Visit

FIELD: Final = "message"
_KEPT_TEXT: Final = 10_000  # letters kept of a message that came too late and may be too long
_ANSWERED: Final = frozenset({State.FULFILLING, State.FULFILLED, State.DENIED})


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the history."""

    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message, as the family reads it."""

    author: str
    mine: bool
    at: datetime
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to one element, with the words of the person who gave it."""

    id: str
    outcome: str
    text: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that is ready. ``size`` is in bytes; ``fresh`` says the proof is young enough to get it now."""

    size: int
    until: date
    openings: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class StatusPage:
    """One request as its requester may see it: no decision before it takes effect, no restriction ever."""

    reference: str
    kind: Kind
    name: str
    own: bool
    state: State
    other: str
    due: date
    waits: bool
    late: bool
    answer_by: date | None
    erase_on: date | None
    moments: tuple[Happened, ...]
    said: tuple[Spoken, ...]
    answers: tuple[Answered, ...]
    lines: tuple[Line, ...]
    details: str
    partly: bool
    letter: str
    language: str
    copy: Copy | None
    at_office: bool
    may_write: bool
    may_withdraw: bool
    typed: str = ""
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class WithdrawPage:
    """What would be taken back."""

    reference: str
    kind: Kind
    name: str
    own: bool


def show_request(visit: Visit) -> Response:
    """Show one request."""
    case, draft = own_case(visit), visit.seat.draft
    return _page(visit, case, draft.message if draft.about == case.reference else "", None)


def write(visit: Visit) -> Response:
    """Keep a message to the district."""
    if visit.seat.lapsed is not None:
        return _keep_late(visit, visit.seat.lapsed.draft)
    case, text = own_case(visit), visit.form.text("message")
    if not text:
        return _page(visit, case, "", Fault(Mistake.MESSAGE_EMPTY, FIELD))
    if len(text) > LONGEST:
        return _page(visit, case, text, Fault(Mistake.MESSAGE_LONG, FIELD, count=len(text)))
    try:
        answer(visit.docket, case.requester, case.reference, text, visit.now)
    except AuthorityEnded as ended:
        raise NotFound from ended
    if visit.seat.draft.about == case.reference:
        visit.keep(replace(visit.seat, draft=replace(visit.seat.draft, message="", about="")))
    return visit.see(visit.url("family.request", reference=case.reference))


def show_written(visit: Visit) -> Response:
    """Lead from the address of a message back to its request: after a mistake people reload, or change the language."""
    return visit.see(visit.url("family.request", reference=own_case(visit).reference))


def show_withdraw(visit: Visit) -> Response:
    """Ask whether the request is really taken back."""
    case = own_case(visit)
    if not may_withdraw(case):
        return visit.see(visit.url("family.request", reference=case.reference))
    given = visit.people.person(case.subject).given
    page = WithdrawPage(case.reference, case.kind, given, case.subject == case.requester)
    return visit.render("family/withdraw.html", page)


def take_back(visit: Visit) -> Response:
    """Take the request back and show it closed."""
    case = own_case(visit)
    if case.state is not State.WITHDRAWN:  # pressed twice, the second time changes nothing
        withdraw(visit.docket, case.requester, case.reference, visit.now)
    return visit.see(visit.url("family.request", reference=case.reference))


def _keep_late(visit: Visit, draft: Draft) -> Response:
    reference = references.read(visit.part("reference"))
    if not reference:
        raise NotFound
    text = visit.form.text("message")[:_KEPT_TEXT]
    if text:
        visit.keep_late(replace(draft, message=text, about=reference))
    return visit.see(visit.url("family.request", reference=reference))


def _page(visit: Visit, case: Case, typed: str, error: Fault | None) -> Response:
    state, waits = case.seen_by_family, case.seen_by_family in UNANSWERED
    letter = kept_letter(visit.docket, case) or "" if state in _ANSWERED else ""
    page = StatusPage(
        reference=case.reference,
        kind=case.kind,
        name=visit.people.person(case.subject).given,
        own=case.subject == case.requester,
        state=state,
        other=known_as(visit, case),
        due=case.due_on,
        waits=waits,
        late=waits and visit.here.today(visit.now) > case.due_on,
        answer_by=case.answer_by,
        erase_on=_erase_on(visit, case),
        moments=tuple(_happened(moment) for moment in family_timeline(visit.docket, case)),
        said=_said(visit, case),
        answers=_answers(visit, case) if not letter else (),
        lines=asked_lines(case),
        details=case.details,
        partly=case.outcome == Outcome.PARTIAL,
        letter=letter,
        language=case.language,
        copy=_copy(visit, case),
        at_office=case.delivery is Delivery.OFFICE,
        may_write=case.is_open,
        may_withdraw=may_withdraw(case),
        typed=typed,
        error=error,
    )
    return visit.render("family/status.html", page, status=422 if error else 200)


def _answers(visit: Visit, case: Case) -> tuple[Answered, ...]:
    if case.seen_by_family not in _ANSWERED or case.kind is Kind.ACCESS:
        return ()
    return tuple(
        Answered(one.element, one.outcome, own_words(visit.docket, one)) for one in case.elements if one.outcome
    )


def _copy(visit: Visit, case: Case) -> Copy | None:
    package = ready(visit.docket, case) if case.state is State.FULFILLED else None
    today = visit.here.today(visit.now)
    if package is None or not package.opens(visit.now):
        return None
    if not visit.people.authority(case.requester, case.subject, case.kind, today).holds:
        return None
    until = visit.here.today(package.until)
    return Copy(package.size, until, package.openings_left, visit.seat.is_fresh(visit.now))


def _erase_on(visit: Visit, case: Case) -> date | None:
    if case.state is not State.FULFILLING or case.erase_at is None:
        return None
    return case.erase_at.astimezone(ZoneInfo(visit.here.zone)).date()


def _happened(moment: Moment) -> Happened:
    return Happened(moment.fact("outcome") if moment.kind == "took_effect" else moment.kind, moment.at)


def _said(visit: Visit, case: Case) -> tuple[Spoken, ...]:
    messages = [one for one in thread(visit.docket, case) if one.kind != NOTE and one.text]
    names = Staff(visit.tx, visit.here.id, visit.vault).names() if messages else {}
    return tuple(
        Spoken(
            author=names[one.author].name if one.author in names else "",
            mine=one.author == case.requester,
            at=one.at,
            text=one.text,
            language=one.language,
        )
        for one in messages
    )
