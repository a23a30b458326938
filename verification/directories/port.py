"""The door to an agency's directory: one account, one new password, and what can become of it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol, TypeAlias
from uuid import UUID

DEADLINE: Final = 10.0  # seconds for everything: somebody sits and waits, and a lost try is settled after a minute


class Kind(StrEnum):
    """Where an agency keeps its students' passwords."""

    BUILT_IN = "built_in"
    LDAP = "ldap"
    SCIM = "scim"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Account:
    """Whose password: the person on record, and the username by which a directory of the agency knows them."""

    person: UUID
    username: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Changed:
    """The directory said yes: the new password is the one that counts."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The directory does not take this password, by rules of its own; the old one still counts."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The directory has no such account, or may not change it; the old password still counts."""


@dataclass(frozen=True, slots=True)
class Down:
    """Nothing was changed: the directory cannot be reached, or does not let us in. ``why`` is a code for the office."""

    why: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """The new password left, and no answer came: either may count."""


Outcome: TypeAlias = Changed | Refused | Elsewhere | Down | Unsure


class ExtraMissing(Exception):
    """What talks to this kind of directory is not installed; the words say what to install."""

    def __init__(self) -> None:
        super().__init__("LDAP and SCIM need two more packages. Run: pip install 'rightsdesk[directories]'")


class Directory(Protocol):
    """A place that keeps passwords; neither verb raises for what a directory can do."""

    def set_password(self, account: Account, password: str) -> Outcome:
        """Make this the password of the account, and say what became of it."""

    def reach(self) -> str:
        """Return "" when the directory lets us in, else a code of why not; nothing is changed."""


@dataclass(frozen=True, slots=True)
class NotOurs:
    """The school keeps the passwords itself, where nothing of ours reaches."""

    def set_password(self, account: Account, password: str) -> Outcome:
        """Change nothing."""
        del account, password
        return Elsewhere()

    def reach(self) -> str:
        """There is nothing to reach."""
        return ""
