"""The rows of a roster as values, with only what is kept: no password, sex, race, birth place or pronoun is a field."""

from dataclasses import dataclass
from datetime import date
from enum import IntFlag


class Standing(IntFlag):
    """What somebody is at the agency, all roles together."""

    NONE = 0
    STUDENT = 1
    PARENT = 2
    GUARDIAN = 4
    RELATIVE = 8
    STAFF = 16
    INCOMPLETE = 32  # a row about their roles could not be used


FAMILY = Standing.PARENT | Standing.GUARDIAN | Standing.RELATIVE


@dataclass(frozen=True, slots=True)
class Row:
    """One good line, its fields by column name; a column that is not there reads as empty."""

    file: str
    line: int
    fields: list[str]
    places: dict[str, int]

    def __getitem__(self, column: str) -> str:
        where = self.places.get(column)
        return "" if where is None else self.fields[where].strip()

    @property
    def sourced_id(self) -> str:
        """Return the id this row gives to itself."""
        return self["sourcedId"]


@dataclass(frozen=True, slots=True)
class OrgRecord:
    """A district, a school or another node of the tree."""

    sourced_id: str
    name: str
    kind: str
    identifier: str
    parent: str


@dataclass(frozen=True, slots=True)
class RoleRecord:
    """What one person is at one organisation; begins inclusive, ends exclusive."""

    person: str
    role: str
    org: str
    is_primary: bool
    begins: date | None
    ends: date | None


@dataclass(frozen=True, slots=True)
class BirthRecord:
    """When somebody was born; None where the roster says nothing usable."""

    person: str
    born: date | None


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person as the roster has them; numbers as typed, not yet decided on."""

    line: int
    sourced_id: str
    is_enabled: bool
    given: str
    family: str
    preferred_given: str
    preferred_family: str
    username: str
    identifier: str
    email: str
    sms: str
    phone: str
    grade: str
    agents: tuple[str, ...]
    master: str
    user_ids: tuple[str, ...]
    roles: tuple[RoleRecord, ...]  # 1.1 only; 1.2 has a file for them


def standing_of(role: str) -> Standing:
    """Return what a role makes of a person."""
    match role:
        case "student":
            return Standing.STUDENT
        case "parent":
            return Standing.PARENT
        case "guardian":
            return Standing.GUARDIAN
        case "relative":
            return Standing.RELATIVE
        case _:
            # A role of the agency's own making may well be held by a child.
            return Standing.NONE if role.startswith("ext:") else Standing.STAFF
