"""The page for the code: what a typed code is worth, and where it leads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.verification.answering import answer
from rightsdesk.verification.asking import Closed, Closing, again, next_chance
from rightsdesk.verification.assurance import has_strong
from rightsdesk.verification.challenges import Answer, Judgement, Purpose
from rightsdesk.verification.errors import CodeEmpty, CodeProblem, CodeUnreadable
from rightsdesk.verification.numbers_on_file import Holder, Sufficiency, Verdict, is_kept_back, judge_number
from rightsdesk.verification.reading import clean_code, counted_address
from rightsdesk.verification.spending.ceilings import Channel
from rightsdesk.verification.store import Claim, Seen
from rightsdesk.web.family import phoning
from rightsdesk.web.family.faults import Fault, Mistake
from rightsdesk.web.family.seating import SECOND_PROOF, STEPS, WHO, take_seat
from rightsdesk.web.family.steps import RESETTING
from rightsdesk.web.proof import asking_place, means
from rightsdesk.web.visits import Visit

FIELD: Final = "code"
_LONGEST_WAIT: Final = 120  # seconds; a longer wait is told as a clock time when the button is pressed
_OFTEN: Final = 3  # codes of one challenge, none of which came back
_NEWS: Final = {"1": "text", "2": "call"}
_SHUT: Final = {
    Answer.SPENT: Mistake.SPENT,
    Answer.CLOSED_TODAY: Mistake.CLOSED_TODAY,
    Answer.LOCKED: Mistake.LOCKED,
    Answer.PAUSED: Mistake.PAUSED,
}


@dataclass(frozen=True, slots=True)
class CodePage:
    """The question for the code. ``ending`` is of the number typed; ``wait`` are seconds until a new code.

    ``calls`` says whether a voice may read it out, ``news`` what was just sent: "text" or "call". ``seeks`` is true for
    whoever asked often enough that other ways may help more, by what was pressed alone.
    """

    ending: str
    stops_at: datetime | None
    wait: int
    back: str
    error: Fault | None = None
    news: str = ""
    calls: bool = False
    seeks: bool = False


def show_code(visit: Visit) -> Response:
    """Ask for the code that was texted."""
    step = visit.seat.purpose
    if step in RESETTING:  # its code opens another page, and never a session
        return visit.see(visit.url("family.password"))
    if step in STEPS:
        return visit.see(visit.url(STEPS[step]))
    if not visit.seat.challenge:
        return visit.see(visit.url("family.phone"))
    return _page(visit, None, news=_NEWS.get(visit.query("new"), ""))


def answer_code(visit: Visit) -> Response:
    """Take the code, or send a new one, and go where it leads."""
    if not visit.seat.challenge or visit.seat.purpose in {*STEPS, *RESETTING}:
        return visit.see(visit.url("family.code" if visit.seat.challenge else "family.phone"))
    if visit.form.text("again") or visit.form.text("channel"):
        return _again(visit, Channel.VOICE if visit.form.text("channel") == Channel.VOICE else Channel.TEXT)
    try:
        code = clean_code(visit.form.text("code"))
    except CodeProblem as problem:
        return _page(visit, unreadable(problem))
    address = counted_address(visit.address)
    judged = answer(means(visit.portal, visit.tx, visit.here, visit.now), _claim(visit), code, address, visit.now)
    return _right(visit, judged) if judged.answer is Answer.CORRECT else _wrong(visit, judged)


def _right(visit: Visit, judged: Judgement) -> Response:
    seat, verdict = visit.seat, judge_number(judged.holders, visit.now)
    if seat.is_proved and seat.person is not None:
        return _proved_again(visit, seat.person, judged.holders, verdict)
    if verdict.sufficiency is Sufficiency.ONE:
        return take_seat(visit, verdict.people[0])
    step = WHO if verdict.sufficiency is Sufficiency.WHO else SECOND_PROOF
    visit.renew(replace(seat, candidates=verdict.people, purpose=step))
    return visit.see(visit.url("family.who" if step == WHO else "family.second_proof"))


def _proved_again(visit: Visit, person: UUID, holders: Sequence[Holder], verdict: Verdict) -> Response:
    """Take a fresh proof for one act: the number must be of the same person, whoever else has it too.

    A number that does not prove them alone does so beside something strong that they showed in this session, which a
    password is not; where an order keeps another of its holders away it never does.
    """
    if person not in {one.person for one in holders}:
        return visit.see(visit.url("family.phone"))
    alone = verdict.sufficiency is not Sufficiency.SECOND_PROOF and person in verdict.people
    beside = has_strong(visit.seat.proofs) and not is_kept_back(holders, person)
    if alone or beside:
        return take_seat(visit, person)
    able = (person,) if person in verdict.people else ()
    visit.renew(replace(visit.seat, candidates=able, purpose=SECOND_PROOF))
    return visit.see(visit.url("family.second_proof"))


def _wrong(visit: Visit, judged: Judgement) -> Response:
    if judged.answer in _SHUT:
        return phoning.shut(visit, Fault(_SHUT[judged.answer], at=judged.again_at))
    if judged.answer is Answer.EXPIRED:
        return _page(visit, Fault(Mistake.CODE_EXPIRED, FIELD, at=judged.stopped_at or visit.now))
    return _page(visit, Fault(Mistake.CODE_WRONG, FIELD, count=judged.left))


def _again(visit: Visit, channel: Channel) -> Response:
    tools = means(visit.portal, visit.tx, visit.here, visit.now)
    sent = again(tools, _claim(visit), asking_place(visit), visit.now, channel)
    if not isinstance(sent, Closed):
        is_call = channel is Channel.VOICE and tools.terms.calls
        return visit.see(f"{visit.url('family.code')}?new={'2' if is_call else '1'}")
    if sent.closing is Closing.GONE:
        return visit.see(visit.url("family.phone"))
    if sent.closing in {Closing.TOO_SOON, Closing.TOO_MANY}:
        return _page(visit, phoning.too_soon(sent, visit.now, FIELD))
    return phoning.refused(visit, sent, phoning.PhonePage())


def _page(visit: Visit, error: Fault | None, news: str = "") -> Response:
    back = visit.seat.onward if visit.seat.is_proved and visit.seat.onward else visit.url("family.phone")
    page = code_page(visit, error, back, news)
    return visit.render("family/code.html", page, status=422 if error else 200)


def code_page(visit: Visit, error: Fault | None, back: str, news: str = "") -> CodePage:
    """Return what the page for a code shows: the same of a code that nobody got."""
    tools = means(visit.portal, visit.tx, visit.here, visit.now)
    seen = tools.codes.shown(_claim(visit))
    return CodePage(
        ending=visit.seat.number_ending,
        stops_at=seen.expires_at if seen and seen.expires_at > visit.now else None,
        wait=_wait(visit, seen) if seen else 0,
        back=back,
        error=error,
        news=news,
        calls=tools.terms.calls,
        seeks=seen is not None and seen.sends >= _OFTEN,
    )


def _wait(visit: Visit, seen: Seen) -> int:
    tools = means(visit.portal, visit.tx, visit.here, visit.now)
    left = (next_chance(tools, visit.seat.id, seen.numbers, visit.now) - visit.now).total_seconds()
    return round(left) if 0 < left <= _LONGEST_WAIT else 0


def _claim(visit: Visit) -> Claim:
    return Claim(visit.seat.challenge, visit.seat.id, Purpose(visit.seat.purpose))


def unreadable(problem: CodeProblem) -> Fault:
    """Return what is wrong with a typed code."""
    if isinstance(problem, CodeEmpty):
        return Fault(Mistake.CODE_EMPTY, FIELD)
    if isinstance(problem, CodeUnreadable):
        return Fault(Mistake.CODE_COUNT, FIELD, count=problem.count)
    return Fault(Mistake.CODE_NOT_NUMBERS, FIELD)
