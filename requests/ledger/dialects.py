"""Statements that are built once, inserts of what may be there already, indexes laid aside, waiting for a turn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    Index,
    Table,
    delete,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel

Insert: TypeAlias = sqlite.Insert | postgresql.Insert
Bound: TypeAlias = Mapping[str, Any] | Sequence[Mapping[str, Any]]

# One number for all of this: what waits here is rare and short.
_TURN: Final = text("SELECT pg_advisory_xact_lock(7243990)")
_SORTS: Final = "PRAGMA temp_store"
_IN_FILES: Final = 1
_NO_LOCK: Final = "55P03"  # PostgreSQL: somebody held a lock for longer than we wait
_INDEXES: Final = "SELECT name FROM sqlite_master WHERE type = 'index'"


def count_anew(tx: Session | Connection, *tables: Table) -> None:
    """Let the database look at tables that were just filled, so that it plans by what is in them now.

    PostgreSQL looks by itself a minute later, and until then may pair every row with every other. Whoever looks at a
    table already is waited for, as long as for any lock: its own cleaning gives way to us within a second, and came by
    just when an import had emptied a table before the next one filled it. SQLite plans by the indexes alone.
    """
    connection = tx.connection() if isinstance(tx, Session) else tx
    if connection.dialect.name == "sqlite":
        return
    for one in tables:
        try:
            with connection.begin_nested():
                connection.exec_driver_sql(f"ANALYZE {connection.dialect.identifier_preparer.format_table(one)}")
        except OperationalError as error:
            # Held for as long as we wait: planned by as it was, which is slower and as right.
            if getattr(error.orig, "sqlstate", "") != _NO_LOCK:
                raise


def drop_indexes(tx: Session, *indexes: Index) -> None:
    """Take indexes off a table that is about to be filled; ``make_indexes`` puts them back, sorted and at once.

    Into an index larger than SQLite's cache each row that comes in no order writes a page of its own. PostgreSQL keeps
    its indexes: it bears the disorder better, and to drop one there shuts out who reads. A connection that sorts in
    memory keeps them too: a whole index would lie there when it is made again.
    """
    connection = tx.connection()
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql(_SORTS).scalar() == _IN_FILES:
        for one in indexes:
            one.drop(connection, checkfirst=True)


def has_indexes(tx: Session, *indexes: Index) -> bool:
    """Say whether all of these are there; PostgreSQL keeps its own."""
    connection = tx.connection()
    if connection.dialect.name != "sqlite":
        return True
    return {one.name for one in indexes} <= {*connection.exec_driver_sql(_INDEXES).scalars()}


def make_indexes(tx: Session, *indexes: Index) -> None:
    """Make the indexes that are not there, whoever dropped them."""
    connection = tx.connection()
    if connection.dialect.name == "sqlite":
        for one in indexes:
            one.create(connection, checkfirst=True)


def lay_in_order(tx: Session, table: Table, mine: ColumnElement[bool], *order: ColumnElement[Any]) -> None:
    """Write these rows anew in this order, to be read in it: rows that are asked for together share a page then.

    In a log of gigabytes SQLite takes half a millisecond to find a page. PostgreSQL finds its pages at once.
    """
    connection = tx.connection()
    if connection.dialect.name != "sqlite":
        return
    last = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    names = [one.name for one in table.c if one.name != "id"]
    rows = select(*(table.c[name] for name in names)).where(mine).order_by(*order)
    connection.execute(insert(table).from_select(names, rows))
    connection.execute(delete(table).where(mine, table.c.id <= last))


def insert_into(tx: Session | Connection, table: Table | type[SQLModel]) -> Insert:
    """Return an insert that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update`` on this database."""
    bind = tx.get_bind() if isinstance(tx, Session) else tx
    return sqlite.insert(table) if bind.dialect.name == "sqlite" else postgresql.insert(table)


@dataclass(frozen=True, slots=True)
class Upsert:
    """One such insert, built once in the words of each database."""

    _built: Mapping[str, Executable]

    def on(self, tx: Session | Connection) -> Executable:
        """Return it in the words of this database."""
        bind = tx.get_bind() if isinstance(tx, Session) else tx
        return self._built[bind.dialect.name]


def upsert(table: Table | type[SQLModel], shape: Callable[[Insert], Executable]) -> Upsert:
    """Return an insert of every column that is bound, with what ``shape`` adds to it."""
    return Upsert({"sqlite": shape(sqlite.insert(table)), "postgresql": shape(postgresql.insert(table))})


def run(tx: Session, statement: Executable, bound: Bound) -> CursorResult[Any]:
    """Execute a statement of columns past the ORM, after what the session still has to write, and return its rows.

    A statement built once and run so costs a third of an ORM one: nothing is built, and no object is tracked.
    """
    tx.flush()
    if statement.is_select and isinstance(bound, Mapping):
        bound = {name: _filled(value) if isinstance(value, (list, tuple)) else value for name, value in bound.items()}
    return tx.connection().execute(statement, bound)


def _filled(values: Sequence[Any]) -> Sequence[Any]:
    """Return a list that is looked in, its last value said again until there are 1, 2, 4, 8 or more.

    The drivers keep what they prepared by its words, and a list of another length is another statement: a family that
    asks again and again would leave a hundred of them behind, each larger than the one before, on every connection.
    """
    missing = (1 << (len(values) - 1).bit_length()) - len(values) if values else 0
    return [*values, *[values[-1]] * missing] if missing else values


def one_at_a_time(tx: Connection) -> None:
    """Wait until nobody else is between this call and the end of their transaction.

    On SQLite a transaction that writes is alone from its beginning.
    """
    if tx.dialect.name != "sqlite":
        tx.execute(_TURN)
