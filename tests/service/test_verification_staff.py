"""Signing staff in on a real database: limits, replays and two sign-ins at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Barrier
from uuid import UUID

import argon2
import databases
import pyotp
import pytest

from rightsdesk.verification.errors import PasswordTooShort, StandsAlready
from rightsdesk.verification.staff.accounts import (
    Shown,
    Worth,
    begin_app,
    confirm_app,
    is_enrolled,
    lift_limits,
    pending_seed,
    remove_app,
    renew_recovery_codes,
    set_password,
    show_password,
    show_second_factor,
)
from rightsdesk.verification.staff.recovery import fresh_recovery
from rightsdesk.verification.totp import grouped
from tests.verification_given import DAY, MINUTE, NOON, SECOND, House, open_database

DANA = UUID("dddddddd-0000-4000-8000-000000000001")
NAME = "dana@marigold.example"
GOOD = "seven quiet llamas at dusk"


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(open_database(tmp_path / "verification.sqlite3"))
    with house.staff() as means:
        set_password(means, DANA, GOOD, ("Marigold Schools",), NOON)
    return house


def password(house: House, typed: str, now: datetime = NOON, account: UUID | None = DANA, name: str = NAME) -> Shown:
    with house.staff() as means:
        return show_password(means, account, name, typed, now)


def second(house: House, typed: str, now: datetime) -> Shown:
    with house.staff() as means:
        return show_second_factor(means, DANA, typed, now)


def enrol(house: House) -> tuple[str, tuple[str, ...]]:
    """Set an app up at noon; return its seed and the recovery codes."""
    with house.staff() as means:
        begin_app(means, DANA)
        seed = pending_seed(means, DANA)
        assert seed is not None
        codes = confirm_app(means, DANA, pyotp.TOTP(seed).at(NOON), NOON)
    assert len(codes) == 10
    return seed, codes


def at_once(house: House, typed: str, now: datetime) -> list[Worth]:
    barrier = Barrier(2)

    def one(_: int) -> Worth:
        barrier.wait(30)
        return second(house, typed, now).worth

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(one, range(2)))


def test_the_right_password_opens_the_second_step_only(house: House) -> None:
    assert password(house, GOOD) == Shown(Worth.RIGHT)
    assert password(house, GOOD + " ") == Shown(Worth.WRONG)


def test_a_weak_password_is_not_kept(house: House) -> None:
    with house.staff() as means, pytest.raises(PasswordTooShort):
        set_password(means, DANA, "short", (), NOON)
    assert password(house, GOOD) == Shown(Worth.RIGHT)


@pytest.mark.parametrize(("account", "name"), [(DANA, NAME), (None, "nobody@marigold.example")])
def test_five_wrong_passwords_pause_known_and_unknown_names_alike(
    house: House, account: UUID | None, name: str
) -> None:
    assert [password(house, "wrong", NOON, account, name).worth for _ in range(5)] == [Worth.WRONG] * 5
    paused = Shown(Worth.PAUSED, NOON + 15 * MINUTE)
    assert password(house, GOOD, NOON + MINUTE, account, name) == paused
    assert password(house, GOOD, NOON + 15 * MINUTE - SECOND, account, name.upper()) == paused
    later = password(house, GOOD, NOON + 15 * MINUTE, account, name)
    assert later.worth is (Worth.RIGHT if account else Worth.WRONG)


def test_a_hash_of_older_rules_is_renewed_by_a_right_password(house: House) -> None:
    older = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    with house.staff() as means:
        means.credentials.rehash(DANA, older.hash(house.passwords._keyed(GOOD)))
    assert password(house, GOOD) == Shown(Worth.RIGHT)
    with house.staff() as means:
        known = means.credentials.of(DANA)
        assert known is not None
        assert "m=19456,t=2" in (known.password or "")
    assert password(house, GOOD) == Shown(Worth.RIGHT)


def test_an_app_counts_only_after_one_good_code(house: House) -> None:
    with house.staff() as means:
        begin_app(means, DANA)
        assert confirm_app(means, DANA, "000000", NOON) == ()
        assert not is_enrolled(means, DANA)
    enrol(house)
    with house.staff() as means:
        assert is_enrolled(means, DANA)
        assert pending_seed(means, DANA) is None
        with pytest.raises(StandsAlready):
            begin_app(means, DANA)


def test_the_code_that_enrolled_the_app_does_not_sign_in(house: House) -> None:
    seed, _ = enrol(house)
    assert second(house, pyotp.TOTP(seed).at(NOON), NOON).worth is Worth.REPLAYED


def test_a_code_is_accepted_once_in_any_spelling(house: House) -> None:
    seed, _ = enrol(house)
    code = pyotp.TOTP(seed).at(NOON + MINUTE)
    full_width = "".join(chr(ord("\uff10") + int(sign)) for sign in code)
    assert second(house, f"{code[:3]} {code[3:]}", NOON + MINUTE).worth is Worth.RIGHT
    assert second(house, full_width, NOON + MINUTE).worth is Worth.REPLAYED


def test_an_earlier_step_is_dead_after_a_later_one(house: House) -> None:
    seed, _ = enrol(house)
    now = NOON + 5 * MINUTE
    assert second(house, pyotp.TOTP(seed).at(now), now).worth is Worth.RIGHT
    assert second(house, pyotp.TOTP(seed).at(now - 30 * SECOND), now).worth is Worth.REPLAYED


def test_of_two_parallel_sign_ins_with_one_code_exactly_one_succeeds(house: House) -> None:
    seed, _ = enrol(house)
    now = NOON + MINUTE
    assert at_once(house, pyotp.TOTP(seed).at(now), now) == [Worth.REPLAYED, Worth.RIGHT]


def test_of_two_parallel_sign_ins_with_one_recovery_code_exactly_one_succeeds(house: House) -> None:
    _, codes = enrol(house)
    assert at_once(house, codes[3], NOON) == [Worth.RIGHT, Worth.WRONG]


def test_each_recovery_code_works_once_and_a_new_set_voids_the_old(house: House) -> None:
    _, codes = enrol(house)
    assert [second(house, grouped(codes[0]).lower(), NOON).worth for _ in range(2)] == [Worth.RIGHT, Worth.WRONG]
    with house.staff() as means:
        assert means.credentials.recovery_codes_left(DANA) == 9
        fresh = renew_recovery_codes(means, DANA, fresh_recovery(means.passwords, means.draw))
    assert second(house, codes[1], NOON).worth is Worth.WRONG
    assert second(house, fresh[1], NOON).worth is Worth.RIGHT
    assert "recovery_code_used" in house.kinds()


def test_five_wrong_codes_pause_for_a_quarter_and_a_right_one_is_given_back(house: House) -> None:
    seed, _ = enrol(house)
    wrong = next(code for code in ("000000", "111111") if code != pyotp.TOTP(seed).at(NOON))
    assert [second(house, wrong, NOON).worth for _ in range(4)] == [Worth.WRONG] * 4
    ready = NOON + MINUTE
    assert second(house, pyotp.TOTP(seed).at(ready), ready).worth is Worth.RIGHT
    assert second(house, wrong, ready).worth is Worth.WRONG
    now = NOON + 2 * MINUTE
    assert second(house, pyotp.TOTP(seed).at(now), now) == Shown(Worth.PAUSED, ready + 15 * MINUTE)


def test_ten_wrong_codes_a_day_need_an_administrator(house: House) -> None:
    seed, _ = enrol(house)
    for quarter in range(2):
        for _ in range(5):
            second(house, "no", NOON + quarter * 20 * MINUTE)
    later = NOON + 3 * DAY
    code = pyotp.TOTP(seed).at(later)
    assert second(house, code, later) == Shown(Worth.LOCKED)
    with house.staff() as means:
        lift_limits(means, DANA, NAME, "operator")
    assert second(house, code, later) == Shown(Worth.RIGHT)


def test_ten_parallel_wrong_codes_see_exactly_five(house: House) -> None:
    enrol(house)
    with ThreadPoolExecutor(10) as pool:
        worths = list(pool.map(lambda _: second(house, "no", NOON).worth, range(10)))
    assert (worths.count(Worth.WRONG), worths.count(Worth.PAUSED)) == (5, 5)


def test_a_removed_app_can_be_set_up_anew(house: House) -> None:
    seed, codes = enrol(house)
    with house.staff() as means:
        remove_app(means, DANA, "operator")
    now = NOON + MINUTE
    assert [second(house, one, now).worth for one in (pyotp.TOTP(seed).at(now), codes[0])] == [Worth.WRONG] * 2
    enrol(house)


def test_neither_seed_nor_password_lies_in_the_database_file(house: House, tmp_path: Path) -> None:
    seed, codes = enrol(house)
    raw = databases.content(tmp_path)
    assert b"$argon2id$" in raw
    assert not [one for one in (seed, codes[0], GOOD) if one.encode() in raw]
    assert not [one for one in (seed, codes[0], GOOD, NAME) if one in repr(house.events)]
