"""Guardianships: what the roster asserts, and never more than that."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias
from uuid import UUID

from rightsdesk.requests.people.authority import Grade
from rightsdesk.requests.people.roster.live.links.store import LiveLinks, NewLink
from rightsdesk.requests.people.roster.outcome import Change
from rightsdesk.requests.people.roster.terms import Terms

Pair: TypeAlias = tuple[UUID, UUID]  # student, guardian
_BATCH: Final = 5000


def grade_of(relation: str) -> Grade:
    """Return what a roster edge is worth: a parent or guardian is asserted, a relative has yet to be confirmed."""
    return Grade.ROSTER_ASSERTED if relation in {"parent", "guardian"} else Grade.UNCONFIRMED


def link_change(live: LiveLinks) -> Change:
    """Return how many guardianships are new, differ and are gone, before anything is changed."""
    added = sum(len(page) for page in _pages(live))
    differing = live.differing_links()
    gone = sum(not one.relation for one in differing)
    return Change(added, len(differing) - gone, gone, live.links())


def link_people(live: LiveLinks, terms: Terms) -> tuple[list[Pair], list[Pair]]:
    """Enter, change and end guardianships; return the pairs that ended and those that began."""
    differing = live.differing_links()
    ended = [one for one in differing if not one.relation]
    live.end_links([one.id for one in ended])
    live.relate(
        [
            {"b_id": one.id, "b_relation": one.relation, "b_authority": grade_of(one.relation)}
            for one in differing
            if one.relation
        ]
    )
    started: list[Pair] = []
    for page in _pages(live):
        live.revive_links([one.link for one in page if one.link is not None])
        new = [(one, one.student, one.guardian) for one in page if one.link is None]
        live.add_links(
            [
                _row(live, terms, one.relation, (student, guardian))
                for one, student, guardian in new
                if student is not None and guardian is not None
            ]
        )
        started += [(one.student, one.guardian) for one in page if one.student is not None and one.guardian is not None]
    return [(one.student, one.guardian) for one in ended], started


def _row(live: LiveLinks, terms: Terms, relation: str, pair: Pair) -> dict[str, object]:
    student, guardian = pair
    return {
        "id": terms.fresh(),
        "agency": live.scope.agency,
        "student": student,
        "guardian": guardian,
        "relation": relation,
        "authority": grade_of(relation),
        "source": live.scope.source,
        "is_active": True,
        "since": live.scope.now,
    }


def _pages(live: LiveLinks) -> Iterator[Sequence[NewLink]]:
    after = 0
    while page := live.new_links(after, _BATCH):
        yield page
        after = page[-1].id
