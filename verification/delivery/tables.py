"""How the messages that the carrier took lie in the database, so that its reports can be told from forged ones."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, Index, SQLModel

from rightsdesk.verification.columns import INDEX_LENGTH, UtcDateTime, closed
from rightsdesk.verification.delivery.reports import Delivered
from rightsdesk.verification.sms.port import TextKind


class MessageRow(SQLModel, table=True):
    """One message by the carrier's id. ``about`` is the notice it carried, ``contact`` where it went."""

    __tablename__ = "text_messages"
    __table_args__ = (Index(None, "agency", "number", "sent_at"), Index(None, "agency", "sent_at"))

    sid: str = Field(primary_key=True, max_length=40)
    agency: UUID
    kind: TextKind = Field(sa_type=closed(TextKind))
    number: str = Field(max_length=INDEX_LENGTH)
    contact: UUID | None = None
    about: UUID | None = None
    state: Delivered = Field(sa_type=closed(Delivered))
    reason: str = Field(default="", max_length=32)
    sent_at: datetime = Field(sa_type=UtcDateTime)
    reported_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReplyRow(SQLModel, table=True):
    """A STOP or START by the carrier's id: the same one counts once, however often it is sent to us."""

    __tablename__ = "text_replies"

    sid: str = Field(primary_key=True, max_length=40)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
