"""Which directory an agency uses lies here, sealed: its address, and what lets us in."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, LargeBinary, SQLModel

from rightsdesk.verification.columns import UtcDateTime, closed
from rightsdesk.verification.directories.port import Kind


class DirectoryRow(SQLModel, table=True):
    """The directory of one agency; without a row it is the built-in one."""

    __tablename__ = "password_directories"

    agency: UUID = Field(primary_key=True)
    kind: Kind = Field(sa_type=closed(Kind))
    terms: bytes = Field(sa_type=LargeBinary)  # sealed JSON
    changed_at: datetime = Field(sa_type=UtcDateTime)
