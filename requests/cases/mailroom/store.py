"""Every SQL statement about notices that go no further without a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Select, or_, select, update
from sqlmodel import Session, col

from rightsdesk.requests.cases.notices import TO_PRINT, UNKNOWN
from rightsdesk.requests.cases.tables import CaseRow, NoticeRow

Listed: TypeAlias = Select[UUID, str, UUID, str, str, datetime]


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A notice that waits for a person: ``state`` is "to_print" or "unknown", ``since`` UTC."""

    notice: UUID
    reference: str
    subject: UUID
    kind: str
    state: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Mailroom:
    """The notices of one agency that need a hand."""

    session: Session
    agency: UUID

    def waiting(self, limit: int = 200) -> Sequence[Undelivered]:
        """Return what waits for a person, oldest first."""
        wanted = self._wanted().where(or_(col(NoticeRow.state) == TO_PRINT, col(NoticeRow.state) == UNKNOWN))
        return self._found(wanted.limit(limit))

    def to_print(self, case: UUID) -> Sequence[Undelivered]:
        """Return what is to be printed about a case, oldest first."""
        return self._found(self._wanted().where(col(NoticeRow.case) == case, col(NoticeRow.state) == TO_PRINT))

    def numbered(self, notice: UUID) -> NoticeRow | None:
        """Return a notice of this agency, or nothing."""
        found = self.session.get(NoticeRow, notice, populate_existing=True)
        return found if found is not None and found.agency == self.agency else None

    def change(self, notice: UUID, before: str, after: str, now: datetime) -> bool:
        """Move a notice from one state to another; False when it is not there any more."""
        mine = update(NoticeRow).where(col(NoticeRow.id) == notice, col(NoticeRow.agency) == self.agency)
        done = self.session.exec(mine.where(col(NoticeRow.state) == before).values(state=after, sent_at=now))
        return done.rowcount == 1

    def _wanted(self) -> Listed:
        wanted: Listed = select(
            col(NoticeRow.id),
            col(CaseRow.reference),
            col(CaseRow.subject),
            col(NoticeRow.kind),
            col(NoticeRow.state),
            col(NoticeRow.queued_at),
        ).join(CaseRow, col(CaseRow.id) == col(NoticeRow.case))
        return wanted.where(col(NoticeRow.agency) == self.agency).order_by(col(NoticeRow.queued_at), col(NoticeRow.id))

    def _found(self, wanted: Listed) -> Sequence[Undelivered]:
        return [Undelivered(*row) for row in self.session.connection().execute(wanted)]
