"""What verification needs of others; the wiring hands in the same objects it gives to requests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeAlias
from uuid import UUID

from sqlmodel import Session

from rightsdesk.verification.numbers_on_file import Holder

Draw: TypeAlias = Callable[[int], bytes]

# Purposes of the blind index. Contact points must be indexed under the first one to be found.
NUMBER: Final = "number"
PREFIX: Final = "phone-prefix"
ADDRESS: Final = "address"
SIGN_IN_NAME: Final = "sign-in-name"
ACCOUNT: Final = "account"
# And so are the names a student signs in with: the roster enters them under these two.
USERNAME: Final = "username"
EMAIL: Final = "email"


@dataclass(frozen=True, slots=True)
class Event:
    """Something worth remembering: codes, counts and ids, never a personal value.

    ``actor`` is "requester:<uuid>", "staff:<uuid>", "system", "operator" or "unknown".
    """

    kind: str
    actor: str
    case: str = ""
    subject: UUID | None = None
    facts: tuple[tuple[str, str], ...] = ()


class Record(Protocol):
    """Writes one event to the tamper-evident ledger, inside the caller's transaction."""

    def __call__(self, event: Event) -> None:
        """Append the event."""


class Jobs(Protocol):
    """A durable queue that joins the caller's transaction."""

    def submit(self, tx: Session, kind: str, key: str, *ids: str) -> None:
        """Enqueue once per key; the ids are all a job carries."""


class Seal(Protocol):
    """Sealing and blind indexes of one agency."""

    def seal_agency(self, place: str, text: str) -> bytes:
        """Return the text sealed under the agency's key, bound to ``place`` ("table:row:column")."""

    def unseal_agency(self, place: str, sealed: bytes) -> str:
        """Return the text again; refuses what was sealed for another place."""

    def index(self, purpose: str, value: str) -> str:
        """Return the blind index under the newest key."""

    def indexes(self, purpose: str, value: str) -> tuple[str, ...]:
        """Return the blind index under every live key, newest first."""


class Holders(Protocol):
    """Who holds a number, by the agency's record."""

    def numbers_on_file(self, indexes: tuple[str, ...], now: datetime) -> Sequence[Holder]:
        """Return each person and contact point whose number has one of these blind indexes."""

    def number_of(self, contact: UUID) -> str:
        """Return the E.164 number of a contact point: the only place a text is ever sent to."""

    def numbers_of(self, names: tuple[str, ...], now: datetime) -> Sequence[Holder]:
        """Return each number of the one student who has a username or address with one of these blind indexes.

        Nothing where several people have it: nobody can say which of them typed it.
        """
