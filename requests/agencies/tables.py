"""How agencies, schools and staff lie in the database."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel, UniqueConstraint

from rightsdesk.requests.ledger.columns import UtcDateTime


class AgencyRow(SQLModel, table=True):
    """One educational agency: it owns the data and decides. Nothing here is personal."""

    __tablename__ = "agencies"

    id: UUID = Field(primary_key=True)
    slug: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=120)
    short_name: str = Field(max_length=40)
    prefix: str = Field(max_length=12)
    zone: str = Field(max_length=64)
    region: str = Field(max_length=12)
    laws: str = Field(max_length=400)
    town: str = Field(default="", max_length=120)
    office_phone: str = Field(default="", max_length=40)
    office_hours: str = Field(default="", max_length=120)
    theme: str = Field(default="", max_length=20)
    roster_suffices: bool = True
    student_kinds: str = Field(default="access,correction,erasure", max_length=80)
    own_blocks: str = Field(default="", max_length=2_000)
    version: int = 1  # grows with each change: another process sees by it that what it holds is old
    created_at: datetime = Field(sa_type=UtcDateTime)


class HolidayRow(SQLModel, table=True):
    """A day on which the agency does not work; business-day clocks skip it."""

    __tablename__ = "holidays"

    agency: UUID = Field(primary_key=True, foreign_key="agencies.id")
    day: date = Field(primary_key=True)


class SchoolRow(SQLModel, table=True):
    """A school or another node of the agency's tree, as the roster names it."""

    __tablename__ = "schools"
    __table_args__ = (UniqueConstraint("agency", "sourced_id"),)

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    sourced_id: str = Field(max_length=255)
    name: str = Field(max_length=255)
    kind: str = Field(max_length=40)
    identifier: str = Field(default="", max_length=255)
    parent: UUID | None = None
    is_active: bool = True


class StaffRow(SQLModel, table=True):
    """A person who works at the agency's desk; name and address are sealed under their own key."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("agency", "email_index"),)

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    name: bytes = Field(sa_type=LargeBinary)
    email: bytes = Field(sa_type=LargeBinary)
    email_index: str = Field(max_length=48)
    person: UUID | None = None
    keys_on: bool = True
    added_by: UUID | None = None
    reset_by: UUID | None = None
    added_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StaffRoleRow(SQLModel, table=True):
    """One role of one member of staff."""

    __tablename__ = "staff_roles"

    staff: UUID = Field(primary_key=True, foreign_key="staff.id")
    role: str = Field(primary_key=True, max_length=20)
