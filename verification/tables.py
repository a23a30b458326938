"""How challenges and their counts lie in the database."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, Index, LargeBinary, SQLModel

from rightsdesk.verification.challenges import Purpose
from rightsdesk.verification.columns import CHALLENGE_LENGTH, INDEX_LENGTH, UtcDateTime, closed
from rightsdesk.verification.spending.ceilings import Channel


class Counted(StrEnum):
    """What wrong answers are counted for."""

    NUMBER = "number"
    ADDRESS = "address"
    PASSWORD = "password"  # noqa: S105 - what is counted, not a password
    TOTP = "totp"


class ChallengeRow(SQLModel, table=True):
    """A code that was asked for. Nothing in it tells whether anybody holds the number."""

    __tablename__ = "code_challenges"
    __table_args__ = (Index(None, "agency", "asked_at"),)

    id: str = Field(primary_key=True, max_length=CHALLENGE_LENGTH)
    agency: UUID
    session: str = Field(max_length=128)  # the session that asked, by the hash it is stored under
    purpose: Purpose = Field(sa_type=closed(Purpose))
    language: str = Field(max_length=16)
    numbers: str  # blind indexes of what was typed, one for each live key, newest first
    secret: bytes = Field(sa_type=LargeBinary)
    sends: int = 1
    asked_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime = Field(sa_type=UtcDateTime)
    sent_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    tries: int = 0
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AskRow(SQLModel, table=True):
    """One press of "text me a code", or "call me": what limits on asking count, alike for known and unknown numbers."""

    __tablename__ = "code_asks"
    __table_args__ = (
        Index(None, "agency", "number", "asked_at"),
        Index(None, "agency", "address", "asked_at"),
    )

    challenge: str = Field(primary_key=True, max_length=CHALLENGE_LENGTH)
    counter: int = Field(primary_key=True)
    agency: UUID
    session: str = Field(max_length=128)
    number: str = Field(max_length=INDEX_LENGTH)
    address: str = Field(max_length=INDEX_LENGTH)  # empty for the agency's own address blocks
    channel: Channel = Field(default=Channel.TEXT, sa_type=closed(Channel))
    asked_at: datetime = Field(sa_type=UtcDateTime)


class CountRow(SQLModel, table=True):
    """Wrong answers of one number, address or account."""

    __tablename__ = "attempt_counts"

    agency: UUID = Field(primary_key=True)
    kind: Counted = Field(primary_key=True, sa_type=closed(Counted))
    key: str = Field(primary_key=True, max_length=INDEX_LENGTH)
    touched_at: datetime = Field(sa_type=UtcDateTime)
    window_start: datetime | None = Field(default=None, sa_type=UtcDateTime)
    window_wrong: int = 0
    blocked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    day: date | None = None
    day_wrong: int = 0
    failures: int = 0
