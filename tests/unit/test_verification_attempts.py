"""Limits at their very edge: the last one that fits, and the instant at which the next one fits again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from rightsdesk.verification.attempts import (
    ADDRESS_BUDGET,
    ADDRESS_SENDS,
    AGENCY_SENDS,
    NUMBER_BUDGET,
    PASSWORD_BUDGET,
    PERSON_SENDS,
    PORTAL_SENDS,
    PREFIX_SENDS,
    TOTP_BUDGET,
    Count,
    Nth,
    Stop,
    Stopped,
    Window,
    breaker_open,
    next_day,
    portal_windows,
    reopens,
    stopped,
    wait_after,
)

NOON: Final = datetime(2026, 11, 23, 17, tzinfo=UTC)
ZONE: Final = ZoneInfo("America/New_York")
TODAY: Final = date(2026, 11, 23)
SECOND: Final = timedelta(seconds=1)


def newest_of(times: Sequence[datetime]) -> Nth:
    """Return a reader of the n-th newest of these."""
    ordered = sorted(times, reverse=True)
    return lambda n: ordered[n - 1] if n <= len(ordered) else None


@pytest.mark.parametrize(
    "window", [*PERSON_SENDS, *ADDRESS_SENDS, *PREFIX_SENDS], ids=lambda one: f"{one.count} in {one.per}"
)
def test_a_window_takes_its_count_and_reopens_when_the_oldest_leaves_it(window: Window) -> None:
    times = [NOON + n * SECOND for n in range(window.count)]
    last = times[-1]
    assert reopens(newest_of(times[:-1]), (window,), last) is None
    assert reopens(newest_of(times), (window,), last) == NOON + window.per
    assert reopens(newest_of(times), (window,), NOON + window.per - SECOND) == NOON + window.per
    assert reopens(newest_of(times), (window,), NOON + window.per) is None


def test_of_several_full_windows_the_last_to_open_counts() -> None:
    times = [NOON - n * timedelta(minutes=7) for n in range(6)]
    assert reopens(newest_of(times), PERSON_SENDS, NOON) == times[5] + timedelta(hours=24)


def test_the_waits_are_thirty_sixty_and_then_always_a_hundred_and_twenty_seconds() -> None:
    assert [wait_after(n).seconds for n in (1, 2, 3, 4, 9)] == [30, 60, 120, 120, 120]


@pytest.mark.parametrize(
    ("sent", "entered", "is_open"), [(29, 0, False), (30, 11, True), (30, 12, False), (100, 39, True), (100, 40, False)]
)
def test_the_breaker_opens_under_forty_of_a_hundred_over_thirty_texts(sent: int, entered: int, is_open: bool) -> None:  # noqa: FBT001 - a row of a table
    assert breaker_open(sent, entered) is is_open


def test_a_full_day_ends_at_the_agencys_midnight() -> None:
    midnight = datetime(2026, 11, 24, 5, tzinfo=UTC)
    assert next_day(NOON, ZONE) == midnight
    full = Count(day=TODAY, day_wrong=10)
    assert stopped(full, NUMBER_BUDGET, midnight - SECOND, ZONE) == Stopped(Stop.TODAY, midnight)
    assert stopped(full, NUMBER_BUDGET, midnight, ZONE) is None
    assert stopped(Count(day=TODAY, day_wrong=9), NUMBER_BUDGET, NOON, ZONE) is None


def test_a_full_day_of_an_address_pauses_it_and_does_not_close_it_until_tomorrow() -> None:
    full = Count(day=TODAY, day_wrong=50)
    assert stopped(full, ADDRESS_BUDGET, NOON, ZONE) is None
    until = NOON + timedelta(minutes=15)
    assert stopped(replace(full, blocked_until=until), ADDRESS_BUDGET, NOON, ZONE) == Stopped(Stop.PAUSED, until)


def test_a_day_of_the_clock_change_has_twenty_five_hours() -> None:
    before = datetime(2026, 11, 1, 4, tzinfo=UTC)  # midnight of the day on which New York goes back an hour
    assert next_day(before, ZONE) - before == timedelta(hours=25)


def test_the_hundredth_failure_locks_and_beats_a_full_day() -> None:
    assert stopped(Count(failures=99), NUMBER_BUDGET, NOON, ZONE) is None
    assert stopped(Count(failures=100, day=TODAY, day_wrong=10), NUMBER_BUDGET, NOON, ZONE) == Stopped(
        Stop.LOCKED, None
    )


def test_an_authenticator_stays_locked_on_the_next_day() -> None:
    full = Count(day=TODAY, day_wrong=10)
    assert stopped(full, TOTP_BUDGET, NOON + timedelta(days=3), ZONE) == Stopped(Stop.LOCKED, None)


def test_a_pause_ends_on_its_second() -> None:
    paused = Count(blocked_until=NOON)
    assert stopped(paused, TOTP_BUDGET, NOON - SECOND, ZONE) == Stopped(Stop.PAUSED, NOON)
    assert stopped(paused, TOTP_BUDGET, NOON, ZONE) is None


def test_the_limits_are_those_that_were_promised() -> None:
    minute, hour, day = timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24)
    sends = {
        PERSON_SENDS: [(3, 15 * minute), (5, hour), (6, day)],
        ADDRESS_SENDS: [(10, 10 * minute), (50, day)],
        PREFIX_SENDS: [(20, hour)],
        AGENCY_SENDS: [(200, hour)],
        portal_windows(PORTAL_SENDS): [(2000, day)],
    }
    for windows, promised in sends.items():
        assert [(one.count, one.per) for one in windows] == promised
    assert (NUMBER_BUDGET.day, NUMBER_BUDGET.total) == (10, 100)
    assert (ADDRESS_BUDGET.window, ADDRESS_BUDGET.day) == (Window(20, hour), 50)
    assert (PASSWORD_BUDGET.window, PASSWORD_BUDGET.total) == (Window(5, 15 * minute), 100)
    assert (TOTP_BUDGET.window, TOTP_BUDGET.day) == (Window(5, 15 * minute), 10)
    assert {one.pause for one in (ADDRESS_BUDGET, PASSWORD_BUDGET, TOTP_BUDGET)} == {15 * minute}
