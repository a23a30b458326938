"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import DateTime, Dialect, Enum
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

INDEX_LENGTH: Final = 48  # a blind index: key id of 8, a colon, 32 hexadecimal digits, and room
CHALLENGE_LENGTH: Final = 64  # 256 bits in hexadecimal


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


def closed(states: type[StrEnum]) -> Enum:
    """Return a column type that stores the values of a closed list as text of at most 20 letters."""
    return Enum(states, native_enum=False, length=20, values_callable=lambda every: [one.value for one in every])
