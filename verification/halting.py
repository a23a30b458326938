"""When codes stand still for everybody alike: too few come back, the carrier refuses us, or the money is spent."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from rightsdesk.verification.means import Means
from rightsdesk.verification.sms.port import RefusedClass
from rightsdesk.verification.spending.ceilings import Channel, fits


class Halt(StrEnum):
    """Why nothing is sent now; the page says the same for all of them."""

    PUMPED = "pumped"
    ACCOUNT = "account"
    SENDER = "sender_wrong"
    SPENT = "spent"


_FAULTS: Final = {RefusedClass.ACCOUNT: Halt.ACCOUNT, RefusedClass.SENDER_WRONG: Halt.SENDER}


def halt(means: Means, channel: Channel, now: datetime) -> Halt | None:
    """Return why no code may leave now by this channel, or None.

    Only what left counts: numbers that nobody holds cost nothing, and so can use up nobody's money.
    """
    if means.sends.pumped(now):
        return Halt.PUMPED
    return fault_of(means, now) or (None if _is_affordable(means, channel, now) else Halt.SPENT)


def fault_of(means: Means, now: datetime) -> Halt | None:
    """Return for what the carrier refuses our own account or sender, or None while it does not."""
    fault = means.sends.fault(now)
    return _FAULTS[fault] if fault else None


def _is_affordable(means: Means, channel: Channel, now: datetime) -> bool:
    cost, ceilings = means.terms.prices.of(channel), means.terms.ceilings
    if not fits(means.sends.spent(now), cost, ceilings.agency):
        return False
    return fits(means.sends.spent_by_all(now), cost, ceilings.portal)
