"""The tables of a test's database: asking for each of them and composing each anew took a quarter of a small test."""

from functools import cache

from sqlalchemy import Engine
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from rightsdesk.web import schema


def make_tables(engine: Engine) -> None:
    """Make the tables that are missing in a file; a database on a server has all of them from its model."""
    if engine.dialect.name != "sqlite":
        return
    with engine.begin() as tx:
        for statement in _statements():
            tx.exec_driver_sql(statement)


@cache
def _statements() -> tuple[str, ...]:
    """Return what makes each table and index, composed once."""
    dialect, tables = sqlite.dialect(), schema.metadata().sorted_tables
    made = [CreateTable(one, if_not_exists=True) for one in tables]
    covered = [
        CreateIndex(index, if_not_exists=True) for one in tables for index in sorted(one.indexes, key=lambda i: i.name)
    ]
    return tuple(str(one.compile(dialect=dialect)) for one in (*made, *covered))
