"""The rows of a roster as values, with only what is kept: no password, sex, race, birth place or pronoun is a field."""

from datetime import date
from enum import IntFlag
from hashlib import blake2b
from typing import Final, NamedTuple

_MARK_BYTES: Final = 7  # with them a mark stays a number that SQLite can hold


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


class OrgFields(NamedTuple):
    """One line of orgs.csv, without spaces around its values."""

    sourced_id: str
    status: str
    changed: str
    name: str
    kind: str
    identifier: str
    parent: str


class RoleFields(NamedTuple):
    """One line of roles.csv."""

    sourced_id: str
    status: str
    changed: str
    person: str
    kind: str
    role: str
    begins: str
    ends: str
    org: str


class BirthFields(NamedTuple):
    """What is read of one line of demographics.csv; the rest never leaves the parser."""

    sourced_id: str
    status: str
    changed: str
    born: str


class UserFields(NamedTuple):
    """What is read of one line of users.csv; no password and no pronoun is among it."""

    sourced_id: str
    status: str
    changed: str
    enabled: str
    username: str
    user_ids: str
    given: str
    family: str
    identifier: str
    email: str
    sms: str
    phone: str
    agents: str
    grades: str
    preferred_given: str
    preferred_family: str
    master: str
    main_org: str
    orgs: str
    role: str


class OrgRecord(NamedTuple):
    """A district, a school or another node of the tree."""

    sourced_id: str
    name: str
    kind: str
    identifier: str
    parent: str


class RoleRecord(NamedTuple):
    """What one person is at one organisation; begins inclusive, ends exclusive.

    ``standing`` is what the role makes of a person, ``mark`` a number that differs when anything of the role does.
    """

    person: str
    role: str
    org: str
    is_primary: bool
    begins: date | None
    ends: date | None
    standing: int
    mark: int


class BirthRecord(NamedTuple):
    """When somebody was born; None where the roster says nothing usable."""

    person: str
    born: date | None


class PersonRecord(NamedTuple):
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


def role_of(person: str, role: str, org: str, *, is_primary: bool, days: tuple[date | None, date | None]) -> RoleRecord:
    """Return the record of a role with what it means; ``days`` are its first day and the one after its last."""
    text = f"{role}\0{org}\0{is_primary}\0{days[0]}\0{days[1]}"
    mark = int.from_bytes(blake2b(text.encode(), digest_size=_MARK_BYTES).digest(), "big")
    return RoleRecord(person, role, org, is_primary, *days, int(standing_of(role)), mark)
