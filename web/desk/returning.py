"""Stop a deletion that waits, open a closed request again, and note that a family saw the data at the school."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from starlette.responses import Response

from rightsdesk.requests.cases import reopening
from rightsdesk.requests.cases.case import Approver, Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.errors import BadDecision, CaseProblem
from rightsdesk.requests.fulfilment import handing_over
from rightsdesk.web.desk.cases import case_page, stay
from rightsdesk.web.desk.refusing import Typed, abandon, refuse
from rightsdesk.web.desk.shells import approver
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.desk.typed import version
from rightsdesk.web.visits import Visit

Return: TypeAlias = Callable[[Docket, Approver, str, int, str, datetime], Case]


def stop(visit: Visit) -> Response:
    """Stop a deletion while it waits; the family reads why."""
    return _brought_back(visit, reopening.stop, "stop", "stopped")


def reopen(visit: Visit) -> Response:
    """Open a closed request again; the family reads why."""
    return _brought_back(visit, reopening.reopen, "reopen", "reopened")


def hand_over(visit: Visit) -> Response:
    """Note that the family saw the data, or was given paper."""
    reference = visit.part("reference")
    try:
        done = handing_over.hand_over(visit.docket, approver(visit), reference, version(visit), visit.now)
    except CaseProblem as problem:
        return refuse(visit, problem, Typed())
    return stay(visit, done, "handed_over")


def _brought_back(visit: Visit, act: Return, opened: str, said: str) -> Response:
    reference, text = visit.part("reference"), visit.form.text("text")
    try:
        back = act(visit.docket, approver(visit), reference, version(visit), text, visit.now)
    except BadDecision as problem:
        abandon(visit)
        page = case_page(visit, visit.cases.find(reference), visit.form.text("view"))
        fault = Fault(visit.say(str(problem)), "why")
        return visit.render("desk/case.html", replace(page, error=fault, opened=opened, typed_why=text), status=422)
    except CaseProblem as problem:
        return refuse(visit, problem, Typed(text=text))
    return stay(visit, back, said)
