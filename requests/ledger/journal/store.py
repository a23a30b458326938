"""Every SQL statement that reads the ledger for people; none of them writes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from rightsdesk.requests.ledger.tables import AuditEventRow, AuditHeadRow

PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Written:
    """One entry as it is read. ``at`` is aware UTC; facts are ids, codes and counts."""

    number: int
    at: datetime
    kind: str
    actor: str
    case: str
    subject: UUID | None
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Journal:
    """One agency's ledger, to be read."""

    session: Session
    agency: UUID

    def length(self) -> int:
        """Return how many entries there are."""
        head = self.session.get(AuditHeadRow, self.agency)
        return head.seq if head else 0

    def entries(self, kind: str = "", case: str = "", before: int = 0, limit: int = PAGE) -> Sequence[Written]:
        """Return entries of this kind and case (empty for all), newest first, below number ``before`` when given."""
        wanted = select(AuditEventRow).where(AuditEventRow.agency == self.agency)
        if kind:
            wanted = wanted.where(AuditEventRow.kind == kind)
        if case:
            wanted = wanted.where(AuditEventRow.case_reference == case)
        if before:
            wanted = wanted.where(col(AuditEventRow.seq) < before)
        rows = self.session.exec(wanted.order_by(col(AuditEventRow.seq).desc()).limit(limit)).all()
        return [_written(row) for row in rows]

    def every(self, kind: str = "", case: str = "") -> Iterator[Written]:
        """Yield the entries of this kind and case, newest first, page by page, so that memory stays bounded."""
        before = 0
        while True:
            page = self.entries(kind, case, before)
            yield from page
            if len(page) < PAGE:
                return
            before = page[-1].number


def lengths(session: Session) -> dict[UUID, int]:
    """Return how many entries the ledger of each agency has."""
    return dict(session.exec(select(AuditHeadRow.agency, AuditHeadRow.seq)).all())


def began(session: Session) -> datetime | None:
    """Return when the oldest of all ledgers began, or nothing while there is none."""
    first = and_(col(AuditEventRow.agency) == AuditHeadRow.agency, col(AuditEventRow.seq) == 1)
    return session.exec(select(func.min(AuditEventRow.at)).select_from(AuditHeadRow).join(AuditEventRow, first)).one()


def _written(row: AuditEventRow) -> Written:
    facts = tuple((str(name), str(value)) for name, value in json.loads(row.facts))
    return Written(row.seq, row.at, row.kind, row.actor, row.case_reference, row.subject, facts)
