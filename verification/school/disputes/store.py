"""Every statement about the links of one agency that somebody disputed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, update
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, select

from rightsdesk.verification.school.tables import IdentityRow


@dataclass(frozen=True, slots=True)
class Dispute:
    """A school account that led to ``account``, and whose owner said that this is somebody else."""

    id: UUID
    account: UUID
    issuer: str
    tenant: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Disputes:
    """What waits for the office of one agency. Whoever lets the two be linked again has seen to it as well."""

    session: Session
    agency: UUID

    def open(self, identity: UUID, now: datetime) -> None:
        """Note that a link, which is taken apart, was disputed."""
        mine = update(IdentityRow).where(self._own(), col(IdentityRow.id) == identity)
        self.session.exec(mine.values(disputed_at=now).execution_options(synchronize_session=False))

    def waiting(self) -> Sequence[Dispute]:
        """Return what nobody has looked at, oldest first."""
        named = (col(IdentityRow.id), col(IdentityRow.account), col(IdentityRow.issuer), col(IdentityRow.tenant))
        wanted = columns_of(*named, col(IdentityRow.disputed_at)).where(self._own(), self._open())
        rows = self.session.connection().execute(wanted.order_by(col(IdentityRow.disputed_at), col(IdentityRow.id)))
        return [Dispute(row.id, row.account, row.issuer, row.tenant, row.disputed_at) for row in rows]

    def count(self) -> int:
        """Return how many those are."""
        return self.session.exec(select(func.count()).where(self._own(), self._open())).one()

    def close(self, identity: UUID) -> bool:
        """Note that somebody looked at it; false when nothing waits under this id."""
        mine = update(IdentityRow).where(self._own(), self._open(), col(IdentityRow.id) == identity)
        closed = mine.values(disputed_at=None).execution_options(synchronize_session=False)
        return self.session.exec(closed).rowcount == 1

    def _own(self) -> ColumnElement[bool]:
        return col(IdentityRow.agency) == self.agency

    def _open(self) -> ColumnElement[bool]:
        return col(IdentityRow.disputed_at).is_not(None)
