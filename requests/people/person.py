"""A person as a value, names open."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rightsdesk.requests.people.authority import Authority, Link, Restriction

ERASED: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the agency's record. Names are empty once they were erased."""

    id: UUID
    is_student: bool
    is_active: bool
    given: str
    family: str
    grade: str = ""
    school: UUID | None = None
    language: str = ""
    frozen_at: datetime | None = None
    erased_at: datetime | None = None

    @property
    def name(self) -> str:
        """Return given and family name as the record spells them."""
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody who asks about a student: whether they may, the student's school, and how they are told.

    ``link`` and ``restrictions`` are what that was judged by, lifted restrictions too.
    """

    authority: Authority
    school: UUID | None
    channels: frozenset[str]
    link: Link | None
    restrictions: tuple[Restriction, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """One person for whom a number is on file, with what decides whether the number is proof enough."""

    person: UUID
    contact: UUID
    is_student: bool
    may_text: bool
    confirmed_at: datetime | None
    replaced_at: datetime | None
    standing: str
