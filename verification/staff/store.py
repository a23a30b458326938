"""Every statement about the credentials of one agency's staff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, update
from sqlmodel import Session, col, select

from rightsdesk.verification.dialects import insert_into
from rightsdesk.verification.staff.tables import RecoveryCodeRow, StaffCredentialRow


@dataclass(frozen=True, slots=True)
class Credential:
    """What one account can show; the seeds are still sealed."""

    account: UUID
    password: str | None
    pending_seed: bytes | None
    seed: bytes | None
    enrolled_at: datetime | None
    recovery_salt: bytes | None
    password_set_at: datetime | None = None
    by_link: bool = False


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of one agency's staff."""

    session: Session
    agency: UUID

    def of(self, account: UUID) -> Credential | None:
        """Return what an account can show, or None if nothing was ever set."""
        wanted = select(StaffCredentialRow).where(*self._one(account)).execution_options(populate_existing=True)
        row = self.session.exec(wanted).one_or_none()
        if row is None:
            return None
        return Credential(
            row.account,
            row.password,
            row.pending_seed,
            row.seed,
            row.enrolled_at,
            row.recovery_salt,
            row.password_set_at,
            row.by_link,
        )

    def set_password(self, account: UUID, hashed: str, now: datetime) -> None:
        """Keep the hash of a password that its owner chose."""
        self._ensure(account)
        self._change(account, {"password": hashed, "password_set_at": now})

    def forget_password(self, account: UUID) -> None:
        """Forget the password: a link leads to the next one."""
        self._change(account, {"password": None, "password_set_at": None})

    def stands(self, account: UUID, hashed: str) -> bool:
        """Say whether this hash is still the account's, and let a change of it wait until this transaction is over."""
        return self._change(account, {"password": hashed}, col(StaffCredentialRow.password) == hashed) == 1

    def rehash(self, account: UUID, hashed: str) -> None:
        """Keep the same password under newer rules; when it was set stays as it is."""
        self._change(account, {"password": hashed})

    def set_pending(self, account: UUID, sealed: bytes) -> None:
        """Keep the seed of an app that has not yet shown a code."""
        self._ensure(account)
        self._change(account, {"pending_seed": sealed})

    def enrol(self, account: UUID, pending: bytes, step: int, now: datetime) -> bool:
        """Take the waiting seed into use; true for exactly one caller."""
        taken = {"seed": pending, "pending_seed": None, "enrolled_at": now, "last_step": step, "by_link": False}
        return self._change(account, taken, col(StaffCredentialRow.pending_seed) == pending) == 1

    def take_step(self, account: UUID, step: int) -> bool:
        """Remember a 30-second step; false if it, or a later one, was accepted before."""
        newer = or_(col(StaffCredentialRow.last_step).is_(None), col(StaffCredentialRow.last_step) < step)
        return self._change(account, {"last_step": step}, newer) == 1

    def remove_app(self, account: UUID) -> None:
        """Forget the authenticator app and its recovery codes; the next app is set up by a link only."""
        self._ensure(account)
        nothing = {"seed": None, "pending_seed": None, "enrolled_at": None, "last_step": None, "recovery_salt": None}
        self._change(account, nothing | {"by_link": True})
        self._forget_codes(account)

    def allow_app(self, account: UUID) -> None:
        """Let the next app be set up after the password: a link was opened meanwhile."""
        self._change(account, {"by_link": False})

    def remove(self, account: UUID) -> None:
        """Forget everything an account could show."""
        self._forget_codes(account)
        gone = delete(StaffCredentialRow).where(*self._one(account))
        self.session.exec(gone.execution_options(synchronize_session=False))

    def replace_recovery_codes(self, account: UUID, salt: bytes, hashes: Sequence[str]) -> None:
        """Keep a new set of recovery codes; the old set is void."""
        self._forget_codes(account)
        self._change(account, {"recovery_salt": salt})
        self.session.add_all(RecoveryCodeRow(account=account, code=one, agency=self.agency) for one in hashes)
        self.session.flush()

    def use_recovery_code(self, account: UUID, hashed: str, now: datetime) -> bool:
        """Consume a recovery code; true for exactly one caller."""
        wanted = (
            update(RecoveryCodeRow)
            .where(*self._codes(account), col(RecoveryCodeRow.code) == hashed, col(RecoveryCodeRow.used_at).is_(None))
            .values(used_at=now)
            .execution_options(synchronize_session=False)
        )
        return self.session.exec(wanted).rowcount == 1

    def recovery_codes_left(self, account: UUID) -> int:
        """Return how many recovery codes are unused."""
        wanted = select(func.count()).select_from(RecoveryCodeRow)
        return self.session.exec(wanted.where(*self._codes(account), col(RecoveryCodeRow.used_at).is_(None))).one()

    def _ensure(self, account: UUID) -> None:
        row = {"account": account, "agency": self.agency, "by_link": False}
        self.session.connection().execute(insert_into(self.session, StaffCredentialRow).on_conflict_do_nothing(), [row])

    def _change(self, account: UUID, values: Mapping[str, object], *which: ColumnElement[bool]) -> int:
        wanted = update(StaffCredentialRow).where(*self._one(account), *which).values(**values)
        return self.session.exec(wanted.execution_options(synchronize_session=False)).rowcount

    def _forget_codes(self, account: UUID) -> None:
        gone = delete(RecoveryCodeRow).where(*self._codes(account))
        self.session.exec(gone.execution_options(synchronize_session=False))

    def _one(self, account: UUID) -> tuple[ColumnElement[bool], ...]:
        return (col(StaffCredentialRow.agency) == self.agency, col(StaffCredentialRow.account) == account)

    def _codes(self, account: UUID) -> tuple[ColumnElement[bool], ...]:
        return (col(RecoveryCodeRow.agency) == self.agency, col(RecoveryCodeRow.account) == account)
