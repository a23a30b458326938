"""A letter for a family that has neither number nor mail: print it, then note that it was posted."""

from dataclasses import dataclass
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.cases.posting import mark_posted, printed
from rightsdesk.web.desk.shells import approver, shell
from rightsdesk.web.desk.shown import Shell
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.kin import is_own
from rightsdesk.web.problems import NotFound
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class Printed:
    """One letter as it is printed."""

    notice: UUID
    text: str


@dataclass(frozen=True, slots=True)
class LetterPage:
    """The letters of a case that wait to be posted, and to whom they go."""

    shell: Shell
    reference: str
    language: str
    addressee: str
    letters: tuple[Printed, ...]


def letter(visit: Visit) -> Response:
    """Show what is to be printed of a case."""
    case = visit.cases.find(visit.part("reference"))
    if is_own(visit, case):
        raise NotFound
    visit.saw(case.reference, case.subject)
    letters = tuple(Printed(notice, text) for notice, text in printed(visit.docket, case))
    page = LetterPage(
        shell(visit, ""), case.reference, case.language, visit.people.person(case.requester).name, letters
    )
    return visit.render("desk/print.html", page)


def posted(visit: Visit) -> Response:
    """Note that a letter was posted."""
    case = visit.cases.find(visit.part("reference"))
    if is_own(visit, case):
        raise NotFound
    chosen = visit.form.text("notice")
    if chosen:
        mark_posted(visit.docket, approver(visit), case, identity(chosen), visit.now)
    return visit.see(visit.url("desk.case", reference=case.reference))
