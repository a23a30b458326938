"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, Dialect, Uuid
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

# Unnamed constraints cannot be altered later, and SQLite names none by itself.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

REFERENCE_LENGTH: Final = 24  # agency prefix of up to 12 letters, two dashes, eight characters


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refused without a zone on the way in, always UTC on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the interface
        """Return the instant in UTC; SQLite would otherwise drop the zone and keep the wall time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant without a zone cannot be stored.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the interface
        """Return the instant as aware UTC; SQLite gives it back without a zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class SeenUuid(Uuid[UUID]):
    """An id in a list that is read often: making one of its text costs twenty times more than to look up the last."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Return what reads the column; drivers that give ids as such need nothing."""
        read: Callable[[Any], Any] | None = super().result_processor(dialect, coltype)  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
        return lru_cache(maxsize=4_000)(read) if read else None
