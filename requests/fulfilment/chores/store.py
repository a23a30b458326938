"""Every SQL statement about granted requests that go no further without a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from rightsdesk.requests.cases.case import Delivery, Kind
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import CaseRow, ElementRow

_NEEDS_PERSON: Final = "needs_person"


@dataclass(frozen=True, slots=True)
class Stuck:
    """An element that a system did not take. ``error`` is the type of what it said, ``attempts`` how often."""

    reference: str
    version: int
    subject: UUID
    element: str
    error: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Awaited:
    """A family that wants to see the data at the school or on paper; ``due_on`` is the first day of the law."""

    reference: str
    subject: UUID
    due_on: date


@dataclass(frozen=True, slots=True)
class Chores:
    """What waits for a person of one agency."""

    session: Session
    agency: UUID

    def stuck(self, limit: int = 200) -> Sequence[Stuck]:
        """Return what no system took, soonest due first."""
        wanted = (
            select(
                col(CaseRow.reference),
                col(CaseRow.version),
                col(CaseRow.subject),
                col(ElementRow.element),
                col(ElementRow.last_error),
                col(ElementRow.attempts),
            )
            .join(ElementRow, col(ElementRow.case) == col(CaseRow.id))
            .where(*self._begun(), col(ElementRow.result) == _NEEDS_PERSON)
            .order_by(col(CaseRow.due_on), col(CaseRow.id), col(ElementRow.element))
        )
        return [Stuck(*row) for row in self.session.connection().execute(wanted.limit(limit))]

    def awaited(self, limit: int = 200) -> Sequence[Awaited]:
        """Return who waits to see the data at the office, soonest due first."""
        columns = (col(CaseRow.reference), col(CaseRow.subject), col(CaseRow.due_on))
        wanted = select(*columns).where(*self._begun(), *_AT_OFFICE).order_by(col(CaseRow.due_on), col(CaseRow.id))
        return [Awaited(*row) for row in self.session.connection().execute(wanted.limit(limit))]

    def count(self) -> int:
        """Return how many there are of both."""
        stuck = (
            select(func.count())
            .select_from(CaseRow)
            .join(ElementRow, col(ElementRow.case) == col(CaseRow.id))
            .where(*self._begun(), col(ElementRow.result) == _NEEDS_PERSON)
        )
        awaited = select(func.count()).select_from(CaseRow).where(*self._begun(), *_AT_OFFICE)
        run = self.session.connection().execute
        return int(run(stuck).scalar_one() + run(awaited).scalar_one())

    def _begun(self) -> tuple[ColumnElement[bool], ...]:
        # The bare column: only then does the planner use the partial index.
        return (col(CaseRow.agency) == self.agency, (col(CaseRow.state) == State.FULFILLING) & col(CaseRow.is_open))


_AT_OFFICE: Final = (col(CaseRow.kind) == Kind.ACCESS, col(CaseRow.delivery) == Delivery.OFFICE)
