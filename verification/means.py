"""What the use cases of text codes work with; the wiring builds one for each unit of work."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TypeAlias

from rightsdesk.verification.attempts import PORTAL_SENDS
from rightsdesk.verification.counting.store import Counts
from rightsdesk.verification.protocols import ADDRESS, NUMBER, Draw, Event, Holders, Jobs, Record, Seal
from rightsdesk.verification.reading import UNITED_STATES
from rightsdesk.verification.sms.store import Sends
from rightsdesk.verification.spending.ceilings import Ceilings, Prices
from rightsdesk.verification.store import Codes


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agency and its operator settled about texts.

    ``host`` is the bare host of the public address, never of a request. ``countries`` are those its region texts;
    ``portal_sends`` is the cap for all agencies in 24 hours. ``calls`` says whether a code can be asked for by call,
    ``notices_apart`` whether STOP on a notice leaves the codes alone.
    """

    agency_name: str
    host: str
    countries: frozenset[str] = UNITED_STATES
    portal_sends: int = PORTAL_SENDS
    prices: Prices = field(default_factory=Prices)
    ceilings: Ceilings = field(default_factory=Ceilings)
    calls: bool = True
    notices_apart: bool = False


@dataclass(frozen=True, slots=True)
class Means:
    """Stores of one agency and one transaction, and what else the use cases need."""

    codes: Codes
    counts: Counts
    sends: Sends
    seal: Seal
    holders: Holders
    jobs: Jobs
    record: Record
    draw: Draw
    terms: Terms

    def number_keys(self, number: str) -> tuple[str, ...]:
        """Return the blind indexes of an E.164 number, newest key first."""
        return self.seal.indexes(NUMBER, number)

    def address_keys(self, address: str) -> tuple[str, ...]:
        """Return the blind indexes of a counted address; none for one that is not counted."""
        return self.seal.indexes(ADDRESS, address) if address else ()

    def note(self, kind: str, challenge: str, *facts: tuple[str, str]) -> None:
        """Record an event of a challenge that nobody is tied to: known and unknown numbers leave the same trace."""
        self.record(Event(kind, "unknown", facts=(("challenge", public(challenge)), *facts)))


Unit: TypeAlias = Callable[[], AbstractContextManager[Means]]


def public(challenge: str) -> str:
    """Return the part of a challenge's id that the ledger may hold: enough to find it, too little to use it."""
    return challenge[:16]


def place_of(challenge: str) -> str:
    """Return where a challenge's secret is sealed for."""
    return f"code_challenges:{challenge}:secret"
