"""What codes may cost: prices, ceilings of 24 hours, and from which share on somebody is told.

Amounts are millionths of the carrier's currency: a text costs less than a cent, and sums stay exact.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MILLIONTHS: Final = 1_000_000


class Channel(StrEnum):
    """How a code travels."""

    TEXT = "text"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class Prices:
    """What one segment of a text, and one call, cost. The defaults are above what a carrier of the US asks for."""

    text: int = 12_500
    call: int = 50_000

    def of(self, channel: Channel, segments: int = 1) -> int:
        """Return what one message costs."""
        return self.call if channel is Channel.VOICE else self.text * segments


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What the codes of one agency, and those of the whole portal, may cost in 24 hours."""

    agency: int = 20 * MILLIONTHS
    portal: int = 40 * MILLIONTHS


class Share(StrEnum):
    """From which share of a ceiling on the operator is told; at the whole of it nothing more is sent."""

    HALF = "spend_50"
    MOST = "spend_80"
    WHOLE = "spend_100"


_FROM: Final = ((Share.HALF, 50), (Share.MOST, 80))


def shares(spent: int, ceiling: int, price: int) -> frozenset[Share]:
    """Return the shares of a ceiling that were reached; the whole of it is, where one more message does not fit."""
    reached = frozenset(share for share, percent in _FROM if spent * 100 >= ceiling * percent)
    return reached if fits(spent, price, ceiling) else frozenset(Share)


def fits(spent: int, cost: int, ceiling: int) -> bool:
    """Say whether one more message may be paid for."""
    return spent + cost <= ceiling
