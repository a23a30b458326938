"""How long an approved erasure waits before it runs."""

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.cases.case import ERASURE_WAIT, Case, Clock


def erasure_time(agency: Agency, case: Case, clocks: Sequence[Clock], now: datetime) -> datetime:
    """Return when an approved erasure may run: 7 days on, or earlier so that a legal date holds (F-57).

    A date that is only policy shortens nothing: the family would lose days in which to stop it for no law's sake.
    What a student added themselves always waits the 7 days in which they may undo it.
    """
    wait = now + ERASURE_WAIT
    legal = [clock.due_on for clock in clocks if not clock.is_policy]
    if case.owner is Owner.SELF or not legal:
        return wait
    last_day = datetime.combine(min(legal), time(0), ZoneInfo(agency.zone)).astimezone(now.tzinfo)
    return max(now, min(wait, last_day))
