"""How often one may ask and guess: limits as data, answers as clock times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final, TypeAlias

_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(hours=24)
_UNLIMITED: Final = 10**9

WAITS: Final = (timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120))

BREAKER_SENDS: Final = 30
PREFIX_BREAKER_SENDS: Final = 15  # of the 20 an hour that a prefix gets: 30 it would never reach
BREAKER_SHARE: Final = 0.4
BREAKER_WINDOW: Final = _HOUR
# A text takes up to two minutes: whoever has not had the time to type says nothing about conversion.
TYPING_TIME: Final = 2 * _MINUTE
FAULT_PAUSE: Final = 10 * _MINUTE  # after the carrier refused our own account or sender


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``count`` in any stretch of time as long as ``per``."""

    count: int
    per: timedelta


PERSON_SENDS: Final = (Window(3, 15 * _MINUTE), Window(5, _HOUR), Window(6, _DAY))
ADDRESS_SENDS: Final = (Window(10, 10 * _MINUTE), Window(50, _DAY))
PREFIX_SENDS: Final = (Window(20, _HOUR),)
AGENCY_SENDS: Final = (Window(200, _HOUR),)
PORTAL_SENDS: Final = 2000  # a day; the money cap, set by the operator


def portal_windows(sends: int) -> tuple[Window, ...]:
    """Return the cap of the whole portal: so many texts in 24 hours."""
    return (Window(sends, _DAY),)


# Answers when the n-th newest of something happened; None if there were fewer.
Nth: TypeAlias = Callable[[int], datetime | None]


def reopens(nth_newest: Nth, windows: Sequence[Window], now: datetime) -> datetime | None:
    """Return when one more fits into every window, or None if it fits now.

    What lies in the future came before the clock was set back: it holds nobody up until then.
    """
    full = [(nth_newest(window.count), window.per) for window in windows]
    until = [at + per for at, per in full if at is not None and at <= now < at + per]
    return max(until, default=None)


def wait_after(sends: int) -> timedelta:
    """Return how long to wait after the n-th text before the next one."""
    return WAITS[min(sends, len(WAITS)) - 1]


def breaker_open(sent: int, entered: int, least: int = BREAKER_SENDS) -> bool:
    """Say whether so few codes come back that somebody is pumping texts or the carrier is losing them."""
    return sent >= least and entered < BREAKER_SHARE * sent


class DayEnd(StrEnum):
    """What a full day means."""

    TOMORROW = "tomorrow"
    PAUSE = "pause"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Budget:
    """How many wrong answers one number, address or account has.

    ``window`` wrong within its stretch start a ``pause``; ``day`` wrong on one calendar day of the agency end in
    ``day_end``; ``total`` failures without a success between them stay closed until somebody unlocks.
    """

    window: Window = Window(_UNLIMITED, _DAY)
    pause: timedelta = 15 * _MINUTE
    day: int = _UNLIMITED
    day_end: DayEnd = DayEnd.TOMORROW
    total: int = _UNLIMITED


# NIST SP 800-63B-4 section 3.2.2: at most 100 consecutive failures. Two live codes make 5 tries worth 1e-5.
NUMBER_BUDGET: Final = Budget(day=10, total=100)
ADDRESS_BUDGET: Final = Budget(window=Window(20, _HOUR), day=50, day_end=DayEnd.PAUSE)
# A school behind one address asks often, and each question is rows that anybody can have us write.
SCHOOL_ASKS: Final = Budget(window=Window(300, 10 * _MINUTE), pause=10 * _MINUTE)
PASSKEY_ASKS: Final = Budget(window=Window(100, 10 * _MINUTE), pause=10 * _MINUTE)
# Refusals of what nobody looked at, for each reason: the ledger only grows, and a stranger sends as many as they like.
NOTED: Final = Budget(window=Window(100, 10 * _MINUTE), pause=10 * _MINUTE)
PASSWORD_BUDGET: Final = Budget(window=Window(5, 15 * _MINUTE), total=100)
TOTP_BUDGET: Final = Budget(window=Window(5, 15 * _MINUTE), day=10, day_end=DayEnd.STAFF)


@dataclass(frozen=True, slots=True)
class Count:
    """What has been counted so far for one number, address or account."""

    window_wrong: int = 0
    blocked_until: datetime | None = None
    day: date | None = None
    day_wrong: int = 0
    failures: int = 0


class Stop(StrEnum):
    """Why no further answer is looked at."""

    LOCKED = "locked"
    TODAY = "today"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why, and until when; None means until somebody unlocks."""

    stop: Stop
    until: datetime | None


def stopped(count: Count, budget: Budget, now: datetime, zone: tzinfo) -> Stopped | None:
    """Return what a spent budget means now, or None while there is something left."""
    spent_today = count.day_wrong >= budget.day
    if count.failures >= budget.total or (spent_today and budget.day_end is DayEnd.STAFF):
        return Stopped(Stop.LOCKED, None)
    if spent_today and budget.day_end is DayEnd.TOMORROW and count.day == now.astimezone(zone).date():
        return Stopped(Stop.TODAY, next_day(now, zone))
    if count.blocked_until is not None and now < count.blocked_until:
        return Stopped(Stop.PAUSED, count.blocked_until)
    return None


def next_day(now: datetime, zone: tzinfo) -> datetime:
    """Return the coming midnight of the agency, as an instant in UTC."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, tzinfo=zone).astimezone(UTC)
