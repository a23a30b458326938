"""Every SQL statement that sets, confirms, changes or lifts a restriction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session, col, or_, select, update

from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import GuardianshipRow, RestrictionRow

_IDENTITY = "identity"


class RestrictionKind(StrEnum):
    """Why the agency stops a guardian; the grounds of a refusal follow from it."""

    COURT_ORDER = "court_order"
    PROTECTION_ORDER = "protection_order"
    AGENCY_HOLD = "agency_hold"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be set. ``paper`` is the number of a paper in the office, never the paper; ``ends`` is exclusive."""

    guardian: UUID
    student: UUID | None
    kind: RestrictionKind
    begins: date
    ends: date | None = None
    paper: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A restriction as the office reads it, with who set, confirmed and lifted it."""

    id: UUID
    order: Order
    set_by: UUID
    set_at: datetime
    confirmed_by: UUID | None
    lifted_by: UUID | None
    lifted_at: datetime | None

    def stands(self, today: date) -> bool:
        """Say whether it stops its guardian on this day of the agency's calendar."""
        if self.lifted_at is not None:
            return False
        return self.order.begins <= today and (self.order.ends is None or today < self.order.ends)


@dataclass(frozen=True, slots=True)
class Restrictions:
    """The restrictions one agency has set. No import and no requester can reach them."""

    session: Session
    agency: UUID
    vault: AgencyVault

    def add(self, identity: UUID, order: Order, staff: UUID, now: datetime) -> None:
        """Keep a new restriction; the paper's number is sealed under the guardian's key."""
        where = place("restrictions", identity, "paper")
        paper = self.vault.seal(order.guardian, _IDENTITY, where, order.paper) if order.paper else None
        self.session.add(
            RestrictionRow(
                id=identity,
                agency=self.agency,
                guardian=order.guardian,
                student=order.student,
                kind=order.kind,
                paper=paper,
                begins=order.begins,
                ends=order.ends,
                set_by=staff,
                set_at=now,
            )
        )
        self.session.flush()

    def one(self, identity: UUID) -> Standing | None:
        """Return a restriction of this agency, or nothing when it is unknown or foreign."""
        row = self.session.get(RestrictionRow, identity)
        return self._value(row) if row is not None and row.agency == self.agency else None

    def of_student(self, student: UUID, guardians: Iterable[UUID]) -> Sequence[Standing]:
        """Return what was ever set about this student, or about all children of these guardians, newest first."""
        all_children = col(RestrictionRow.student).is_(None) & col(RestrictionRow.guardian).in_(tuple(guardians))
        return self._found(or_(col(RestrictionRow.student) == student, all_children))

    def of_guardian(self, guardian: UUID) -> Sequence[Standing]:
        """Return what was ever set against this guardian, newest first."""
        return self._found(col(RestrictionRow.guardian) == guardian)

    def unconfirmed(self) -> Sequence[Standing]:
        """Return what stands and still waits for a second person, newest first."""
        return self._found(col(RestrictionRow.confirmed_by).is_(None) & col(RestrictionRow.lifted_at).is_(None))

    def children(self, guardian: UUID) -> Sequence[UUID]:
        """Return every student this guardian is linked to, ended links too."""
        wanted = select(GuardianshipRow.student).where(
            GuardianshipRow.agency == self.agency, GuardianshipRow.guardian == guardian
        )
        return self.session.exec(wanted).all()

    def guardians(self, student: UUID) -> Sequence[UUID]:
        """Return every guardian of this student, ended links too."""
        wanted = select(GuardianshipRow.guardian).where(
            GuardianshipRow.agency == self.agency, GuardianshipRow.student == student
        )
        return self.session.exec(wanted).all()

    def confirm(self, identity: UUID, staff: UUID) -> bool:
        """Note the second person; say whether it was still waiting for one."""
        return self._changed(identity, col(RestrictionRow.confirmed_by).is_(None), confirmed_by=staff)

    def lift(self, identity: UUID, staff: UUID, now: datetime) -> bool:
        """Note that it no longer stands; say whether it stood."""
        return self._changed(identity, col(RestrictionRow.lifted_at).is_(None), lifted_by=staff, lifted_at=now)

    def change_end(self, identity: UUID, ends: date | None) -> bool:
        """Move its end; say whether it stood."""
        return self._changed(identity, col(RestrictionRow.lifted_at).is_(None), ends=ends)

    def _changed(self, identity: UUID, still: object, **values: object) -> bool:
        mine = update(RestrictionRow).where(
            col(RestrictionRow.agency) == self.agency, col(RestrictionRow.id) == identity
        )
        done = self.session.exec(mine.where(still, col(RestrictionRow.lifted_at).is_(None)).values(**values))  # type: ignore[arg-type]  # a column condition
        return done.rowcount == 1

    def _found(self, condition: object) -> Sequence[Standing]:
        wanted = select(RestrictionRow).where(RestrictionRow.agency == self.agency, condition)  # type: ignore[arg-type]  # a column condition
        rows = self.session.exec(wanted.order_by(col(RestrictionRow.set_at).desc(), col(RestrictionRow.id))).all()
        return [self._value(row) for row in rows]

    def _value(self, row: RestrictionRow) -> Standing:
        order = Order(row.guardian, row.student, RestrictionKind(row.kind), row.begins, row.ends, self._paper(row))
        return Standing(row.id, order, row.set_by, row.set_at, row.confirmed_by, row.lifted_by, row.lifted_at)

    def _paper(self, row: RestrictionRow) -> str:
        if row.paper is None:
            return ""
        try:
            return self.vault.unseal(row.guardian, _IDENTITY, place("restrictions", row.id, "paper"), row.paper)
        except KeyGone:  # the guardian's identity was erased; the restriction itself stays
            return ""
