"""Many values at a time: their keys are fetched for a few thousand rows at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar
from uuid import UUID

_CHUNK: Final = 2000


@dataclass(frozen=True, slots=True)
class Clear:
    """A value to be sealed: whose it is, under which of their keys, and the row and column it goes to."""

    subject: UUID
    scope: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed value as it lies in a row."""

    subject: UUID
    scope: str
    place: str
    sealed: bytes


_Row = TypeVar("_Row", Clear, Sealed)


def chunks(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """Yield the rows in lists short enough to hold their keys in memory."""
    left = iter(rows)
    while some := list(islice(left, _CHUNK)):
        yield some


def by_scope(rows: Sequence[Clear] | Sequence[Sealed]) -> dict[str, list[UUID]]:
    """Return whose keys these rows need, for each scope."""
    subjects: dict[str, list[UUID]] = {}
    for row in rows:
        subjects.setdefault(row.scope, []).append(row.subject)
    return subjects
