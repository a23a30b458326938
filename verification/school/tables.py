"""How providers, begun sign-ins and linked identities lie in the database."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from rightsdesk.verification.columns import INDEX_LENGTH, UtcDateTime, closed
from rightsdesk.verification.school.kinds import LinkKey, ProviderKind, Purpose, Side, Trust

STATE_LENGTH: Final = 64  # SHA-256 in hexadecimal
ISSUER_LENGTH: Final = 200
TENANT_LENGTH: Final = 120
_LINKED: Final = text("unlinked_at IS NULL")


class ProviderRow(SQLModel, table=True):
    """One provider of one agency. Nothing here is personal; the client's secret is sealed."""

    __tablename__ = "school_providers"
    __table_args__ = (UniqueConstraint("agency", "slug"),)

    id: UUID = Field(primary_key=True)
    agency: UUID
    slug: str = Field(max_length=40)  # its part of the paths
    label: str = Field(max_length=80)
    kind: ProviderKind = Field(sa_type=closed(ProviderKind))
    issuer: str = Field(max_length=ISSUER_LENGTH)
    client_id: str = Field(max_length=200)
    client_secret: bytes = Field(sa_type=LargeBinary)  # of a public client the sealed empty text
    scopes: str = Field(max_length=200)
    tenant_claim: str = Field(default="", max_length=60)
    tenant: str = Field(default="", max_length=TENANT_LENGTH)
    person_claim: str = Field(default="sub", max_length=60)
    origins: str = Field(default="", max_length=600)  # beside the issuer's own, with spaces between
    userinfo: str = Field(default="", max_length=200)
    link_key: LinkKey = Field(default=LinkKey.NONE, sa_type=closed(LinkKey))
    link_claim: str = Field(default="", max_length=60)
    second_factor: Trust = Field(default=Trust.NONE, sa_type=closed(Trust))
    acr: str = Field(default="", max_length=120)
    for_families: bool = True
    for_staff: bool = False
    added_at: datetime = Field(sa_type=UtcDateTime)


class SignInRow(SQLModel, table=True):
    """A sign-in that was begun: used once, by the session that began it, within ten minutes."""

    __tablename__ = "school_sign_ins"
    __table_args__ = (Index(None, "agency", "begun_at"),)

    state: str = Field(primary_key=True, max_length=STATE_LENGTH)  # hashed: the table alone answers for nobody
    agency: UUID
    session: str = Field(max_length=128)  # by the hash it is stored under
    provider: UUID
    purpose: Purpose = Field(sa_type=closed(Purpose))
    sealed: bytes = Field(sa_type=LargeBinary)  # nonce, verifier, and where to go on
    begun_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class IdentityRow(SQLModel, table=True):
    """A school account and whom it signs in: (issuer, tenant, subject), never an e-mail address.

    A parted one stays, so that the next sign-in does not link the same two again.
    """

    __tablename__ = "school_identities"
    __table_args__ = (
        # One account is one person; that somebody presses twice must not make two rows.
        Index(
            "uq_school_identities_linked",
            "agency",
            "side",
            "subject",
            unique=True,
            sqlite_where=_LINKED,
            postgresql_where=_LINKED,
        ),
        Index(None, "agency", "account"),
    )

    id: UUID = Field(primary_key=True)
    agency: UUID
    side: Side = Field(sa_type=closed(Side))
    account: UUID  # a person on the record, or an account of the staff
    issuer: str = Field(max_length=ISSUER_LENGTH)
    tenant: str = Field(max_length=TENANT_LENGTH)
    subject: str = Field(max_length=INDEX_LENGTH)  # keyed, over issuer, tenant and subject
    sealed: bytes = Field(sa_type=LargeBinary)  # the subject, under the account's own key: to be keyed anew
    linked_at: datetime = Field(sa_type=UtcDateTime)
    linked_by: str = Field(max_length=20)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    unlinked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    unlinked_by: str = Field(default="", max_length=60)  # as an event names who did it
    # Whoever signed in said that the person is not them, and nobody at the office has looked at it yet.
    disputed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when its person was texted of it
