"""What the desk asks of verification about a member of staff."""

from enum import StrEnum
from typing import Protocol
from uuid import UUID

from rightsdesk.web.visits import Visit


class Answer(StrEnum):
    """What a password or a code was worth."""

    RIGHT = "right"
    WRONG = "wrong"
    REPLAYED = "replayed"
    BLOCKED = "blocked"


class Credentials(Protocol):
    """Passwords, authenticator apps and recovery codes of one agency's staff, at this moment."""

    def password(self, staff: UUID | None, email: str, typed: str) -> Answer:
        """Say what a password is worth; nobody's takes as long as a wrong one."""

    def is_enrolled(self, staff: UUID) -> bool:
        """Say whether an authenticator app is set up."""

    def begin(self, staff: UUID) -> None:
        """Draw the key of a new app; it counts only after one good code."""

    def pending(self, staff: UUID, email: str) -> tuple[str, str]:
        """Return the key that waits for its first code, in base32, and as the address an app reads."""

    def confirm(self, staff: UUID, typed: str) -> tuple[str, ...]:
        """Take the app into use and return the recovery codes; nothing when the code is wrong."""

    def second_factor(self, staff: UUID, typed: str) -> Answer:
        """Say what a code of the app, or a recovery code, is worth; a code works once."""


def credentials(visit: Visit) -> Credentials:
    """Return the credentials of this agency's staff on this request's session."""
    raise NotImplementedError
