"""Every statement about the invitations of one agency's staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Update, delete, update
from sqlalchemy import select as columns_of
from sqlmodel import Session, col

from rightsdesk.verification.staff.invitations.tables import InvitationRow

KEPT: Final = timedelta(days=30)  # after its end a link is only history, and the ledger has that


@dataclass(frozen=True, slots=True)
class Open:
    """A link that still opens something, until ``expires_at``."""

    account: UUID
    purpose: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A link whose mail has not left yet; its secret is still sealed."""

    account: UUID
    purpose: str
    language: str
    sealed: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Invitations:
    """The links with which the staff of one agency begin to sign in."""

    session: Session
    agency: UUID

    def add(self, row: InvitationRow) -> None:
        """Keep a new link."""
        self.session.add(row)
        self.session.flush()

    def void(self, account: UUID, now: datetime) -> int:
        """Void every link of an account that still opens something; return how many there were."""
        mine = self._changing(col(InvitationRow.account) == account, *_living(now))
        return self._done(mine.values(voided_at=now, sealed=None))

    def take(self, token: str, now: datetime) -> tuple[UUID, str] | None:
        """Use a link up by the hash of its secret and return account and purpose: for exactly one caller."""
        mine = self._changing(col(InvitationRow.token) == token, *_living(now)).values(used_at=now, sealed=None)
        told = mine.returning(col(InvitationRow.account), col(InvitationRow.purpose))
        row = self.session.connection().execute(told).one_or_none()
        return (row.account, row.purpose) if row else None

    def open(self, now: datetime, *accounts: UUID) -> Sequence[Open]:
        """Return the links that still open something, of these accounts or of all."""
        wanted = columns_of(col(InvitationRow.account), col(InvitationRow.purpose), col(InvitationRow.expires_at))
        mine = (col(InvitationRow.account).in_(accounts),) if accounts else ()
        rows = self.session.connection().execute(wanted.where(self._ours(), *_living(now), *mine))
        return [Open(*row) for row in rows]

    def waiting(self, invitation: UUID, now: datetime) -> Waiting | None:
        """Return a living link whose mail has not left, or nothing."""
        wanted = columns_of(
            col(InvitationRow.account),
            col(InvitationRow.purpose),
            col(InvitationRow.language),
            col(InvitationRow.sealed),
            col(InvitationRow.expires_at),
        ).where(self._ours(), col(InvitationRow.id) == invitation, col(InvitationRow.sealed).is_not(None))
        row = self.session.connection().execute(wanted.where(*_living(now))).one_or_none()
        if row is None or row.sealed is None:
            return None
        return Waiting(row.account, row.purpose, row.language, row.sealed, row.expires_at)

    def sent(self, invitation: UUID) -> None:
        """Forget the sealed secret: from now on the mail alone holds it."""
        self._done(self._changing(col(InvitationRow.id) == invitation).values(sealed=None))

    def _changing(self, *which: ColumnElement[bool]) -> Update:
        return update(InvitationRow).where(self._ours(), *which)

    def _ours(self) -> ColumnElement[bool]:
        return col(InvitationRow.agency) == self.agency

    def _done(self, statement: Any) -> int:
        return int(self.session.connection().execute(statement).rowcount)


def sweep(tx: Session, now: datetime) -> int:
    """Remove links of all agencies that ended 30 days ago; return how many."""
    old = delete(InvitationRow).where(col(InvitationRow.expires_at) < now - KEPT)
    return int(tx.connection().execute(old).rowcount)


def _living(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(InvitationRow.used_at).is_(None),
        col(InvitationRow.voided_at).is_(None),
        col(InvitationRow.expires_at) > now,
    )
