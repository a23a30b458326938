"""Small real databases and keys for tests of the ledger."""

from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from uuid import UUID

from databases import url_of
from sqlalchemy import Engine
from tables_given import make_tables

from rightsdesk.requests.ledger.keyfile import open_or_create
from rightsdesk.requests.ledger.store import KeyStore
from rightsdesk.requests.ledger.vault import Draw, Vault
from rightsdesk.web.storage import open_engine

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
AGENCY = UUID("11111111-1111-4111-8111-111111111111")
OTHER_AGENCY = UUID("22222222-2222-4222-8222-222222222222")
SUBJECT = UUID("33333333-3333-4333-8333-333333333333")


def engine_of(folder: Path, name: str) -> Engine:
    """Return an engine as the portal uses it."""
    return open_engine(url_of(folder, name))


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
    store = KeyStore(engine_of(folder, "keys"), open_or_create(folder / "keys.json"))
    store.create()
    return store


def a_vault(folder: Path, seed: str = "draw") -> Vault:
    """Return a vault over the keys database in this folder; two over one folder are like two programs."""
    return Vault(key_store(folder), counted_draw(seed), lambda: NOON)


def main_engine(folder: Path) -> Engine:
    """Return the main database in this folder, with all tables."""
    engine = engine_of(folder, "main")
    make_tables(engine)
    return engine
