"""What is kept of a person's row, sealed while it waits."""

from functools import cache
from hashlib import blake2b
from typing import Final, NamedTuple, Self
from uuid import UUID

from rightsdesk.requests.people.roster.records import FAMILY, PersonRecord, Standing

_GRADE_DIGITS: Final = 8
MAIN_PRINT: Final = 32  # characters of a print that do not tell the grade
_BETWEEN: Final = "\0"  # a line that holds one is refused: no field has it
_YES: Final = "1"
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
        flags = (_YES if one else "" for one in self[1:4])
        return _BETWEEN.join((self.sourced_id, *flags, *self[4:]))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return what ``to_text`` wrote."""
        sourced_id, is_student, is_incomplete, is_enabled, *rest = text.split(_BETWEEN)
        return cls(sourced_id, is_student == _YES, is_incomplete == _YES, is_enabled == _YES, *rest)

    def print(self, key: bytes, roles: int) -> str:
        """Return a keyed print of all fields and roles; its last eight digits are of the grade alone.

        The number has its own comparison, so that a changed number is no changed person.
        """
        fields = (self.sourced_id, f"{self.is_student:d}{self.is_enabled:d}", *self[4:11], self.born, f"{roles:x}")
        main = blake2b(_BETWEEN.join(fields).encode(), key=key, digest_size=MAIN_PRINT // 2).hexdigest()
        grade = blake2b(self.grade.encode(), key=key, digest_size=_GRADE_DIGITS // 2).hexdigest()
        return main + grade


def keep(person: PersonRecord, standing: Standing, erased: frozenset[str], mobile: str, born: str) -> Kept:
    """Return what is kept of a row; ``erased`` names the elements that must not come back."""
    is_student, is_incomplete = _kinds(standing)
    # A number that is an address says nothing about a student; staff numbers are nobody's business here.
    number = person.identifier if is_student and "@" not in person.identifier else ""
    return Kept(
        person.sourced_id,
        is_student,
        is_incomplete,
        person.is_enabled,
        person.given,
        person.family,
        person.preferred_given,
        person.preferred_family,
        number,
        "" if "email" in erased else person.email,
        "" if "username" in erased else person.username,
        mobile,
        person.grade,
        born,
    )


@cache
def _kinds(standing: Standing) -> tuple[bool, bool]:
    return bool(standing & Standing.STUDENT), bool(standing & Standing.INCOMPLETE)


@cache
def may_be_a_child(standing: Standing) -> bool:
    """Say whether this may be a student. Somebody without a known role may be one."""
    is_adult = bool(standing & (FAMILY | Standing.STAFF))
    return not is_adult or bool(standing & (Standing.STUDENT | Standing.INCOMPLETE))


def staged_place(run: UUID) -> str:
    """Return where a sealed value waits; it cannot be opened as part of another run."""
    return f"roster_staged:{run}"
