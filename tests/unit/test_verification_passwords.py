"""Passwords: what a new one must be like, how it is kept, and what an authenticator app is given."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

import argon2
import pyotp
import pytest

from rightsdesk.verification.errors import (
    PasswordKnown,
    PasswordNamesUs,
    PasswordRepeats,
    PasswordTooLong,
    PasswordTooShort,
)
from rightsdesk.verification.passwords import Match, Passwords, check_new
from rightsdesk.verification.totp import (
    grouped,
    new_recovery_codes,
    new_seed,
    provisioning_uri,
    read_recovery_code,
    step_of,
)

NOON: Final = datetime(2026, 11, 23, 17, tzinfo=UTC)
GOOD: Final = "seven quiet llamas at dusk"
CONTEXT: Final = ("Marigold Unified School District", "Rightsdesk", "Dana Wu", "dwu")


def draw_of() -> Callable[[int], bytes]:
    numbers = count()
    return lambda size: hashlib.shake_256(str(next(numbers)).encode()).digest(size)


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(b"pepper", draw_of())


@pytest.mark.parametrize(
    "password", [GOOD, "k 7 q z m 2 p v r", "пароль для школы моей", "x" + "\u00e9" + GOOD, GOOD.ljust(128, "z")]
)
def test_a_good_password_is_taken(password: str) -> None:
    check_new(password, CONTEXT)


def test_fourteen_letters_are_too_few_and_the_count_is_told() -> None:
    with pytest.raises(PasswordTooShort, match=r"Use 15 letters or more\. You have used 14"):
        check_new("quiet llamas !")


def test_letters_are_counted_after_composition() -> None:
    with pytest.raises(PasswordTooShort) as refused:
        check_new("e\u0301" * 14)
    assert refused.value.count == 14


def test_a_hundred_and_twenty_nine_letters_are_too_many() -> None:
    with pytest.raises(PasswordTooLong, match="You have used 129"):
        check_new(GOOD.ljust(129, "z"))


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword1",
        "P@ssw0rd-P@ssw0rd!",
        "correct horse battery staple",
        "iloveyouforever2026",
        "Welcome-to-School-1",
    ],
)
def test_a_known_password_is_refused_with_its_reason(password: str) -> None:
    with pytest.raises((PasswordKnown, PasswordRepeats)) as refused:
        check_new(password)
    assert str(refused.value).startswith("This password")


@pytest.mark.parametrize(
    "password", ["aaaaaaaaaaaaaaaa", "abcabcabcabcabcabc", "1234567890123456", "qwertyuiopasdfgh", "zyxwvutsrqponmlk"]
)
def test_repeats_and_runs_are_refused(password: str) -> None:
    with pytest.raises(PasswordRepeats):
        check_new(password)


@pytest.mark.parametrize("password", ["MarigoldDistrict2026", "dana.wu.rightsdesk!", "Unified-Marigold-77"])
def test_names_of_the_place_and_person_are_refused(password: str) -> None:
    with pytest.raises(PasswordNamesUs):
        check_new(password, CONTEXT)


def test_a_name_inside_a_good_phrase_does_no_harm() -> None:
    check_new("marigold petals drift on tuesdays", CONTEXT)


def test_a_password_is_kept_by_the_numbers_of_owasp(passwords: Passwords) -> None:
    kept = passwords.hashed(GOOD)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert [passwords.compare(kept, one) for one in (GOOD, GOOD + " ", GOOD.upper())] == [
        Match.RIGHT,
        Match.WRONG,
        Match.WRONG,
    ]


def test_both_spellings_of_an_accent_are_one_password(passwords: Passwords) -> None:
    kept = passwords.hashed(GOOD + "\u00e9")
    assert passwords.compare(kept, GOOD + "e\u0301") is Match.RIGHT


def test_the_end_of_a_long_password_counts(passwords: Passwords) -> None:
    kept = passwords.hashed("x" * 127 + "a")
    assert passwords.compare(kept, "x" * 127 + "b") is Match.WRONG


def test_without_the_pepper_a_stolen_hash_fits_nothing(passwords: Passwords) -> None:
    assert Passwords(b"another", draw_of()).compare(passwords.hashed(GOOD), GOOD) is Match.WRONG


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$v=19$broken", "$argon2id$v=19$m=19456,t=2,p=1$x$y"])
def test_a_broken_stored_hash_is_wrong_and_no_crash(passwords: Passwords, stored: str) -> None:
    assert passwords.compare(stored, GOOD) is Match.WRONG


def test_nobody_has_no_password(passwords: Passwords) -> None:
    assert passwords.compare(None, GOOD) is Match.WRONG


def test_a_hash_of_older_rules_is_right_and_stale(passwords: Passwords) -> None:
    older = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    assert passwords.compare(older.hash(passwords._keyed(GOOD)), GOOD) is Match.STALE


def test_many_at_once_all_get_their_answer(passwords: Passwords) -> None:
    kept = passwords.hashed(GOOD)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: passwords.compare(kept, GOOD), range(8))) == {Match.RIGHT}


def test_an_app_gets_a_seed_of_160_bits_and_our_name() -> None:
    seed = new_seed(draw_of())
    assert len(seed) == 32
    assert grouped(seed).count(" ") == 7
    uri = provisioning_uri(seed, "dana@marigold.example")
    assert uri == f"otpauth://totp/Rightsdesk:dana%40marigold.example?secret={seed}&issuer=Rightsdesk"


def test_a_code_of_the_app_is_good_one_step_early_or_late() -> None:
    seed = new_seed(draw_of())
    code = pyotp.TOTP(seed).at(NOON)
    steps = [step_of(seed, code, NOON + timedelta(seconds=off)) for off in (-60, -30, 0, 30, 60)]
    here = int(NOON.timestamp()) // 30
    assert steps == [None, here, here, here, None]


def test_ten_recovery_codes_of_sixteen_letters_are_read_in_any_spelling() -> None:
    codes = new_recovery_codes(draw_of())
    assert len(set(codes)) == 10
    assert {len(code) for code in codes} == {16}
    assert read_recovery_code(grouped(codes[0]).lower().replace(" ", "-")) == codes[0]
    assert read_recovery_code("0o1i8b") == "OOIIBB"
