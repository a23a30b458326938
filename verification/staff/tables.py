"""How the credentials of an agency's staff lie in the database: hashes and sealed seeds only."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, LargeBinary, SQLModel

from rightsdesk.verification.columns import UtcDateTime


class StaffCredentialRow(SQLModel, table=True):
    """What one account can show. A seed waits in ``pending_seed`` until its first good code."""

    __tablename__ = "staff_credentials"

    account: UUID = Field(primary_key=True)
    agency: UUID = Field(index=True)
    password: str | None = Field(default=None, max_length=160)  # argon2id, in its standard form
    password_set_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    by_link: bool = False  # the app was taken away: the next one is set up by a link, not by the password alone
    pending_seed: bytes | None = Field(default=None, sa_type=LargeBinary)
    seed: bytes | None = Field(default=None, sa_type=LargeBinary)
    enrolled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_step: int | None = None
    recovery_salt: bytes | None = Field(default=None, sa_type=LargeBinary)


class RecoveryCodeRow(SQLModel, table=True):
    """One single-use code, as its argon2id hash under the salt of its set."""

    __tablename__ = "staff_recovery_codes"

    account: UUID = Field(primary_key=True)
    code: str = Field(primary_key=True, max_length=160)
    agency: UUID
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
