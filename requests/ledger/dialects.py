"""Inserts that say what happens when the row is there already, in the words of whichever database it is."""

from typing import TypeAlias

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

Insert: TypeAlias = sqlite.Insert | postgresql.Insert


def insert_into(tx: Session | Connection, table: Table | type[SQLModel]) -> Insert:
    """Return an insert that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update`` on this database."""
    bind = tx.get_bind() if isinstance(tx, Session) else tx
    return sqlite.insert(table) if bind.dialect.name == "sqlite" else postgresql.insert(table)
