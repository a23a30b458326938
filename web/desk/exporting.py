"""A list of the desk as a file, and the note in the ledger that it was taken (F-44)."""

from collections.abc import Iterator
from typing import Final

from starlette.responses import Response

from rightsdesk.requests.cases.inbox import Inbox, Row
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.web.desk.shells import known_view
from rightsdesk.web.kin import family
from rightsdesk.web.office.csv_files import as_csv
from rightsdesk.web.visits import Visit

MOST: Final = 5_000
_HEAD: Final = ("reference", "kind", "state", "requester", "student", "school", "due")


def export(visit: Visit) -> Response:
    """Hand out the view, or what a search finds, as CSV."""
    q, view = visit.form.text("q"), known_view(visit.form.text("view"))[0]
    rows = list(_rows(visit, view, q))
    facts = (("rows", str(len(rows))), ("view", "found" if q else view))
    for kind in ("exported", "viewed"):
        visit.docket.record(Event(kind, f"staff:{visit.me.id}", facts=facts))
    if q:
        visit.searched(len(rows))
    headers = {
        "Content-Disposition": f'attachment; filename="requests-{visit.here.slug}.csv"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(as_csv(_HEAD, map(_cells, rows)), media_type="text/csv; charset=utf-8", headers=headers)


def _rows(visit: Visit, view: str, q: str) -> Iterator[Row]:
    lists, after = Inbox(visit.docket, family(visit)), ""
    if q:
        yield from lists.search(q).rows
        return
    for _ in range(MOST // 50):
        page = lists.rows(view, visit.me.id, visit.here.today(visit.now), after)
        yield from page.rows
        if not page.next:
            return
        after = page.next


def _cells(row: Row) -> tuple[str, ...]:
    names = (row.requester_name, row.subject_name, row.school)
    return (row.reference, row.kind, row.state, *names, row.due_on.isoformat())
