"""How passkeys lie in the database: public keys and the device's own names for them, sealed, found by a keyed index."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, Index, LargeBinary, SQLModel, UniqueConstraint

from rightsdesk.verification.columns import UtcDateTime


class PasskeyRow(SQLModel, table=True):
    """One passkey. ``side`` is "family" or "staff", ``owner`` a person on record or a staff account."""

    __tablename__ = "passkeys"
    __table_args__ = (UniqueConstraint("agency", "credential"), Index(None, "agency", "side", "owner"))

    id: UUID = Field(primary_key=True)
    agency: UUID
    side: str = Field(max_length=8)
    owner: UUID
    credential: str = Field(max_length=48)  # blind index of the credential id
    key: bytes = Field(sa_type=LargeBinary)  # sealed JSON: credential id, public key, and what it was made on
    label: bytes = Field(sa_type=LargeBinary)  # sealed: people write names of people
    rests_on: UUID | None = None  # the contact point or school account whose proof it was made with; of families
    sign_count: int = 0
    made_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stopped_for: str = Field(default="", max_length=8)  # one of ``store.Stop``
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when its owner was texted that it was added


class PasskeyChallengeRow(SQLModel, table=True):
    """A question that one browser session was asked. ``challenge`` is its SHA-256; it goes when it is answered."""

    __tablename__ = "passkey_challenges"
    __table_args__ = (Index(None, "agency", "session"), Index(None, "asked_at"))

    challenge: str = Field(primary_key=True, max_length=64)
    agency: UUID
    session: str = Field(max_length=64)
    purpose: str = Field(max_length=12)
    side: str = Field(max_length=8)
    asked_at: datetime = Field(sa_type=UtcDateTime)
