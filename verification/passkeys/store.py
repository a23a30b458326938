"""Every statement about the passkeys of one agency, of one side of it, and about the questions that were asked."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Update, delete, func, update
from sqlmodel import Session, col, select

from rightsdesk.verification.passkeys.tables import PasskeyChallengeRow, PasskeyRow
from rightsdesk.verification.protocols import Seal

FAMILY: Final = "family"
STAFF: Final = "staff"
INDEX: Final = "passkey"
LIFETIME: Final = timedelta(minutes=5)
OPEN_AT_ONCE: Final = 5  # questions of one session: tabs, and whoever presses again


class Stop(StrEnum):
    """Why a passkey opens nothing any more."""

    COPIED = "copied"  # its counter went back: a copy may exist
    RESTORED = "restored"  # the database is an older copy, put back: it may have been removed since
    ROOT_GONE = "root"  # the number or school account it was made with is no longer its owner's


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner knows it.

    ``label`` is what they call it, ``device`` what it was made on as the caller names it. ``rests_on`` is the contact
    point or the school account by which its owner had proved themselves, ``stopped`` why it opens nothing.
    """

    id: UUID
    owner: UUID
    label: str
    device: str
    made_at: datetime
    used_at: datetime | None
    rests_on: UUID | None = None
    stopped: Stop | None = None
    sign_count: int = 0
    credential: bytes = field(default=b"", repr=False)
    public_key: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey, as the device handed it over."""

    id: UUID
    owner: UUID
    label: str
    device: str
    rests_on: UUID | None
    credential: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Passkeys:
    """The passkeys of one side of an agency: a family's opens nothing at the desk."""

    session: Session
    agency: UUID
    side: str
    seal: Seal

    def of(self, owner: UUID) -> Sequence[Passkey]:
        """Return somebody's passkeys in the order they were made."""
        mine = select(PasskeyRow).where(*self._ours(), PasskeyRow.owner == owner)
        rows = self.session.exec(mine.order_by(col(PasskeyRow.made_at), col(PasskeyRow.id))).all()
        return [self._value(row) for row in rows]

    def count(self, owner: UUID) -> int:
        """Return how many passkeys somebody has."""
        wanted = select(func.count()).select_from(PasskeyRow).where(*self._ours(), PasskeyRow.owner == owner)
        return self.session.exec(wanted).one()

    def found(self, credential: bytes) -> Passkey | None:
        """Return the passkey with this credential id, or nothing."""
        indexes = self.seal.indexes(INDEX, credential.hex())
        row = self.session.exec(
            select(PasskeyRow).where(*self._ours(), col(PasskeyRow.credential).in_(indexes))
        ).first()
        return self._value(row) if row else None

    def add(self, made: Made, now: datetime) -> None:
        """Keep a new passkey."""
        key = json.dumps([made.credential.hex(), made.public_key.hex(), made.device])
        row = PasskeyRow(
            id=made.id,
            agency=self.agency,
            side=self.side,
            owner=made.owner,
            credential=self.seal.index(INDEX, made.credential.hex()),
            key=self.seal.seal_agency(_place(made.id, "key"), key),
            label=self.seal.seal_agency(_place(made.id, "label"), made.label),
            rests_on=made.rests_on,
            sign_count=made.sign_count,
            made_at=now,
        )
        self.session.add(row)
        self.session.flush()

    def counted(self, passkey: UUID, sign_count: int, now: datetime) -> bool:
        """Note that it was used; false when its counter did not go on, as that of a copy would not.

        A device that keeps no counter always says 0.
        """
        counts_on = col(PasskeyRow.sign_count) < sign_count if sign_count else col(PasskeyRow.sign_count) == 0
        used = self._one(passkey).where(counts_on, col(PasskeyRow.stopped_at).is_(None))
        return self._done(used.values(sign_count=sign_count, used_at=now)) == 1

    def stop(self, passkey: UUID, why: Stop, now: datetime) -> None:
        """Let it open nothing any more; its owner sees why."""
        living = self._one(passkey).where(col(PasskeyRow.stopped_at).is_(None))
        self._done(living.values(stopped_at=now, stopped_for=why))

    def numbered(self, passkey: UUID) -> Passkey | None:
        """Return the passkey with this number, or nothing."""
        row = self.session.exec(select(PasskeyRow).where(*self._ours(), PasskeyRow.id == passkey)).first()
        return self._value(row) if row else None

    def claim_text(self, passkey: UUID, now: datetime) -> bool:
        """Write down that its owner is about to be texted; false if it was before."""
        untold = self._one(passkey).where(col(PasskeyRow.told_at).is_(None))
        return self._done(untold.values(told_at=now)) == 1

    def unclaim_text(self, passkey: UUID) -> None:
        """Let its owner be texted again: the carrier refused for now, so nothing was sent."""
        self._done(self._one(passkey).values(told_at=None))

    def rename(self, owner: UUID, passkey: UUID, label: str) -> bool:
        """Give somebody's own passkey another name; say whether it is theirs."""
        sealed = self.seal.seal_agency(_place(passkey, "label"), label)
        return self._done(self._one(passkey).where(col(PasskeyRow.owner) == owner).values(label=sealed)) == 1

    def remove(self, owner: UUID, passkey: UUID) -> bool:
        """Forget somebody's own passkey; say whether it was theirs."""
        mine = delete(PasskeyRow).where(*self._ours(), col(PasskeyRow.id) == passkey, col(PasskeyRow.owner) == owner)
        return self._done(mine) == 1

    def remove_all(self, owner: UUID) -> int:
        """Forget every passkey of somebody."""
        return self._done(delete(PasskeyRow).where(*self._ours(), col(PasskeyRow.owner) == owner))

    def _value(self, row: PasskeyRow) -> Passkey:
        credential, public_key, device = json.loads(self.seal.unseal_agency(_place(row.id, "key"), row.key))
        return Passkey(
            id=row.id,
            owner=row.owner,
            label=self.seal.unseal_agency(_place(row.id, "label"), row.label),
            device=device,
            made_at=row.made_at,
            used_at=row.used_at,
            rests_on=row.rests_on,
            stopped=Stop(row.stopped_for) if row.stopped_at else None,
            sign_count=row.sign_count,
            credential=bytes.fromhex(credential),
            public_key=bytes.fromhex(public_key),
        )

    def _one(self, passkey: UUID) -> Update:
        return update(PasskeyRow).where(*self._ours(), col(PasskeyRow.id) == passkey)

    def _ours(self) -> tuple[ColumnElement[bool], ...]:
        return (col(PasskeyRow.agency) == self.agency, col(PasskeyRow.side) == self.side)

    def _done(self, statement: Any) -> int:
        return int(self.session.connection().execute(statement).rowcount)


@dataclass(frozen=True, slots=True)
class Challenges:
    """The questions asked of browser sessions at one side of an agency."""

    session: Session
    agency: UUID
    side: str

    def add(self, challenge: str, session: str, purpose: str, now: datetime) -> None:
        """Remember a question; a session keeps its newest five."""
        mine = select(PasskeyChallengeRow.challenge).where(*self._of(session))
        older = mine.order_by(col(PasskeyChallengeRow.asked_at).desc()).offset(OPEN_AT_ONCE - 1)
        for one in self.session.exec(older).all():
            self.session.exec(delete(PasskeyChallengeRow).where(col(PasskeyChallengeRow.challenge) == one))
        row = PasskeyChallengeRow(
            challenge=challenge, agency=self.agency, session=session, purpose=purpose, side=self.side, asked_at=now
        )
        self.session.add(row)
        self.session.flush()

    def take(self, challenge: str, session: str, purpose: str, now: datetime) -> bool:
        """Use up a question that this session was asked; true for exactly one answer, within five minutes."""
        mine = delete(PasskeyChallengeRow).where(
            *self._of(session),
            col(PasskeyChallengeRow.challenge) == challenge,
            col(PasskeyChallengeRow.purpose) == purpose,
            col(PasskeyChallengeRow.asked_at) > now - LIFETIME,
        )
        return self.session.exec(mine.execution_options(synchronize_session=False)).rowcount == 1

    def _of(self, session: str) -> tuple[ColumnElement[bool], ...]:
        row = PasskeyChallengeRow
        return (col(row.agency) == self.agency, col(row.side) == self.side, col(row.session) == session)


def renew_index(session: Session, agency: UUID, seal: Seal) -> None:
    """Enter every passkey of an agency under the newest index key."""
    for row in session.exec(select(PasskeyRow).where(PasskeyRow.agency == agency)).all():
        credential, *_ = json.loads(seal.unseal_agency(_place(row.id, "key"), row.key))
        row.credential = seal.index(INDEX, credential)
        session.add(row)


def stop_all(session: Session, why: Stop, now: datetime) -> None:
    """Let no passkey of any agency open anything any more; each owner sees why."""
    living = update(PasskeyRow).where(col(PasskeyRow.stopped_at).is_(None))
    session.connection().execute(living.values(stopped_at=now, stopped_for=why))


def sweep(session: Session, now: datetime) -> int:
    """Remove questions of all agencies that nobody answered in time; return how many."""
    old = delete(PasskeyChallengeRow).where(col(PasskeyChallengeRow.asked_at) <= now - LIFETIME)
    return int(session.connection().execute(old).rowcount)


def _place(passkey: UUID, column: str) -> str:
    return f"passkeys:{passkey}:{column}"
