"""Asking for codes: every limit at its edge, and alike for numbers on file and numbers of nobody."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from rightsdesk.verification.asking import SEND_JOB, Closed, Closing, Opened, again
from rightsdesk.verification.attempts import FAULT_PAUSE
from rightsdesk.verification.means import Terms
from rightsdesk.verification.sms.port import Refused, RefusedClass
from tests.verification_given import (
    ADDRESS,
    DAY,
    HOUR,
    KNOWN,
    MINUTE,
    NOON,
    OTHER_AGENCY,
    SECOND,
    UNKNOWN,
    House,
    SentTexts,
    open_database,
)

BOTH = pytest.mark.parametrize("number", [KNOWN, UNKNOWN])


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(open_database(tmp_path / "verification.sqlite3"))


@BOTH
def test_the_page_learns_when_the_code_ends_and_when_to_ask_again(house: House, number: str) -> None:
    opened = house.ask(NOON, number)
    assert isinstance(opened, Opened)
    assert (opened.expires_at, opened.again_at) == (NOON + 10 * MINUTE, NOON + 30 * SECOND)


@BOTH
def test_one_job_with_ids_only_is_enqueued_for_each_text(house: House, number: str) -> None:
    claim = house.opened(NOON, number)
    with house.unit() as means:
        again(means, claim, ADDRESS, NOON + MINUTE)
    wanted = {f"{claim.challenge}:{n}": (SEND_JOB, (claim.challenge, str(n))) for n in (1, 2)}
    assert house.queue.jobs == wanted


@BOTH
def test_the_next_texts_wait_thirty_and_sixty_seconds(house: House, number: str) -> None:
    claim = house.opened(NOON, number)
    for early, ready in ((29, 30), (89, 90)):
        with house.unit() as means:
            closed = again(means, claim, ADDRESS, NOON + early * SECOND)
            assert closed == Closed(Closing.TOO_SOON, NOON + ready * SECOND)
            assert isinstance(again(means, claim, ADDRESS, NOON + ready * SECOND), Opened)


def test_a_new_challenge_of_the_same_session_waits_like_another_text(house: House) -> None:
    house.opened(NOON)
    assert house.ask(NOON + 29 * SECOND) == Closed(Closing.TOO_SOON, NOON + 30 * SECOND)
    assert isinstance(house.ask(NOON + 30 * SECOND), Opened)


@BOTH
@pytest.mark.parametrize(
    ("before", "closes", "reopens"),
    [
        ([0, 5, 10], 14, 15),
        ([0, 16, 32, 33, 58], 59, 60),
        ([0, 61, 122, 183, 244, 305], 24 * 60 - 1, 24 * 60),
    ],
    ids=["3 in 15 min", "5 an hour", "6 a day"],
)
def test_one_number_gets_so_many_texts(house: House, number: str, before: list[int], closes: int, reopens: int) -> None:
    for minute in before:
        house.opened(NOON + minute * MINUTE, number, session=f"s{minute}")
    assert house.ask(NOON + closes * MINUTE, number, "new") == Closed(Closing.TOO_MANY, NOON + reopens * MINUTE)
    assert isinstance(house.ask(NOON + reopens * MINUTE, number, "new"), Opened)


def test_one_address_asks_ten_times_in_ten_minutes(house: House) -> None:
    for n in range(10):
        house.opened(NOON + n * SECOND, f"+1212555010{n}", f"s{n}")
    assert house.ask(NOON + MINUTE, KNOWN, "new") == Closed(Closing.TOO_MANY, NOON + 10 * MINUTE)
    assert isinstance(house.ask(NOON + MINUTE, KNOWN, "new", address="198.51.100.1"), Opened)
    assert isinstance(house.ask(NOON + 10 * MINUTE, KNOWN, "newer"), Opened)


def test_one_address_asks_fifty_times_a_day(house: House) -> None:
    for n in range(50):
        house.opened(NOON + n * 2 * MINUTE, f"+121255501{n:02}", f"s{n}")
    assert house.ask(NOON + DAY - SECOND, KNOWN, "new") == Closed(Closing.TOO_MANY, NOON + DAY)
    assert isinstance(house.ask(NOON + DAY, KNOWN, "new"), Opened)


def test_an_agencys_own_address_block_is_not_counted(house: House) -> None:
    for n in range(11):
        house.opened(NOON + n * SECOND, f"+121255501{n:02}", f"s{n}", address="")


def test_the_portals_day_has_an_end_for_all_agencies_and_numbers(house: House) -> None:
    house.terms = replace(house.terms, portal_sends=2)
    other = House(house.engine, agency=OTHER_AGENCY, draw=house.draw, terms=house.terms)
    for one, at in ((house, NOON), (other, NOON + HOUR)):
        one.send(one.opened(at), 1, at, SentTexts())
    for number in (KNOWN, UNKNOWN):
        assert house.ask(NOON + DAY - SECOND, number, "new") == Closed(Closing.TOO_MANY, NOON + DAY)
    assert isinstance(house.ask(NOON + DAY, session="new"), Opened)


def test_numbers_that_nobody_holds_do_not_use_up_the_portals_day(house: House) -> None:
    house.terms = replace(house.terms, portal_sends=2)
    for n in range(3):
        at = NOON + n * SECOND
        house.send(house.opened(at, f"+121255509{n:02}", f"s{n}", f"192.0.2.{n}"), 1, at, SentTexts())
    assert isinstance(house.ask(NOON + MINUTE, session="new"), Opened)


def test_two_thousand_a_day_is_the_default() -> None:
    assert Terms("Marigold Schools", "requests.example.org").portal_sends == 2000


def test_parallel_presses_of_one_number_count_exactly(house: House) -> None:
    with ThreadPoolExecutor(20) as pool:
        asked = list(pool.map(lambda n: house.ask(NOON, KNOWN, f"s{n}", f"192.0.2.{n}"), range(20)))
    assert sum(isinstance(one, Opened) for one in asked) == 3


def test_a_refused_account_stops_texts_for_everybody_alike(house: House) -> None:
    claim = house.opened(NOON)
    carrier = SentTexts([Refused(RefusedClass.ACCOUNT, 20003)])
    house.send(claim, 1, NOON, carrier)
    later = NOON + FAULT_PAUSE - SECOND
    assert [house.ask(later, number, "new") for number in (KNOWN, UNKNOWN)] == [Closed(Closing.PAUSED)] * 2
    assert isinstance(house.ask(NOON + FAULT_PAUSE, KNOWN, "new"), Opened)


def test_another_text_needs_the_session_that_asked(house: House) -> None:
    claim = house.opened(NOON)
    with house.unit() as means:
        assert again(means, replace(claim, session="another"), ADDRESS, NOON + MINUTE) == Closed(Closing.GONE)
