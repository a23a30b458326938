"""Reset a student's password: a username, the code that was texted, and where the code leads.

The page is the same for every name until the code was right: held by somebody or nobody, under 13, without a number.
"""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.people.phones.store import Numbers
from rightsdesk.verification.answering import answer
from rightsdesk.verification.asking import Asked, Closed, Closing, again, ask
from rightsdesk.verification.attempts import NUMBER_BUDGET
from rightsdesk.verification.challenges import Answer, Judgement, Purpose
from rightsdesk.verification.directories.port import Kind
from rightsdesk.verification.directories.store import Directories
from rightsdesk.verification.errors import CodeProblem, NameEmpty, NameProblem
from rightsdesk.verification.means import Behind, Means
from rightsdesk.verification.numbers_on_file import Sufficiency, is_kept_back, judge_number
from rightsdesk.verification.reading import clean_code, counted_address, read_name
from rightsdesk.verification.store import Claim, Seen
from rightsdesk.verification.students.resetting import grant, new_grant
from rightsdesk.verification.students.store import Reset, Resets
from rightsdesk.verification.tables import Counted
from rightsdesk.web.family import answering, phoning
from rightsdesk.web.family.faults import Fault, Mistake
from rightsdesk.web.family.naming import NUMBER_FIELD, closed, knows
from rightsdesk.web.family.seating import is_over
from rightsdesk.web.family.steps import Step
from rightsdesk.web.family.subjects import students
from rightsdesk.web.proof import asking_place, means
from rightsdesk.web.sessions import Seat
from rightsdesk.web.visits import Visit

FIELD: Final = "username"
_SHUT: Final = {
    Closing.LOCKED: Mistake.NAME_LOCKED,
    Closing.TODAY: Mistake.CLOSED_TODAY,
    Closing.PAUSED: Mistake.TEXTS_PAUSED,
    Answer.SPENT: Mistake.SPENT,
    Answer.CLOSED_TODAY: Mistake.CLOSED_TODAY,
    Answer.LOCKED: Mistake.NAME_LOCKED,
    Answer.PAUSED: Mistake.PAUSED,
}
_LATER: Final = frozenset({Mistake.SPENT, Mistake.PAUSED})  # where a new code helps later today


@dataclass(frozen=True, slots=True)
class NamePage:
    """The question for the username."""

    error: Fault | None = None
    typed: str = ""


@dataclass(frozen=True, slots=True)
class NumberPage:
    """The question for one more proof."""

    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class EndPage:
    """How it ended, or why no code helps now; ``page`` is the school's own page for passwords, where it has one."""

    end: str
    error: Fault | None = None
    retry: bool = False
    page: str = ""
    is_built_in: bool = True


def show_name(visit: Visit, error: Fault | None = None, typed: str = "") -> Response:
    """Ask for the username."""
    return visit.render("family/reset_name.html", NamePage(error, typed), status=422 if error else 200)


def show_code(visit: Visit, error: Fault | None = None, *, renewed: bool = False) -> Response:
    """Ask for the code that was texted, if there is a number."""
    page = answering.code_page(visit, error, visit.url("family.password") + "?start=1", "text" if renewed else "")
    return visit.render("family/reset_code.html", page, status=422 if error else 200)


def show_number(visit: Visit, error: Fault | None = None) -> Response:
    """Ask for the student number: the phone number alone does not prove one person."""
    return visit.render("family/reset_number.html", NumberPage(error), status=422 if error else 200)


def show_end(visit: Visit, end: str) -> Response:
    """Show how it ended; only whoever proved themselves in this session gets here."""
    terms = Directories(visit.tx, visit.here.id, visit.vault).terms()
    page = terms.url if terms.kind is Kind.ELSEWHERE else ""
    return visit.render("family/reset_end.html", EndPage(end, page=page, is_built_in=terms.kind is Kind.BUILT_IN))


def ask_code(visit: Visit) -> Response:
    """Have a code sent to the number on file, if there is one, and go on to the page that asks for it."""
    typed = visit.form.text(FIELD)
    try:
        name = read_name(typed)
    except NameProblem as problem:
        kind = Mistake.NAME_EMPTY if isinstance(problem, NameEmpty) else Mistake.NAME_LONG
        return show_name(visit, Fault(kind, FIELD), typed[:60])
    with visit.unit():
        end = _of_own_family(visit, name)
        if end:
            return show_end(visit, end)
        seat = phoning.unproved(visit)
        asked = Asked(seat.id, Purpose.RESET_PASSWORD, name, asking_place(visit), visit.language)
        opened = ask(_means(visit), asked, visit.now)
        if isinstance(opened, Closed):
            return _closed(visit, opened, typed)
        visit.keep(_cleared(seat, Purpose.RESET_PASSWORD, challenge=opened.challenge))
    return visit.see(visit.url("family.password"))


def answer_code(visit: Visit) -> Response:
    """Take the code, or send a new one, and go where it leads."""
    if visit.seat.purpose != Purpose.RESET_PASSWORD or not visit.seat.challenge:
        return visit.see(visit.url("family.password"))
    with visit.unit():
        if visit.form.text("again"):
            return _again(visit)
        try:
            code = clean_code(visit.form.text("code"))
        except CodeProblem as problem:
            return show_code(visit, answering.unreadable(problem))
        judged = answer(_means(visit), _claim(visit), code, counted_address(visit.address), visit.now)
        return _right(visit, judged) if judged.answer is Answer.CORRECT else _wrong(visit, judged)


def answer_number(visit: Visit) -> Response:
    """Take the student number; each wrong one counts like a wrong code for the username."""
    if visit.seat.purpose != Step.NUMBER or is_over(visit):
        return visit.see(visit.url("family.password"))
    typed = "".join(visit.form.text(NUMBER_FIELD).split())
    with visit.unit():
        if not typed:
            return show_number(visit, Fault(Mistake.STUDENT_NUMBER_EMPTY, NUMBER_FIELD))
        tools, seen = _means(visit), _means(visit).codes.seen(visit.seat.challenge)
        # Counted before it is looked at, so that parallel guesses share the same tries.
        if seen is None or tools.counts.reserve(Counted.NUMBER, seen.numbers, NUMBER_BUDGET, visit.now) is None:
            return _shut(visit, Fault(_why_shut(visit, seen)))
        behind = tools.behind(seen, visit.now)
        is_shown = _may_show(visit, behind) and knows(visit, visit.seat.candidates[0], typed)
        tools.note("code_right" if is_shown else "code_wrong", visit.seat.challenge, ("reason", NUMBER_FIELD))
        if not is_shown:
            return show_number(visit, Fault(Mistake.STUDENT_NUMBER_WRONG, NUMBER_FIELD))
        tools.counts.succeed(Counted.NUMBER, seen.numbers)
        return _proved(visit, behind)


def is_stopped(visit: Visit, reset: Reset) -> bool:
    """Say whether this password may no longer be chosen: the office may have acted since the code was right (F-16).

    The right rests on the number that the code went to, and ends with it; the student's other numbers opened nothing.
    """
    if _why_not(visit, reset.person) in {Step.TOO_YOUNG, Step.OFFICE}:
        return True
    tools, number = _means(visit), dict(visit.people.contacts(reset.person, "text")).get(reset.contact)
    if number is None:
        return True
    return is_kept_back(tools.holders.numbers_on_file(tools.number_keys(number), visit.now), reset.person)


def _right(visit: Visit, judged: Judgement) -> Response:
    student, verdict = judged.meant[0].person, judge_number(judged.holders, visit.now)
    if student not in verdict.people:  # somebody else holds this phone too, and an order keeps one of them away
        visit.renew(_cleared(visit.seat, Step.OFFICE))
    elif verdict.sufficiency is Sufficiency.SECOND_PROOF:
        visit.renew(replace(visit.seat, candidates=(student,), purpose=Step.NUMBER))
    else:
        return _proved(visit, Behind(judged.holders, judged.meant))
    return visit.see(visit.url("family.password"))


def _wrong(visit: Visit, judged: Judgement) -> Response:
    if judged.answer in _SHUT:
        return _shut(visit, Fault(_SHUT[judged.answer], at=judged.again_at))
    if judged.answer is Answer.EXPIRED:
        return show_code(visit, Fault(Mistake.CODE_EXPIRED, answering.FIELD, at=judged.stopped_at or visit.now))
    return show_code(visit, Fault(Mistake.CODE_WRONG, answering.FIELD, count=judged.left))


def _again(visit: Visit) -> Response:
    sent = again(_means(visit), _claim(visit), asking_place(visit), visit.now)
    if not isinstance(sent, Closed):
        return visit.see(visit.url("family.password") + "?new=1")
    if sent.closing is Closing.GONE:
        return visit.see(visit.url("family.password") + "?start=1")
    if sent.closing in {Closing.TOO_SOON, Closing.TOO_MANY}:
        return show_code(visit, phoning.too_soon(sent, visit.now, answering.FIELD))
    return _shut(visit, Fault(_SHUT[sent.closing], at=sent.until))


def _closed(visit: Visit, closed: Closed, typed: str) -> Response:
    if closed.closing in _SHUT:
        return _shut(visit, Fault(_SHUT[closed.closing], at=closed.until))
    if closed.closing is Closing.TOO_SOON and visit.seat.purpose == Purpose.RESET_PASSWORD:
        return visit.see(visit.url("family.password"))  # pressed twice: the first text is on its way
    return show_name(visit, phoning.too_soon(closed, visit.now, FIELD), typed[:60])


def _proved(visit: Visit, behind: Behind) -> Response:
    """Give this session the right to choose a new password, once; or say kindly why it cannot be chosen here."""
    student = behind.meant[0].person
    end = _why_not(visit, student)
    if end:
        visit.renew(_cleared(visit.seat, end))
        return visit.see(visit.url("family.password"))
    tools, secret = _means(visit), new_grant(visit.portal.draw)
    number = tools.holders.number_of(behind.meant[0].contact)
    visit.people.confirm_number(student, tools.number_keys(number), visit.now)
    seat = visit.renew(replace(_cleared(visit.seat, Step.CHOOSE), grant=secret))
    grant(Resets(visit.tx, visit.here.id), secret, seat.id, behind.meant[0], visit.portal.draw, visit.now)
    facts = (("reason", "granted"),)
    visit.docket.record(Event("password_reset", f"requester:{student}", subject=student, facts=facts))
    return visit.see(visit.url("family.password"))


def _why_not(visit: Visit, student: UUID) -> Step | None:
    """Say why a student who is known to be here cannot choose a password here."""
    numbers, person = Numbers(visit.tx, visit.here, visit.vault), visit.people.person(student)
    if not numbers.is_old_enough(student, visit.here.today(visit.now)):
        return Step.TOO_YOUNG
    if person.frozen_at is not None:
        return Step.OFFICE
    is_elsewhere = Directories(visit.tx, visit.here.id, visit.vault).kind() is Kind.ELSEWHERE
    return Step.ELSEWHERE if is_elsewhere else None


def _of_own_family(visit: Visit, name: str) -> Step | None:
    """Say why no code can come, to somebody who proved that this is their own account or their child's."""
    if not visit.seat.is_proved or visit.seat.person is None:
        return None
    numbers, own = Numbers(visit.tx, visit.here, visit.vault), visit.seat.person
    student = numbers.student_named(_means(visit).typed_keys(Purpose.RESET_PASSWORD, name))
    if student is None or student not in {own, *(one.id for one in students(visit, own))}:
        return None
    end, today = _why_not(visit, student), visit.here.today(visit.now)
    return end or (None if numbers.of_person(student, today) else Step.NO_NUMBER)


def _may_show(visit: Visit, behind: Behind) -> bool:
    # Asked anew: an order may have come, or the number may have gone, since its code was right (F-16).
    people = judge_number(behind.holders, visit.now).people
    return (
        bool(behind.meant)
        and visit.seat.candidates == (behind.meant[0].person,)
        and set(people) >= {behind.meant[0].person}
    )


def _why_shut(visit: Visit, seen: Seen | None) -> Mistake:
    why = closed(visit, seen.numbers if seen else ())
    return Mistake.NAME_LOCKED if why is Mistake.LOCKED else why


def _shut(visit: Visit, fault: Fault) -> Response:
    return visit.render("family/reset_end.html", EndPage("shut", fault, fault.mistake in _LATER), status=422)


def _cleared(seat: Seat, purpose: str, challenge: str = "") -> Seat:
    cleared = replace(seat, purpose=purpose, challenge=challenge, candidates=(), number_ending="", onward="", grant="")
    return replace(cleared, also_proved=())


def _means(visit: Visit) -> Means:
    return means(visit.portal, visit.tx, visit.here, visit.now)


def _claim(visit: Visit) -> Claim:
    return Claim(visit.seat.challenge, visit.seat.id, Purpose.RESET_PASSWORD)
