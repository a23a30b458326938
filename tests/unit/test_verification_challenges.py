"""What a typed code is worth, by its own life and its place among the newest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.verification.challenges import LIFETIME, TRIES, Answer, challenge

NOON: Final = datetime(2026, 11, 23, 17, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
SECOND: Final = timedelta(seconds=1)


def test_the_code_before_the_newest_still_works() -> None:
    asked = challenge(NOON, bytes)
    again = replace(asked, sent=(NOON, NOON + MINUTE))
    assert [again.judge(code, NOON + MINUTE) for code in (asked.code(), again.code())] == [Answer.CORRECT] * 2


def test_a_third_text_kills_the_first_code() -> None:
    asked = challenge(NOON, bytes)
    third = replace(asked, sent=(NOON, NOON + MINUTE, NOON + 2 * MINUTE))
    assert third.judge(asked.code(), NOON + 2 * MINUTE) is Answer.WRONG
    assert [third.lives_until(n) for n in (0, 1, 2, 3, 4)] == [
        None,
        None,
        NOON + MINUTE + LIFETIME,
        NOON + 2 * MINUTE + LIFETIME,
        None,
    ]


def test_each_code_dies_ten_minutes_after_its_own_sending() -> None:
    asked = challenge(NOON, bytes)
    again = replace(asked, sent=(NOON, NOON + MINUTE))
    assert again.judge(asked.code(), NOON + LIFETIME - SECOND) is Answer.CORRECT
    assert again.judge(asked.code(), NOON + LIFETIME) is Answer.WRONG
    assert again.judge(again.code(), NOON + LIFETIME) is Answer.CORRECT
    assert again.judge(again.code(), NOON + MINUTE + LIFETIME) is Answer.EXPIRED


def test_a_sixth_try_is_not_looked_at() -> None:
    asked = challenge(NOON, bytes)
    assert replace(asked, tries=TRIES).judge(asked.code(), NOON) is Answer.CORRECT
    assert replace(asked, tries=TRIES + 1).judge(asked.code(), NOON) is Answer.SPENT


@given(st.binary(min_size=20, max_size=20), st.integers(1, 500))
def test_every_code_has_six_digits_leading_zeros_included(random: bytes, counter: int) -> None:
    code = challenge(NOON, lambda _: random).code_of(counter)
    assert len(code) == 6
    assert code.isascii()
    assert code.isdecimal()


def test_a_code_may_begin_with_a_zero_and_is_told_from_its_number() -> None:
    asked = challenge(NOON, bytes)
    counter = next(n for n in range(1, 1000) if asked.code_of(n).startswith("0"))
    sent = replace(asked, sent=(NOON,) * counter)
    assert sent.judge(sent.code(), NOON) is Answer.CORRECT
    assert sent.judge(str(int(sent.code())), NOON) is Answer.WRONG
