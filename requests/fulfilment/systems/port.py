"""What every system that holds data must be able to do for a decision to be carried out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Holding:
    """One record a system holds: the element it belongs to, and its fields in order, as text."""

    element: str
    fields: tuple[tuple[str, str], ...]


class System(Protocol):
    """A system of record. ``name`` is how staff and families read it."""

    @property
    def name(self) -> str:
        """Return the name of the system."""

    def collect(self, subject: UUID) -> Sequence[Holding]:
        """Return everything the system holds about a student; what the student deleted is left out."""

    def read(self, subject: UUID, element: str) -> str:
        """Return the live value of an element as text, empty when nothing is held."""

    def write(self, subject: UUID, element: str, value: str, reference: str, now: datetime) -> str:
        """Write a corrected value so that the next import does not undo it; return it as this system spells it.

        Raises:
            CannotWrite: the system cannot take the value.
        """

    def count(self, subject: UUID, element: str) -> int:
        """Return how many records an erasure of this element would touch, and change nothing."""

    def erase(self, subject: UUID, element: str, case: UUID | None, now: datetime) -> int:
        """Remove an element for good and return how many records went; twice is once.

        With a ``case`` only what that case had hidden goes: what was added since stays.
        """
