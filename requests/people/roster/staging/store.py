"""Every SQL statement about a staged roster: writing it, finding what dangles in it, and clearing it away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, delete, insert, literal, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col

from rightsdesk.requests.people.roster.records import FAMILY, Standing
from rightsdesk.requests.people.roster.tables import (
    StagedContactRow,
    StagedEdgeRow,
    StagedLinkRow,
    StagedOrgRow,
    StagedPersonRow,
    StagedRoleRow,
)

Columns: TypeAlias = dict[str, object]

GOOD: Final = "good"
ASIDE: Final = "aside"  # present, but not usable
ERASED: Final = "erased"  # present, and never to come back
_TABLES: Final = (
    StagedOrgRow,
    StagedPersonRow,
    StagedRoleRow,
    StagedContactRow,
    StagedEdgeRow,
    StagedLinkRow,
)


def add_rows(tx: Session, table: type[SQLModel], rows: Sequence[Columns]) -> None:
    """Write many rows at once: one object a row would cost sixteen times as much."""
    if rows:
        tx.connection().execute(insert(table), list(rows))


def clear(tx: Session, run: UUID) -> None:
    """Remove everything that was staged for a run."""
    for table in _TABLES:
        tx.connection().execute(delete(table).where(col(table.run) == run))


def withhold(tx: Session, keys: Sequence[str], state: str) -> None:
    """Take what waits about these people out of every staged roster: a held file must not outlive an erasure.

    Who was ``ASIDE`` keeps what is on record, ``ERASED`` never comes back; neither is counted as gone from the source.
    """
    sent = update(StagedPersonRow).where(col(StagedPersonRow.source_key).in_(keys))
    tx.connection().execute(sent.values(state=state, sealed=b"", print=""))
    tx.connection().execute(delete(StagedContactRow).where(col(StagedContactRow.source_key).in_(keys)))
    either = col(StagedLinkRow.student).in_(keys) | col(StagedLinkRow.guardian).in_(keys)
    tx.connection().execute(delete(StagedLinkRow).where(either))


@dataclass(frozen=True, slots=True)
class Staged:
    """What one run has staged. The run belongs to one agency, and so does all that can be reached from here."""

    session: Session
    run: UUID

    def orphan_roles(self) -> list[int]:
        """Return the lines of roles whose person is not among the users."""
        people = select(StagedPersonRow.source_key).where(StagedPersonRow.run == self.run)
        wanted = select(StagedRoleRow.line).where(
            StagedRoleRow.run == self.run, col(StagedRoleRow.source_key).not_in(people)
        )
        return sorted(self._lines(wanted))

    def dangling_edges(self) -> list[int]:
        """Return the lines that name a relative who is not among the users."""
        people = select(StagedPersonRow.source_key).where(StagedPersonRow.run == self.run)
        wanted = select(StagedEdgeRow.line).where(
            StagedEdgeRow.run == self.run, col(StagedEdgeRow.other).not_in(people)
        )
        return sorted(set(self._lines(wanted)))

    def misfit_edges(self) -> list[int]:
        """Return the lines that relate two people who are not a student and an adult of the family."""
        pair = _Pair()
        wanted = pair.joined(select(StagedEdgeRow.line), self.run).where(~pair.is_family)
        return sorted(set(self._lines(wanted)))

    def build_links(self) -> None:
        """Make pairs of student and guardian out of the edges, whichever end named the other."""
        pair = _Pair()
        columns = (literal(self.run).label("run"), pair.student, pair.guardian, pair.relation)
        wanted = pair.joined(select(*columns), self.run).where(pair.is_family).distinct()
        self.session.connection().execute(
            insert(StagedLinkRow).from_select(["run", "student", "guardian", "relation"], wanted)
        )

    def orgs(self) -> Sequence[StagedOrgRow]:
        """Return the organisations of the package."""
        wanted = select(StagedOrgRow).where(col(StagedOrgRow.run) == self.run).order_by(col(StagedOrgRow.id))
        return self.session.execute(wanted).scalars().all()

    def _lines(self, wanted: Select[tuple[int]]) -> Iterable[int]:
        return self.session.execute(wanted).scalars()


class _Pair:
    """The two ends of an edge, and what they are to each other."""

    def __init__(self) -> None:
        self.one = aliased(StagedPersonRow)
        self.other = aliased(StagedPersonRow)
        first = self._is(self.one, Standing.STUDENT)
        adult = case((first, self.other.standing), else_=self.one.standing)
        self.student: ColumnElement[str] = case((first, self.one.source_key), else_=self.other.source_key)
        self.guardian: ColumnElement[str] = case((first, self.other.source_key), else_=self.one.source_key)
        self.relation: ColumnElement[str] = case(
            (adult.op("&")(int(Standing.PARENT)) != 0, "parent"),
            (adult.op("&")(int(Standing.GUARDIAN)) != 0, "guardian"),
            else_="relative",
        )
        students = col(self.one.standing).op("&")(1) + col(self.other.standing).op("&")(1)
        # Exactly one end is a student: two of them are siblings at most.
        self.is_family: ColumnElement[bool] = (students == 1) & (adult.op("&")(int(FAMILY)) != 0)

    def joined(self, wanted: Select[tuple[object, ...]], run: UUID) -> Select[tuple[object, ...]]:
        return (
            wanted.select_from(StagedEdgeRow)
            .join(self.one, (col(self.one.run) == run) & (self.one.source_key == col(StagedEdgeRow.one)))
            .join(self.other, (col(self.other.run) == run) & (self.other.source_key == col(StagedEdgeRow.other)))
            .where(StagedEdgeRow.run == run, self.one.state == GOOD, self.other.state == GOOD)
        )

    @staticmethod
    def _is(person: type[StagedPersonRow], standing: Standing) -> ColumnElement[bool]:
        return col(person.standing).op("&")(int(standing)) != 0
