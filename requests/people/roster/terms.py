"""What an import needs from outside: whose it is, keys, transactions, randomness, and who wants to know."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Final, Protocol, TypeAlias
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.vault import AgencyVault

_ID_BYTES: Final = 16
_TAIL_BYTES: Final = 10
_VERSION_7: Final = 7 << 76 | 2 << 62
_TAIL: Final = (1 << 76) - 1 & ~(3 << 62)
Draw: TypeAlias = Callable[[int], bytes]
# Opens one transaction; it is committed when the block ends well and undone when it does not.
Begin: TypeAlias = Callable[[], AbstractContextManager[Session]]


class Record(Protocol):
    """Writes one event to the tamper-evident ledger, inside the caller's transaction."""

    def __call__(self, event: Event) -> None:
        """Write it."""


class Progress(Protocol):
    """Is told how far an import is; may raise ``Cancelled`` until the last step."""

    def __call__(self, phase: str, done: int, total: int) -> None:
        """Take note: ``reading`` counts bytes, ``applying`` people; a total of 0 is not known."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What an applied import ended or replaced; open cases about these people are to be looked at again."""

    gone: tuple[UUID, ...] = ()
    ended_links: tuple[tuple[UUID, UUID], ...] = ()  # student, guardian
    new_links: tuple[tuple[UUID, UUID], ...] = ()
    replaced_contacts: tuple[UUID, ...] = ()  # whose
    changed: tuple[UUID, ...] = ()


class OnApplied(Protocol):
    """Lets open cases be checked again, inside the transaction that changed the record."""

    def __call__(self, tx: Session, agency: UUID, changes: Changes) -> None:
        """Look at the cases of these people."""


class Turn(Protocol):
    """Lets one import of an agency run at a time; freed by the operating system when its owner dies."""

    def __call__(self, agency: UUID) -> AbstractContextManager[bool]:
        """Return a context that says whether it is our turn."""


class Alone(Protocol):
    """Lets nobody else write for the agency until a transaction ends; called before anything is read in it."""

    def __call__(self, tx: Session) -> None:
        """Wait until it is so."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything an import works with besides the file."""

    agency: Agency
    vault: AgencyVault
    begin: Begin
    draw: Draw
    recorder: Callable[[Session], Record]
    on_applied: OnApplied
    turn: Turn
    alone: Alone
    progress: Progress
    now: datetime
    actor: str = "system"
    _batches: Iterator[int] = field(default_factory=count, repr=False)  # each a millisecond of its own

    def fresh(self) -> UUID:
        """Return a new id."""
        return UUID(bytes=self.draw(_ID_BYTES), version=4)

    def fresh_many(self, number: int) -> list[UUID]:
        """Return as many new ids, each greater than the one before and than those of the calls before.

        What is written together then lies together (RFC 9562, version 7): ids without order spread a million people
        over every page of every index, and each row costs a page. 74 bits are drawn, so no id can be guessed.
        """
        drawn = self.draw(_TAIL_BYTES * number)
        front = (int(self.now.timestamp() * 1000) + next(self._batches)) << 80 | _VERSION_7
        tails = sorted(
            int.from_bytes(drawn[at : at + _TAIL_BYTES], "big") & _TAIL for at in range(0, len(drawn), _TAIL_BYTES)
        )
        return [UUID(int=front | tail) for tail in tails]
