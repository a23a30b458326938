"""What one agency's cases are worked with inside one unit of work."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.cases.store import Cases
from rightsdesk.requests.law.rulebook import Rulebook
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.store import People

Draw: TypeAlias = Callable[[int], bytes]


class Jobs(Protocol):
    """The durable queue: what is submitted is done at least once after the transaction commits, and never before."""

    def submit(self, tx: Session, kind: str, key: str, *ids: str) -> None:
        """Enqueue one effect; a key that was submitted before is ignored."""


class Record(Protocol):
    """Writes one event to the tamper-evident ledger, inside the caller's transaction."""

    def __call__(self, event: Event) -> None:
        """Append the event."""


class LiveValues(Protocol):
    """What the systems hold now; implemented by fulfilment, handed in by web."""

    def read(self, subject: UUID, element: str) -> str:
        """Return the live value as text, empty when nothing is held."""

    def values(self, subject: UUID, elements: Sequence[str]) -> Mapping[str, str]:
        """Return the live values of several elements, read at once."""

    def hide(self, subject: UUID, elements: Sequence[str], case: UUID, now: datetime) -> None:
        """Take what a student deleted out of sight at once; it is erased when the waiting period ends."""

    def restore(self, case: UUID) -> None:
        """Bring back what a case had hidden."""


@dataclass(frozen=True, slots=True)
class Docket:
    """One agency's working set: its stores, its law, its ledger, all on one session that web commits."""

    agency: Agency
    session: Session
    vault: AgencyVault
    people: People
    cases: Cases
    rulebook: Rulebook
    record: Record
    jobs: Jobs
    live: LiveValues
    draw: Draw
    public_url: str = ""  # what links in letters begin with; empty makes them paths on this portal

    def fresh_id(self) -> UUID:
        """Return a new random id."""
        return UUID(bytes=self.draw(16), version=4)
