"""Every SQL statement by which an import changes numbers, addresses and guardianships."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, Subquery, Update, and_, bindparam, delete, exists, false, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from rightsdesk.requests.people.authority import Grade
from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.records import Standing
from rightsdesk.requests.people.roster.staging.store import GOOD, Columns, add_rows
from rightsdesk.requests.people.roster.tables import StagedContactRow, StagedLinkRow, StagedPersonRow
from rightsdesk.requests.people.tables import (
    ContactRow,
    GuardianshipRow,
    PersonIndexRow,
    PersonRow,
    SourceRecordRow,
)

_POINT_PURPOSES = ("number", "email")
_ROSTER_GRADES = (Grade.ROSTER_ASSERTED, Grade.UNCONFIRMED)


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


class NewLink(NamedTuple):
    """A staged pair that is not on record, or ended (``link``); ends are None before people were entered."""

    id: int
    student: UUID | None
    guardian: UUID | None
    relation: str
    link: UUID | None


class OldLink(NamedTuple):
    """A guardianship on record; ``relation`` is what the source says now, empty when it says nothing."""

    id: UUID
    student: UUID
    guardian: UUID
    relation: str


@dataclass(frozen=True, slots=True)
class LiveTies:
    """Contact points and links of one agency, as far as one source speaks of them."""

    session: Session
    scope: Scope

    def new_points(self, after: int, limit: int) -> Sequence[NewPoint]:
        """Return the next staged numbers and addresses that are not on record."""
        staged, record = StagedContactRow, SourceRecordRow
        same = and_(col(record.source) == self.scope.source, col(record.source_key) == col(staged.source_key))
        there = exists().where(
            col(ContactRow.person) == col(record.person),
            col(ContactRow.channel) == col(staged.channel),
            col(ContactRow.is_usable),
            col(PersonIndexRow.person) == col(record.person),
            col(PersonIndexRow.purpose).in_(_POINT_PURPOSES),
            col(PersonIndexRow.contact) == col(ContactRow.id),
            col(PersonIndexRow.value) == col(staged.value),
        )
        wanted = (
            select(staged.id, record.person, staged.channel, staged.value, staged.sealed)
            .select_from(staged)
            .join(record, same, isouter=True)
            .join(PersonRow, col(PersonRow.id) == col(record.person), isouter=True)
            .where(staged.run == self.scope.run, col(staged.id) > after, col(PersonRow.erased_at).is_(None), ~there)
            .order_by(col(staged.id))
            .limit(limit)
        )
        return [NewPoint(*row) for row in self.session.execute(wanted)]

    def old_points(self) -> Sequence[OldPoint]:
        """Return numbers and addresses of this source whose owner is in the package without them."""
        point, staged = ContactRow, StagedContactRow
        entry = select(PersonIndexRow.value).where(
            col(PersonIndexRow.person) == col(point.person), col(PersonIndexRow.contact) == col(point.id)
        )
        live = (
            select(
                col(point.id),
                col(point.person),
                col(point.channel),
                self._key(col(point.person)).label("key"),
                entry.limit(1).scalar_subquery().label("value"),
            )
            .where(col(point.agency) == self.scope.agency, col(point.source) == self.scope.source, col(point.is_usable))
            .subquery()
        )
        present = select(StagedPersonRow.source_key).where(
            StagedPersonRow.run == self.scope.run, StagedPersonRow.state == GOOD
        )
        same = and_(
            col(staged.run) == self.scope.run,
            col(staged.source_key) == live.c.key,
            col(staged.channel) == live.c.channel,
            col(staged.value) == live.c.value,
        )
        wanted = (
            select(live.c.id, live.c.person, live.c.channel)
            .select_from(live)
            .join(staged, same, isouter=True)
            .where(live.c.key.in_(present), col(staged.id).is_(None))
        )
        return [OldPoint(*row) for row in self.session.execute(wanted)]

    def had_before(self, people: Sequence[UUID]) -> set[tuple[UUID, str]]:
        """Return on which channels these people had a number or address that was taken away."""
        wanted = select(ContactRow.person, ContactRow.channel).where(
            ContactRow.agency == self.scope.agency, col(ContactRow.person).in_(people), ~col(ContactRow.is_usable)
        )
        return {(person, channel) for person, channel in self.session.execute(wanted)}

    def points(self) -> int:
        """Return how many numbers and addresses of this source are on record."""
        return self._count(
            ContactRow,
            ContactRow.agency == self.scope.agency,
            ContactRow.source == self.scope.source,
            col(ContactRow.is_usable),
        )

    def take_away(self, points: Sequence[Columns]) -> None:
        """Empty contact points; each row holds ``b_id``, ``b_person`` and ``b_value``, an empty text sealed.

        The empty point stays: a number that comes after it is a *replaced* one and has to wait.
        """
        if not points:
            return
        tx = self.session.connection()
        entries = delete(PersonIndexRow).where(
            col(PersonIndexRow.person) == bindparam("b_person"), col(PersonIndexRow.contact) == bindparam("b_id")
        )
        tx.execute(entries, list(points))
        emptied = update(ContactRow).where(
            col(ContactRow.agency) == self.scope.agency, col(ContactRow.id) == bindparam("b_id")
        )
        tx.execute(emptied.values(value=bindparam("b_value"), is_usable=False, confirmed_at=None), list(points))

    def add_points(self, points: Sequence[Columns], entries: Sequence[Columns]) -> None:
        """Enter contact points and how they are found."""
        add_rows(self.session, ContactRow, points)
        add_rows(self.session, PersonIndexRow, entries)

    def new_links(self, after: int, limit: int) -> Sequence[NewLink]:
        """Return the next staged pairs that are not on record, or ended there."""
        staged, link = StagedLinkRow, GuardianshipRow
        child, adult = aliased(SourceRecordRow), aliased(SourceRecordRow)
        pair = and_(col(link.student) == child.person, col(link.guardian) == adult.person)
        wanted = (
            select(staged.id, child.person, adult.person, staged.relation, link.id)
            .select_from(staged)
            .join(child, self._of(child, col(staged.student)), isouter=True)
            .join(adult, self._of(adult, col(staged.guardian)), isouter=True)
            .join(link, pair, isouter=True)
            .where(staged.run == self.scope.run, col(staged.id) > after)
            .where(or_(col(link.id).is_(None), ~col(link.is_active)))
            .order_by(col(staged.id))
            .limit(limit)
        )
        return [NewLink(*row) for row in self.session.execute(wanted)]

    def differing_links(self) -> Sequence[OldLink]:
        """Return guardianships that the source has no more, or with another relation.

        Not those of people whose row could not be used, and no relation on which a member of staff has ruled.
        """
        live, wanted = self._live_links()
        other = and_(
            col(StagedLinkRow.relation) != live.c.relation,
            live.c.judged_by.is_(None),
            live.c.authority.in_(_ROSTER_GRADES),
        )
        # One condition over both: asked apart, SQLite turns the outer join into a slow inner one.
        rows = self.session.execute(wanted.where(or_(self._is_missing(live), other)))
        return [OldLink(link, student, guardian, relation or "") for link, student, guardian, relation in rows]

    def links(self) -> int:
        """Return how many guardianships of this source are on record."""
        link = GuardianshipRow
        return self._count(
            link, link.agency == self.scope.agency, link.source == self.scope.source, col(link.is_active)
        )

    def add_links(self, rows: Sequence[Columns]) -> None:
        """Enter guardianships."""
        add_rows(self.session, GuardianshipRow, rows)

    def revive_links(self, links: Sequence[UUID]) -> None:
        """Let ended guardianships hold again; what staff ruled on them stands."""
        self._set(links, {"is_active": True, "ended_at": None})

    def end_links(self, links: Sequence[UUID]) -> None:
        """End guardianships; what staff ruled on them stands, should they come back."""
        self._set(links, {"is_active": False, "ended_at": self.scope.now})

    def relate(self, rows: Sequence[Columns]) -> None:
        """Change the relation; each row holds ``b_id``, ``b_relation`` and ``b_authority``."""
        if not rows:
            return
        mine = self._mine()
        values = {"relation": bindparam("b_relation"), "authority": bindparam("b_authority")}
        self.session.connection().execute(mine.values(values), list(rows))

    def _set(self, links: Sequence[UUID], values: dict[str, object]) -> None:
        if links:
            self.session.connection().execute(self._mine().values(**values), [{"b_id": one} for one in links])

    def _mine(self) -> Update:
        link = GuardianshipRow
        return update(link).where(col(link.agency) == self.scope.agency, col(link.id) == bindparam("b_id"))

    def _is_missing(self, live: Subquery) -> ColumnElement[bool]:
        if self.scope.keeps_everybody or not self.scope.has_people:
            return false()
        unsure = select(StagedPersonRow.source_key).where(
            StagedPersonRow.run == self.scope.run,
            or_(
                col(StagedPersonRow.state) != GOOD,
                col(StagedPersonRow.standing).op("&")(int(Standing.INCOMPLETE)) != 0,
            ),
        )
        return and_(col(StagedLinkRow.id).is_(None), live.c.child.not_in(unsure), live.c.adult.not_in(unsure))

    def _live_links(self) -> tuple[Subquery, Select[tuple[object, ...]]]:
        """Return the links of this source with the keys of their ends, and beside them what is staged.

        The keys are looked up one by one: as joins, SQLite would sometimes pair every record with every other.
        """
        link, staged = GuardianshipRow, StagedLinkRow
        live = (
            select(
                col(link.id),
                col(link.student),
                col(link.guardian),
                col(link.relation),
                col(link.judged_by),
                col(link.authority),
                self._key(col(link.student)).label("child"),
                self._key(col(link.guardian)).label("adult"),
            )
            .where(col(link.agency) == self.scope.agency, col(link.source) == self.scope.source, col(link.is_active))
            .subquery()
        )
        same = and_(
            col(staged.run) == self.scope.run,
            col(staged.student) == live.c.child,
            col(staged.guardian) == live.c.adult,
        )
        columns = (live.c.id, live.c.student, live.c.guardian, col(staged.relation))
        return live, select(*columns).select_from(live).join(staged, same, isouter=True)

    def _key(self, person: ColumnElement[UUID]) -> ScalarSelect[str]:
        record = SourceRecordRow
        mine = select(col(record.source_key)).where(
            col(record.person) == person, col(record.source) == self.scope.source
        )
        return mine.limit(1).scalar_subquery()

    def _of(self, record: type[SourceRecordRow], key: ColumnElement[str]) -> ColumnElement[bool]:
        return and_(col(record.source) == self.scope.source, col(record.source_key) == key)

    def _count(self, table: type[ContactRow] | type[GuardianshipRow], *conditions: object) -> int:
        wanted = select(func.count()).select_from(table).where(*conditions)
        return self.session.execute(wanted).scalar_one()
