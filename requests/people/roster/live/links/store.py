"""Every SQL statement by which an import changes guardianships."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    Subquery,
    Table,
    Update,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    update,
)
from sqlmodel import Session

from rightsdesk.requests.ledger.bulk import Values, add_many
from rightsdesk.requests.people.authority import Grade
from rightsdesk.requests.people.roster.columns import table
from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.records import Standing
from rightsdesk.requests.people.roster.staging.store import GOOD, Columns
from rightsdesk.requests.people.roster.tables import StagedLinkRow, StagedPersonRow
from rightsdesk.requests.people.tables import (
    GuardianshipRow,
    SourceRecordRow,
)

_RECORDS: Final = table(SourceRecordRow)
_STAGED_PEOPLE: Final = table(StagedPersonRow)
_STAGED_LINKS: Final = table(StagedLinkRow)
_LINKS: Final = table(GuardianshipRow)

LINKS: Final = ("id", "student", "guardian", "relation", "authority")
_ROSTER_GRADES = (Grade.ROSTER_ASSERTED, Grade.UNCONFIRMED)


class NewLink(NamedTuple):
    """A staged pair that is not on record, or ended (``link``); ends are None before people were entered.

    ``is_old``: one of them was on record before this run.
    """

    id: int
    student: UUID | None
    guardian: UUID | None
    relation: str
    link: UUID | None
    is_old: bool | None


class OldLink(NamedTuple):
    """A guardianship on record; ``relation`` is what the source says now, empty when it says nothing."""

    id: UUID
    student: UUID
    guardian: UUID
    relation: str


@dataclass(frozen=True, slots=True)
class LiveLinks:
    """Guardianships of one agency, as far as one source speaks of them."""

    session: Session
    scope: Scope

    def new_links(self, after: int, limit: int) -> Sequence[NewLink]:
        """Return the next staged pairs that are not on record, or ended there."""
        staged, child, adult = _STAGED_LINKS, _RECORDS.alias(), _RECORDS.alias()
        is_old = or_(child.c.first_seen < self.scope.now, adult.c.first_seen < self.scope.now)
        columns = (staged.c.id, child.c.person, adult.c.person, staged.c.relation, _LINKS.c.id, is_old)
        wanted = self._new(select(*columns), child, adult).where(staged.c.id > after).order_by(staged.c.id)
        return [NewLink(*row) for row in self.session.connection().execute(wanted.limit(limit))]

    def count_new(self) -> int:
        """Return how many staged pairs are not on record, or ended there."""
        wanted = self._new(select(func.count()), _RECORDS.alias(), _RECORDS.alias())
        counted: int = self.session.connection().execute(wanted).scalar_one()
        return counted

    def differing_links(self) -> Sequence[OldLink]:
        """Return guardianships that the source has no more, or with another relation.

        Not those of people whose row could not be used, and no relation on which a member of staff has ruled.
        """
        live, wanted = self._live_links()
        other = and_(
            _STAGED_LINKS.c.relation != live.c.relation,
            live.c.judged_by.is_(None),
            live.c.authority.in_(_ROSTER_GRADES),
        )
        # One condition over both: asked apart, SQLite turns the outer join into a slow inner one.
        rows = self.session.connection().execute(wanted.where(or_(self._is_missing(live), other)))
        return [OldLink(link, student, guardian, relation or "") for link, student, guardian, relation in rows]

    def links(self) -> int:
        """Return how many guardianships of this source are on record."""
        link = _LINKS
        return self._count(
            link, link.c.agency == self.scope.agency, link.c.source == self.scope.source, link.c.is_active
        )

    def add_links(self, rows: Values) -> None:
        """Enter guardianships, their columns as in ``LINKS``."""
        mine = {"agency": self.scope.agency, "source": self.scope.source, "is_active": True, "since": self.scope.now}
        add_many(self.session, _LINKS, LINKS, rows, mine)

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
        values: Columns = {"relation": bindparam("b_relation"), "authority": bindparam("b_authority")}
        self.session.connection().execute(mine.values(values), list(rows))

    def _set(self, links: Sequence[UUID], values: dict[str, object]) -> None:
        if links:
            self.session.connection().execute(self._mine().values(**values), [{"b_id": one} for one in links])

    def _mine(self) -> Update:
        link = _LINKS
        return update(link).where(link.c.agency == self.scope.agency, link.c.id == bindparam("b_id"))

    def _is_missing(self, live: Subquery) -> ColumnElement[bool]:
        if self.scope.keeps_everybody or not self.scope.has_people:
            return false()
        staged = _STAGED_PEOPLE.alias()
        is_unsure = or_(staged.c.state != GOOD, staged.c.standing.op("&")(int(Standing.INCOMPLETE)) != 0)
        unsure = [
            exists().where(staged.c.source_key == end, staged.c.run == self.scope.run, is_unsure)
            for end in (live.c.child, live.c.adult)
        ]
        return and_(_STAGED_LINKS.c.id.is_(None), *(~one for one in unsure))

    def _live_links(self) -> tuple[Subquery, Select[Any]]:
        """Return the links of this source with the keys of their ends, and beside them what is staged.

        The keys are looked up one by one: as joins, SQLite would sometimes pair every record with every other.
        """
        link, staged = _LINKS, _STAGED_LINKS
        live = (
            select(
                link.c.id,
                link.c.student,
                link.c.guardian,
                link.c.relation,
                link.c.judged_by,
                link.c.authority,
                self._key(link.c.student).label("child"),
                self._key(link.c.guardian).label("adult"),
            )
            .where(link.c.agency == self.scope.agency, link.c.source == self.scope.source, link.c.is_active)
            .subquery()
        )
        same = and_(
            staged.c.run == self.scope.run,
            staged.c.student == live.c.child,
            staged.c.guardian == live.c.adult,
        )
        columns = (live.c.id, live.c.student, live.c.guardian, staged.c.relation)
        return live, select(*columns).select_from(live).join(staged, same, isouter=True)

    def _key(self, person: ColumnElement[UUID]) -> ScalarSelect[str]:
        record = _RECORDS
        mine = select(record.c.source_key).where(record.c.person == person, record.c.source == self.scope.source)
        mine = mine.where(record.c.print != "")  # of several records the one that speaks for the person
        return mine.limit(1).scalar_subquery()

    def _new(self, wanted: Select[Any], child: FromClause, adult: FromClause) -> Select[Any]:
        staged, link = _STAGED_LINKS, _LINKS
        pair = and_(link.c.student == child.c.person, link.c.guardian == adult.c.person)
        return (
            wanted.select_from(staged)
            .join(child, self._of(child, staged.c.student), isouter=True)
            .join(adult, self._of(adult, staged.c.guardian), isouter=True)
            .join(link, pair, isouter=True)
            .where(staged.c.run == self.scope.run, or_(link.c.id.is_(None), ~link.c.is_active))
        )

    def _of(self, record: FromClause, key: ColumnElement[str]) -> ColumnElement[bool]:
        return and_(record.c.source == self.scope.source, record.c.source_key == key)

    def _count(self, lying: Table, *conditions: ColumnElement[bool]) -> int:
        wanted = select(func.count()).select_from(lying).where(*conditions)
        return self.session.connection().execute(wanted).scalar_one()
