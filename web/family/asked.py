"""What a person has asked, a page at a time."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from starlette.responses import Response

from rightsdesk.requests.cases import references
from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.states import UNANSWERED, State
from rightsdesk.web.family.passkeys import is_offered
from rightsdesk.web.family.subjects import requester
from rightsdesk.web.passkeys import can_have_passkeys
from rightsdesk.web.visits import Visit

PAGE: Final = 20  # requests


@dataclass(frozen=True, slots=True)
class Row:
    """One request in the list. ``due`` is set while an answer is awaited; ``other`` is the case a double became."""

    reference: str
    kind: Kind
    name: str
    own: bool
    filed: date
    state: State
    due: date | None
    other: str


@dataclass(frozen=True, slots=True)
class RequestsPage:
    """What this person has asked, newest first; ``has_passkeys`` where browsers make any for our address.

    ``older`` is the reference behind which the next page begins, nothing on the last one; ``is_first`` on the first.
    """

    rows: tuple[Row, ...]
    older: str
    is_first: bool
    has_passkeys: bool
    offers_passkey: bool


def show_requests(visit: Visit) -> Response:
    """Show what this person has asked here, a page at a time."""
    me, before = requester(visit), visit.query("before")
    last = visit.cases.of(me, references.read(before)) if before else None
    cases = visit.cases.filed_by(me, PAGE + 1, last)
    older = cases[PAGE - 1].reference if len(cases) > PAGE else ""
    found = visit.people.persons([case.subject for case in cases])
    rows = (_row(visit, case, found[case.subject].given if case.subject in found else "") for case in cases[:PAGE])
    page = RequestsPage(tuple(rows), older, not before, can_have_passkeys(visit.portal), is_offered(visit))
    return visit.render("family/requests.html", page)


def known_as(visit: Visit, case: Case) -> str:
    """Return the reference under which a request that was sent twice is answered, nothing for any other one."""
    return visit.cases.numbered(case.duplicate_of).reference if case.duplicate_of else ""


def _row(visit: Visit, case: Case, name: str) -> Row:
    waits = case.seen_by_family in UNANSWERED
    return Row(
        reference=case.reference,
        kind=case.kind,
        name=name,
        own=case.subject == case.requester,
        filed=visit.here.today(case.filed_at),
        state=case.seen_by_family,
        due=case.due_on if waits else None,
        other=known_as(visit, case),
    )
