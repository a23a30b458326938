"""How the portal's own memory lies in the database: sessions, saved answers, durable work."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from rightsdesk.requests.ledger.columns import REFERENCE_LENGTH, UtcDateTime


class SessionRow(SQLModel, table=True):
    """One browser's session. ``id`` is the SHA-256 of what the cookie holds, so a stolen table opens nothing."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "agency", "person"), Index(None, "agency", "staff"), Index(None, "seen_at"))

    id: str = Field(primary_key=True, max_length=64)
    agency: UUID
    kind: str = Field(max_length=12)
    person: UUID | None = None
    staff: UUID | None = None
    begun_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    rest: bytes = Field(sa_type=LargeBinary)  # sealed JSON: proofs, candidates, answers given so far


class PresenceRow(SQLModel, table=True):
    """The case that a member of staff had open at ``seen_at``; a minute later it means nothing any more."""

    __tablename__ = "presence"

    staff: UUID = Field(primary_key=True)
    agency: UUID
    reference: str = Field(max_length=REFERENCE_LENGTH)
    seen_at: datetime = Field(sa_type=UtcDateTime)


class SavedDraftRow(SQLModel, table=True):
    """What a requester had answered when the session ended, for a day; sealed."""

    __tablename__ = "saved_drafts"
    __table_args__ = (Index(None, "saved_at"),)

    agency: UUID = Field(primary_key=True)
    person: UUID = Field(primary_key=True)
    saved_at: datetime = Field(sa_type=UtcDateTime)
    draft: bytes = Field(sa_type=LargeBinary)


class JobRow(SQLModel, table=True):
    """One effect to be had outside the transaction that asked for it. Times are seconds since 1970."""

    __tablename__ = "jobs"
    __table_args__ = (UniqueConstraint("kind", "key"), Index(None, "done_at", "dead_at", "run_at"))

    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    )
    kind: str = Field(max_length=40)
    key: str = Field(max_length=200)
    ids: str  # JSON list of ids, nothing personal
    region: str = Field(default="", max_length=12)  # only its own workers do it
    run_at: float = Field(sa_type=Float(53))
    lease_until: float | None = Field(default=None, sa_type=Float(53))
    lease_by: str = Field(default="", max_length=64)
    attempts: int = 0
    done_at: float | None = Field(default=None, sa_type=Float(53))
    dead_at: float | None = Field(default=None, sa_type=Float(53))
    error: str = Field(default="", max_length=80)  # the type of an exception, never its text


class WorkerRow(SQLModel, table=True):
    """A worker that was alive at ``beat_at`` (seconds since 1970 by the database's clock)."""

    __tablename__ = "workers"

    name: str = Field(primary_key=True, max_length=64)
    beat_at: float = Field(sa_type=Float(53))


class OwnRegionRow(SQLModel, table=True):
    """The one region whose database this is."""

    __tablename__ = "own_region"

    id: int = Field(primary_key=True)
    region: str = Field(max_length=12)


class PaceRow(SQLModel, table=True):
    """When the next one may leave, of what has to leave at a pace (seconds since 1970 by the database's clock)."""

    __tablename__ = "paces"

    name: str = Field(primary_key=True, max_length=40)
    free_at: float = Field(sa_type=Float(53))


class ErasuresSeenRow(SQLModel, table=True):
    """How many lines the list of erasures had when this database last agreed with it; an older copy knows fewer."""

    __tablename__ = "erasures_seen"

    id: int = Field(primary_key=True)
    number: int


class DraftFileRow(SQLModel, table=True):
    """A cleaned photo or PDF of a request that is not sent yet, sealed under the student's key; gone after a day."""

    __tablename__ = "draft_files"
    __table_args__ = (Index(None, "agency", "person"), Index(None, "added_at"))

    id: UUID = Field(primary_key=True)
    agency: UUID
    person: UUID
    student: UUID
    kind: str = Field(max_length=8)
    content: bytes = Field(sa_type=LargeBinary)
    added_at: datetime = Field(sa_type=UtcDateTime)
