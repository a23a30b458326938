"""What the operator is told about codes: they cost much, they stand still, or the carrier does not carry them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlmodel import Session

from rightsdesk.verification.halting import Halt, fault_of
from rightsdesk.verification.means import Means
from rightsdesk.verification.sms.port import RefusedClass
from rightsdesk.verification.sms.store import Sends
from rightsdesk.verification.spending.ceilings import Ceilings, Prices, Share, shares
from rightsdesk.verification.spending.store import Alarms
from rightsdesk.verification.spending.tables import PORTAL

LOOKED_BACK: Final = timedelta(hours=1)  # for what the carrier refuses beside our own account


class Alarm(StrEnum):
    """What somebody must look at."""

    HALF = Share.HALF
    MOST = Share.MOST
    WHOLE = Share.WHOLE
    PUMPED = Halt.PUMPED
    PREFIX = "prefix"
    ACCOUNT = Halt.ACCOUNT
    SENDER = Halt.SENDER
    COUNTRY = RefusedClass.COUNTRY_CLOSED
    FILTERED = RefusedClass.FILTERED


STILL: Final = frozenset({Alarm.WHOLE, Alarm.PUMPED, Alarm.ACCOUNT, Alarm.SENDER})  # no code leaves while one stands
_SHARES: Final = {Share.HALF: Alarm.HALF, Share.MOST: Alarm.MOST, Share.WHOLE: Alarm.WHOLE}


def look(means: Means, now: datetime) -> Sequence[Alarm]:
    """Let the alarms of one agency stand or end as they are, and return those that somebody is to be told of now."""
    sends, terms = means.sends, means.terms
    fault = fault_of(means, now)
    holds = _spent(sends.spent(now), terms.ceilings.agency, terms.prices) | {
        Alarm.PUMPED: sends.pumped(now),
        Alarm.PREFIX: sends.pumped_prefixes(now),
        Alarm.ACCOUNT: fault is Halt.ACCOUNT,
        Alarm.SENDER: fault is Halt.SENDER,
        Alarm.COUNTRY: sends.said_reason(RefusedClass.COUNTRY_CLOSED, now - LOOKED_BACK),
        Alarm.FILTERED: sends.said_reason(RefusedClass.FILTERED, now - LOOKED_BACK),
    }
    return _kept(Alarms(sends.session, sends.agency), holds, now)


def look_at_portal(session: Session, ceilings: Ceilings, prices: Prices, now: datetime) -> Sequence[Alarm]:
    """Do the same for what all agencies together cost."""
    spent = Sends(session, PORTAL).spent_by_all(now)
    return _kept(Alarms(session, PORTAL), _spent(spent, ceilings.portal, prices), now)


def _spent(spent: int, ceiling: int, prices: Prices) -> dict[Alarm, bool]:
    reached = shares(spent, ceiling, prices.text)
    return {alarm: share in reached for share, alarm in _SHARES.items()}


def _kept(alarms: Alarms, holds: Mapping[Alarm, bool], now: datetime) -> Sequence[Alarm]:
    return [alarm for alarm, stands in holds.items() if alarms.keep(alarm, now, holds=stands)]
