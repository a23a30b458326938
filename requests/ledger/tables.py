"""How the keys and the audit ledger lie in their two databases."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlmodel import Field, SQLModel

from rightsdesk.requests.ledger.columns import UtcDateTime

# A registry of its own: the keys live in another database, which the migrations of the main one must never see.
KEYS: Final = MetaData(naming_convention=SQLModel.metadata.naming_convention)

AGENCY_KEYSETS: Final = Table(
    "agency_keysets",
    KEYS,
    Column("agency", Uuid, primary_key=True),
    Column("purpose", String(8), primary_key=True),  # "aead" or "prf"
    Column("sealed", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
)

SUBJECT_KEYS: Final = Table(
    "subject_keys",
    KEYS,
    Column("subject", Uuid, primary_key=True),
    Column("scope", String(40), primary_key=True),
    Column("agency", Uuid, nullable=False, index=True),
    Column("wrapped", LargeBinary, nullable=False),  # empty: destroyed, and never to be made again
    Column("made_at", UtcDateTime, nullable=False),
)

KEY_GENERATIONS: Final = Table(
    "key_generations",
    KEYS,
    Column("agency", Uuid, primary_key=True),
    Column("generation", BigInteger, nullable=False),  # grows when a key is destroyed or rotated: caches look at it
)

KEYS_REGION: Final = Table(
    "keys_region",
    KEYS,
    Column("id", Integer, primary_key=True),
    Column("region", String(12), nullable=False),  # one row: whose keys these are
)

# Apart from the keys: a dump of those is thrown away after seven days, the list is kept.
ERASURES: Final = MetaData(naming_convention=SQLModel.metadata.naming_convention)

ERASURE_LINES: Final = Table(
    "erasure_lines",
    ERASURES,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),  # one signed JSON object, as in the file
)

ERASURE_HEAD: Final = Table(
    "erasure_head",
    ERASURES,
    Column("id", Integer, primary_key=True, autoincrement=False),  # there is one row
    Column("count", Text, nullable=False),  # signed: how many lines there are
)


class AuditEventRow(SQLModel, table=True):
    """One entry of an agency's chain; ``seq`` counts from 1 without a gap, digests are 32 bytes of SHA-256."""

    __tablename__ = "audit_events"
    # A case's history must not be sought in the agency's whole ledger.
    __table_args__ = (
        UniqueConstraint("agency", "seq"),
        Index("ix_audit_events_case", "agency", "case_reference", "seq"),
    )

    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    )
    agency: UUID
    seq: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str = Field(max_length=40)
    actor: str = Field(max_length=60)
    case_reference: str = Field(max_length=40)
    subject: UUID | None = Field(default=None)
    facts: str = Field(sa_type=Text)  # JSON list of pairs: ids, codes and counts
    previous: bytes = Field(sa_type=LargeBinary)
    digest: bytes = Field(sa_type=LargeBinary)


class AuditHeadRow(SQLModel, table=True):
    """Where an agency's chain ends; taking the next number locks this row until the transaction ends."""

    __tablename__ = "audit_heads"

    agency: UUID = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger)
    digest: bytes = Field(sa_type=LargeBinary)
