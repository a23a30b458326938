"""How sums of messages and raised alarms lie in the database: counts by day, nobody's number, nobody's name."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlmodel import BigInteger, Field, SQLModel

from rightsdesk.verification.columns import UtcDateTime, closed
from rightsdesk.verification.sms.port import TextKind

PORTAL: Final = UUID(int=0)  # where something concerns all agencies together


class TextDayRow(SQLModel, table=True):
    """How often one thing happened to the messages of an agency on one of its days, and what that cost."""

    __tablename__ = "text_days"

    agency: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    kind: TextKind = Field(primary_key=True, sa_type=closed(TextKind))
    what: str = Field(primary_key=True, max_length=40)
    number: int = 0
    cost: int = Field(default=0, sa_type=BigInteger)  # millionths of the carrier's currency


class AlarmRow(SQLModel, table=True):
    """An alarm about messages: since when it stands, or when it ended; the same one is one row for ever."""

    __tablename__ = "text_alarms"

    agency: UUID = Field(primary_key=True)
    what: str = Field(primary_key=True, max_length=20)
    since: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TillRow(SQLModel, table=True):
    """What all agencies pay from; whoever holds its row is the only one to pay."""

    __tablename__ = "text_till"

    id: int = Field(primary_key=True)
    held_at: datetime = Field(sa_type=UtcDateTime)
