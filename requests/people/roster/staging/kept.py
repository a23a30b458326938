"""What is kept of a person's row, sealed while it waits."""

import json
from hashlib import blake2b
from typing import Final, NamedTuple, Self
from uuid import UUID

from rightsdesk.requests.people.roster.records import FAMILY, PersonRecord, Standing

_GRADE_DIGITS: Final = 8
MAIN_PRINT: Final = 32  # characters of a print that do not tell the grade
NOT_SAID: Final = "?"  # the package does not speak of the birth date


class Kept(NamedTuple):
    """A person's fields as they will be stored. ``born`` is an ISO date, "" for unknown, "?" for not said."""

    sourced_id: str
    is_student: bool
    is_incomplete: bool
    is_enabled: bool
    given: str
    family: str
    preferred_given: str
    preferred_family: str
    student_number: str
    email: str
    username: str
    mobile: str
    grade: str
    born: str

    def to_text(self) -> str:
        """Return all fields as one text, to be sealed."""
        return json.dumps(self, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return what ``to_text`` wrote."""
        return cls(*json.loads(text))

    def print(self, key: bytes, roles: int) -> str:
        """Return a keyed print of all fields and roles; its last eight digits are of the grade alone.

        The number has its own comparison, so that a changed number is no changed person.
        """
        fields: list[object] = [*self[:2], *self[3:11], self.born, f"{roles:x}"]
        main = blake2b("\0".join(map(str, fields)).encode(), key=key, digest_size=16).hexdigest()
        grade = blake2b(self.grade.encode(), key=key, digest_size=_GRADE_DIGITS // 2).hexdigest()
        return main + grade


def keep(person: PersonRecord, standing: Standing, erased: frozenset[str], mobile: str, born: str) -> Kept:
    """Return what is kept of a row; ``erased`` names the elements that must not come back."""
    is_student = bool(standing & Standing.STUDENT)
    # A number that is an address says nothing about a student; staff numbers are nobody's business here.
    number = person.identifier if is_student and "@" not in person.identifier else ""
    return Kept(
        sourced_id=person.sourced_id,
        is_student=is_student,
        is_incomplete=bool(standing & Standing.INCOMPLETE),
        is_enabled=person.is_enabled,
        given=person.given,
        family=person.family,
        preferred_given=person.preferred_given,
        preferred_family=person.preferred_family,
        student_number=number,
        email="" if "email" in erased else person.email,
        username="" if "username" in erased else person.username,
        mobile=mobile,
        grade=person.grade,
        born=born,
    )


def may_be_a_child(standing: Standing) -> bool:
    """Say whether this may be a student. Somebody without a known role may be one."""
    is_adult = bool(standing & (FAMILY | Standing.STAFF))
    return not is_adult or bool(standing & (Standing.STUDENT | Standing.INCOMPLETE))


def staged_place(run: UUID) -> str:
    """Return where a sealed value waits; it cannot be opened as part of another run."""
    return f"roster_staged:{run}"
