"""How cases, their elements, clocks, decisions and words lie in the database."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from rightsdesk.requests.ledger.columns import REFERENCE_LENGTH, UtcDateTime

# Conditions of partial indexes, word for word as the desk's statements write them after the name of the table.
ANSWERED: Final = "state IN ('approved', 'partly_approved', 'denied', 'fulfilling', 'fulfilled')"
CLOSED: Final = "state IN ('withdrawn', 'expired_unverified', 'duplicate')"
ERASURES: Final = "kind = 'erasure'"
FOREIGN: Final = "language <> 'en'"


class CaseRow(SQLModel, table=True):
    """One request by one requester about one data subject to one agency."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("agency", "once"),
        # Word for word as SQLAlchemy writes the bare column: SQLite uses a partial index for no other spelling.
        Index(
            "ix_cases_open",
            "agency",
            "due_on",
            "id",
            sqlite_where=text("is_open = 1"),
            postgresql_where=text("is_open"),
        ),
        Index(
            "ix_cases_state",
            "agency",
            "state",
            "due_on",
            "id",
            sqlite_where=text("is_open = 1"),
            postgresql_where=text("is_open"),
        ),
        Index(
            "ix_cases_answered",
            "agency",
            "filed_at",
            "id",
            sqlite_where=text(ANSWERED),
            postgresql_where=text(ANSWERED),
        ),
        Index("ix_cases_closed", "agency", "filed_at", "id", sqlite_where=text(CLOSED), postgresql_where=text(CLOSED)),
        Index(
            "ix_cases_claimed",
            "agency",
            "claimed_by",
            "due_on",
            "id",
            sqlite_where=text("is_open = 1 AND claimed_by IS NOT NULL"),
            postgresql_where=text("is_open AND claimed_by IS NOT NULL"),
        ),
        Index(
            "ix_cases_erasures",
            "agency",
            "kind",  # always the same here, and yet what SQLite prefers this index to that of all open cases by
            "due_on",
            "id",
            sqlite_where=text(f"is_open = 1 AND {ERASURES}"),
            postgresql_where=text(f"is_open AND {ERASURES}"),
        ),
        Index(
            "ix_cases_foreign",
            "agency",
            "language",
            "due_on",
            "id",
            sqlite_where=text(f"is_open = 1 AND {FOREIGN}"),
            postgresql_where=text(f"is_open AND {FOREIGN}"),
        ),
        Index("ix_cases_subject", "agency", "subject"),
        Index("ix_cases_requester", "agency", "requester"),
        Index("ix_cases_effective", "effective_at"),
    )

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    reference: str = Field(max_length=REFERENCE_LENGTH, unique=True)
    kind: str = Field(max_length=20)
    state: str = Field(max_length=30)
    is_open: bool = True
    requester: UUID = Field(foreign_key="people.id")
    requester_kind: str = Field(max_length=40)
    subject: UUID = Field(foreign_key="people.id")
    school: UUID | None = None
    owner: str = Field(max_length=8)
    channel: str = Field(max_length=16)
    once: str = Field(max_length=64)
    language: str = Field(max_length=12)
    delivery: str = Field(default="electronic", max_length=12)
    details: bytes | None = Field(default=None, sa_type=LargeBinary)
    received_at: datetime = Field(sa_type=UtcDateTime)
    filed_at: datetime = Field(sa_type=UtcDateTime)
    due_on: date
    due_rule: str = Field(max_length=60)
    claimed_by: UUID | None = None
    outcome: str = Field(default="", max_length=8)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: UUID | None = None
    confirmed_by: UUID | None = None
    effective_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    took_effect_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    erase_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer_by: date | None = None
    blocked: str = Field(default="", max_length=40)
    state_before: str = Field(default="", max_length=30)
    linked: UUID | None = None
    duplicate_of: UUID | None = None
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    version: int = 1


class ElementRow(SQLModel, table=True):
    """One piece or category of data that a case is about, with its own answer."""

    __tablename__ = "case_elements"
    __table_args__ = (UniqueConstraint("case", "element"),)

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    case: UUID = Field(foreign_key="cases.id")
    element: str = Field(max_length=40)
    filed: bytes | None = Field(default=None, sa_type=LargeBinary)
    proposed: bytes | None = Field(default=None, sa_type=LargeBinary)
    accepted: bytes | None = Field(default=None, sa_type=LargeBinary)
    outcome: str = Field(default="", max_length=8)
    ground: str = Field(default="", max_length=40)
    text: bytes | None = Field(default=None, sa_type=LargeBinary)
    result: str = Field(default="", max_length=20)
    attempts: int = 0
    last_error: str = Field(default="", max_length=80)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ClockRow(SQLModel, table=True):
    """The date that one law sets for a case; the earliest is copied to the case."""

    __tablename__ = "case_clocks"

    case: UUID = Field(primary_key=True, foreign_key="cases.id")
    rule: str = Field(primary_key=True, max_length=60)
    due_on: date
    is_policy: bool
    source: str = Field(max_length=240)


class DecisionRow(SQLModel, table=True):
    """A ruling, kept also when it was taken back."""

    __tablename__ = "case_decisions"

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    case: UUID = Field(foreign_key="cases.id", index=True)
    by: UUID = Field(foreign_key="staff.id")
    at: datetime = Field(sa_type=UtcDateTime)
    outcome: str = Field(max_length=8)
    ground: str = Field(default="", max_length=40)
    text: bytes | None = Field(default=None, sa_type=LargeBinary)
    letter: bytes | None = Field(default=None, sa_type=LargeBinary)
    confirmed_by: UUID | None = None
    undone_by: UUID | None = None
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MessageRow(SQLModel, table=True):
    """A question to the family, an answer, or a note that only staff see."""

    __tablename__ = "case_messages"

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    case: UUID = Field(foreign_key="cases.id", index=True)
    kind: str = Field(max_length=10)
    author: UUID
    at: datetime = Field(sa_type=UtcDateTime)
    text: bytes = Field(sa_type=LargeBinary)
    language: str = Field(default="", max_length=12)


class EvidenceRow(SQLModel, table=True):
    """A photo or PDF that a family added: cleaned of metadata, sealed, kept outside the web root."""

    __tablename__ = "case_evidence"

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    case: UUID = Field(foreign_key="cases.id", index=True)
    kind: str = Field(max_length=8)
    size: int
    content: bytes = Field(sa_type=LargeBinary)
    added_at: datetime = Field(sa_type=UtcDateTime)


class NoticeRow(SQLModel, table=True):
    """A message to a person that must go out, and what became of it."""

    __tablename__ = "notices"

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    case: UUID | None = Field(default=None, foreign_key="cases.id", index=True)
    person: UUID
    kind: str = Field(max_length=24)
    channel: str = Field(max_length=8)
    language: str = Field(max_length=12)
    state: str = Field(default="waiting", max_length=12)
    queued_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    receipt: str = Field(default="", max_length=64)
    address: bytes | None = Field(default=None, sa_type=LargeBinary)  # only where the record itself is being erased


class CaseCountRow(SQLModel, table=True):
    """How many open cases stand in each view, kept in the transaction that moves them: never counted by scanning."""

    __tablename__ = "case_counts"

    agency: UUID = Field(primary_key=True, foreign_key="agencies.id")
    view: str = Field(primary_key=True, max_length=40)
    number: int = 0
