"""One case at the desk: read it, claim it, write about it, open its files."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from starlette.responses import Response

from rightsdesk.requests.cases import conversation, duplicating, proving
from rightsdesk.requests.cases.case import Approver, Case
from rightsdesk.requests.cases.claiming import claim as take
from rightsdesk.requests.cases.claiming import release
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.errors import BadDecision, BadFiling, CaseProblem
from rightsdesk.requests.cases.evidence import opened
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.web.desk.listing import after
from rightsdesk.web.desk.questions import chosen
from rightsdesk.web.desk.reading import detail
from rightsdesk.web.desk.refusing import Typed, refuse
from rightsdesk.web.desk.sheets import CasePage
from rightsdesk.web.desk.shells import approver, known_view, shell
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.desk.typed import identity, version
from rightsdesk.web.visits import Visit

_TYPES: Final = {"jpg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}


def case(visit: Visit) -> Response:
    """Show one case, alone or as the pane beside the list."""
    found, beside = visit.cases.beside(visit.part("reference"))
    visit.saw(found.reference, found.subject)
    page = case_page(visit, found, visit.query("view"), beside)
    template = "desk/part.html" if visit.is_htmx else "desk/case.html"
    return visit.render(template, replace(page, opened=visit.query("write")))


def claim(visit: Visit) -> Response:
    """Take the case in hand, or let it go."""
    lets_go = visit.form.text("do") == "release"
    try:
        act = release if lets_go else take
        done = act(visit.docket, approver(visit), visit.part("reference"), version(visit))
    except CaseProblem as problem:
        return refuse(visit, problem, Typed())
    return stay(visit, done, "released" if lets_go else "claimed")


def note(visit: Visit) -> Response:
    """Keep a note that only staff see."""
    found, text = visit.cases.find(visit.part("reference")), visit.form.text("text")
    try:
        conversation.note(visit.docket, approver(visit), found.reference, text, visit.now)
    except (BadDecision, BadFiling) as problem:
        page = case_page(visit, found, visit.form.text("view"))
        fault = Fault(visit.say(str(problem)), "note")
        return visit.render("desk/case.html", replace(page, error=fault, opened="note", typed_note=text), status=422)
    return stay(visit, found, "noted")


def message(visit: Visit) -> Response:
    """Ask the family for one more thing; the next case opens."""
    found = visit.cases.find(visit.part("reference"))
    text = chosen(visit, found.language)
    try:
        asked = conversation.ask_family(visit.docket, approver(visit), found.reference, version(visit), text, visit.now)
    except (BadDecision, BadFiling) as problem:
        page = case_page(visit, found, visit.form.text("view"))
        fault = Fault(visit.say(str(problem)), "message")
        return visit.render("desk/case.html", replace(page, error=fault, opened="ask", typed_message=text), status=422)
    except CaseProblem as problem:
        return refuse(visit, problem, Typed(text=text))
    return after(visit, asked, "asked")


def go_on(visit: Visit) -> Response:
    """Go on without the family's answer: silence is never a ground."""
    return _act(visit, conversation.go_on, "goes_on")


def evidence(visit: Visit) -> Response:
    """Hand out a photo or PDF as a file that no browser opens inside our pages."""
    found = visit.cases.find(visit.part("reference"))
    file = opened(visit.docket, found, identity(visit.part("evidence")))
    facts = (("evidence", visit.part("evidence")),)
    visit.docket.record(Event("viewed", f"staff:{visit.me.id}", found.reference, found.subject, facts))
    headers = {
        "Content-Disposition": f'attachment; filename="{found.reference}.{file.kind}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(file.content, media_type=_TYPES[file.kind], headers=headers)


def proof(visit: Visit) -> Response:
    """Note how the family proved itself, or refuse for want of it."""
    form, reference = visit.form, visit.part("reference")
    try:
        if form.text("do") == "refuse":
            answer = (form.text("ground"), form.text("text"))
            refused = proving.refuse_proof(visit.docket, approver(visit), reference, version(visit), answer, visit.now)
            return after(visit, refused, "denied")
        means = form.text("means")
        proved = proving.prove(visit.docket, approver(visit), reference, version(visit), means, visit.now)
    except BadDecision as problem:
        page = case_page(visit, visit.cases.find(reference), form.text("view"))
        fault = Fault(visit.say(str(problem)), "means" if form.text("do") == "prove" else "proof-ground")
        return visit.render("desk/case.html", replace(page, error=fault), status=422)
    except CaseProblem as problem:
        return refuse(visit, problem, Typed(text=form.text("text")))
    return stay(visit, proved, "proved")


def duplicate(visit: Visit) -> Response:
    """Join the case to an open one that asks the same, or take that back."""
    docket, form, reference = visit.docket, visit.form, visit.part("reference")
    try:
        if form.text("do") == "part":
            apart = duplicating.not_duplicate(docket, approver(visit), reference, version(visit), visit.now)
            return stay(visit, apart, "saved")
        same_as = form.text("same_as")
        joined = duplicating.mark_duplicate(docket, approver(visit), reference, version(visit), same_as, visit.now)
    except CaseProblem as problem:
        return refuse(visit, problem, Typed())
    return after(visit, joined, "saved")


def _act(visit: Visit, act: Callable[[Docket, Approver, str, int], Case], said: str) -> Response:
    try:
        done = act(visit.docket, approver(visit), visit.part("reference"), version(visit))
    except CaseProblem as problem:
        return refuse(visit, problem, Typed())
    return stay(visit, done, said)


def stay(visit: Visit, found: Case, said: str) -> Response:
    """Show the case again, where the person was working on it, saying what was done."""
    view = ".".join(filter(None, known_view(visit.form.text("view"))))
    where = visit.url("desk.cases") if visit.form.text("view") else visit.url("desk.case", reference=found.reference)
    return visit.see(f"{where}?view={view}&open={found.reference}&said={said}")


def case_page(visit: Visit, found: Case, view: str, beside: Sequence[Case] = ()) -> CasePage:
    """Return the page of one case; ``beside`` as for ``detail``."""
    place = ".".join(filter(None, known_view(view)))
    return CasePage(shell(visit, place), detail(visit, found, place, beside=beside))
