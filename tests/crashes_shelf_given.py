"""The state of a portal put on a shelf and taken from it again: its folder, and the rows of its databases."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import databases
import psycopg
from psycopg.sql import SQL, Identifier, Literal

NAMES: Final = ("rightsdesk", "subject-keys")
_TABLES: Final = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
_SEQUENCES: Final = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
# A killed program's connection ends by itself, a moment later; what it had not committed is undone then.
_ALONE: Final = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Keeps what lies in ``place``, whose folder ``data`` is a portal's, and puts it back as often as wanted."""

    place: Path

    def keep(self) -> None:
        """Keep everything as it is now; no portal may be open."""
        shutil.copytree(self.place, self._copy)
        for name in self._on_server():
            with psycopg.connect(self._address(name)) as tx:
                self._keep_rows(tx, name)

    def put_back(self) -> None:
        """Let everything be again as it was kept."""
        shutil.rmtree(self.place)
        shutil.copytree(self._copy, self.place)
        for name in self._on_server():
            with psycopg.connect(self._address(name)) as tx:
                tx.execute(_ALONE)
                self._put_back_rows(tx, name)

    @property
    def _copy(self) -> Path:
        return self.place.with_name(f"{self.place.name}.kept")

    def _rows(self, name: str) -> Path:
        return self.place.with_name(f"{self.place.name}.{name}")

    def _on_server(self) -> tuple[str, ...]:
        return NAMES if os.environ.get(databases.SERVER) else ()  # noqa: TID251 - as in databases

    def _address(self, name: str) -> str:
        return databases.url_of(self.place / "data", name).replace("+psycopg", "")

    def _keep_rows(self, tx: psycopg.Connection[Any], name: str) -> None:
        folder = self._rows(name)
        folder.mkdir()
        for (table,) in tx.execute(_TABLES).fetchall():
            with tx.cursor().copy(SQL("COPY {} TO STDOUT (FORMAT binary)").format(Identifier(table))) as rows:
                (folder / table).write_bytes(b"".join(bytes(piece) for piece in rows))
        for sequence, last in tx.execute(_SEQUENCES).fetchall():
            (folder / f"{sequence}.sequence").write_text("" if last is None else str(last))

    def _put_back_rows(self, tx: psycopg.Connection[Any], name: str) -> None:
        tx.execute("SET LOCAL session_replication_role = replica")
        for file in sorted(self._rows(name).iterdir()):
            if file.suffix == ".sequence":
                last = file.read_text()
                tx.execute(
                    SQL("SELECT setval({}, {}, {})").format(
                        Literal(f'"{file.stem}"'), Literal(int(last or 1)), Literal(bool(last))
                    )
                )
                continue
            tx.execute(SQL("DELETE FROM {}").format(Identifier(file.name)))
            with tx.cursor().copy(SQL("COPY {} FROM STDIN (FORMAT binary)").format(Identifier(file.name))) as rows:
                rows.write(file.read_bytes())
