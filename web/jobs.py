"""The durable queue: what is submitted joins the caller's transaction and is done at least once after it commits.

The table is the engine, on SQLite and PostgreSQL alike. All times are seconds since 1970 by the database's own clock,
so that two machines whose clocks differ still agree on who holds a lease.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Float, and_, bindparam, case, delete, func, or_, select, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, col

from rightsdesk.requests.agencies.errors import OtherRegion
from rightsdesk.requests.ledger.dialects import insert_into, run, upsert
from rightsdesk.web.tables import JobRow, WorkerRow

LEASE: Final = 30.0
MOST_ATTEMPTS: Final = 8
LONGEST_PAUSE: Final = 3600.0
KEPT: Final = 30 * 86_400.0  # a finished job's key protects against doubles for as long
TEXTS: Final = "text"  # kinds that begin so have slots of their own
TEXT_CODE: Final = "text_code"  # somebody sits and waits for it: before every other text
OPENED: Final = "rightsdesk_job_opened"  # so marked, a session leaves work behind that a worker shall look for


class db_now(FunctionElement[float]):  # noqa: N801 - it reads as a function in SQL
    """The database's own clock, seconds since 1970."""

    type = Float()
    inherit_cache = True


@compiles(db_now, "sqlite")
def _sqlite_now(element: db_now, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ARG001 - the interface
    # unixepoch('subsec') does not exist before SQLite 3.42 and silently gives nothing.
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(db_now)
def _now(element: db_now, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ARG001 - the interface
    return "extract(epoch from clock_timestamp())::float8"


_DUE: Final = db_now() + bindparam("after")
_SUBMIT: Final = upsert(
    JobRow, lambda row: row.values(run_at=_DUE).on_conflict_do_nothing(index_elements=["kind", "key"])
)
_AFRESH: Final[dict[str, Any]] = {"dead_at": None, "attempts": 0, "run_at": db_now(), "lease_until": None}


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work a worker holds. ``attempts`` counts this one and fences its completion."""

    id: int
    kind: str
    ids: tuple[str, ...]
    attempts: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """How the queue stands: what waits, since how many seconds the oldest is due, what was given up."""

    waiting: int
    oldest: float
    dead: int
    newest_beat: float | None  # seconds since a worker showed itself, None when none ever did


@dataclass(frozen=True, slots=True)
class KindStand:
    """How the jobs of one kind stand: due and free, held by a worker, given up; ``oldest`` is due since so many s."""

    kind: str
    waiting: int
    held: int
    dead: int
    oldest: float


@dataclass(frozen=True, slots=True)
class Dead:
    """A job that was given up: its kind, how often it was tried, and the type of the last error."""

    number: int
    kind: str
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class TableJobs:
    """Submits work of a region into the table; on PostgreSQL the table itself hands it to Procrastinate."""

    region: str

    def submit(self, tx: Session, kind: str, key: str, *ids: str, after: float = 0.0) -> None:
        """Enqueue one effect, due in so many seconds; a key of this kind that was submitted before is ignored."""
        row = {"kind": kind, "key": key, "ids": json.dumps(ids), "region": self.region, "after": after}
        run(tx, _SUBMIT.on(tx), row | {"attempts": 0, "lease_by": "", "error": ""})
        tx.info[OPENED] = True


@dataclass(frozen=True, slots=True)
class Queue:
    """What a worker does with the table. ``worker`` is its name; nobody else finishes what it holds."""

    session: Session
    worker: str
    lease: float = LEASE  # seconds a job is held without a sign of life
    region: str = "us"  # another region's work is left alone

    def claim(self, slots: int, *, texts: str = "without") -> Sequence[Job]:
        """Return up to ``slots`` jobs that are due, now held by this worker; ``texts`` is "only" or "without".

        An expired lease is the recovery: what a dead worker held is simply due again.
        """
        urgent = (col(JobRow.kind) != TEXT_CODE,) if texts == "only" else ()  # no index is in this order
        due = (
            select(col(JobRow.id))
            .where(self._due(), _kinds(texts))
            .order_by(*urgent, col(JobRow.run_at), col(JobRow.id))
            .limit(slots)
            .with_for_update(skip_locked=True)
        )
        return self._taken(col(JobRow.id).in_(due.scalar_subquery()))

    def take(self, number: int) -> Job | None:
        """Return this job, now held by this worker; nothing when it is not due, is another's or is over."""
        return next(iter(self._taken(and_(col(JobRow.id) == number, self._due()))), None)

    def due_again(self, number: int) -> float | None:
        """Return when somebody may hold this job, seconds since 1970; nothing when it is over."""
        free_at = case(
            (col(JobRow.lease_until) > col(JobRow.run_at), col(JobRow.lease_until)), else_=col(JobRow.run_at)
        )
        found: float | None = self._run(select(free_at).where(col(JobRow.id) == number, _open())).scalar()
        return found

    def bury(self) -> int:
        """Give up what killed its worker eight times; return how many jobs that were."""
        lost = and_(_open(), _free(), col(JobRow.attempts) >= MOST_ATTEMPTS)
        return self._changed(update(JobRow).where(lost).values(dead_at=db_now(), error="Crashed"))

    def finish(self, job: Job) -> bool:
        """Note that the job is done; False when the lease was lost meanwhile and somebody else has it."""
        return self._changed(update(JobRow).where(*self._held(job)).values(done_at=db_now(), lease_until=None)) == 1

    def fail(self, job: Job, error: str) -> bool:
        """Note the type of error; the job runs again after a pause, or is given up: after eight, or as not ours."""
        if job.attempts >= MOST_ATTEMPTS or error == OtherRegion.__name__:  # no later try would find the agency here
            values: dict[str, Any] = {"dead_at": db_now(), "error": error, "lease_until": None}
        else:
            pause = min(2.0**job.attempts, LONGEST_PAUSE)
            values = {"run_at": db_now() + pause, "error": error, "lease_until": None}
        return self._changed(update(JobRow).where(*self._held(job)).values(**values)) == 1

    def postpone(self, job: Job, seconds: float) -> bool:
        """Let the job rest; that counts as no attempt."""
        values = {"run_at": db_now() + seconds, "lease_until": None, "attempts": job.attempts - 1}
        return self._changed(update(JobRow).where(*self._held(job)).values(**values)) == 1

    def renew(self, jobs: Sequence[Job]) -> None:
        """Hold these jobs for another lease."""
        for job in jobs:
            self._changed(update(JobRow).where(*self._held(job)).values(lease_until=db_now() + self.lease))

    def beat(self) -> None:
        """Show that this worker lives."""
        row = insert_into(self.session, WorkerRow).values(name=self.worker, beat_at=db_now())
        self._run(row.on_conflict_do_update(index_elements=["name"], set_={"beat_at": db_now()}))

    def leave(self) -> None:
        """Strike this worker off the list."""
        self._run(delete(WorkerRow).where(col(WorkerRow.name) == self.worker))

    def _due(self) -> ColumnElement[bool]:
        is_ours = and_(col(JobRow.region) == self.region, col(JobRow.attempts) < MOST_ATTEMPTS)
        return and_(_open(), col(JobRow.run_at) <= db_now(), _free(), is_ours)

    def _taken(self, which: ColumnElement[bool]) -> Sequence[Job]:
        values = {"lease_until": db_now() + self.lease, "lease_by": self.worker, "attempts": col(JobRow.attempts) + 1}
        told = (col(JobRow.id), col(JobRow.kind), col(JobRow.ids), col(JobRow.attempts))
        rows = self._run(update(JobRow).where(which).values(**values).returning(*told)).all()
        return [Job(number, kind, tuple(json.loads(ids)), attempts) for number, kind, ids, attempts in sorted(rows)]

    def _held(self, job: Job) -> tuple[ColumnElement[bool], ...]:
        # A worker that was stopped and wakes late finds another attempt number, and changes nothing.
        return (
            col(JobRow.id) == job.id,
            col(JobRow.lease_by) == self.worker,
            col(JobRow.attempts) == job.attempts,
            _open(),
        )

    def _changed(self, statement: Any) -> int:
        return int(self._run(statement).rowcount)

    def _run(self, statement: Any) -> Any:
        return self.session.connection().execute(statement)


def backlog(tx: Session) -> Backlog:
    """Return how the queue stands."""
    stands = kinds(tx)
    oldest, newest_beat = max((one.oldest for one in stands), default=0.0), min(beats(tx), default=None)
    return Backlog(sum(one.waiting for one in stands), oldest, sum(one.dead for one in stands), newest_beat)


def kinds(tx: Session) -> Sequence[KindStand]:
    """Return how each kind of job stands that is not finished; what a living worker holds does not wait."""
    waits = and_(_open(), _free(), col(JobRow.run_at) <= db_now())
    wanted = select(
        col(JobRow.kind),
        func.count().filter(waits),
        func.count().filter(and_(_open(), ~_free())),
        func.count().filter(col(JobRow.dead_at).is_not(None)),
        func.coalesce(func.max(db_now() - col(JobRow.run_at)).filter(waits), 0.0),
    )
    # Finished rows are kept for a month: the condition is what an index finds the others by.
    rows = tx.connection().execute(wanted.where(col(JobRow.done_at).is_(None)).group_by(col(JobRow.kind)))
    return [KindStand(*row) for row in rows.all()]


def beats(tx: Session) -> Sequence[float]:
    """Return how many seconds ago each worker that did not say good-bye showed itself, newest first."""
    age = db_now() - col(WorkerRow.beat_at)
    return tx.connection().execute(select(age).order_by(age)).scalars().all()


def clock(tx: Session) -> float:
    """Return the seconds since 1970 by the database's own clock."""
    return tx.connection().execute(select(db_now())).scalar_one()


def dead(tx: Session, limit: int = 100) -> Sequence[tuple[int, str, str, str]]:
    """Return number, kind, ids as JSON and type of error of the jobs that were given up, newest first."""
    wanted = select(col(JobRow.id), col(JobRow.kind), col(JobRow.ids), col(JobRow.error))
    rows = tx.connection().execute(
        wanted.where(col(JobRow.dead_at).is_not(None)).order_by(col(JobRow.dead_at).desc()).limit(limit)
    )
    return [(number or 0, kind, ids, error) for number, kind, ids, error in rows]


def dead_of(tx: Session, agency: UUID, limit: int = 100) -> Sequence[Dead]:
    """Return the jobs of one agency that were given up, newest first."""
    wanted = select(col(JobRow.id), col(JobRow.kind), col(JobRow.attempts), col(JobRow.error)).where(_gave_up(agency))
    rows = tx.connection().execute(wanted.order_by(col(JobRow.dead_at).desc(), col(JobRow.id)).limit(limit))
    return [Dead(number or 0, kind, attempts, error) for number, kind, attempts, error in rows]


def count_dead_of(tx: Session, agency: UUID) -> int:
    """Return how many jobs of one agency were given up."""
    return int(tx.connection().execute(select(func.count()).where(_gave_up(agency))).scalar_one())


def revive(tx: Session, agency: UUID, number: int) -> str:
    """Let a job of this agency that was given up run again, and return its kind; "" when there is none."""
    mine = update(JobRow).where(col(JobRow.id) == number, _gave_up(agency)).values(**_AFRESH)
    tx.info[OPENED] = True
    return tx.connection().execute(mine.returning(col(JobRow.kind))).scalar() or ""


def sweep(tx: Session) -> int:
    """Remove up to a thousand jobs that were finished 30 days ago; return how many. Ask again until it is none."""
    old = select(col(JobRow.id)).where(col(JobRow.done_at) < db_now() - KEPT).limit(1000)
    tx.connection().execute(delete(WorkerRow).where(col(WorkerRow.beat_at) < db_now() - KEPT))
    return int(tx.connection().execute(delete(JobRow).where(col(JobRow.id).in_(old.scalar_subquery()))).rowcount)


def _open() -> ColumnElement[bool]:
    return and_(col(JobRow.done_at).is_(None), col(JobRow.dead_at).is_(None))


def _gave_up(agency: UUID) -> ColumnElement[bool]:
    # The first id of a job is its agency's; a job of none, like a text code's, is the operator's to look at.
    mine = col(JobRow.ids).startswith(f'["{agency}"')
    return and_(col(JobRow.done_at).is_(None), col(JobRow.dead_at).is_not(None), mine)


def _free() -> ColumnElement[bool]:
    return or_(col(JobRow.lease_until).is_(None), col(JobRow.lease_until) < db_now())


def _kinds(texts: str) -> ColumnElement[bool]:
    is_text = col(JobRow.kind).startswith(TEXTS)
    return is_text if texts == "only" else ~is_text
