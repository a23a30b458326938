"""One act for many ticked rows (F-41): claim, let go, give, ask, approve. Says first for how many it can be done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import urlencode

from starlette.responses import Response

from rightsdesk.requests.cases import claiming, conversation, deciding
from rightsdesk.requests.cases.case import Case, Kind, Outcome
from rightsdesk.requests.cases.errors import BadDecision, CaseProblem, NoSuchCase
from rightsdesk.requests.cases.ruling import Ruling
from rightsdesk.requests.cases.states import UNDECIDED
from rightsdesk.requests.cases.timeline import timeline
from rightsdesk.web.desk.checks import checks
from rightsdesk.web.desk.questions import Question, chosen, saved
from rightsdesk.web.desk.refusing import abandon
from rightsdesk.web.desk.shells import approver, known_view, shell
from rightsdesk.web.desk.shown import Fault, Shell
from rightsdesk.web.desk.typed import identity, ticked
from rightsdesk.web.kin import is_own
from rightsdesk.web.visits import Visit

Act: TypeAlias = Callable[[str, int], Case]
_ASKS_FIRST: Final = frozenset({"ask", "approve"})


@dataclass(frozen=True, slots=True)
class Ticked:
    """One row that was ticked; ``why_not`` is the code of what keeps it out, empty where the act applies."""

    reference: str
    version: int
    kind: str
    requester: str
    subject: str
    why_not: str


@dataclass(frozen=True, slots=True)
class BulkPage:
    """For how many of the ticked rows an act applies, before it is done."""

    shell: Shell
    act: str
    view: str
    rows: tuple[Ticked, ...]
    of: int
    questions: tuple[Question, ...]
    text: str = ""
    error: Fault | None = None

    @property
    def fit(self) -> tuple[Ticked, ...]:
        """Return the rows for which it can be done."""
        return tuple(row for row in self.rows if not row.why_not)


def bulk(visit: Visit) -> Response:
    """Do to each ticked row what was asked, and say for how many that was possible."""
    do, rows = visit.form.text("do"), ticked(visit)
    if do in _ASKS_FIRST and visit.form.text("sure") != "yes":
        return visit.render("desk/bulk.html", _page(visit, do, rows))
    try:
        done = sum(_is_done(visit, _act(visit, do), *row) for row in rows)
    except BadDecision as problem:
        abandon(visit)
        page = _page(visit, do, rows, Fault(visit.say(str(problem)), "message"))
        return visit.render("desk/bulk.html", page, status=422)
    view = ".".join(filter(None, known_view(visit.form.text("view"))))
    said = "bulk_approved" if do == "approve" else "bulk"
    answer = {"view": view, "said": said, "done": done, "of": visit.form.text("of") or len(rows)}
    return visit.see(f"{visit.url('desk.cases')}?{urlencode(answer)}")


def _is_done(visit: Visit, act: Act, reference: str, version: int) -> bool:
    try:
        with visit.attempt():
            act(reference, version)
    except BadDecision:  # it is about what was typed, for all of them
        raise
    except CaseProblem:  # this one moved on or is not for them: the others are still done
        return False
    return True


def _act(visit: Visit, do: str) -> Act:
    docket, me, now = visit.docket, approver(visit), visit.now
    if do == "give":
        to = identity(visit.form.text("to"))
        return lambda reference, version: claiming.give(docket, me, reference, version, to)
    if do == "ask":
        return lambda reference, version: conversation.ask_family(
            docket, me, reference, version, chosen(visit, visit.cases.find(reference).language), now
        )
    if do == "approve":
        return lambda reference, version: _approved(visit, reference, version)
    act = claiming.release if do == "release" else claiming.claim
    return lambda reference, version: act(docket, me, reference, version)


def _approved(visit: Visit, reference: str, version: int) -> Case:
    case = visit.cases.find(reference).at(version)
    if _why_not(visit, "approve", case):
        raise NoSuchCase(reference)
    return deciding.decide(visit.docket, approver(visit), Ruling(reference, version, Outcome.APPROVE), visit.now)


def _page(visit: Visit, do: str, rows: Sequence[tuple[str, int]], error: Fault | None = None) -> BulkPage:
    view = ".".join(filter(None, known_view(visit.form.text("view"))))
    shown = tuple(filter(None, (_ticked(visit, do, *row) for row in rows)))
    return BulkPage(
        shell(visit, view), do, view, shown, len(rows), saved(visit, visit.language), visit.form.text("message"), error
    )


def _ticked(visit: Visit, do: str, reference: str, version: int) -> Ticked | None:
    try:
        case = visit.cases.find(reference)
    except NoSuchCase:
        return None
    if is_own(visit, case):
        return None
    people = visit.people.persons({case.requester, case.subject})
    names = [people[one].name if one in people else "" for one in (case.requester, case.subject)]
    why_not = "moved" if case.version != version else _why_not(visit, do, case)
    return Ticked(reference, version, str(case.kind), names[0], names[1], why_not)


def _why_not(visit: Visit, do: str, case: Case) -> str:
    """Return what keeps a case out, by code: it moved on, it needs a look of its own, or something warns."""
    if case.state not in UNDECIDED:
        return "moved"
    if do != "approve":
        return ""
    # A deletion never, and a correction changes the record: only a copy is given without looking at each one.
    if case.kind is not Kind.ACCESS:
        return "kind"
    found = checks(visit, case, timeline(visit.docket, case), visit.cases.beside(case.reference)[1])
    return "warns" if any(one.is_warning for one in found) else ""
