"""Collects staged rows and writes them in batches, each in a short transaction of its own."""

from dataclasses import dataclass, field
from typing import Final

from sqlmodel import SQLModel

from rightsdesk.requests.people.roster.staging.store import Columns, add_rows
from rightsdesk.requests.people.roster.terms import Begin

BATCH: Final = 10_000


@dataclass(slots=True)
class Sink:
    """Rows on their way to the staging tables."""

    begin: Begin
    rows: dict[type[SQLModel], list[Columns]] = field(default_factory=dict)
    waiting: int = 0

    def add(self, table: type[SQLModel], row: Columns) -> None:
        """Take one row; every so often all that wait are written."""
        self.rows.setdefault(table, []).append(row)
        self.waiting += 1
        if self.waiting >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        with self.begin() as tx:
            for table, rows in self.rows.items():
                add_rows(tx, table, rows)
        self.rows, self.waiting = {}, 0
