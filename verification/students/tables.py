"""How the passwords of students, and the grants to choose a new one, lie in the database: hashes only."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, Index, SQLModel

from rightsdesk.verification.columns import UtcDateTime, closed


class Stage(StrEnum):
    """How far a reset has come."""

    GRANTED = "granted"
    ATTEMPTED = "attempted"  # the directory is being asked, or was when the process died
    CHANGED = "changed"
    UNSURE = "unsure"  # the directory was asked and gave no answer: it may have changed


class StudentPasswordRow(SQLModel, table=True):
    """The password of one student in the built-in directory. The username stays where the roster put it."""

    __tablename__ = "student_passwords"

    person: UUID = Field(primary_key=True)
    agency: UUID = Field(index=True)
    password: str = Field(max_length=160)  # argon2id, in its standard form
    set_at: datetime = Field(sa_type=UtcDateTime)


class ResetRow(SQLModel, table=True):
    """One right to choose a new password, and what became of it."""

    __tablename__ = "password_resets"
    __table_args__ = (Index(None, "agency", "person"), Index(None, "agency", "expires_at"))

    id: UUID = Field(primary_key=True)
    agency: UUID
    person: UUID
    contact: UUID  # the number that its code went to
    session: str = Field(max_length=128)  # the one session it is good for, by the hash it is stored under
    grant: str = Field(max_length=64)  # SHA-256 of the 256 bits that this session keeps
    stage: Stage = Field(default=Stage.GRANTED, sa_type=closed(Stage))
    tries: int = 0  # how often the directory was asked
    expires_at: datetime = Field(sa_type=UtcDateTime)
    taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    texted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # the notice by text goes out once
