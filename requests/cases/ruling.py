"""A ruling as the desk sends it, checked against the law and the case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from rightsdesk.requests.cases.case import Asked, Case, Kind, Outcome
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.errors import BadDecision, LiveValueChanged
from rightsdesk.requests.cases.laws import governed_by
from rightsdesk.requests.law.errors import GroundDoesNotFit, UnknownLaw
from rightsdesk.requests.law.grounds import GroundChoice, check_ground, ground_choices
from rightsdesk.requests.law.precedence import Governing
from rightsdesk.requests.law.terms import Right

SHORTEST_TEXT: Final = 20
LONGEST_TEXT: Final = 4000


@dataclass(frozen=True, slots=True)
class ElementRuling:
    """The answer to one element. ``accepted`` is an edit of what the family proposed, empty for as proposed."""

    element: str
    outcome: Outcome
    ground: str = ""
    text: str = ""
    accepted: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What an approver sends; ``saw`` has the ``mark`` of each value that was shown as changed since the filing."""

    reference: str
    version: int
    outcome: Outcome
    ground: str = ""
    text: str = ""
    elements: tuple[ElementRuling, ...] = ()
    saw: tuple[tuple[str, str], ...] = ()


def governed(docket: Docket, case: Case) -> Governing:
    """Return what the agency's laws say about this case."""
    return governed_by(docket.rulebook, docket.agency, Right(case.kind), case.requester_kind)


def choices(docket: Docket, case: Case) -> tuple[GroundChoice, ...]:
    """Return the grounds, those that fit first, each with why it does not fit where it does not."""
    every = ground_choices(governed(docket, case), docket.rulebook)
    return tuple(sorted(every, key=lambda one: not one.fits))


def ruled(docket: Docket, case: Case, ruling: Ruling) -> tuple[Asked, ...]:
    """Return the elements of the case with their answers.

    Raises:
        BadDecision: a ground does not fit every law, words are missing, or elements are not of the case (F-36, F-38).
        LiveValueChanged: a value to be corrected is neither what it was at filing nor what was seen since (F-47).
    """
    elements = answered(case, ruling)
    for one in elements:
        if one.outcome == Outcome.DENY:
            _check_refusal(docket, case, one)
    if case.kind is Kind.CORRECTION:
        _check_live(docket, case, elements, dict(ruling.saw))
    return elements


def answered(case: Case, ruling: Ruling) -> tuple[Asked, ...]:
    """Return the elements with the answers of a ruling that nobody has checked yet, as a preview shows them.

    Raises:
        BadDecision: an element has no answer, or a partial ruling says the same to all.
    """
    answers = _answers(case, ruling)
    return tuple(_answered(one, answers[one.element]) for one in case.elements)


def granted(elements: Iterable[Asked]) -> bool:
    """Say whether any element is granted."""
    return any(one.outcome == Outcome.APPROVE for one in elements)


def _answers(case: Case, ruling: Ruling) -> dict[str, ElementRuling]:
    if ruling.outcome is Outcome.PARTIAL:
        answers = {one.element: _filled(one, ruling) for one in ruling.elements}
        told = {one.outcome for one in answers.values()}
        if set(answers) != set(case.touching()) or Outcome.PARTIAL in told:
            raise BadDecision("Answer each part of the request: yes or no.")
        if len(told) < 2:
            raise BadDecision("Say yes to at least one part and no to at least one part.")
        return answers
    edits = {one.element: one.accepted for one in ruling.elements}
    return {
        element: ElementRuling(element, ruling.outcome, ruling.ground, ruling.text, edits.get(element, ""))
        for element in case.touching()
    }


def _filled(one: ElementRuling, ruling: Ruling) -> ElementRuling:
    if one.outcome is not Outcome.DENY:
        return one
    return replace(one, ground=one.ground or ruling.ground, text=one.text or ruling.text)


def _check_refusal(docket: Docket, case: Case, answer: Asked) -> None:
    if not answer.ground:
        raise BadDecision("Choose why. Only reasons that fit every law on this request are shown")
    try:
        check_ground(answer.ground, governed(docket, case), docket.rulebook)
    except (GroundDoesNotFit, UnknownLaw) as unfit:
        raise BadDecision(f"This reason does not fit here. {unfit}") from unfit
    if len(answer.text.strip()) < SHORTEST_TEXT:
        raise BadDecision("Explain it to the family in 20 letters or more.")
    if len(answer.text) > LONGEST_TEXT:
        raise BadDecision("Use 4,000 letters or fewer.")


def _answered(asked: Asked, answer: ElementRuling) -> Asked:
    if answer.outcome is Outcome.DENY:
        return replace(asked, outcome=answer.outcome, ground=answer.ground, text=answer.text.strip(), accepted="")
    accepted = answer.accepted.strip() or asked.proposed
    return replace(asked, outcome=Outcome.APPROVE, ground="", text="", accepted=accepted)


def mark(value: str) -> str:
    """Return what a form sends back to say which value was shown: forms change spaces and drop what is empty."""
    return sha256(value.encode()).hexdigest()


def _check_live(docket: Docket, case: Case, elements: tuple[Asked, ...], saw: Mapping[str, str]) -> None:
    for one in elements:
        if one.outcome != Outcome.APPROVE:
            continue
        live = docket.live.read(case.subject, one.element)
        if live != one.filed and mark(live) != saw.get(one.element):
            raise LiveValueChanged("The value was changed after the family wrote. Look at the new one first.")
