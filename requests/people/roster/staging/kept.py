"""What is kept of a person's row, sealed while it waits."""

import json
from hashlib import blake2b
from typing import Final, NamedTuple, Self
from uuid import UUID

_GRADE_DIGITS: Final = 8


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


MAIN_PRINT: Final = 32  # characters of a print that do not tell the grade


def staged_place(run: UUID) -> str:
    """Return where a sealed value waits; it cannot be opened as part of another run."""
    return f"roster_staged:{run}"
