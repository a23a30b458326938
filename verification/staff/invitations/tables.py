"""How invitations lie in the database: the hash of a link's secret, and for the mail that carries it the sealed one."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, Index, LargeBinary, SQLModel

from rightsdesk.verification.columns import UtcDateTime


class InvitationRow(SQLModel, table=True):
    """One link. ``token`` is the SHA-256 of its secret; ``sealed`` is there until the mail has left."""

    __tablename__ = "staff_invitations"
    __table_args__ = (Index(None, "agency", "account"), Index(None, "expires_at"))

    id: UUID = Field(primary_key=True)
    agency: UUID
    account: UUID
    token: str = Field(max_length=64, unique=True)
    sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    purpose: str = Field(max_length=12)
    language: str = Field(default="en", max_length=12)
    made_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    voided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
