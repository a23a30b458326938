"""The two databases, and the unit of work in which everything is read or written."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from select import POLLIN, poll
from threading import RLock
from time import monotonic
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Connection, Dialect, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from rightsdesk.requests.agencies.store import REGION
from rightsdesk.requests.ledger.store import GLANCES, READS

POOL: Final = 8
BUSY_MS: Final = 30_000
# The next writer of the agency may begin as soon as this one has committed; who committed waits for the disk alone.
_TURN: Final = text("SELECT pg_advisory_xact_lock(:number), set_config('synchronous_commit', 'off', true)")
# A commit that does wait: the log is one sequence, so it brings everything committed before it to the disk as well.
_SETTLE: Final = text("SELECT pg_logical_emit_message(true, 'rightsdesk', '')")
_UNSETTLED: Final = "rightsdesk_unsettled"
_RESTS: Final = "rightsdesk_rests"
_RESTED: Final = 10.0  # seconds after which a connection of the pool is asked whether it still is one
_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",  # a case that was confirmed to a family survives a power cut
    "foreign_keys=ON",
    f"busy_timeout={BUSY_MS}",
    "secure_delete=ON",
    "cache_size=-65536",  # KiB: 64 MB
    "mmap_size=268435456",
    "temp_store=MEMORY",
)
# Two million keys are sorted, and are no readable values; as much as the cache holds is sorted in memory.
_SPARING: Final = ("mmap_size=0", "temp_store=FILE", "cache_size=-32768")


class ReadsOnly(RuntimeError):
    """Something tried to write while a page was only being read (rule: GET changes nothing)."""


@dataclass(frozen=True, slots=True)
class Storage:
    """The main database and the one of the subject keys.

    ``kept`` is called with each session that was committed, ``last`` once before everything is closed.
    """

    engine: Engine
    keys: Engine
    kept: Callable[[Session], None]
    last: Callable[[], None] = lambda: None
    region: str = ""  # each session bears it, so that no other region's agency is opened in it
    _turn: AbstractContextManager[object] = field(default_factory=nullcontext, repr=False)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session whose work is kept when the block ends, and undone when it raises."""
        with self.quietly() as tx:
            yield tx
        # Outside the transaction: what follows a commit must not be able to undo it, nor hold its connection.
        self.kept(tx)

    @contextmanager
    def quietly(self) -> Iterator[Session]:
        """Yield a session that is kept like ``write``, without telling anybody: the worker must not wake itself."""
        # SQLite lets waiting writers sleep and race again; inside one process they can queue instead.
        # On one connection to the end: to settle a commit must not wait for those who wait for the turn.
        with (
            self._turn,
            self.engine.connect() as connection,
            Session(connection, expire_on_commit=False, info=self._info()) as tx,
        ):
            yield tx
            tx.commit()
            if tx.info.pop(_UNSETTLED, False):
                connection.execution_options(**{GLANCES: True}).execute(_SETTLE)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that can only look; the database itself refuses a write.

        Raises:
            ReadsOnly: an object was added or changed.
        """
        looking = self.engine.connect().execution_options(**{READS: True})
        with looking as connection, _Reading(connection, info=self._info()) as tx:
            yield tx

    def _info(self) -> dict[str, str]:
        return {REGION: self.region} if self.region else {}

    def take_turn(self, tx: Session, agency: UUID) -> None:
        """Let one writer at a time work on an agency, until the end of its transaction.

        SQLite has one writer anyway, and the rules read first and write then. Writers of an agency would meet at the
        end of its ledger in any case; here they meet before they have read anything. The turn ends with the commit, not
        when the disk has it: waiting for the disk one after the other would bound what an agency can take in.
        """
        if self.engine.dialect.name == "sqlite" or tx.connection().get_execution_options().get(READS):
            return
        number = int.from_bytes(agency.bytes[:8], "big", signed=True)
        tx.connection().execute(_TURN, {"number": number})
        tx.info[_UNSETTLED] = True

    def flush_log(self) -> bool:
        """Write the log back and empty it, so that what was erased stands in no file; say whether that was possible.

        It is not while somebody reads who began before: ask again then.
        SQLite zeroes a deleted page (``secure_delete``), but only a checkpoint takes the old page out of the log.
        """
        if self.engine.dialect.name != "sqlite":
            return True
        with self._turn:  # of two that empty a log at once, SQLite sends one away without letting it wait
            emptied = [_emptied(engine) for engine in (self.engine, self.keys)]
        return all(emptied)

    def spare_memory(self) -> None:
        """Read files from here on instead of mapping them, and sort in files: a long command would hold all it read."""
        if self.engine.dialect.name == "sqlite":
            for engine in (self.engine, self.keys):
                event.listen(engine, "connect", _spare_memory)
                engine.dispose()

    def close(self) -> None:
        """Finish what follows the commits, and give all connections back to the system."""
        self.last()
        self.engine.dispose()
        self.keys.dispose()


class _Reading(Session):
    """A session that refuses to write before the database has to."""

    def flush(self, objects: Any = None) -> None:
        """Refuse when there is something to write."""
        if self.new or self.dirty or self.deleted:
            raise ReadsOnly("A page that is only looked at tried to change something.")
        super().flush(objects)

    def commit(self) -> None:
        """Refuse: only a unit of work commits."""
        raise ReadsOnly("A page that is only looked at tried to commit.")


def _emptied(engine: Engine) -> bool:
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA busy_timeout=2000")  # a worker must not wait half a minute for a reader
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        row = cursor.fetchone()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        cursor.close()
        return row is not None and row[0] == 0
    finally:
        raw.close()


def storage_of(
    engine: Engine,
    keys: Engine,
    kept: Callable[[Session], None],
    last: Callable[[], None] = lambda: None,
    region: str = "",
) -> Storage:
    """Return the storage on these engines; writers of one process take turns where the database has only one."""
    # An RLock: a unit of work inside another one then ends in an error after a while, not in silence for ever.
    turn = RLock() if engine.dialect.name == "sqlite" else nullcontext()
    return Storage(engine, keys, kept, last, region, turn)


def open_engine(url: str) -> Engine:
    """Return an engine for this URL; a SQLite file is made, readable by its owner only, when it is missing."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(
            parsed,
            connect_args={"options": f"-c lock_timeout={BUSY_MS}"},  # as patient as with a file: then a page in words
            pool_size=POOL,
            max_overflow=0,
            hide_parameters=True,
        )
        event.listen(engine, "begin", _begin_elsewhere)
        event.listen(engine, "checkin", lambda _, record: record.info.update({_RESTS: monotonic()}))
        event.listen(engine, "checkout", _look_alive(engine.dialect))
        return engine
    _own_file(Path(str(parsed.database)))
    engine = create_engine(
        parsed,
        connect_args={"isolation_level": None, "timeout": BUSY_MS / 1000},
        pool_size=POOL,
        max_overflow=0,
        hide_parameters=True,  # bound values are personal and must not reach an exception's text
    )
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "checkin", _end_sqlite)
    event.listen(engine, "handle_error", _leave_read_only)
    return engine


def _own_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)


def _set_pragmas(raw: DBAPIConnection, _: ConnectionPoolEntry, pragmas: Sequence[str] = _PRAGMAS) -> None:
    cursor = raw.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _spare_memory(raw: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    _set_pragmas(raw, record, _SPARING)


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get(GLANCES, False):
        return
    reads = options.get(READS, False)
    # The driver's own call: SQLAlchemy's costs ten times as much, and every request begins twice or more.
    raw = cast(sqlite3.Connection, connection.connection.driver_connection)
    # A writer that begins as a reader can find its snapshot too old; one that asks first only waits its turn.
    begin = "BEGIN" if reads else "BEGIN IMMEDIATE"
    try:
        if connection.info.get(READS) is not reads:  # a connection of the pool stays as it was used last
            raw.execute(f"PRAGMA query_only={'ON' if reads else 'OFF'}")
            connection.info[READS] = reads
        raw.execute(begin)
    except sqlite3.OperationalError as error:  # locked for too long: told as SQLAlchemy tells it everywhere else
        raise OperationalError(begin, None, error) from error


def _end_sqlite(raw: DBAPIConnection | None, _: ConnectionPoolEntry) -> None:
    # A COMMIT that failed (a full disk) leaves SQLite's transaction open, and the pool believes it is over.
    driver: object = raw
    if isinstance(driver, sqlite3.Connection) and driver.in_transaction:
        driver.rollback()


def _leave_read_only(context: ExceptionContext) -> None:
    # What was opened while the disk could only be read stays so for good: it is opened anew at the next request.
    if getattr(context.original_exception, "sqlite_errorname", "").startswith("SQLITE_READONLY"):
        context.is_disconnect = True


def _begin_elsewhere(connection: Connection) -> None:
    options = connection.get_execution_options()
    # None: a server that is told to take nothing is not talked out of it.
    how = (options.get(GLANCES, False), options.get(READS, False) or None)
    if connection.info.get(READS) != how:  # a connection of the pool stays as it was used last
        raw: Any = connection.connection.driver_connection
        try:
            # A single thing needs no BEGIN and no COMMIT around it: each would be a trip to the server and back.
            raw.autocommit, raw.read_only = how
        except connection.dialect.loaded_dbapi.Error as error:  # cut just now: told as SQLAlchemy tells it
            raise OperationalError("BEGIN", None, error) from error
        connection.info[READS] = how


def _look_alive(dialect: Dialect) -> Callable[..., None]:
    """Return what lets the pool open another connection in place of one that was cut while it lay there."""

    def look(raw: Any, record: ConnectionPoolEntry, _: object) -> None:
        # Nobody has anything to say on a connection at rest but that it ends. To ask the server costs as much as a
        # statement, so that is for those that rested long: a network may have dropped them without a word.
        if (
            raw.closed
            or _told(raw)
            or (monotonic() - record.info.get(_RESTS, monotonic()) > _RESTED and not _answers(dialect, raw))
        ):
            raise DisconnectionError

    return look


def _told(raw: Any) -> object:
    ear = poll()
    ear.register(raw.fileno(), POLLIN)
    return ear.poll(0)


def _answers(dialect: Dialect, raw: Any) -> bool:
    try:
        return dialect.do_ping(raw)
    except dialect.loaded_dbapi.Error:
        return False
