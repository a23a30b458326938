"""Numbers and addresses: what is new is entered, what is gone is emptied, what was replaced has to wait."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final
from uuid import UUID

from rightsdesk.requests.people.roster.live.overlays import Overlays
from rightsdesk.requests.people.roster.live.points.store import LivePoints, NewPoint, OldPoint
from rightsdesk.requests.people.roster.outcome import Change
from rightsdesk.requests.people.roster.staging.kept import staged_place
from rightsdesk.requests.people.roster.terms import Terms
from rightsdesk.requests.people.store import place

_BATCH: Final = 5000
_IDENTITY: Final = "identity"
_MAIL: Final = "mail"


def point_change(live: LivePoints, over: Overlays) -> Change:
    """Return how many numbers and addresses are new, replaced and gone, before anything is changed."""
    old = {(one.person, one.channel) for one in _old(live, over)}
    if not old and not over.standing:
        return Change(live.count_new(), 0, 0, live.points())
    added = changed = 0
    for page in _pages(live, over):
        replacing = sum((one.person, one.channel) in old for one in page)
        changed += replacing
        added += len(page) - replacing
    return Change(added, changed, max(0, len(old) - changed), live.points())


def reach_people(live: LivePoints, terms: Terms, over: Overlays) -> list[UUID]:
    """Enter and empty contact points of people on record; return whose number or address was replaced by another."""
    old = _old(live, over)
    rows = [(one.person, [(place("contacts", one.id, "value"), "")]) for one in old]
    empty = (value for each in terms.vault.seal_each(_IDENTITY, rows) for value in each)
    live.take_away(
        [{"b_id": one.id, "b_person": one.person, "b_value": sealed} for one, sealed in zip(old, empty, strict=True)]
    )
    replaced: list[UUID] = []
    # Read to the end before writing: what is written would no longer be found, and pages would shift.
    for page in _pages(live, over):
        replaced += _enter(live, terms, page)
    return replaced


def enter_points(live: LivePoints, terms: Terms, people: Mapping[str, UUID]) -> None:
    """Enter what is staged for new people, given by source key: their keys are at hand, and nothing is compared."""
    staged = [one._replace(person=people[key]) for key, one in live.staged(people)]
    _add(live, terms, staged, frozenset())


def _enter(live: LivePoints, terms: Terms, page: Sequence[NewPoint]) -> list[UUID]:
    known = {one.person for one in page if one.person is not None}
    before = live.had_before([] if live.scope.is_first else list(known))
    _add(live, terms, page, before)
    return [one.person for one in page if one.person is not None and (one.person, one.channel) in before]


def _add(live: LivePoints, terms: Terms, page: Sequence[NewPoint], before: AbstractSet[tuple[UUID, str]]) -> None:
    new = [(point, one.person, one) for point, one in zip(terms.fresh_many(len(page)), page, strict=True) if one.person]
    values = terms.vault.unseal_agency_many(staged_place(live.scope.run), [one.sealed for _, _, one in new])
    rows = [
        (person, [(place("contacts", point, "value"), value)])
        for (point, person, _), value in zip(new, values, strict=True)
    ]
    sealed = terms.vault.seal_each(_IDENTITY, rows)
    now = live.scope.now
    live.add_points(
        [
            (point, person, one.channel, value, now if (person, one.channel) in before else None)
            for (point, person, one), [value] in zip(new, sealed, strict=True)
        ],
        [("email" if one.channel == _MAIL else "number", one.value, person, point) for point, person, one in new],
    )


def _old(live: LivePoints, over: Overlays) -> list[OldPoint]:
    if live.scope.is_first:  # a source that was never applied has nothing to lose
        return []
    return [one for one in live.old_points() if not over.holds_channel(one.person, one.channel)]


def _pages(live: LivePoints, over: Overlays) -> Iterator[list[NewPoint]]:
    after = 0
    while page := live.new_points(after, _BATCH):
        after = page[-1].id
        yield [one for one in page if not over.holds_channel(one.person, one.channel)]
