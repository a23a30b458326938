"""Every SQL statement about roster sources, runs and what was wrong with single rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlmodel import Session

from rightsdesk.requests.people.roster.columns import table
from rightsdesk.requests.people.roster.outcome import Change, Counts, Dropped, Outcome, State
from rightsdesk.requests.people.roster.problems import Problem, Severity
from rightsdesk.requests.people.roster.staging.store import Columns, add_rows
from rightsdesk.requests.people.tables import RosterProblemRow, RosterRunRow, SourceRow

_RUNS: Final = table(RosterRunRow)
_PROBLEMS: Final = table(RosterProblemRow)
_SOURCES: Final = table(SourceRow)

KIND: Final = "oneroster-csv"
_FIGURES: Final = ("added", "changed", "removed", "now")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a roster comes from. ``applied_at`` is None until its first run was applied."""

    id: UUID
    name: str
    version: str
    applied_at: datetime | None
    digest: str
    written: str
    print_key: bytes  # sealed


@dataclass(frozen=True, slots=True)
class Run:
    """One import as it is listed; counts and codes only."""

    id: UUID
    source: UUID | None
    state: State
    reason: str
    started_at: datetime
    finished_at: datetime | None
    started_by: str
    counts: Counts
    dropped: Dropped
    marks: dict[str, str]


@dataclass(frozen=True, slots=True)
class Runs:
    """The imports of one agency."""

    session: Session
    agency: UUID

    def source(self, name: str) -> Source | None:
        """Return the source of this system name, or nothing."""
        wanted = select(_SOURCES).where(
            _SOURCES.c.agency == self.agency, _SOURCES.c.kind == KIND, _SOURCES.c.name == name
        )
        row = self.session.connection().execute(wanted).first()
        return None if row is None else _source(row)

    def source_of(self, source: UUID) -> Source:
        """Return a source by its id."""
        wanted = select(_SOURCES).where(_SOURCES.c.agency == self.agency, _SOURCES.c.id == source)
        return _source(self.session.connection().execute(wanted).one())

    def add_source(self, source: Source) -> None:
        """Enter a new source."""
        self.session.add(
            SourceRow(
                id=source.id,
                agency=self.agency,
                kind=KIND,
                name=source.name,
                version=source.version,
                print_key=source.print_key,
            )
        )
        self.session.flush()

    def applied(self, source: Source) -> None:
        """Note what was applied last."""
        values = {"digest": source.digest, "written": source.written, "version": source.version}
        self._change_source(source.id, {**values, "applied_at": source.applied_at})

    def start(self, run: UUID, now: datetime, actor: str) -> None:
        """Enter a run that begins."""
        self.session.add(
            RosterRunRow(id=run, agency=self.agency, state=State.RUNNING, started_at=now, started_by=actor[:60])
        )

    def end(self, run: UUID, source: UUID | None, outcome: Outcome, now: datetime, marks: dict[str, str]) -> None:
        """Note what came of a run; ``marks`` is what a held run needs when it is released."""
        self._change(
            run,
            {
                "source": source,
                "state": outcome.state,
                "reason": outcome.reason[:60],
                "finished_at": now,
                "counts": _written(outcome, marks),
            },
        )
        rows: list[Columns] = [
            {
                "run": run,
                "file": one.file,
                "line": one.line,
                "other_line": one.other_line,
                "column": one.column,
                "code": one.code,
                "severity": one.severity,
            }
            for one in outcome.problems
        ]
        add_rows(self.session, RosterProblemRow, rows)

    def run(self, run: UUID) -> Run | None:
        """Return one run, or nothing when it is not this agency's."""
        wanted = select(_RUNS).where(_RUNS.c.agency == self.agency, _RUNS.c.id == run)
        row = self.session.connection().execute(wanted).first()
        return None if row is None else _run(row)

    def latest(self, limit: int = 20) -> Sequence[Run]:
        """Return the newest runs first."""
        wanted = (
            select(_RUNS)
            .where(_RUNS.c.agency == self.agency)
            .order_by(_RUNS.c.started_at.desc(), _RUNS.c.id)
            .limit(limit)
        )
        return [_run(row) for row in self.session.connection().execute(wanted)]

    def problems(self, run: UUID, limit: int | None = None) -> Sequence[Problem]:
        """Return what was found in a run, in the order it was found."""
        mine = select(_RUNS.c.id).where(_RUNS.c.agency == self.agency, _RUNS.c.id == run)
        wanted = select(_PROBLEMS).where(_PROBLEMS.c.run.in_(mine)).order_by(_PROBLEMS.c.id)
        rows = self.session.connection().execute(wanted.limit(limit))
        return [
            Problem(row.file, row.line, row.column, row.code, Severity(row.severity), row.other_line) for row in rows
        ]

    def set_aside(self, state: State, reason: str, source: UUID | None = None) -> None:
        """End the runs in this state, of this source if one is given; what they staged is to be tidied away."""
        mine = update(_RUNS).where(_RUNS.c.agency == self.agency, _RUNS.c.state == state)
        if source is not None:
            mine = mine.where(_RUNS.c.source == source)
        after = State.BROKEN if state is State.RUNNING else State.DISCARDED
        self.session.connection().execute(mine.values(state=after, reason=reason))

    def discard(self, run: UUID, now: datetime) -> None:
        """End a held run without using it."""
        self._change(run, {"state": State.DISCARDED, "finished_at": now})

    def untidied(self) -> Sequence[UUID]:
        """Return the runs that ended and whose rows may still lie here."""
        waits = _RUNS.c.state.in_((State.RUNNING, State.HELD))
        wanted = select(_RUNS.c.id).where(_RUNS.c.agency == self.agency, _RUNS.c.is_staged, ~waits)
        return self.session.connection().execute(wanted).scalars().all()

    def tidied(self, run: UUID) -> None:
        """Note that nothing of a run lies here any more."""
        self._change(run, {"is_staged": False})

    def _change(self, run: UUID, values: dict[str, object]) -> None:
        mine = update(_RUNS).where(_RUNS.c.agency == self.agency, _RUNS.c.id == run)
        self.session.connection().execute(mine.values(**values))

    def _change_source(self, source: UUID, values: dict[str, object]) -> None:
        mine = update(_SOURCES).where(_SOURCES.c.agency == self.agency, _SOURCES.c.id == source)
        self.session.connection().execute(mine.values(**values))


def _source(row: Row[Any]) -> Source:
    return Source(row.id, row.name, row.version, row.applied_at, row.digest, row.written, row.print_key or b"")


def _written(outcome: Outcome, marks: dict[str, str]) -> str:
    kinds = {name: [getattr(change, one) for one in _FIGURES] for name, change in outcome.counts.kinds()}
    dropped = [outcome.dropped.under_13, outcome.dropped.age_unknown]
    return json.dumps({**kinds, "erased_skipped": outcome.counts.erased_skipped, "dropped": dropped, "marks": marks})


def _run(row: Row[Any]) -> Run:
    read = json.loads(row.counts)
    kinds = {name: Change(*read[name]) for name, _ in Counts().kinds() if name in read}
    counts = Counts(**kinds, erased_skipped=read.get("erased_skipped", 0))
    return Run(
        id=row.id,
        source=row.source,
        state=State(row.state),
        reason=row.reason,
        started_at=row.started_at,
        finished_at=row.finished_at,
        started_by=row.started_by,
        counts=counts,
        dropped=Dropped(*read.get("dropped", (0, 0))),
        marks=read.get("marks", {}),
    )
