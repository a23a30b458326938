"""Every SQL statement about a staged roster: writing it, finding what dangles in it, and clearing it away."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    case,
    delete,
    exists,
    insert,
    literal,
    select,
    update,
)
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_rows

from rightsdesk.requests.ledger.dialects import count_anew, drop_indexes, has_indexes, lay_in_order, make_indexes
from rightsdesk.requests.people.roster.columns import table
from rightsdesk.requests.people.roster.records import FAMILY, Standing
from rightsdesk.requests.people.roster.tables import (
    StagedClaimRow,
    StagedContactRow,
    StagedEdgeRow,
    StagedLinkRow,
    StagedOrgRow,
    StagedPersonRow,
    StagedRoleRow,
)
from rightsdesk.requests.people.roster.terms import Begin
from rightsdesk.requests.people.tables import RosterRunRow

_STAGED_PEOPLE: Final = table(StagedPersonRow)
_STAGED_ROLES: Final = table(StagedRoleRow)
_STAGED_POINTS: Final = table(StagedContactRow)
_STAGED_EDGES: Final = table(StagedEdgeRow)
_STAGED_LINKS: Final = table(StagedLinkRow)
_STAGED_ORGS: Final = table(StagedOrgRow)
_STAGED_CLAIMS: Final = table(StagedClaimRow)
_RUNS: Final = table(RosterRunRow)

Columns: TypeAlias = dict[str, object]

_PORTION: Final = 10_000  # rows that go in one transaction
_MANY: Final = 500  # SQLite's older limit on bound values is 999
GOOD: Final = "good"
ASIDE: Final = "aside"  # present, but not usable
ERASED: Final = "erased"  # present, and never to come back
MERGED: Final = "merged"  # another record of the same person speaks for this one
_TABLES: Final = (
    _STAGED_ORGS,
    _STAGED_PEOPLE,
    _STAGED_ROLES,
    _STAGED_POINTS,
    _STAGED_EDGES,
    _STAGED_LINKS,
    _STAGED_CLAIMS,
)
_INDEXES: Final = tuple(index for staged in _TABLES for index in staged.indexes)


def add_rows(tx: Session, kind: type[SQLModel], rows: Sequence[Columns]) -> None:
    """Write many rows at once: one object a row would cost sixteen times as much."""
    if rows:
        tx.connection().execute(insert(kind), list(rows))


def portions_of(all_of_them: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield what is asked for in lists that one statement may name."""
    rest = list(all_of_them)
    for start in range(0, len(rest), _MANY):
        yield rest[start : start + _MANY]


def clear(begin: Begin, run: UUID) -> None:
    """Remove everything that was staged for a run, each portion in a transaction of its own.

    In one with what was applied, a million students kept every writer waiting for minutes and doubled what has to be
    written home. Where no other roster waits the indexes go first: else each row is taken out of them by itself.
    """
    with begin() as tx:
        others = select(_RUNS.c.id).where(_RUNS.c.is_staged, _RUNS.c.id != run)
        if not tx.connection().execute(others.limit(1)).first():
            drop_indexes(tx, *_INDEXES)
    for staged in _TABLES:
        last: int | None = 0
        while last is not None:
            with begin() as tx:
                last = _clear_portion(tx.connection(), staged, run, last)
    with begin() as tx:
        cover(tx)


def _clear_portion(tx: Connection, staged: Table, run: UUID, after: int) -> int | None:
    """Remove the next rows of a run, and return the id of the last of them, None where there was none."""
    mine = select(staged.c.id).where(staged.c.run == run, staged.c.id > after).order_by(staged.c.id).limit(_PORTION)
    ids = tx.execute(mine).scalars().all()
    if not ids:
        return None
    tx.execute(delete(staged).where(staged.c.run == run, staged.c.id.between(ids[0], ids[-1])))
    return int(ids[-1])


def lay_bare(tx: Session) -> None:
    """Make ready to stage a roster: without indexes where nobody else's waits, until ``settle`` or ``cover``."""
    if not any(tx.connection().execute(select(staged.c.id).limit(1)).first() for staged in _TABLES):
        drop_indexes(tx, *_INDEXES)


def is_bare(tx: Session) -> bool:
    """Say whether indexes are missing: a roster is being staged, or an import was killed over it."""
    return not has_indexes(tx, *_INDEXES)


def cover(tx: Session) -> None:
    """Give the staging tables the indexes back that ``lay_bare`` took, however the run ended; free where none lacks."""
    make_indexes(tx, *_INDEXES)


def take_stock(begin: Begin, *, of_links: bool) -> None:
    """Let the database look at what is staged, one table a transaction: nobody else's import waits for ours to end."""
    for staged in (_STAGED_LINKS,) if of_links else _TABLES:
        with begin() as tx:
            count_anew(tx, staged)


def withhold(tx: Session, keys: Sequence[str], state: str) -> None:
    """Take what waits about these people out of every staged roster: a held file must not outlive an erasure.

    Who was ``ASIDE`` keeps what is on record, ``ERASED`` never comes back; neither is counted as gone from the source.
    """
    sent = update(_STAGED_PEOPLE).where(_STAGED_PEOPLE.c.source_key.in_(keys))
    tx.connection().execute(sent.values(state=state, sealed=b"", print=""))
    for lying in (_STAGED_POINTS, _STAGED_CLAIMS):
        tx.connection().execute(delete(lying).where(lying.c.source_key.in_(keys)))
    either = _STAGED_LINKS.c.student.in_(keys) | _STAGED_LINKS.c.guardian.in_(keys)
    tx.connection().execute(delete(_STAGED_LINKS).where(either))


@dataclass(frozen=True, slots=True)
class Staged:
    """What one run has staged. The run belongs to one agency, and so does all that can be reached from here."""

    session: Session
    run: UUID

    def settle(self, *, all_new: bool) -> None:
        """Let the database index what is staged; call it when all of it is there, and ``take_stock`` after it.

        ``all_new``: nobody is on record yet, so everybody will be read again, in the order of their keys.
        """
        if all_new:
            for one in (_STAGED_PEOPLE, _STAGED_POINTS):
                lay_in_order(self.session, one, one.c.run == self.run, one.c.source_key)
        cover(self.session)

    def orphan_roles(self) -> list[int]:
        """Return the lines of roles whose person is not among the users."""
        wanted = select(_STAGED_ROLES.c.line).where(
            _STAGED_ROLES.c.run == self.run, ~self._is_user(_STAGED_ROLES.c.source_key)
        )
        return sorted(self._lines(wanted))

    def dangling_edges(self) -> list[int]:
        """Return the lines that name a relative who is not among the users."""
        wanted = select(_STAGED_EDGES.c.line).where(
            _STAGED_EDGES.c.run == self.run, ~self._is_user(_STAGED_EDGES.c.other)
        )
        return sorted(set(self._lines(wanted)))

    def misfit_edges(self) -> list[int]:
        """Return the lines that relate two people who are not a student and an adult of the family."""
        pair = _Pair()
        wanted = pair.joined(select(_STAGED_EDGES.c.line), self.run).where(~pair.is_family)
        return sorted(set(self._lines(wanted)))

    def build_links(self) -> None:
        """Make pairs of student and guardian out of the edges, whichever end named the other."""
        pair = _Pair()
        columns: list[ColumnElement[Any]] = [literal(self.run), pair.student, pair.guardian, pair.relation]
        # In order: whoever is entered first has the first id, and so the guardianships are written in theirs.
        wanted = pair.joined(select(*columns), self.run).where(pair.is_family).distinct().order_by(*columns[1:3])
        self.session.connection().execute(
            insert(_STAGED_LINKS).from_select(["run", "student", "guardian", "relation"], wanted)
        )

    def orgs(self) -> Sequence[StagedOrgRow]:
        """Return the organisations of the package."""
        wanted = select_rows(StagedOrgRow).where(StagedOrgRow.run == self.run).order_by(col(StagedOrgRow.id))
        return self.session.exec(wanted).all()

    def _is_user(self, key: ColumnElement[str]) -> ColumnElement[bool]:
        # Asked one by one in an index: PostgreSQL reads a long list of "not in" anew for every row, for hours.
        return exists().where(_STAGED_PEOPLE.c.source_key == key, _STAGED_PEOPLE.c.run == self.run)

    def _lines(self, wanted: Select[Any]) -> Iterable[int]:
        return self.session.connection().execute(wanted).scalars()


class _Pair:
    """The two ends of an edge, and what they are to each other."""

    def __init__(self) -> None:
        self.one = _STAGED_PEOPLE.alias()
        self.other = _STAGED_PEOPLE.alias()
        first = self._is(self.one, Standing.STUDENT)
        adult = case((first, self.other.c.standing), else_=self.one.c.standing)
        self.student: ColumnElement[str] = case((first, self.one.c.source_key), else_=self.other.c.source_key)
        self.guardian: ColumnElement[str] = case((first, self.other.c.source_key), else_=self.one.c.source_key)
        self.relation: ColumnElement[str] = case(
            (adult.op("&")(int(Standing.PARENT)) != 0, "parent"),
            (adult.op("&")(int(Standing.GUARDIAN)) != 0, "guardian"),
            else_="relative",
        )
        students = self.one.c.standing.op("&")(1) + self.other.c.standing.op("&")(1)
        # Exactly one end is a student: two of them are siblings at most.
        self.is_family: ColumnElement[bool] = (students == 1) & (adult.op("&")(int(FAMILY)) != 0)

    def joined(self, wanted: Select[Any], run: UUID) -> Select[Any]:
        return (
            wanted.select_from(_STAGED_EDGES)
            .join(self.one, (self.one.c.run == run) & (self.one.c.source_key == _STAGED_EDGES.c.one))
            .join(self.other, (self.other.c.run == run) & (self.other.c.source_key == _STAGED_EDGES.c.other))
            .where(_STAGED_EDGES.c.run == run, self.one.c.state == GOOD, self.other.c.state == GOOD)
        )

    @staticmethod
    def _is(person: FromClause, standing: Standing) -> ColumnElement[bool]:
        return person.c.standing.op("&")(int(standing)) != 0
