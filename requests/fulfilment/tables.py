"""How the built-in directory, packages, disclosures and certificates lie in the database."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from rightsdesk.requests.ledger.columns import REFERENCE_LENGTH, UtcDateTime


class HoldingRow(SQLModel, table=True):
    """One thing the built-in directory holds about a student, sealed under the key of its element."""

    __tablename__ = "directory_holdings"

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    person: UUID = Field(foreign_key="people.id", index=True)
    element: str = Field(max_length=40)
    content: bytes = Field(sa_type=LargeBinary)
    added_at: datetime = Field(sa_type=UtcDateTime)
    hidden_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    hidden_by_case: UUID | None = None


class PackageRow(SQLModel, table=True):
    """An access package: a sealed file, who may open it until when, and how often it was opened."""

    __tablename__ = "packages"

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    case: UUID = Field(foreign_key="cases.id", unique=True)
    subject: UUID
    file: str = Field(max_length=80)
    size: int
    digest: str = Field(max_length=64)
    made_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    openings_left: int
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told_ending_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DisclosureRow(SQLModel, table=True):
    """The record of a release (34 CFR 99.32), written in the transaction of the release."""

    __tablename__ = "disclosures"

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    subject: UUID = Field(index=True)
    recipient_kind: str = Field(max_length=40)
    recipient: UUID | None = None
    purpose: str = Field(max_length=60)
    elements: str = Field(max_length=600)
    case_reference: str = Field(default="", max_length=REFERENCE_LENGTH)
    at: datetime = Field(sa_type=UtcDateTime)


class CertificateRow(SQLModel, table=True):
    """What an erasure did, per element and system, signed so that it can be checked offline."""

    __tablename__ = "certificates"

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    case: UUID = Field(foreign_key="cases.id", unique=True)
    document: str
    signature: str = Field(max_length=200)
    made_at: datetime = Field(sa_type=UtcDateTime)


class SourceTaskRow(SQLModel, table=True):
    """A task for the office: the source of the roster still says what was corrected."""

    __tablename__ = "source_tasks"

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id", index=True)
    person: UUID
    element: str = Field(max_length=40)
    case_reference: str = Field(max_length=REFERENCE_LENGTH)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DoomedKeyRow(SQLModel, table=True):
    """A record that an erasure removed and whose key still has to be destroyed: kept until that is done."""

    __tablename__ = "doomed_keys"

    record: UUID = Field(primary_key=True)
    case: UUID = Field(foreign_key="cases.id", index=True)


class KeptCorrectionRow(SQLModel, table=True):
    """A corrected value on the list outside the database: which key opens it, until its element is erased."""

    __tablename__ = "kept_corrections"

    record: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    subject: UUID = Field(index=True)
    element: str = Field(max_length=40)
