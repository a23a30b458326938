"""One phone, several people: who is this, and what else shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hmac import compare_digest
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.people.register.store import Register
from rightsdesk.verification.assurance import Proof, ProofKind
from rightsdesk.verification.attempts import NUMBER_BUDGET, Stop, stopped
from rightsdesk.verification.tables import Counted
from rightsdesk.web.family import phoning
from rightsdesk.web.family.faults import Fault, Mistake
from rightsdesk.web.family.seating import SECOND_PROOF, WHO, is_over, numbers_of, standing_for, take_seat
from rightsdesk.web.family.subjects import students
from rightsdesk.web.problems import NotFound
from rightsdesk.web.proof import means
from rightsdesk.web.visits import Visit

NUMBER_FIELD: Final = "student_number"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One holder of the number: an opaque id, and a name that only somebody who knows them can complete."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class WhoPage:
    """The holders of one number."""

    people: tuple[Candidate, ...]
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class SecondProofPage:
    """The question for one more proof."""

    error: Fault | None = None


def show_who(visit: Visit) -> Response:
    """Ask which of the holders of the number this is."""
    if not _is_at(visit, WHO):
        return visit.see(visit.url("family.phone"))
    return visit.render("family/who.html", WhoPage(_candidates(visit)))


def answer_who(visit: Visit) -> Response:
    """Take the answer and go on as that person."""
    if not _is_at(visit, WHO):
        return visit.see(visit.url("family.phone"))
    chosen = visit.form.text("who")
    if not chosen:
        page = WhoPage(_candidates(visit), Fault(Mistake.WHO_MISSING, "who"))
        return visit.render("family/who.html", page, status=422)
    person = next((one for one in visit.seat.candidates if str(one) == chosen), None)
    if person is None:
        raise NotFound
    if person not in standing_for(visit):
        return visit.see(visit.url("family.phone"))
    return take_seat(visit, person, *(one.kind for one in visit.seat.also_proved))


def show_second_proof(visit: Visit) -> Response:
    """Ask for the student number: the phone number alone does not prove one person."""
    if not _is_at(visit, SECOND_PROOF):
        return visit.see(visit.url("family.phone"))
    return visit.render("family/second_proof.html", SecondProofPage())


def answer_second_proof(visit: Visit) -> Response:
    """Take the student number; each wrong one counts like a wrong code for the phone number."""
    if not _is_at(visit, SECOND_PROOF):
        return visit.see(visit.url("family.phone"))
    typed = "".join(visit.form.text("student_number").split())
    if not typed:
        return _unproved(visit, Mistake.STUDENT_NUMBER_EMPTY)
    tools, keys = means(visit.portal, visit.tx, visit.here, visit.now), numbers_of(visit)
    # Counted before it is looked at, so that parallel guesses share the same tries.
    if not keys or tools.counts.reserve(Counted.NUMBER, keys, NUMBER_BUDGET, visit.now) is None:
        return phoning.shut(visit, Fault(closed(visit, keys)))
    able = standing_for(visit)
    shown = [one for one in visit.seat.candidates if one in able and knows(visit, one, typed)]
    tools.note("code_right" if shown else "code_wrong", visit.seat.challenge, ("reason", NUMBER_FIELD))
    if not shown:
        return _unproved(visit, Mistake.STUDENT_NUMBER_WRONG)
    tools.counts.succeed(Counted.NUMBER, keys)
    if len(shown) == 1:
        return take_seat(visit, shown[0], ProofKind.STUDENT_NUMBER)
    also = (Proof(ProofKind.STUDENT_NUMBER, visit.now),)
    visit.renew(replace(visit.seat, candidates=tuple(shown), purpose=WHO, also_proved=also))
    return visit.see(visit.url("family.who"))


def _unproved(visit: Visit, mistake: Mistake) -> Response:
    page = SecondProofPage(Fault(mistake, NUMBER_FIELD))
    return visit.render("family/second_proof.html", page, status=422)


def closed(visit: Visit, keys: tuple[str, ...]) -> Mistake:
    """Say why nothing typed for what these blind indexes stand for is looked at now: locked, or closed for today."""
    counts = means(visit.portal, visit.tx, visit.here, visit.now).counts
    stop = (
        stopped(counts.hold(Counted.NUMBER, keys, visit.now), NUMBER_BUDGET, visit.now, counts.zone) if keys else None
    )
    return Mistake.LOCKED if stop and stop.stop is Stop.LOCKED else Mistake.CLOSED_TODAY


def knows(visit: Visit, candidate: UUID, typed: str) -> bool:
    """Say whether what was typed is a student number that shows this person."""
    # A student is shown by their own number alone, whoever else they may ask for.
    own = visit.people.person(candidate).is_student
    known = (candidate,) if own else tuple(one.id for one in students(visit, candidate))
    numbers = [_student_number(visit, one) for one in known]
    wanted = typed.casefold().encode()
    # Every number is compared: the answer's delay must not tell which child came close.
    return sum(compare_digest(one.casefold().encode(), wanted) for one in numbers if one) > 0


def _student_number(visit: Visit, student: UUID) -> str:
    return Register(visit.tx, visit.here, visit.vault).entry(student, visit.here.today(visit.now)).student_number


def _candidates(visit: Visit) -> tuple[Candidate, ...]:
    found = visit.people.persons(visit.seat.candidates)
    ordered: Sequence[UUID] = sorted(found, key=lambda one: (found[one].given, one))
    return tuple(Candidate(str(one), _short(found[one].given, found[one].family)) for one in ordered)


def _short(given: str, family: str) -> str:
    return f"{given} {family[:1]}." if family else given


def _is_at(visit: Visit, step: str) -> bool:
    """Say whether the code that led here is young enough for this step.

    Raises:
        NotFound: this session stands elsewhere.
    """
    # Without candidates the second proof is still asked for: the page must not tell that no number can open it.
    if visit.seat.purpose != step:
        raise NotFound
    return not is_over(visit)
