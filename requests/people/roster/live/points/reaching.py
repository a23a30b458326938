"""Numbers and addresses: what is new is entered, what is gone is emptied, what was replaced has to wait."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from rightsdesk.requests.ledger.vault import Clear
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
    added = changed = 0
    for page in _pages(live, over):
        replacing = sum((one.person, one.channel) in old for one in page)
        changed += replacing
        added += len(page) - replacing
    return Change(added, changed, max(0, len(old) - changed), live.points())


def reach_people(live: LivePoints, terms: Terms, over: Overlays) -> list[UUID]:
    """Enter and empty contact points; return whose number or address was replaced by another one."""
    old = _old(live, over)
    empty = terms.vault.seal_many(Clear(one.person, _IDENTITY, place("contacts", one.id, "value"), "") for one in old)
    live.take_away(
        [{"b_id": one.id, "b_person": one.person, "b_value": sealed} for one, sealed in zip(old, empty, strict=True)]
    )
    replaced: list[UUID] = []
    # Read to the end before writing: what is written would no longer be found, and pages would shift.
    for page in _pages(live, over):
        replaced += _enter(live, terms, page)
    return replaced


def _enter(live: LivePoints, terms: Terms, page: Sequence[NewPoint]) -> list[UUID]:
    new = [(terms.fresh(), one.person, one) for one in page if one.person is not None]
    before = live.had_before([] if live.scope.is_first else list({person for _, person, _ in new}))
    values = [terms.vault.unseal_agency(staged_place(live.scope.run), one.sealed) for _, _, one in new]
    sealed = terms.vault.seal_many(
        Clear(person, _IDENTITY, place("contacts", point, "value"), value)
        for (point, person, _), value in zip(new, values, strict=True)
    )
    scope = live.scope
    points: list[dict[str, object]] = []
    entries: list[dict[str, object]] = []
    for (point, person, one), value in zip(new, sealed, strict=True):
        waits = (person, one.channel) in before
        points.append(
            {
                "id": point,
                "agency": scope.agency,
                "person": person,
                "channel": one.channel,
                "value": value,
                "source": scope.source,
                "is_usable": True,
                # Only a source's first run confirms: that a roster repeats a number proves nothing about it.
                "confirmed_at": scope.now if scope.is_first else None,
                "replaced_at": scope.now if waits else None,
                "added_at": scope.now,
            }
        )
        purpose = "email" if one.channel == _MAIL else "number"
        entries.append(
            {"agency": scope.agency, "purpose": purpose, "value": one.value, "person": person, "contact": point}
        )
    live.add_points(points, entries)
    return [person for _, person, one in new if (person, one.channel) in before]


def _old(live: LivePoints, over: Overlays) -> list[OldPoint]:
    return [one for one in live.old_points() if not over.holds_channel(one.person, one.channel)]


def _pages(live: LivePoints, over: Overlays) -> Iterator[list[NewPoint]]:
    after = 0
    while page := live.new_points(after, _BATCH):
        after = page[-1].id
        yield [one for one in page if not over.holds_channel(one.person, one.channel)]
