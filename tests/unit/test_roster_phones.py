"""Numbers as school offices type them."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.requests.people.roster.phones import e164


@pytest.mark.parametrize(
    "typed",
    [
        "2125550142",
        "12125550142",
        "+12125550142",
        "(212) 555-0142",
        "212.555.0142",
        "212-555-0142 x45",
        "+1 212 555 0142",
    ],
)
def test_every_way_of_writing_gives_one_number(typed: str) -> None:
    assert e164(typed, "us") == "+12125550142"


@pytest.mark.parametrize(
    "typed",
    [
        "603121567",
        "60312323567",
        "+11234567890",
        "+10273841983",
        "call the office",
        "911",
        "2115550142",
        "2129115555",
        "٢١٢",
    ],
)
def test_what_is_no_number_is_not_guessed(typed: str) -> None:
    assert e164(typed, "us") == ""


def test_a_number_from_abroad_needs_its_country() -> None:
    assert e164("+44 20 7946 0958", "us") == "+442079460958"
    assert e164("020 7946 0958", "us") == ""
    assert e164("2125550142", "eu") == ""


@given(st.from_regex(r"\A[2-9][0-8][0-9][2-9][0-9]{6}\Z"))
def test_the_fast_way_never_accepts_what_the_book_calls_impossible(digits: str) -> None:
    fast = e164(digits, "us")
    assert not fast or phonenumbers.is_possible_number(phonenumbers.parse(fast))
