"""Collects staged rows and writes them in batches, each in a short transaction of its own."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlmodel import SQLModel

from rightsdesk.requests.ledger.bulk import add_many
from rightsdesk.requests.people.roster.columns import table
from rightsdesk.requests.people.roster.tables import (
    StagedClaimRow,
    StagedContactRow,
    StagedEdgeRow,
    StagedOrgRow,
    StagedPersonRow,
    StagedRoleRow,
)
from rightsdesk.requests.people.roster.terms import Begin

BATCH: Final = 10_000
_NAMES: Final[dict[type[SQLModel], tuple[str, ...]]] = {
    StagedOrgRow: ("sourced_id", "name", "kind", "identifier", "parent"),
    StagedRoleRow: ("line", "source_key", "role", "org", "is_primary", "begins", "ends"),
    StagedPersonRow: ("line", "source_key", "print", "standing", "state", "sealed"),
    StagedContactRow: ("source_key", "channel", "value", "sealed"),
    StagedEdgeRow: ("line", "one", "other"),
    StagedClaimRow: ("source_key", "value"),
}
_SAME: Final[dict[type[SQLModel], dict[str, object]]] = {StagedPersonRow: {"leader": ""}}


@dataclass(slots=True)
class Sink:
    """Rows of one run on their way to the staging tables."""

    begin: Begin
    run: UUID
    rows: dict[type[SQLModel], list[tuple[object, ...]]] = field(default_factory=dict)
    waiting: int = 0

    def add(self, kind: type[SQLModel], rows: Iterable[tuple[object, ...]]) -> None:
        """Take rows, their columns in the order above; every so often all that wait are written."""
        lying = self.rows.setdefault(kind, [])
        before = len(lying)
        lying.extend(rows)
        self.waiting += len(lying) - before
        if self.waiting >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        with self.begin() as tx:
            for kind, rows in self.rows.items():
                add_many(tx, table(kind), _NAMES[kind], rows, {"run": self.run, **_SAME.get(kind, {})})
        self.rows, self.waiting = {}, 0
