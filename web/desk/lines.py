"""The rows of a list as they are written into the page: each once, and anew only when something in it changed."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from rightsdesk.requests.agencies.agency import Colleague
from rightsdesk.requests.cases.inbox import Row, View
from rightsdesk.requests.cases.states import State
from rightsdesk.web.desk.live import Around
from rightsdesk.web.desk.shells import HEADS
from rightsdesk.web.desk.shown import Line
from rightsdesk.web.visits import Visit

SHOW_STATE: Final = frozenset({View.DECIDED, View.CLOSED, "found"})


def written(visit: Visit, rows: Sequence[Row], place: str, opened: str, around: Around) -> Sequence[str]:
    """Return each row as HTML; ``place`` is the view and where its page starts, ``opened`` the case beside the list."""
    write = visit.portal.pages.macro("desk/row.html", "line", visit.language)
    today, start = visit.here.today(visit.now), visit.url("desk.cases")
    shows_state = place.partition(".")[0] in SHOW_STATE
    lines = [
        _line(row, today, around, f"{start}/{row.reference}?view={place}")._replace(
            shows_state=shows_state, is_open=row.reference == opened, can_undo=can_undo(visit, row)
        )
        for row in rows
    ]
    names = [(line, visit.language) for line in lines]
    return visit.vault.kept_each(names, lambda name: write(name[0]))


def can_undo(visit: Visit, row: Row) -> bool:
    """Say whether this person may still take back what was decided."""
    if not row.is_held or row.effective_at is None or visit.now >= row.effective_at:
        return False
    return visit.me.id in {row.decided_by, row.confirmed_by} or bool(visit.me.roles & HEADS)


def _line(row: Row, today: date, around: Around, href: str) -> Line:
    claimed: Colleague | None = around.staff.get(row.claimed_by) if row.claimed_by else None
    return Line(
        reference=row.reference,
        version=row.version,
        href=href,
        kind=row.kind,
        requester=row.requester_name,
        subject=row.subject_name,
        school=row.school,
        state=row.state,
        days=(row.due_on - today).days,
        is_new=row.state == State.SUBMITTED,
        claimed_name=claimed.name if claimed else "",
        claimed_initials=claimed.initials if claimed else "",
        onlookers=around.onlookers.get(row.reference, ()),
    )
