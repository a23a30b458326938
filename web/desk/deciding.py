"""Approve, deny, answer in part, agree to a deletion, take back: the acts of the desk."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from starlette.responses import Response

from rightsdesk.requests.cases import deciding
from rightsdesk.requests.cases.case import Case, Kind, Outcome
from rightsdesk.requests.cases.errors import BadDecision, CaseProblem, LetterNotReady, LiveValueChanged
from rightsdesk.requests.cases.ruling import choices
from rightsdesk.requests.cases.states import UNDECIDED, State
from rightsdesk.requests.law.grounds import GroundChoice
from rightsdesk.requests.law.terms import GroundKind
from rightsdesk.web.desk.letters import previewed
from rightsdesk.web.desk.listing import after
from rightsdesk.web.desk.reading import detail
from rightsdesk.web.desk.refusing import Typed, abandon, refuse
from rightsdesk.web.desk.rulings import element_rulings, read_ruling
from rightsdesk.web.desk.sheets import DecisionPage, Ground
from rightsdesk.web.desk.shells import approver, known_view, shell
from rightsdesk.web.desk.shown import Fault, Part
from rightsdesk.web.desk.typed import version
from rightsdesk.web.forms import Form
from rightsdesk.web.visits import Visit

_SELDOM: Final = frozenset({GroundKind.STANDING, GroundKind.NO_RIGHT})
_SAID: Final = {Outcome.APPROVE: "approved", Outcome.DENY: "denied", Outcome.PARTIAL: "partial"}


def ask(visit: Visit) -> Response:
    """Show the page on which a case is denied or answered in part, or an approval confirmed."""
    case = visit.cases.find(visit.part("reference"))
    visit.saw(case.reference, case.subject)
    draft = visit.seat.draft
    typed = Form(draft.corrections) if draft.kind == "ruling" and draft.once == case.reference else Form()
    return visit.render("desk/decision.html", _page(visit, case, _outcome(visit.query("outcome")), typed))


def decide(visit: Visit) -> Response:
    """Rule on the case; the next one opens, nothing leaves for ten minutes."""
    reference, form = visit.part("reference"), visit.form
    typed = Typed(form.text("outcome"), form.text("ground"), form.text("text"))
    try:
        ruling = read_ruling(reference, version(visit), form)
        me = replace(approver(visit), proved_at=visit.seat.proved_for_deletions(visit.now))
        case = deciding.decide(visit.docket, me, ruling, visit.now)
    except (BadDecision, LiveValueChanged, LetterNotReady) as problem:
        return _again(visit, problem)
    except CaseProblem as problem:
        return refuse(visit, problem, typed)
    if case.kind is Kind.ERASURE:
        visit.keep(visit.seat.worked(visit.now))
    _forget_draft(visit)
    return after(visit, case, "proposed" if case.state is State.AWAITING_SECOND_APPROVAL else _SAID[ruling.outcome])


def preview(visit: Visit) -> Response:
    """Show the letter exactly as the family would read it; nothing is decided."""
    case = visit.cases.find(visit.part("reference"))
    page = _page(visit, case, _outcome(visit.form.text("outcome")), visit.form)
    return visit.render("desk/letter.html" if visit.is_htmx else "desk/decision.html", page)


def undo(visit: Visit) -> Response:
    """Take a decision back while it is held; the case opens again."""
    try:
        case = deciding.undo(visit.docket, approver(visit), visit.part("reference"), version(visit), visit.now)
    except CaseProblem as problem:
        return refuse(visit, problem, Typed())
    return visit.see(f"{visit.url('desk.cases')}?view=decision&open={case.reference}&said=undone")


def send_back(visit: Visit) -> Response:
    """Give a proposed deletion back to review."""
    try:
        case = deciding.return_proposal(visit.docket, approver(visit), visit.part("reference"), version(visit))
    except CaseProblem as problem:
        return refuse(visit, problem, Typed())
    return after(visit, case, "returned")


def _outcome(typed: str) -> Outcome:
    return Outcome(typed) if typed in set(Outcome) else Outcome.DENY


def _again(visit: Visit, problem: CaseProblem) -> Response:
    abandon(visit)
    case = visit.cases.find(visit.part("reference"))
    outcome = _outcome(visit.form.text("outcome"))
    field = "text" if "20 letters" in str(problem) or "letters or fewer" in str(problem) else "ground"
    page = replace(_page(visit, case, outcome, visit.form), error=Fault(visit.say(str(problem)), field))
    return visit.render("desk/decision.html", page, status=409 if isinstance(problem, LiveValueChanged) else 422)


def _page(visit: Visit, case: Case, outcome: Outcome, typed: Form) -> DecisionPage:
    if case.state not in UNDECIDED:
        outcome = Outcome.APPROVE
    view = ".".join(filter(None, known_view(typed.text("view") or visit.query("view"))))
    shown = detail(visit, case, view)
    # What refuses this very request first: that is what the keys 1 to 9 are for.
    every = sorted(choices(visit.docket, case), key=lambda one: one.ground.kind in _SELDOM)
    preview = previewed(visit, case, typed)
    return DecisionPage(
        shell=shell(visit, view),
        detail=shown,
        outcome=str(outcome),
        grounds=tuple(_ground(visit, one) for one in every if one.fits),
        unfit=tuple(_ground(visit, one) for one in every if not one.fits),
        parts=_parts(shown.elements, typed),
        ground=typed.text("ground"),
        text=typed.text("text"),
        preview=preview,
    )


def _parts(elements: Sequence[Part], typed: Form) -> tuple[Part, ...]:
    answers = {one.element: one for one in element_rulings(typed)}
    outcomes = dict(typed.prefixed("outcome."))
    return tuple(
        replace(
            one,
            outcome=outcomes.get(one.element, ""),
            ground=answers[one.element].ground,
            text=answers[one.element].text,
            accepted=answers[one.element].accepted,
        )
        if one.element in answers
        else one
        for one in elements
    )


def _ground(visit: Visit, choice: GroundChoice) -> Ground:
    shown = visit.docket.rulebook.shown(choice.ground.code)
    instead = visit.say(shown.text) if shown.code != choice.ground.code else ""
    return Ground(
        choice.ground.code,
        visit.say(choice.ground.text),
        instead,
        visit.say(choice.why_not),
        choice.ground.kind in _SELDOM,
    )


def _forget_draft(visit: Visit) -> None:
    if visit.seat.draft.kind == "ruling":
        visit.keep(replace(visit.seat, draft=type(visit.seat.draft)()))
