"""What the use cases of text codes work with; the wiring builds one for each unit of work."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from rightsdesk.verification.attempts import PORTAL_SENDS
from rightsdesk.verification.challenges import Purpose
from rightsdesk.verification.counting.store import Counts
from rightsdesk.verification.delivery.store import Messages
from rightsdesk.verification.numbers_on_file import Holder
from rightsdesk.verification.protocols import (
    ADDRESS,
    EMAIL,
    NUMBER,
    USERNAME,
    Draw,
    Event,
    Holders,
    Jobs,
    Record,
    Seal,
)
from rightsdesk.verification.reading import UNITED_STATES
from rightsdesk.verification.sms.store import Sends
from rightsdesk.verification.spending.ceilings import Ceilings, Prices
from rightsdesk.verification.spending.store import Days
from rightsdesk.verification.store import Codes, Seen


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
class Behind:
    """Who stands behind a right code: ``holders`` have the number it went to, ``meant`` of them was asked for."""

    holders: tuple[Holder, ...] = ()
    meant: tuple[Holder, ...] = ()


@dataclass(frozen=True, slots=True)
class Means:
    """Stores of one agency and one transaction, and what else the use cases need."""

    codes: Codes
    counts: Counts
    sends: Sends
    days: Days
    messages: Messages
    seal: Seal
    holders: Holders
    jobs: Jobs
    record: Record
    draw: Draw
    terms: Terms

    def typed_keys(self, purpose: Purpose, typed: str) -> tuple[str, ...]:
        """Return the blind indexes of what was typed, newest key first: what the limits count.

        For a reset that is a username or an address, as ``read_name`` returns it; else an E.164 number.
        """
        if purpose is Purpose.RESET_PASSWORD:
            return (*self.seal.indexes(USERNAME, typed), *self.seal.indexes(EMAIL, typed))
        return self.number_keys(typed)

    def number_keys(self, number: str) -> tuple[str, ...]:
        """Return the blind indexes of an E.164 number, newest key first."""
        return self.seal.indexes(NUMBER, number)

    def address_keys(self, address: str) -> tuple[str, ...]:
        """Return the blind indexes of a counted address; none for one that is not counted."""
        return self.seal.indexes(ADDRESS, address) if address else ()

    def texted(self, seen: Seen, now: datetime) -> tuple[Holder, ...]:
        """Return where the codes of a challenge may go, textable or not."""
        if seen.purpose is Purpose.RESET_PASSWORD:
            return tuple(self.holders.numbers_of(seen.numbers, now))
        return tuple(self.holders.numbers_on_file(seen.numbers, now))

    def behind(self, seen: Seen, now: datetime) -> Behind:
        """Return who stands behind a right code. A number that left the record since its code went out is nobody's."""
        meant = self.texted(seen, now)
        if seen.purpose is not Purpose.RESET_PASSWORD:
            return Behind(meant, meant)
        sent_to = self.sends.contact(seen.id)
        meant = tuple(one for one in meant if one.contact == sent_to)
        if not meant:
            return Behind()
        number = self.number_keys(self.holders.number_of(meant[0].contact))
        return Behind(tuple(self.holders.numbers_on_file(number, now)), meant)

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
