"""Small real databases and keys for tests of the ledger."""

from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from uuid import UUID

from sqlalchemy import Connection, Engine, create_engine, event
from sqlmodel import SQLModel

from rightsdesk.requests.ledger.keyfile import open_or_create
from rightsdesk.requests.ledger.store import READS, KeyStore
from rightsdesk.requests.ledger.vault import Draw, Vault

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
AGENCY = UUID("11111111-1111-4111-8111-111111111111")
OTHER_AGENCY = UUID("22222222-2222-4222-8222-222222222222")
SUBJECT = UUID("33333333-3333-4333-8333-333333333333")


def sqlite_engine(file: Path) -> Engine:
    """Return an engine as the portal uses it: WAL, full sync, and a write lock from the first statement on."""
    engine = create_engine(f"sqlite:///{file}", connect_args={"isolation_level": None, "check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: SqliteConnection, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get(READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def counted_draw(seed: str = "draw") -> Draw:
    """Return bytes that differ at each call and are the same in each run."""
    calls = count()

    def draw(size: int) -> bytes:
        call = next(calls)
        blocks = (sha256(f"{seed}:{call}:{block}".encode()).digest() for block in range(size // 32 + 1))
        return b"".join(blocks)[:size]

    return draw


def key_store(folder: Path) -> KeyStore:
    """Return a keys database in this folder with its key file, made when missing."""
    store = KeyStore(sqlite_engine(folder / "keys.db"), open_or_create(folder / "keys.json"))
    store.create()
    return store


def a_vault(folder: Path, seed: str = "draw") -> Vault:
    """Return a vault over the keys database in this folder; two over one folder are like two programs."""
    return Vault(key_store(folder), counted_draw(seed), lambda: NOON)


def main_engine(folder: Path) -> Engine:
    """Return the main database in this folder, with all tables."""
    engine = sqlite_engine(folder / "main.db")
    SQLModel.metadata.create_all(engine)
    return engine
