"""Connections to a server lie in a pool: none is handed out that was cut there, none keeps the ways of its last use."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from databases import url_of
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from rightsdesk.web import storage as storages
from rightsdesk.web.storage import Storage, open_engine, storage_of

AGENCY = UUID("aaaaaaaa-0000-4000-8000-000000000001")
pytestmark = pytest.mark.server


@pytest.fixture
def storage(data_folder: Path) -> Iterator[Storage]:
    """Return a storage with one table, and one connection in its pool."""
    engine = open_engine(url_of(data_folder, "pooled"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (id int)"))
    place = storage_of(engine, engine, lambda _: None)
    yield place
    place.close()


def who(storage: Storage) -> int:
    with storage.read() as tx:
        return int(tx.connection().execute(text("SELECT pg_backend_pid()")).scalar_one())


def cut(storage: Storage, process: int) -> None:
    """End a connection from another one, as a server does that is restarted."""
    other = open_engine(str(storage.engine.url.render_as_string(hide_password=False)))
    with other.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:process, 10000)"), {"process": process})
    other.dispose()


def enter(tx: Session, number: int) -> None:
    tx.connection().execute(text("INSERT INTO kept VALUES (:number)"), {"number": number})


def undone(storage: Storage) -> None:
    with storage.write() as tx:
        enter(tx, 2)
        raise ZeroDivisionError


def test_a_connection_that_was_cut_at_rest_is_replaced_without_a_word(storage: Storage) -> None:
    before = who(storage)
    assert who(storage) == before
    cut(storage, before)
    assert who(storage) != before


def test_one_that_rested_long_is_asked_first_for_a_network_may_drop_it_silently(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storages, "_told", lambda _: ())  # nothing was heard of its end
    before = who(storage)
    cut(storage, before)
    monkeypatch.setattr(storages, "_RESTED", -1.0)
    assert who(storage) != before


def test_a_connection_that_waited_for_the_disk_writes_in_transactions_again(storage: Storage) -> None:
    with storage.write() as tx:
        storage.take_turn(tx, AGENCY)
        enter(tx, 1)
    with pytest.raises(ZeroDivisionError):
        undone(storage)
    with storage.read() as tx:
        assert tx.connection().execute(text("SELECT id FROM kept")).scalars().all() == [1]


def test_a_connection_that_wrote_is_only_looked_with_afterwards(storage: Storage) -> None:
    with storage.write() as tx:
        enter(tx, 1)
    with storage.read() as tx, pytest.raises(DBAPIError, match="read-only"):
        enter(tx, 2)


def test_one_that_is_cut_as_it_is_taken_is_told_as_every_lost_one_is(storage: Storage) -> None:
    with storage.write() as tx:
        enter(tx, 1)
    with storage.engine.connect() as connection:
        connection.connection.driver_connection.close()
        with pytest.raises(OperationalError):
            connection.execution_options(rightsdesk_reads=True).execute(text("SELECT 1"))
    assert who(storage) > 0
