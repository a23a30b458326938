"""Every SQL statement by which an import changes numbers and addresses."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    null,
    select,
    update,
)
from sqlmodel import Session

from rightsdesk.requests.ledger.bulk import Values, add_many
from rightsdesk.requests.people.roster.columns import table
from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.staging.store import GOOD, Columns, portions_of
from rightsdesk.requests.people.roster.tables import StagedContactRow, StagedPersonRow
from rightsdesk.requests.people.tables import (
    ContactRow,
    PersonIndexRow,
    PersonRow,
    SourceRecordRow,
)

_PEOPLE: Final = table(PersonRow)
_ENTRIES: Final = table(PersonIndexRow)
_RECORDS: Final = table(SourceRecordRow)
_STAGED_PEOPLE: Final = table(StagedPersonRow)
_STAGED_POINTS: Final = table(StagedContactRow)
_POINTS: Final = table(ContactRow)

_POINT_PURPOSES = ("number", "email")
POINTS: Final = ("id", "person", "channel", "value", "replaced_at")
ENTRIES: Final = ("purpose", "value", "person", "contact")


class NewPoint(NamedTuple):
    """A staged number or address that is not on record; ``person`` is None before people were entered."""

    id: int
    person: UUID | None
    channel: str
    value: str
    sealed: bytes


class OldPoint(NamedTuple):
    """A number or address on record that the source no longer has."""

    id: UUID
    person: UUID
    channel: str


@dataclass(frozen=True, slots=True)
class LivePoints:
    """Contact points of one agency, as far as one source speaks of them."""

    session: Session
    scope: Scope

    def new_points(self, after: int, limit: int) -> Sequence[NewPoint]:
        """Return the next staged numbers and addresses that are not on record."""
        staged = _STAGED_POINTS
        columns = (staged.c.id, _RECORDS.c.person, staged.c.channel, staged.c.value, staged.c.sealed)
        wanted = self._new(select(*columns)).where(staged.c.id > after).order_by(staged.c.id).limit(limit)
        return [NewPoint(*row) for row in self.session.connection().execute(wanted)]

    def count_new(self) -> int:
        """Return how many staged numbers and addresses are not on record."""
        counted: int = self.session.connection().execute(self._new(select(func.count()))).scalar_one()
        return counted

    def staged(self, keys: Iterable[str]) -> Iterator[tuple[str, NewPoint]]:
        """Yield what is staged under these source keys, each with its key and as yet nobody's."""
        staged = _STAGED_POINTS
        columns = (staged.c.source_key, staged.c.id, null(), staged.c.channel, staged.c.value, staged.c.sealed)
        for some in portions_of(keys):
            mine = select(*columns).where(staged.c.source_key.in_(some), staged.c.run == self.scope.run)
            yield from ((key, NewPoint(*row)) for key, *row in self.session.connection().execute(mine))

    def old_points(self) -> Sequence[OldPoint]:
        """Return numbers and addresses of this source whose owner is in the package without them."""
        point, staged = _POINTS, _STAGED_POINTS
        entry = select(_ENTRIES.c.value).where(_ENTRIES.c.person == point.c.person, _ENTRIES.c.contact == point.c.id)
        live = (
            select(
                point.c.id,
                point.c.person,
                point.c.channel,
                self._key(point.c.person).label("key"),
                entry.limit(1).scalar_subquery().label("value"),
            )
            .where(point.c.agency == self.scope.agency, point.c.source == self.scope.source, point.c.is_usable)
            .subquery()
        )
        present = select(_STAGED_PEOPLE.c.source_key).where(
            _STAGED_PEOPLE.c.run == self.scope.run, _STAGED_PEOPLE.c.state == GOOD
        )
        same = and_(
            staged.c.run == self.scope.run,
            staged.c.source_key == live.c.key,
            staged.c.channel == live.c.channel,
            staged.c.value == live.c.value,
        )
        wanted = (
            select(live.c.id, live.c.person, live.c.channel)
            .select_from(live)
            .join(staged, same, isouter=True)
            .where(live.c.key.in_(present), staged.c.id.is_(None))
        )
        return [OldPoint(*row) for row in self.session.connection().execute(wanted)]

    def had_before(self, people: Sequence[UUID]) -> set[tuple[UUID, str]]:
        """Return on which channels these people had a number or address that was taken away."""
        wanted = select(_POINTS.c.person, _POINTS.c.channel).where(
            _POINTS.c.agency == self.scope.agency, _POINTS.c.person.in_(people), ~_POINTS.c.is_usable
        )
        return {(person, channel) for person, channel in self.session.connection().execute(wanted)}

    def points(self) -> int:
        """Return how many numbers and addresses of this source are on record."""
        return self._count(
            _POINTS,
            _POINTS.c.agency == self.scope.agency,
            _POINTS.c.source == self.scope.source,
            _POINTS.c.is_usable,
        )

    def take_away(self, points: Sequence[Columns]) -> None:
        """Empty contact points; each row holds ``b_id``, ``b_person`` and ``b_value``, an empty text sealed.

        The empty point stays: a number that comes after it is a *replaced* one and has to wait.
        """
        if not points:
            return
        tx = self.session.connection()
        entries = delete(_ENTRIES).where(
            _ENTRIES.c.person == bindparam("b_person"), _ENTRIES.c.contact == bindparam("b_id")
        )
        tx.execute(entries, list(points))
        emptied = update(_POINTS).where(_POINTS.c.agency == self.scope.agency, _POINTS.c.id == bindparam("b_id"))
        tx.execute(emptied.values(value=bindparam("b_value"), is_usable=False, confirmed_at=None), list(points))

    def add_points(self, points: Values, entries: Values) -> None:
        """Enter contact points and how they are found, their columns as in ``POINTS`` and ``ENTRIES``."""
        scope = self.scope
        # Only a source's first run confirms: that a roster repeats a number proves nothing about it.
        confirmed = scope.now if scope.is_first else None
        mine = {"agency": scope.agency, "source": scope.source, "is_usable": True}
        dates = {"confirmed_at": confirmed, "added_at": scope.now}
        add_many(self.session, _POINTS, POINTS, points, {**mine, **dates})
        add_many(self.session, _ENTRIES, ENTRIES, entries, {"agency": scope.agency})

    def _new(self, wanted: Select[Any]) -> Select[Any]:
        staged, record = _STAGED_POINTS, _RECORDS
        same = and_(record.c.source == self.scope.source, record.c.source_key == staged.c.source_key)
        there = exists().where(
            _POINTS.c.person == record.c.person,
            _POINTS.c.channel == staged.c.channel,
            _POINTS.c.is_usable,
            _ENTRIES.c.person == record.c.person,
            _ENTRIES.c.purpose.in_(_POINT_PURPOSES),
            _ENTRIES.c.contact == _POINTS.c.id,
            _ENTRIES.c.value == staged.c.value,
        )
        return (
            wanted.select_from(staged)
            .join(record, same, isouter=True)
            .join(_PEOPLE, _PEOPLE.c.id == record.c.person, isouter=True)
            .where(staged.c.run == self.scope.run, _PEOPLE.c.erased_at.is_(None), ~there)
        )

    def _key(self, person: ColumnElement[UUID]) -> ScalarSelect[str]:
        record = _RECORDS
        mine = select(record.c.source_key).where(record.c.person == person, record.c.source == self.scope.source)
        mine = mine.where(record.c.print != "")  # of several records the one that speaks for the person
        return mine.limit(1).scalar_subquery()

    def _count(self, lying: Table, *conditions: ColumnElement[bool]) -> int:
        wanted = select(func.count()).select_from(lying).where(*conditions)
        return self.session.connection().execute(wanted).scalar_one()
