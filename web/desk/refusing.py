"""What the desk answers when an act is refused: nothing is done, and nothing that was typed is lost."""

from dataclasses import dataclass, replace

from starlette.responses import Response

from rightsdesk.requests.cases.errors import CaseProblem, MovedOn, NeedsFreshProof, NoSuchCase
from rightsdesk.web.desk.reading import detail
from rightsdesk.web.desk.sheets import ConflictPage, RefusalPage
from rightsdesk.web.desk.shells import known_view, shell
from rightsdesk.web.sessions import Draft
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class Typed:
    """What the person was sending."""

    outcome: str = ""
    ground: str = ""
    text: str = ""


def refuse(visit: Visit, problem: CaseProblem, typed: Typed) -> Response:
    """Return the page that says why nothing was done, with what was typed; a stale version gets 409.

    Raises:
        NoSuchCase: it was that; the portal's one page for unknown and foreign ids answers.
    """
    if isinstance(problem, NoSuchCase):
        raise problem
    abandon(visit)
    if isinstance(problem, NeedsFreshProof):
        return step_up(visit)
    if isinstance(problem, MovedOn):
        return _conflict(visit, typed)
    view = ".".join(filter(None, known_view(visit.form.text("view"))))
    back = f"{visit.url('desk.case', reference=visit.part('reference'))}?view={view}"
    page = RefusalPage(shell(visit, view), visit.say(str(problem)), back, typed.text)
    return visit.render("desk/refusal.html", page, status=403)


def abandon(visit: Visit) -> None:
    """Give up what the refused act had begun to write, so that an answer in words keeps nothing of it."""
    visit.tx.rollback()
    # The ledger remembers the last entry it wrote for the checkpoint; that entry is gone too.
    visit.tx.info.clear()


def step_up(visit: Visit) -> Response:
    """Ask for the second factor anew; the form is kept sealed in the session until it was shown."""
    reference, outcome = visit.part("reference"), visit.form.text("outcome")
    draft = Draft(kind="ruling", once=reference, corrections=visit.form.fields)
    onward = f"{visit.url('desk.decision', reference=reference)}?outcome={outcome}"
    visit.keep(replace(visit.seat, draft=draft, onward=onward))
    return visit.see(visit.url("desk.second_factor"))


def _conflict(visit: Visit, typed: Typed) -> Response:
    view = ".".join(filter(None, known_view(visit.form.text("view"))))
    case = visit.cases.find(visit.part("reference"))
    page = ConflictPage(shell(visit, view), detail(visit, case, view), typed.outcome, typed.ground, typed.text)
    return visit.render("desk/conflict.html", page, status=409)
