"""Every SQL statement about files that were added to a request before it was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, select

from rightsdesk.requests.cases.evidence import Clean
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.web.tables import DraftFileRow

KEPT: Final = timedelta(hours=24)  # as long as the other answers of a request that was not sent
_SCOPE: Final = "case"


@dataclass(frozen=True, slots=True)
class Uploads:
    """The files one requester has added at one agency and not sent yet. Nobody else's can be reached from here."""

    tx: Session
    agency: UUID
    person: UUID
    vault: AgencyVault

    def keep(self, file: UUID, student: UUID, clean: Clean, now: datetime) -> None:
        """Seal a cleaned file under the student's key until the request is sent."""
        content = self.vault.seal_bytes(student, _SCOPE, _place(file), clean.content)
        row = DraftFileRow(
            id=file,
            agency=self.agency,
            person=self.person,
            student=student,
            kind=clean.kind,
            content=content,
            added_at=now,
        )
        self.tx.add(row)
        self.tx.flush()

    def opened(self, files: Sequence[UUID]) -> tuple[Clean, ...]:
        """Return the files of this requester among these, open, oldest first."""
        if not files:
            return ()
        wanted = select(DraftFileRow).where(*self._mine(files)).order_by(col(DraftFileRow.added_at))
        rows = self.tx.exec(wanted).all()
        return tuple(
            Clean(row.kind, self.vault.unseal_bytes(row.student, _SCOPE, _place(row.id), row.content)) for row in rows
        )

    def drop(self, files: Sequence[UUID]) -> None:
        """Remove files: they were sent with the request, or another one takes their place."""
        self.tx.exec(delete(DraftFileRow).where(*self._mine(files)))

    def _mine(self, files: Sequence[UUID]) -> tuple[ColumnElement[bool], ...]:
        mine = (col(DraftFileRow.agency) == self.agency, col(DraftFileRow.person) == self.person)
        return (*mine, col(DraftFileRow.id).in_(files))


def sweep(tx: Session, now: datetime) -> int:
    """Remove, at all agencies, the files of requests that were never sent; return how many."""
    return tx.exec(delete(DraftFileRow).where(col(DraftFileRow.added_at) <= now - KEPT)).rowcount


def _place(file: UUID) -> str:
    return f"draft_files:{file}:content"
