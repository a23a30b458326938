"""The tables of row classes, for statements over many rows: their columns are plain expressions to the type checker."""

from sqlalchemy import Table
from sqlmodel import SQLModel


def table(row: type[SQLModel]) -> Table:
    """Return the table in which rows of this class lie."""
    return row.metadata.tables[str(row.__tablename__)]
