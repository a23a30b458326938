"""Find the school, and the first page of an agency."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from rightsdesk.web.regions import Regions
from rightsdesk.web.visits import Visit

_NAMED: Final = 2  # schools named beside each agency, so that two with like names can be told apart


@dataclass(frozen=True, slots=True)
class Place:
    """One agency that fits the words; ``schools`` counts its schools, ``named`` are the first of them."""

    slug: str
    name: str
    town: str
    schools: int
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindPage:
    """What was typed and what fits."""

    query: str
    found: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class PlainPage:
    """A page that shows only what the agency says about itself."""


def show_find(visit: Visit) -> Response:
    """Show the search for a school, with results when something was typed."""
    query = visit.query("q")[:80]
    regions: Regions = visit.request.app.state.regions
    found = regions.found(visit.tx, query) if query else ()
    return visit.render("family/find.html", FindPage(query, tuple(_place(*one, query) for one in found)))


def show_start(visit: Visit) -> Response:
    """Show what can be asked here, of whom, and how."""
    return visit.render("family/start.html", PlainPage())


def _place(slug: str, name: str, town: str, schools: Sequence[str], query: str) -> Place:
    wanted = query.casefold()
    first = sorted(schools, key=lambda one: wanted not in one.casefold())
    return Place(slug, name, town, len(schools), tuple(first[:_NAMED]))
