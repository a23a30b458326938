"""What earlier files said about people, kept small, for the decisions that cannot wait for the database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from rightsdesk.requests.people.roster.records import RoleRecord, Standing, standing_of

_LINE_BITS: Final = 32
_LINE: Final = (1 << _LINE_BITS) - 1


@dataclass(slots=True)
class Register:
    """Roles and birth dates by person. Ids are held as 64-bit hashes: a million students fit in memory.

    ``unknown_ids`` counts users and ``lost_roles`` roles that could not be read so far as to say whose they
    were: nobody can tell who was meant, so nobody is removed.
    """

    roles: dict[int, int] = field(default_factory=dict)
    births: dict[int, int] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)
    unborn: set[int] = field(default_factory=set)  # their line in demographics could not be used
    unknown_ids: int = 0
    lost_roles: int = 0

    def begin_file(self) -> None:
        """Forget which ids were seen: they are unique within a file."""
        self.seen = {}

    def first_line(self, sourced_id: str, line: int) -> int | None:
        """Return the line on which this id was first seen in this file; None when this is the first."""
        first = self.seen.setdefault(hash(sourced_id), line)
        return None if first == line else first

    def note_role(self, role: RoleRecord) -> None:
        """Remember one role of a person."""
        who = hash(role.person)
        mark = _mark(role.role, role.org, role.is_primary, role.begins, role.ends)
        so_far = self.roles.get(who, 0)
        # The marks are added up without regard to order: the same roles in another order are no change.
        self.roles[who] = ((so_far | standing_of(role.role)) & 0xFF) | (((so_far >> 8) ^ mark) << 8)

    def note_lost_role(self, person: str) -> None:
        """Remember that a row about this person's roles could not be used."""
        self.roles[hash(person)] = self.roles.get(hash(person), 0) | Standing.INCOMPLETE

    def note_birth(self, person: str, born: date | None, line: int) -> None:
        """Remember a birth date and its line."""
        self.births[hash(person)] = ((born.toordinal() if born else 0) << _LINE_BITS) | line

    def note_lost_birth(self, person: str) -> None:
        """Remember that the line with this person's birth date could not be used."""
        self.unborn.add(hash(person))

    def standing(self, person: str) -> tuple[Standing, int]:
        """Return what somebody is, and a mark that differs when one of their roles does."""
        packed = self.roles.get(hash(person), 0)
        return Standing(packed & 0xFF), packed >> 8

    def take_birth(self, person: str) -> date | None:
        """Return a birth date once; what was never taken belongs to nobody."""
        packed = self.births.pop(hash(person), 0)
        return date.fromordinal(packed >> _LINE_BITS) if packed >> _LINE_BITS else None

    def says_birth(self, person: str) -> bool:
        """Say whether the package speaks of this person's birth date at all, or lost the line that does."""
        return hash(person) not in self.unborn

    def orphan_births(self) -> Iterator[int]:
        """Yield the lines of demographics whose person is not among the users."""
        yield from sorted(packed & _LINE for packed in self.births.values())


@lru_cache(maxsize=4096)
def _mark(role: str, org: str, is_primary: bool, begins: date | None, ends: date | None) -> int:  # noqa: FBT001 - part of a key
    text = f"{role}\0{org}\0{is_primary}\0{begins}\0{ends}"
    return int.from_bytes(blake2b(text.encode(), digest_size=7).digest(), "big")
