"""Many values at a time: their keys are fetched for a few thousand rows at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final
from uuid import UUID

from rightsdesk.requests.ledger.errors import KeyGone, KeyLost
from rightsdesk.requests.ledger.keysets import SealingKeys
from rightsdesk.requests.ledger.sealing import disclose
from rightsdesk.requests.ledger.store import DESTROYED, Wrapped

_CHUNK: Final = 2000


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed value as it lies in a row."""

    subject: UUID
    scope: str
    place: str
    sealed: bytes


def chunks(rows: Iterable[Sealed]) -> Iterator[list[Sealed]]:
    """Yield the rows in lists short enough to hold their keys in memory."""
    left = iter(rows)
    while some := list(islice(left, _CHUNK)):
        yield some


def by_scope(rows: Sequence[Sealed]) -> dict[str, list[UUID]]:
    """Return whose keys these rows need, for each scope."""
    subjects: dict[str, list[UUID]] = {}
    for row in rows:
        subjects.setdefault(row.scope, []).append(row.subject)
    return subjects


def live(key: bytes | None, subject: UUID) -> bytes:
    """Return the key.

    Raises:
        KeyGone: it was destroyed.
        KeyLost: there is none.
    """
    if key is None:
        raise KeyLost(f"There is no key for {subject}. Does the keys database belong to this one?")
    if key == DESTROYED:
        raise KeyGone(f"The key of {subject} was destroyed by an erasure.")
    return key


def text_or_nothing(key: bytes | None, row: Sealed) -> str | None:
    """Return the text of a row, nothing where its key was destroyed."""
    return None if key == DESTROYED else disclose(live(key, row.subject), row.place, row.sealed).decode()


def owner(agency: UUID, subject: UUID, scope: str) -> bytes:
    """Return whose key this is: a wrapped key is bound to it."""
    return f"{agency.hex}|{subject.hex}|{scope}".encode()


def indexed(purpose: str, value: str) -> bytes:
    """Return what is keyed for the blind index."""
    return f"{purpose}\0{value}".encode()


def rewrapped(sealing: SealingKeys, agency: UUID, key: Wrapped) -> bytes:
    """Return a subject's key wrapped anew by the newest key of its agency."""
    about = owner(agency, key.subject, key.scope)
    return sealing.seal(sealing.open(key.wrapped, about), about)
