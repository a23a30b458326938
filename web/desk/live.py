"""What an open page of the desk asks for every half minute: who else looks, the numbers, how many rows are new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.agencies.agency import Colleague
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.cases.inbox import Inbox
from rightsdesk.web.desk.shells import known_view
from rightsdesk.web.desk.shown import Face, ViewLink
from rightsdesk.web.desk.typed import ticked
from rightsdesk.web.kin import family
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
    """Note what was opened on purpose, or that it was left, and return what changed around it."""
    left = visit.form.text("left")
    if left:
        _leave(visit, left)
        return Response(status_code=204)
    seen, lists = around(visit).onlookers, Inbox(visit.docket, family(visit))
    # Nobody learns by asking that a case of their own family exists.
    ours = lists.among({visit.form.text("open"), *seen})
    opened = visit.form.text("open") if visit.form.text("open") in ours else ""
    if opened and visit.form.text("chosen"):
        Presence(visit.tx, visit.here.id, visit.now).note(visit.me.id, opened)
    return visit.render("desk/live.html", _part(visit, lists, opened, {one: seen[one] for one in ours & seen.keys()}))


def _part(visit: Visit, lists: Inbox, opened: str, seen: Mapping[str, tuple[Face, ...]]) -> LivePart:
    known, today = ticked(visit), visit.here.today(visit.now)
    view, behind = known_view(visit.form.text("view"))
    has_list = visit.form.text("list")
    return LivePart(
        place=".".join(filter(None, (view, behind))),
        views=tuple(ViewLink(name, number) for name, number in lists.counts(visit.me.id, today).items()),
        fresh=lists.unseen(view, visit.me.id, today, dict(known), behind) if has_list else 0,
        open=Onlookers(opened, seen.get(opened, ())) if opened else None,
        rows=tuple(Onlookers(f"{one}.{version}", seen.get(one, ())) for one, version in known),
    )


@dataclass(frozen=True, slots=True)
class Around:
    """The people of a page: everybody who ever worked here, and who else has which case open, by reference."""

    staff: Mapping[UUID, Colleague]
    onlookers: Mapping[str, tuple[Face, ...]]


def around(visit: Visit) -> Around:
    """Return the people of this page, asked for once."""
    staff = Staff(visit.tx, visit.here.id, visit.vault).names()
    others = Presence(visit.tx, visit.here.id, visit.now).others(visit.me.id)
    return Around(staff, {reference: _faces(staff, seen) for reference, seen in others.items()})


def _faces(staff: Mapping[UUID, Colleague], seen: Sequence[UUID]) -> tuple[Face, ...]:
    return tuple(Face(staff[one].name, staff[one].initials) for one in seen if one in staff)


def _leave(visit: Visit, left: str) -> None:
    try:
        when = datetime.fromisoformat(left)
    except ValueError:
        return
    if when.tzinfo is not None:
        Presence(visit.tx, visit.here.id, visit.now).leave(visit.me.id, when)
