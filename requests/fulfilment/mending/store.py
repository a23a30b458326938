"""Every SQL statement about the tasks to mend the source of the roster."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Update, func
from sqlmodel import Session, col, exists, select, update

from rightsdesk.requests.fulfilment.errors import NoSuchTask
from rightsdesk.requests.fulfilment.tables import SourceTaskRow
from rightsdesk.requests.people.tables import OverlayRow


@dataclass(frozen=True, slots=True)
class Task:
    """The source still says what was corrected about this person under this reference."""

    id: UUID
    person: UUID
    element: str
    reference: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class SourceTasks:
    """The open tasks of one agency."""

    session: Session
    agency: UUID

    def open(self, task: UUID, person: UUID, element: str, reference: str, now: datetime) -> None:
        """Open a task; an older one about the same element is overtaken by it."""
        self.session.exec(
            self._open()
            .where(col(SourceTaskRow.person) == person, col(SourceTaskRow.element) == element)
            .values(closed_at=now)
        )
        self.session.add(
            SourceTaskRow(
                id=task,
                agency=self.agency,
                person=person,
                element=element,
                case_reference=reference,
                opened_at=now,
            )
        )
        self.session.flush()

    def waiting(self, limit: int = 200) -> Sequence[Task]:
        """Return what waits for the office, oldest first."""
        waits = select(SourceTaskRow).where(SourceTaskRow.agency == self.agency, col(SourceTaskRow.closed_at).is_(None))
        rows = self.session.exec(waits.order_by(col(SourceTaskRow.opened_at), col(SourceTaskRow.id)).limit(limit))
        return [_task(row) for row in rows.all()]

    def count(self) -> int:
        """Return how many wait for the office."""
        wanted = select(func.count()).where(
            col(SourceTaskRow.agency) == self.agency, col(SourceTaskRow.closed_at).is_(None)
        )
        return self.session.exec(wanted).one()

    def close(self, task: UUID, now: datetime) -> Task:
        """Close one task and return it.

        Raises:
            NoSuchTask: unknown, another agency's, or closed already.
        """
        if self.session.exec(self._open().where(col(SourceTaskRow.id) == task).values(closed_at=now)).rowcount != 1:
            raise NoSuchTask("Nothing waits here any more.")
        return _task(self.session.exec(select(SourceTaskRow).where(SourceTaskRow.id == task)).one())

    def close_settled(self, now: datetime) -> int:
        """Close every task whose correction no longer stands over the roster, and return how many there were."""
        stands = exists().where(
            col(OverlayRow.person) == col(SourceTaskRow.person),
            col(OverlayRow.element) == col(SourceTaskRow.element),
            col(OverlayRow.agreed_at).is_(None),
        )
        return self.session.exec(self._open().where(~stands).values(closed_at=now)).rowcount

    def _open(self) -> Update:
        return update(SourceTaskRow).where(
            col(SourceTaskRow.agency) == self.agency, col(SourceTaskRow.closed_at).is_(None)
        )


def _task(row: SourceTaskRow) -> Task:
    return Task(row.id, row.person, row.element, row.case_reference, row.opened_at)
