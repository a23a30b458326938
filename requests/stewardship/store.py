"""Every SQL statement about what is over its time: counting it, and removing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, delete, func, select
from sqlmodel.sql.expression import SelectOfScalar

from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import CaseRow, EvidenceRow, NoticeRow
from rightsdesk.requests.people.tables import RosterProblemRow, RosterRunRow

_PIECE: Final = 500
# A hearing or a new look may still need what was sent with a case that stands open.
_CLOSED: Final = frozenset({State.FULFILLED, State.DENIED, State.WITHDRAWN, State.EXPIRED_UNVERIFIED, State.DUPLICATE})


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What one agency holds past its time."""

    session: Session
    agency: UUID

    def evidence(self, before: datetime) -> Sequence[UUID]:
        """Return the photos and PDFs of cases that closed before this instant and are closed still."""
        closed = col(CaseRow.closed_at) < before
        wanted = select(EvidenceRow.id).join(CaseRow, col(CaseRow.id) == col(EvidenceRow.case))
        mine = wanted.where(EvidenceRow.agency == self.agency, closed, col(CaseRow.state).in_(_CLOSED))
        return self.session.exec(mine.order_by(col(EvidenceRow.id))).all()

    def remove_evidence(self, which: Sequence[UUID]) -> None:
        """Remove photos and PDFs."""
        mine = delete(EvidenceRow).where(col(EvidenceRow.agency) == self.agency)
        for start in range(0, len(which), _PIECE):
            self.session.exec(mine.where(col(EvidenceRow.id).in_(which[start : start + _PIECE])))

    def problems(self, before: datetime) -> int:
        """Return how many findings stand on imports that ended before this instant."""
        found = select(func.count()).select_from(RosterProblemRow)
        return self.session.exec(found.where(col(RosterProblemRow.run).in_(self._runs(before)))).one()

    def remove_problems(self, before: datetime) -> None:
        """Remove the findings of imports that ended before this instant; their counts stay."""
        self.session.exec(delete(RosterProblemRow).where(col(RosterProblemRow.run).in_(self._runs(before))))

    def addressed(self, before: datetime) -> Sequence[UUID]:
        """Return the notices entered before this instant that still hold an address of their own."""
        mine = select(NoticeRow.id).where(NoticeRow.agency == self.agency, col(NoticeRow.address).is_not(None))
        return self.session.exec(mine.where(col(NoticeRow.queued_at) < before)).all()

    def _runs(self, before: datetime) -> SelectOfScalar[UUID]:
        mine = select(RosterRunRow.id).where(RosterRunRow.agency == self.agency)
        return mine.where(col(RosterRunRow.finished_at) < before)
