"""How a roster waits to be compared: keyed and sealed, and gone once the run is over."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel


class StagedOrgRow(SQLModel, table=True):
    """An organisation of the package; nothing here is personal."""

    __tablename__ = "roster_staged_orgs"

    id: int | None = Field(default=None, primary_key=True)
    run: UUID
    sourced_id: str = Field(max_length=255)
    name: str = Field(max_length=255)
    kind: str = Field(max_length=40)
    identifier: str = Field(max_length=255)
    parent: str = Field(max_length=255)


# Where one staged table meets another it has an index after all: SQLite's planner guesses without statistics, and a
# wrong guess pairs every row with every other. The key comes first: SQLite takes an index on the run for a narrow one.
class StagedPersonRow(SQLModel, table=True):
    """A person of the package.

    ``sealed`` holds what is kept of the row; it is empty for one set aside, and for whoever is on record as they are.
    ``leader`` is the record under which a merged one waits; ``joins`` is who is on file under another record.
    """

    __tablename__ = "roster_staged_people"
    __table_args__ = (Index("ix_roster_staged_people_key", "source_key", "run"),)

    id: int | None = Field(default=None, primary_key=True)
    run: UUID
    line: int
    source_key: str = Field(max_length=48)
    print: str = Field(max_length=48)
    standing: int
    state: str = Field(max_length=8)
    sealed: bytes = Field(sa_type=LargeBinary)
    leader: str = Field(default="", max_length=48)
    joins: UUID | None = None


class StagedClaimRow(SQLModel, table=True):
    """What a person of the package has in common with other records of the same person: keyed, never to be read."""

    __tablename__ = "roster_staged_claims"
    __table_args__ = (Index("ix_roster_staged_claims_key", "source_key", "run", "value"),)

    id: int | None = Field(default=None, primary_key=True)
    run: UUID
    source_key: str = Field(max_length=48)
    value: str = Field(max_length=48)


class StagedRoleRow(SQLModel, table=True):
    """What one person is at one organisation, by the package."""

    __tablename__ = "roster_staged_roles"
    # All that is asked of a role: who comes by their keys finds the rows where they look, and not a page away each.
    __table_args__ = (
        Index("ix_roster_staged_roles_key", "source_key", "run", "org", "role", "is_primary", "begins", "ends"),
    )

    id: int | None = Field(default=None, primary_key=True)
    run: UUID
    line: int
    source_key: str = Field(max_length=48)
    role: str = Field(max_length=40)
    org: str = Field(max_length=255)
    is_primary: bool
    begins: date | None = None
    ends: date | None = None


class StagedContactRow(SQLModel, table=True):
    """A number or address of the package: its blind index to compare, and the sealed value to keep."""

    __tablename__ = "roster_staged_contacts"
    __table_args__ = (Index("ix_roster_staged_contacts_key", "source_key", "channel", "run"),)

    id: int | None = Field(default=None, primary_key=True)
    run: UUID
    source_key: str = Field(max_length=48)
    channel: str = Field(max_length=8)
    value: str = Field(max_length=48)
    sealed: bytes = Field(sa_type=LargeBinary)


class StagedEdgeRow(SQLModel, table=True):
    """Two people whom the package relates to each other; which of them is the child is found out later."""

    __tablename__ = "roster_staged_edges"

    id: int | None = Field(default=None, primary_key=True)
    run: UUID
    line: int
    one: str = Field(max_length=48)
    other: str = Field(max_length=48)


class StagedLinkRow(SQLModel, table=True):
    """A pair of student and guardian that came out of the edges."""

    __tablename__ = "roster_staged_links"
    __table_args__ = (Index("ix_roster_staged_links_key", "student", "guardian", "run"),)

    id: int | None = Field(default=None, primary_key=True)
    run: UUID
    student: str = Field(max_length=48)
    guardian: str = Field(max_length=48)
    relation: str = Field(max_length=12)
