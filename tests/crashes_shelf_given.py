"""The state of a portal put on a shelf and taken from it again: its folder, and the rows of its databases."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import databases
import psycopg

NAMES: Final = ("rightsdesk", "subject-keys")
# A copy in the database itself: it is put back some hundred times, and nothing has to leave the server for it.
_KEEP: Final = """
DO $$ DECLARE one record; BEGIN
    CREATE SCHEMA kept;
    FOR one IN SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', one.name); END LOOP;
    CREATE TABLE kept.sequences_ AS SELECT sequencename AS name, last_value AS last FROM pg_sequences
    WHERE schemaname = 'public';
END $$"""
_PUT_BACK: Final = """
DO $$ DECLARE one record; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('DELETE FROM public.%I', one.name);
        EXECUTE format('INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE TABLE kept.%1$I', one.name);
    END LOOP;
    PERFORM setval(format('public.%I', name)::regclass, coalesce(last, 1), last IS NOT NULL) FROM kept.sequences_;
END $$"""
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
        self._on_server(_KEEP)

    def put_back(self) -> None:
        """Let everything be again as it was kept."""
        shutil.rmtree(self.place)
        shutil.copytree(self._copy, self.place)
        self._on_server(_ALONE, _PUT_BACK)

    @property
    def _copy(self) -> Path:
        return self.place.with_name(f"{self.place.name}.kept")

    def _on_server(self, *statements: str) -> None:
        if not os.environ.get(databases.SERVER):  # noqa: TID251 - as in databases
            return
        for name in NAMES:
            address = databases.url_of(self.place / "data", name).replace("+psycopg", "")
            with psycopg.connect(address) as tx:
                for statement in statements:
                    tx.execute(statement)  # type: ignore[arg-type]  # words of this file
