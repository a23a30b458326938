"""Every statement about challenges and their askings, for one agency."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, Row, bindparam, delete, false, update
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, select

from rightsdesk.verification.attempts import Nth
from rightsdesk.verification.challenges import LIFETIME, TRIES, Challenge, Purpose
from rightsdesk.verification.columns import UtcDateTime
from rightsdesk.verification.dialects import run
from rightsdesk.verification.spending.ceilings import Channel
from rightsdesk.verification.tables import AskRow, ChallengeRow

KEPT: Final = timedelta(hours=24)  # as long as the longest window that counts them


@dataclass(frozen=True, slots=True)
class Claim:
    """Which challenge somebody speaks of: it must be of their session (by the hash it is stored under) and purpose."""

    challenge: str
    session: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Seen:
    """A challenge as it lies in the store; ``secret`` is still sealed."""

    id: str
    purpose: Purpose
    language: str
    numbers: tuple[str, ...]
    secret: bytes
    sends: int
    sent_at: datetime
    sent_before: datetime | None
    tries: int
    used_at: datetime | None
    expires_at: datetime

    def opened(self, secret: str) -> Challenge:
        """Return the challenge with its unsealed secret; only the newest two times matter, so older ones repeat."""
        older = (self.sent_before or self.sent_at,) * (self.sends - 1)
        return Challenge(secret, (*older, self.sent_at), self.tries)


@dataclass(frozen=True, slots=True)
class Codes:
    """The challenges one agency's families asked for."""

    session: Session
    agency: UUID

    def add(self, row: ChallengeRow, asked: AskRow) -> None:
        """Remember a new challenge and its first asking."""
        self.session.add_all((row, asked))
        self.session.flush()

    def seen(self, challenge: str) -> Seen | None:
        """Return a challenge by its id alone, for the worker; None if it is gone."""
        return self._read(_NUMBERED, b_id=challenge)

    def shown(self, claim: Claim) -> Seen | None:
        """Return the challenge of this session and purpose; None if there is none."""
        return self._read(_CLAIMED, **_mine(claim))

    def held(self, claim: Claim) -> Seen | None:
        """Return the same and keep others waiting for it: answering locks the challenge first too, so no two block."""
        return self._read(_CLAIMED.with_for_update(), **_mine(claim))

    def take_try(self, claim: Claim, now: datetime) -> Seen | None:
        """Count one try and return the challenge, or None if no try may be looked at."""
        return self._read(_TAKE_TRY, **_mine(claim), b_now=now)

    def return_try(self, challenge: str) -> None:
        """Give a counted try back: it was refused before it was looked at."""
        run(self.session, _RETURN_TRY, {"b_agency": self.agency, "b_id": challenge})

    def use(self, challenge: str, now: datetime) -> bool:
        """Consume the challenge; true for exactly one caller."""
        return run(self.session, _USE, {"b_agency": self.agency, "b_id": challenge, "b_now": now}).rowcount == 1

    def send_again(self, seen: Seen, asked: AskRow) -> bool:
        """Count one more text of a challenge; false if another request was faster, or it ended meanwhile."""
        wanted = (
            update(ChallengeRow)
            .where(
                self._own(),
                col(ChallengeRow.id) == seen.id,
                col(ChallengeRow.sends) == seen.sends,
                col(ChallengeRow.used_at).is_(None),
                col(ChallengeRow.tries) < TRIES,
            )
            .values(
                sends=seen.sends + 1,
                sent_before=seen.sent_at,
                sent_at=asked.asked_at,
                expires_at=asked.asked_at + LIFETIME,
            )
            .execution_options(synchronize_session=False)
        )
        if self.session.exec(wanted).rowcount != 1:
            return False
        self.session.add(asked)
        self.session.flush()
        return True

    def asked_in(self, session: str, numbers: Sequence[str], since: datetime) -> list[datetime]:
        """Return when this session asked for this number, newest first."""
        wanted = (
            select(AskRow.asked_at)
            .where(self._asked(), AskRow.session == session, col(AskRow.number).in_(numbers), AskRow.asked_at > since)
            .order_by(col(AskRow.asked_at).desc())
        )
        return list(self.session.exec(wanted))

    def channel(self, challenge: str, counter: int) -> Channel:
        """Return how the n-th code of a challenge was asked for; a text where nobody remembers."""
        wanted = select(AskRow.channel).where(self._asked(), AskRow.challenge == challenge, AskRow.counter == counter)
        return Channel(self.session.exec(wanted).first() or Channel.TEXT)

    def of_number(self, numbers: Sequence[str]) -> Nth:
        """Return a reader of the n-th newest asking for a number."""
        return self._nth(self._asked(), col(AskRow.number).in_(numbers))

    def of_address(self, addresses: Sequence[str]) -> Nth:
        """Return a reader of the n-th newest asking from an address; none for an uncounted one."""
        return self._nth(self._asked(), col(AskRow.address).in_(addresses) if addresses else false())

    def sweep(self, now: datetime) -> int:
        """Remove challenges and askings older than 24 hours; return how many challenges went."""
        asked = delete(AskRow).where(self._asked(), col(AskRow.asked_at) <= now - KEPT)
        codes = delete(ChallengeRow).where(self._own(), col(ChallengeRow.sent_at) <= now - KEPT)
        self.session.exec(asked.execution_options(synchronize_session=False))
        return self.session.exec(codes.execution_options(synchronize_session=False)).rowcount

    def _nth(self, *which: ColumnElement[bool]) -> Nth:
        newest = select(AskRow.asked_at).where(*which).order_by(col(AskRow.asked_at).desc()).limit(1)
        return lambda n: self.session.exec(newest.offset(n - 1)).first()

    def _read(self, wanted: Executable, **bound: object) -> Seen | None:
        row = run(self.session, wanted, {"b_agency": self.agency, **bound}).one_or_none()
        return _seen(row) if row else None

    def _own(self) -> ColumnElement[bool]:
        return col(ChallengeRow.agency) == self.agency

    def _asked(self) -> ColumnElement[bool]:
        return col(AskRow.agency) == self.agency


def owner_of(session: Session, challenge: str) -> UUID | None:
    """Return the agency a challenge belongs to: the worker's job names the challenge alone."""
    return session.exec(select(ChallengeRow.agency).where(ChallengeRow.id == challenge)).one_or_none()


def _mine(claim: Claim) -> dict[str, object]:
    return {"b_id": claim.challenge, "b_session": claim.session, "b_purpose": claim.purpose}


def _seen(row: Row[*tuple[Any, ...]]) -> Seen:
    numbers = tuple(row.numbers.split())
    return Seen(numbers=numbers, **{name: getattr(row, name) for name in _PLAIN})


_PLAIN: Final = tuple(field.name for field in fields(Seen) if field.name != "numbers")
_SEEN: Final = tuple(col(getattr(ChallengeRow, field.name)) for field in fields(Seen))
_OWN: Final = (col(ChallengeRow.agency) == bindparam("b_agency"), col(ChallengeRow.id) == bindparam("b_id"))
_OF_CLAIM: Final = (
    *_OWN,
    col(ChallengeRow.session) == bindparam("b_session"),
    col(ChallengeRow.purpose) == bindparam("b_purpose"),
)
_UNUSED: Final = col(ChallengeRow.used_at).is_(None)
_NUMBERED: Final = columns_of(*_SEEN).where(*_OWN)
_CLAIMED: Final = columns_of(*_SEEN).where(*_OF_CLAIM)
_TAKE_TRY: Final = (
    update(ChallengeRow)
    .where(*_OF_CLAIM, _UNUSED, col(ChallengeRow.tries) < TRIES)
    .where(col(ChallengeRow.expires_at) > bindparam("b_now"))
    .values(tries=col(ChallengeRow.tries) + 1)
    .returning(*_SEEN)
)
_RETURN_TRY: Final = update(ChallengeRow).where(*_OWN).values(tries=col(ChallengeRow.tries) - 1)
_USE: Final = update(ChallengeRow).where(*_OWN, _UNUSED).values(used_at=bindparam("b_now", type_=UtcDateTime()))
