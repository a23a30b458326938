"""Guardianships: what the roster asserts, and never more than that."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, TypeAlias
from uuid import UUID

from rightsdesk.requests.people.authority import Grade
from rightsdesk.requests.people.roster.live.links.store import LiveLinks, NewLink, OldLink
from rightsdesk.requests.people.roster.outcome import Change
from rightsdesk.requests.people.roster.terms import Terms

Pair: TypeAlias = tuple[UUID, UUID]  # student, guardian
_BATCH: Final = 5000


def grade_of(relation: str) -> Grade:
    """Return what a roster edge is worth: a parent or guardian is asserted, a relative has yet to be confirmed."""
    return Grade.ROSTER_ASSERTED if relation in {"parent", "guardian"} else Grade.UNCONFIRMED


def link_change(live: LiveLinks) -> Change:
    """Return how many guardianships are new, differ and are gone, before anything is changed."""
    differing = _differing(live)
    gone = sum(not one.relation for one in differing)
    return Change(live.count_new(), len(differing) - gone, gone, live.links())


def link_people(live: LiveLinks, terms: Terms, joined: AbstractSet[UUID]) -> tuple[list[Pair], list[Pair]]:
    """Enter, change and end guardianships; return the pairs that ended and those that began.

    Where both came with this run nobody has a case yet, so those pairs are not named; ``joined`` are people who were
    on record under another id.
    """
    differing = _differing(live)
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
        found = [(one, one.student, one.guardian) for one in page]
        pairs = [(one, student, guardian) for one, student, guardian in found if student and guardian]
        new = [one for one in pairs if one[0].link is None]
        live.add_links(
            [
                (link, student, guardian, one.relation, grade_of(one.relation))
                for link, (one, student, guardian) in zip(terms.fresh_many(len(new)), new, strict=True)
            ]
        )
        started += [
            (student, guardian) for one, student, guardian in pairs if one.is_old or joined & {student, guardian}
        ]
    return [(one.student, one.guardian) for one in ended], started


def _differing(live: LiveLinks) -> Sequence[OldLink]:
    return [] if live.scope.is_first else live.differing_links()


def _pages(live: LiveLinks) -> Iterator[Sequence[NewLink]]:
    after = 0
    while page := live.new_links(after, _BATCH):
        yield page
        after = page[-1].id
