"""How sent texts and opt-outs lie in the database."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, Index, SQLModel

from rightsdesk.verification.columns import CHALLENGE_LENGTH, INDEX_LENGTH, UtcDateTime, closed
from rightsdesk.verification.sms.port import TextKind
from rightsdesk.verification.spending.ceilings import Channel


class SendState(StrEnum):
    """What became of a text. ``unknown`` is never sent again by itself: it may have arrived."""

    ATTEMPTED = "attempted"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    THROTTLED = "throttled"
    UNKNOWN = "unknown"


class TextSendRow(SQLModel, table=True):
    """One text, or call, of one challenge, written before the carrier is asked; ``cost`` is in millionths."""

    __tablename__ = "text_sends"
    __table_args__ = (
        Index(None, "agency", "attempted_at"),
        Index(None, "attempted_at"),
        Index(None, "agency", "number", "attempted_at"),
        Index(None, "agency", "person", "attempted_at"),
        Index(None, "agency", "prefix", "attempted_at"),
    )

    challenge: str = Field(primary_key=True, max_length=CHALLENGE_LENGTH)
    counter: int = Field(primary_key=True)
    agency: UUID
    person: UUID
    contact: UUID
    number: str = Field(max_length=INDEX_LENGTH)
    prefix: str = Field(max_length=INDEX_LENGTH)
    channel: Channel = Field(default=Channel.TEXT, sa_type=closed(Channel))
    cost: int = 0
    state: SendState = Field(sa_type=closed(SendState))
    calls: int = 1
    reason: str = Field(default="", max_length=32)
    sid: str | None = Field(default=None, max_length=40, index=True)
    attempted_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OptOutRow(SQLModel, table=True):
    """A number whose owner wants no codes, notices or calls; kept as a keyed fingerprint."""

    __tablename__ = "text_opt_outs"

    agency: UUID = Field(primary_key=True)
    number: str = Field(primary_key=True, max_length=INDEX_LENGTH)
    kind: TextKind = Field(default=TextKind.CODE, primary_key=True, sa_type=closed(TextKind))
    since: datetime = Field(sa_type=UtcDateTime)
