"""Every SQL statement by which records of one person are found and put together."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, exists, func, insert, literal, select, update
from sqlmodel import Session

from rightsdesk.requests.people.roster.columns import table
from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.merging.claims import PURPOSE
from rightsdesk.requests.people.roster.staging.store import ASIDE, GOOD, MERGED, Columns, add_rows, portions_of
from rightsdesk.requests.people.roster.tables import (
    StagedClaimRow,
    StagedContactRow,
    StagedEdgeRow,
    StagedPersonRow,
    StagedRoleRow,
)
from rightsdesk.requests.people.tables import PersonIndexRow, PersonRow, SourceRecordRow

_PEOPLE: Final = table(PersonRow)
_ENTRIES: Final = table(PersonIndexRow)
_RECORDS: Final = table(SourceRecordRow)
_STAGED: Final = table(StagedPersonRow)
_CLAIMS: Final = table(StagedClaimRow)
_POINTS: Final = table(StagedContactRow)
_ROLES: Final = table(StagedRoleRow)
_EDGES: Final = table(StagedEdgeRow)

_AT_ONCE: Final = 10_000  # rows in memory
_JOINED: Final = "joined"  # no print is like it: whoever was joined is written anew


class Staging(NamedTuple):
    """A staged record, and whom it speaks for on file."""

    key: str
    line: int
    print: str
    standing: int
    leads: UUID | None


class Waiting(NamedTuple):
    """A staged record that is to be filed under a person who has another one."""

    key: str
    person: UUID
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Merging:
    """The records of one run beside those on file. Of a person's records of a source one has a print: it speaks."""

    session: Session
    scope: Scope

    def rivals(self) -> list[tuple[str, str]]:
        """Return what several records of the package claim, each with one that claims it, in the order of the package.

        Claims are not joined with claims: where the database does not know yet how many there are, it would pair each
        with every other, for hours.
        """
        tx, mine = self.session.connection(), _CLAIMS.c.run == self.scope.run
        several = func.min(_CLAIMS.c.source_key) != func.max(_CLAIMS.c.source_key)
        shared = set(
            tx.execute(select(_CLAIMS.c.value).where(mine).group_by(_CLAIMS.c.value).having(several)).scalars()
        )
        if not shared:
            return []
        every = select(_CLAIMS.c.value, _CLAIMS.c.source_key).where(mine).order_by(_CLAIMS.c.id)
        rows = tx.execute(every.execution_options(yield_per=_AT_ONCE))
        return [(value, key) for value, key in rows if value in shared]

    def known(self) -> list[tuple[str, UUID]]:
        """Return records that speak for nobody yet, each with somebody on file of whom the same was said."""
        entry = (_ENTRIES.c.agency == self.scope.agency) & (_ENTRIES.c.purpose == PURPOSE)
        speaks = exists().where(
            _RECORDS.c.source == self.scope.source,
            _RECORDS.c.source_key == _CLAIMS.c.source_key,
            _RECORDS.c.print != "",
        )
        wanted = (
            select(_CLAIMS.c.source_key, _ENTRIES.c.person)
            .join(_ENTRIES, entry & (_ENTRIES.c.value == _CLAIMS.c.value))
            .join(_PEOPLE, (_PEOPLE.c.id == _ENTRIES.c.person) & _PEOPLE.c.erased_at.is_(None))
            .where(_CLAIMS.c.run == self.scope.run, ~speaks)
        )
        return self._pairs(wanted.distinct())

    def following(self) -> list[tuple[str, UUID, bool]]:
        """Return the records filed under another one so far, whose they are, and whether they claim anything now."""
        claim = exists().where(_CLAIMS.c.run == self.scope.run, _CLAIMS.c.source_key == _STAGED.c.source_key)
        wanted = self._filed(select(_STAGED.c.source_key, _RECORDS.c.person, claim))
        rows = self.session.connection().execute(wanted.where(_RECORDS.c.print == "", _STAGED.c.state == GOOD))
        return [(key, person, bool(says)) for key, person, says in rows]

    def speaking(self, people: Iterable[UUID]) -> Iterator[tuple[UUID, str, str]]:
        """Yield for each of these people the staged record that speaks for them, and its state."""
        wanted = self._filed(select(_RECORDS.c.person, _STAGED.c.source_key, _STAGED.c.state))
        for some in portions_of(people):
            here = wanted.where(_RECORDS.c.print != "", _RECORDS.c.person.in_(some))
            yield from ((person, key, state) for person, key, state in self.session.connection().execute(here))

    def staged(self, keys: Iterable[str]) -> Iterator[Staging]:
        """Yield the usable staged records of these keys."""
        record = (_RECORDS.c.source == self.scope.source) & (_RECORDS.c.source_key == _STAGED.c.source_key)
        columns = (_STAGED.c.source_key, _STAGED.c.line, _STAGED.c.print, _STAGED.c.standing, _RECORDS.c.person)
        wanted = select(*columns).join(_RECORDS, record & (_RECORDS.c.print != ""), isouter=True)
        for some in portions_of(keys):
            mine = wanted.where(
                _STAGED.c.run == self.scope.run, _STAGED.c.source_key.in_(some), _STAGED.c.state == GOOD
            )
            yield from (Staging(*row) for row in self.session.connection().execute(mine))

    def mark(self, rows: Sequence[Columns], *names: str) -> None:
        """Set these columns of staged records; each row holds ``b_key`` and the values."""
        if rows:
            mine = update(_STAGED).where(_STAGED.c.run == self.scope.run, _STAGED.c.source_key == bindparam("b_key"))
            self.session.connection().execute(mine.values({name: bindparam(name) for name in names}), list(rows))

    def set_aside_with_followers(self) -> None:
        """Let people stay what they are of whom a record could not be used: it would look like taken away."""
        own, other = _RECORDS.alias(), _RECORDS.alias()
        broken = (
            select(own.c.source_key)
            .join(other, (other.c.person == own.c.person) & (other.c.source == own.c.source) & (other.c.print == ""))
            .join(_STAGED, (_STAGED.c.source_key == other.c.source_key) & (_STAGED.c.run == self.scope.run))
            .where(own.c.source == self.scope.source, own.c.print != "", _STAGED.c.state == ASIDE)
        )
        mine = update(_STAGED).where(_STAGED.c.run == self.scope.run, _STAGED.c.state == GOOD)
        self.session.connection().execute(mine.where(_STAGED.c.source_key.in_(broken)).values(state=ASIDE))

    def gather(self) -> None:
        """Put what the followers say of roles, numbers and relations under the record they follow."""
        follower = _STAGED.alias()
        mine = (follower.c.run == self.scope.run) & (follower.c.state == MERGED)
        keys = select(follower.c.source_key).where(mine)
        places = (_ROLES.c.source_key, _POINTS.c.source_key, _EDGES.c.one, _EDGES.c.other)
        for column in places:
            leader = select(follower.c.leader).where(mine, follower.c.source_key == column).limit(1).scalar_subquery()
            lying = column.table
            moved = update(lying).where(lying.c.run == self.scope.run, column.in_(keys))
            self.session.connection().execute(moved.values({column.name: leader}))
        self._say_once(select(follower.c.leader).where(mine))

    def settle(self) -> list[Waiting]:
        """Give the word to the records that join somebody on file; return them, to be filed.

        Whoever spoke for these people before is silent from here on, and who no longer belongs to them is let go.
        """
        tx = self.session.connection()
        columns = (_STAGED.c.source_key, _STAGED.c.joins, _STAGED.c.sealed)
        here = (_PEOPLE.c.id == _STAGED.c.joins) & (_PEOPLE.c.agency == self.scope.agency)
        alive = exists().where(here, _PEOPLE.c.erased_at.is_(None))
        good = (_STAGED.c.run == self.scope.run) & (_STAGED.c.state == GOOD)
        joins = _STAGED.c.joins.is_not(None)  # said aloud: nothing is "not in" an empty table
        tx.execute(update(_STAGED).where(good, joins, ~alive).values(state=ASIDE))
        joining = [Waiting(*row) for row in tx.execute(select(*columns).where(good, joins))]
        usable = select(_STAGED.c.source_key).where(good)
        mine = _RECORDS.c.source == self.scope.source
        silent = delete(_RECORDS).where(mine, _RECORDS.c.print == "", _RECORDS.c.source_key.in_(usable))
        tx.execute(silent)
        if joining:
            one = update(_RECORDS).where(mine, _RECORDS.c.person == bindparam("b_person"))
            tx.execute(one.values(print="", is_active=False), [{"b_person": row.person} for row in joining])
        return joining

    def followers(self) -> list[Waiting]:
        """Return the records to be filed under the person of the record they follow."""
        there = exists().where(_RECORDS.c.source == self.scope.source, _RECORDS.c.source_key == _STAGED.c.source_key)
        leader = _RECORDS.alias()
        same = (leader.c.source == self.scope.source) & (leader.c.source_key == _STAGED.c.leader)
        wanted = (
            select(_STAGED.c.source_key, leader.c.person, _STAGED.c.sealed)
            .join(leader, same)
            .where(_STAGED.c.run == self.scope.run, _STAGED.c.state == MERGED, ~there)
        )
        return [Waiting(*row) for row in self.session.connection().execute(wanted)]

    def file(self, rows: Iterable[tuple[Waiting, bytes]], *, speak: bool) -> None:
        """File records under their people; ``speak`` says whether they are the ones that count."""
        known: Columns = {"source": self.scope.source, "is_active": True, "print": _JOINED if speak else ""}
        seen: Columns = {"first_seen": self.scope.now, "last_changed": self.scope.now}
        filed = [
            {**known, **seen, "source_key": one.key, "person": one.person, "sourced_id": sealed} for one, sealed in rows
        ]
        add_rows(self.session, SourceRecordRow, filed)

    def remember(self, key: str) -> None:
        """Enter under this index key what the records claim, so that their people are known again under other ids."""
        there = exists().where(
            _ENTRIES.c.person == _RECORDS.c.person,
            _ENTRIES.c.purpose == PURPOSE,
            _ENTRIES.c.value == _CLAIMS.c.value,
        )
        wanted = (
            select(literal(self.scope.agency), literal(PURPOSE), _CLAIMS.c.value, _RECORDS.c.person)
            .join(_RECORDS, self._claimed())
            .join(_PEOPLE, (_PEOPLE.c.id == _RECORDS.c.person) & _PEOPLE.c.erased_at.is_(None))
            .where(_CLAIMS.c.run == self.scope.run, _CLAIMS.c.value.like(f"{key}:%"), ~there)
        )
        columns = ["agency", "purpose", "value", "person"]
        # Sorted, not looked up one by one in a table of what was seen; and by person, as their index lies.
        once = wanted.group_by(_RECORDS.c.person, _CLAIMS.c.value)
        self.session.connection().execute(insert(_ENTRIES).from_select(columns, once))

    def forget_older(self, key: str) -> None:
        """Drop what was remembered under other index keys of people who were just remembered under this one."""
        theirs = select(_RECORDS.c.person).join(_CLAIMS, self._claimed()).where(_CLAIMS.c.run == self.scope.run)
        older = delete(_ENTRIES).where(_ENTRIES.c.agency == self.scope.agency, _ENTRIES.c.purpose == PURPOSE)
        older = older.where(_ENTRIES.c.value.not_like(f"{key}:%"), _ENTRIES.c.person.in_(theirs))
        self.session.connection().execute(older)

    def _claimed(self) -> ColumnElement[bool]:
        return (_RECORDS.c.source == self.scope.source) & (_RECORDS.c.source_key == _CLAIMS.c.source_key)

    def _say_once(self, leaders: Select[Any]) -> None:
        mine = and_(_POINTS.c.run == self.scope.run, _POINTS.c.source_key.in_(leaders))
        other = _POINTS.alias()
        alike = [other.c[name] == _POINTS.c[name] for name in ("run", "source_key", "channel", "value")]
        said = exists().where(*alike, other.c.id < _POINTS.c.id)
        self.session.connection().execute(delete(_POINTS).where(mine, said))

    def _filed(self, wanted: Select[Any]) -> Select[Any]:
        record = (_RECORDS.c.source == self.scope.source) & (_RECORDS.c.source_key == _STAGED.c.source_key)
        return wanted.select_from(_STAGED).join(_RECORDS, record).where(_STAGED.c.run == self.scope.run)

    def _pairs(self, wanted: Select[Any]) -> list[tuple[Any, Any]]:
        return [(one, other) for one, other in self.session.connection().execute(wanted)]
