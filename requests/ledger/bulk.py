"""Writes many rows at once: COPY on PostgreSQL, the driver's own executemany on SQLite."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, TypeAlias

from sqlalchemy import Column, Connection, Dialect, LargeBinary, Table
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

Values: TypeAlias = Sequence[tuple[object, ...]]


def add_many(
    tx: Session | Connection,
    lying: Table,
    names: Sequence[str],
    rows: Values,
    same: Mapping[str, object] | None = None,
) -> None:
    """Insert rows of these columns; ``same`` holds the values that all of them share.

    Each column is converted as a whole. One dictionary and one statement's parameters a row, as SQLAlchemy has it,
    cost five times the insert itself. Defaults of the models are not filled in: every column must be named.

    Raises:
        OperationalError: PostgreSQL refused a row or went away; its text, which may quote the row, is left out.
    """
    if not rows:
        return
    connection = tx.connection() if isinstance(tx, Session) else tx
    every = [*names, *(same or {})]
    columns = [
        _stored(lying.c[name], values, connection.dialect)
        for name, values in zip(names, zip(*rows, strict=True), strict=True)
    ]
    shared = [repeat(*_stored(lying.c[name], [value], connection.dialect)) for name, value in (same or {}).items()]
    _insert(connection, lying, every, zip(*columns, *shared, strict=False))


def _stored(column: Column[Any], values: Iterable[object], dialect: Dialect) -> Iterable[object]:
    """Return the values as the driver takes them; bytes are what both drivers take."""
    convert = (
        None if isinstance(column.type, LargeBinary) else column.type.dialect_impl(dialect).bind_processor(dialect)
    )
    return map(convert, values) if convert else values


def _insert(tx: Connection, lying: Table, names: Sequence[str], rows: Iterator[tuple[object, ...]]) -> None:
    quote = tx.dialect.identifier_preparer
    into = f"{quote.format_table(lying)} ({', '.join(quote.format_column(lying.c[name]) for name in names)})"
    if tx.dialect.name == "sqlite":
        places = ", ".join("?" * len(names))
        tx.exec_driver_sql(f"INSERT INTO {into} VALUES ({places})", list(rows))  # noqa: S608 - names of our own tables
        return
    cursor: Any = tx.connection.cursor()  # psycopg's: SQLAlchemy knows no COPY
    try:
        with cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    except tx.dialect.loaded_dbapi.Error as error:  # told as SQLAlchemy tells it everywhere else, by its kind alone
        raise OperationalError(None, None, type(error)()) from None
