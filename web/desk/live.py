"""What an open page of the desk asks for every half minute: who else looks, the numbers, how many rows are new."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.cases.errors import NoSuchCase
from rightsdesk.requests.cases.inbox import Inbox, Page
from rightsdesk.web.desk.shells import known_view
from rightsdesk.web.desk.shown import Face, ViewLink
from rightsdesk.web.desk.typed import ticked
from rightsdesk.web.kin import family, is_own
from rightsdesk.web.presence import Presence
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class Onlookers:
    """Who else has one case open; a row is named with its version, as the page named it."""

    reference: str
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class LivePart:
    """The parts of a page that may change under it; ``fresh`` is how many rows came into the view since."""

    place: str
    views: tuple[ViewLink, ...]
    fresh: int
    open: Onlookers | None
    rows: tuple[Onlookers, ...]


def live(visit: Visit) -> Response:
    """Note what is open, or that it was left, and return what changed around it."""
    left = visit.form.text("left")
    if left:
        _leave(visit, left)
        return Response(status_code=204)
    opened = _noted(visit, visit.form.text("open"))
    seen = onlookers(visit)
    known = ticked(visit)
    view, behind = known_view(visit.form.text("view"))
    lists, today = Inbox(visit.docket, family(visit)), visit.here.today(visit.now)
    fresh = _fresh(lists.rows(view, visit.me.id, today, behind), dict(known)) if visit.form.text("list") else 0
    part = LivePart(
        place=".".join(filter(None, (view, behind))),
        views=tuple(ViewLink(name, number) for name, number in lists.counts(visit.me.id, today).items()),
        fresh=fresh,
        open=Onlookers(opened, seen.get(opened, ())) if opened else None,
        rows=tuple(Onlookers(f"{one}.{version}", _of_others(visit, seen, one)) for one, version in known),
    )
    return visit.render("desk/live.html", part)


def onlookers(visit: Visit) -> dict[str, tuple[Face, ...]]:
    """Return who else has which case open, by reference."""
    others = Presence(visit.tx, visit.here.id, visit.now).others(visit.me.id)
    if not others:
        return {}
    staff = Staff(visit.tx, visit.here.id, visit.vault).names()
    return {
        reference: tuple(Face(staff[one].name, staff[one].initials) for one in seen if one in staff)
        for reference, seen in others.items()
    }


def _leave(visit: Visit, left: str) -> None:
    try:
        when = datetime.fromisoformat(left)
    except ValueError:
        return
    if when.tzinfo is not None:
        Presence(visit.tx, visit.here.id, visit.now).leave(visit.me.id, when)


def _noted(visit: Visit, reference: str) -> str:
    if not _is_ours(visit, reference):
        return ""
    Presence(visit.tx, visit.here.id, visit.now).note(visit.me.id, reference)
    return reference


def _of_others(visit: Visit, seen: dict[str, tuple[Face, ...]], reference: str) -> tuple[Face, ...]:
    # Few cases are open at once, so that few are looked up: nobody learns by asking that one of their own exists.
    return seen[reference] if reference in seen and _is_ours(visit, reference) else ()


def _is_ours(visit: Visit, reference: str) -> bool:
    try:
        return bool(reference) and not is_own(visit, visit.cases.find(reference))
    except NoSuchCase:
        return False


def _fresh(page: Page, known: Collection[str]) -> int:
    """Count the rows that nobody saw yet; what only moved up from the next page is not new."""
    places = [place for place, row in enumerate(page.rows) if row.reference in known]
    shown = page.rows[: max(places, default=-1) + 1] if page.next else page.rows
    return sum(row.reference not in known for row in shown)
