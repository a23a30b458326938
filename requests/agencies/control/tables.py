"""How the control store lies in its database. Nothing here is personal."""

from typing import Final

from sqlalchemy import Column, MetaData, String, Table, Uuid
from sqlmodel import SQLModel

# A registry of its own: it lies in a database that belongs to no region.
CONTROL: Final = MetaData(naming_convention=SQLModel.metadata.naming_convention)

HOMES: Final = Table(
    "agency_homes",
    CONTROL,
    Column("slug", String(40), primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("region", String(12), nullable=False),
)
