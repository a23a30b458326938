"""How people, links, numbers and restrictions lie in the database; every personal value is sealed."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from rightsdesk.requests.ledger.columns import REFERENCE_LENGTH, UtcDateTime

_HAS_CONTACT: Final = text("contact IS NOT NULL")
_IS_UNUSABLE: Final = text("unusable_at IS NOT NULL")


class PersonRow(SQLModel, table=True):
    """A student, a guardian or a member of staff, as the agency's record knows them."""

    __tablename__ = "people"
    # With the id: else SQLite reads the whole agency to find some of its people.
    __table_args__ = (Index("ix_people_agency", "agency", "id"),)

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    is_student: bool
    is_enabled: bool = True
    is_active: bool = True
    given: bytes | None = Field(default=None, sa_type=LargeBinary)
    family: bytes | None = Field(default=None, sa_type=LargeBinary)
    preferred_given: bytes | None = Field(default=None, sa_type=LargeBinary)
    preferred_family: bytes | None = Field(default=None, sa_type=LargeBinary)
    grade: str = Field(default="", max_length=12)
    school: UUID | None = None
    student_number: bytes | None = Field(default=None, sa_type=LargeBinary)
    email: bytes | None = Field(default=None, sa_type=LargeBinary)
    username: bytes | None = Field(default=None, sa_type=LargeBinary)
    birth_date: bytes | None = Field(default=None, sa_type=LargeBinary)
    language: str = Field(default="", max_length=20)
    frozen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    first_seen: datetime = Field(sa_type=UtcDateTime)
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PersonIndexRow(SQLModel, table=True):
    """A blind index entry: a number, an address, a name word or an id, keyed so that it cannot be read."""

    __tablename__ = "people_index"
    # The largest table there is, and every byte of these is written for each entry. No agency: a value is keyed by one.
    __table_args__ = (
        Index("ix_people_index_lookup", "value", "purpose"),
        Index("ix_people_index_person", "person"),
        Index("ix_people_index_contact", "contact", sqlite_where=_HAS_CONTACT, postgresql_where=_HAS_CONTACT),
    )

    id: int | None = Field(default=None, primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    purpose: str = Field(max_length=20)
    value: str = Field(max_length=48)
    person: UUID = Field(foreign_key="people.id")
    contact: UUID | None = None


class SourceRow(SQLModel, table=True):
    """Where roster facts come from; ids are scoped to it."""

    __tablename__ = "roster_sources"
    __table_args__ = (UniqueConstraint("agency", "kind", "name"),)

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    kind: str = Field(max_length=20)
    name: str = Field(default="", max_length=120)
    version: str = Field(default="", max_length=12)
    applied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    digest: str = Field(default="", max_length=64)
    written: str = Field(default="", max_length=19)
    print_key: bytes | None = Field(default=None, sa_type=LargeBinary)


class SourceRecordRow(SQLModel, table=True):
    """One record of a source and the person it became; the print makes an unchanged import write nothing."""

    __tablename__ = "roster_records"
    # Without a row id: a record is asked for by its key, and so it is found at the first look and not at the second.
    __table_args__ = (Index("ix_roster_records_person", "person"), {"sqlite_with_rowid": False})

    source: UUID = Field(primary_key=True, foreign_key="roster_sources.id")
    source_key: str = Field(primary_key=True, max_length=48)
    person: UUID = Field(foreign_key="people.id")
    sourced_id: bytes = Field(sa_type=LargeBinary)
    print: str = Field(max_length=48)
    is_active: bool = True
    first_seen: datetime = Field(sa_type=UtcDateTime)
    last_changed: datetime = Field(sa_type=UtcDateTime)


class AffiliationRow(SQLModel, table=True):
    """Which school a person belongs to, and as what."""

    __tablename__ = "affiliations"
    __table_args__ = ({"sqlite_with_rowid": False},)

    person: UUID = Field(primary_key=True, foreign_key="people.id")
    school: UUID = Field(primary_key=True, foreign_key="schools.id")
    role: str = Field(primary_key=True, max_length=40)
    is_primary: bool = False
    begins: date | None = None
    ends: date | None = None


class GuardianshipRow(SQLModel, table=True):
    """The link between a guardian and a student, with what it is worth."""

    __tablename__ = "guardianships"
    __table_args__ = (UniqueConstraint("student", "guardian"), Index("ix_guardianships_guardian", "guardian"))

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id", index=True)
    student: UUID = Field(foreign_key="people.id")
    guardian: UUID = Field(foreign_key="people.id")
    relation: str = Field(max_length=12)
    authority: str = Field(max_length=20)
    source: UUID | None = None
    is_active: bool = True
    since: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    judged_by: UUID | None = None


class ContactRow(SQLModel, table=True):
    """A number or address at which a person can be reached; never shown in full."""

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_person", "person", "channel"),
        Index("ix_contacts_unusable", "agency", sqlite_where=_IS_UNUSABLE, postgresql_where=_IS_UNUSABLE),
    )

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    person: UUID = Field(foreign_key="people.id")
    channel: str = Field(max_length=8)
    value: bytes = Field(sa_type=LargeBinary)
    source: UUID | None = None
    is_usable: bool = True
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    replaced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    unusable_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when the carrier called it no number
    vouched_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when staff saw the person, who, and what
    vouched_by: UUID | None = None
    vouched_with: str | None = Field(default=None, max_length=20)
    added_at: datetime = Field(sa_type=UtcDateTime)


class RestrictionRow(SQLModel, table=True):
    """What the agency itself has set against a link; it beats every roster fact and survives every import."""

    __tablename__ = "restrictions"
    __table_args__ = (Index("ix_restrictions_guardian", "agency", "guardian"),)

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    guardian: UUID = Field(foreign_key="people.id")
    student: UUID | None = Field(default=None, foreign_key="people.id")
    kind: str = Field(max_length=20)
    paper: bytes | None = Field(default=None, sa_type=LargeBinary)
    begins: date
    ends: date | None = None
    set_by: UUID
    set_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_by: UUID | None = None
    lifted_by: UUID | None = None
    lifted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OverlayRow(SQLModel, table=True):
    """An accepted correction that stands over the roster until the source agrees."""

    __tablename__ = "overlays"
    __table_args__ = (UniqueConstraint("person", "element"),)

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    person: UUID = Field(foreign_key="people.id")
    element: str = Field(max_length=40)
    value: bytes = Field(sa_type=LargeBinary)
    case_reference: str = Field(max_length=REFERENCE_LENGTH)
    made_at: datetime = Field(sa_type=UtcDateTime)
    agreed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TombstoneRow(SQLModel, table=True):
    """What was erased and must not come back: keyed, so that it says nothing about the person."""

    __tablename__ = "tombstones"
    __table_args__ = (UniqueConstraint("agency", "source_key", "element"),)

    id: int | None = Field(default=None, primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id")
    source_key: str = Field(max_length=48)
    element: str = Field(max_length=40)
    erased_at: datetime = Field(sa_type=UtcDateTime)


class RosterRunRow(SQLModel, table=True):
    """One import: what it found, what it did, in counts; ``is_staged`` as long as rows of its file lie here."""

    __tablename__ = "roster_runs"

    id: UUID = Field(primary_key=True)
    agency: UUID = Field(foreign_key="agencies.id", index=True)
    source: UUID | None = None
    state: str = Field(max_length=12)
    reason: str = Field(default="", max_length=60)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    counts: str = Field(default="{}")
    started_by: str = Field(default="", max_length=60)
    is_staged: bool = True


class RosterProblemRow(SQLModel, table=True):
    """One row of a package that could not be used as it stood; never a personal value."""

    __tablename__ = "roster_problems"

    id: int | None = Field(default=None, primary_key=True)
    run: UUID = Field(foreign_key="roster_runs.id", index=True)
    file: str = Field(max_length=60)
    line: int
    other_line: int | None = None
    column: str = Field(default="", max_length=60)
    code: str = Field(max_length=60)
    severity: str = Field(max_length=8)
