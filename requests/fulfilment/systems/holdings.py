"""The pieces a sign-on vendor keeps about a student: picture, apps, sign-ins, files. Each record has its own key."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, delete, select, update
from sqlmodel.sql.expression import SelectOfScalar

from rightsdesk.requests.fulfilment.systems.port import Holding
from rightsdesk.requests.fulfilment.tables import HoldingRow
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.ledger.vault import AgencyVault

KEPT: Final = ("picture", "apps", "signins", "enrolments", "files", "credentials")
_SCOPE: Final = "holding"
_PIECE: Final = 500


@dataclass(frozen=True, slots=True)
class Holdings:
    """The vendor-held records of one agency's students."""

    session: Session
    agency: UUID
    vault: AgencyVault

    def add(self, held: Iterable[tuple[UUID, Holding]], now: datetime, draw: Callable[[int], bytes]) -> list[UUID]:
        """Keep records of students and return their ids; each has a key of its own, so that it can be erased alone."""
        rows = [(UUID(bytes=draw(16), version=4), subject, holding) for subject, holding in held]
        # One write for all keys: a key of its own for each record would otherwise cost a commit of its own.
        self.vault.ensure_keys([row for row, _, _ in rows], _SCOPE)
        self.session.add_all(self._row(row, subject, holding, now) for row, subject, holding in rows)
        return [row for row, _, _ in rows]

    def of(self, subject: UUID) -> Sequence[Holding]:
        """Return what is held and not hidden, in the order it was added."""
        rows = self.session.exec(
            # Columns, not entities: ten thousand sign-ins are no more than their bytes.
            select(HoldingRow.id, HoldingRow.element, HoldingRow.content)
            .where(HoldingRow.agency == self.agency, HoldingRow.person == subject)
            .where(col(HoldingRow.hidden_at).is_(None))
            .order_by(col(HoldingRow.element), col(HoldingRow.added_at), col(HoldingRow.id))
        ).all()
        self.vault.warm([row for row, _, _ in rows], _SCOPE)
        return [holding for row in rows if (holding := self._opened(*row)) is not None]

    def hide(self, subject: UUID, elements: Sequence[str], case: UUID, now: datetime) -> None:
        """Take records out of sight for a case."""
        self.session.exec(
            update(HoldingRow)
            .where(col(HoldingRow.agency) == self.agency, col(HoldingRow.person) == subject)
            .where(col(HoldingRow.element).in_(elements), col(HoldingRow.hidden_at).is_(None))
            .values(hidden_at=now, hidden_by_case=case)
        )

    def restore(self, case: UUID) -> None:
        """Bring back what a case had hidden."""
        self.session.exec(
            update(HoldingRow)
            .where(col(HoldingRow.agency) == self.agency, col(HoldingRow.hidden_by_case) == case)
            .values(hidden_at=None, hidden_by_case=None)
        )

    def numbers(
        self, subject: UUID, element: str, case: UUID | None = None, until: datetime | None = None
    ) -> Sequence[UUID]:
        """Return the ids of the records of an element, hidden ones too.

        With a ``case`` only those that it hid, with ``until`` only those that were there at that instant.
        """
        wanted = self._of(subject, element).order_by(col(HoldingRow.id))
        if case is not None:
            wanted = wanted.where(HoldingRow.hidden_by_case == case)
        return self.session.exec(wanted.where(col(HoldingRow.added_at) <= until) if until else wanted).all()

    def visible(self, subject: UUID, element: str) -> int:
        """Return how many records of an element are held and not hidden."""
        return len(self.session.exec(self._of(subject, element).where(col(HoldingRow.hidden_at).is_(None))).all())

    def erase(self, records: Sequence[UUID]) -> int:
        """Remove records and return how many went. Their keys are destroyed by ``forget`` after the commit."""
        mine = delete(HoldingRow).where(col(HoldingRow.agency) == self.agency)
        # In pieces: a database takes only so many bound values, and years of sign-ins are many.
        pieces = [records[start : start + _PIECE] for start in range(0, len(records), _PIECE)]
        return sum(self.session.exec(mine.where(col(HoldingRow.id).in_(piece))).rowcount for piece in pieces)

    def forget(self, records: Sequence[UUID]) -> None:
        """Destroy the keys of erased records, so that an older copy of the database holds nothing readable."""
        self.vault.destroy_many(records, _SCOPE)

    def _of(self, subject: UUID, element: str) -> SelectOfScalar[UUID]:
        return select(HoldingRow.id).where(
            HoldingRow.agency == self.agency, HoldingRow.person == subject, HoldingRow.element == element
        )

    def _row(self, row: UUID, subject: UUID, holding: Holding, now: datetime) -> HoldingRow:
        content = json.dumps(holding.fields, ensure_ascii=False)
        return HoldingRow(
            id=row,
            agency=self.agency,
            person=subject,
            element=holding.element,
            content=self.vault.seal(row, _SCOPE, _place(row), content),
            added_at=now,
        )

    def _opened(self, row: UUID, element: str, sealed: bytes) -> Holding | None:
        try:
            content = self.vault.unseal(row, _SCOPE, _place(row), sealed)
        except KeyGone:  # erased for good; the row itself goes with the same erasure
            return None
        return Holding(element, tuple((name, value) for name, value in json.loads(content)))


def _place(row: UUID) -> str:
    return f"directory_holdings:{row}:content"
