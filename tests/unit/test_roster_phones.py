"""Numbers as school offices type them."""

import re

import phonenumbers
import pytest
from hypothesis import given, settings
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
        "310-7764",
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


@given(
    st.one_of(
        st.from_regex(r"\A[A-Za-z]{0,3}[0-9]{1,15}\Z"),
        st.from_regex(r"\A(011)?[0-9]{4,12}\Z"),
        st.from_regex(r"\A[a-zA-Z]{0,3}-?1{0,2}[0-9]{2,10}[-a-zA-Z]{0,4}[0-9]{0,7}[-a-zA-Z]{0,4}\Z"),
        st.from_regex(r"\A\+?1?[ .-]?\(?[2-9][0-9]{2}\)?[ .-]?[2-9][0-9]{2}[ .-]?[0-9]{4}( ?x[0-9]{1,4})?\Z"),
        st.text("0123456789+()-. xABCDEFGH\uff0b\u0661\u00a0", max_size=16),
    )
)
@settings(max_examples=500, deadline=None)
def test_the_fast_way_says_what_the_book_says(typed: str) -> None:
    book = _by_the_book(typed)
    fast = e164(typed, "us")
    # Of the plan's own numbers the fast way knows the shape alone: which codes are in use changes every year.
    if _has_the_shape(fast):
        assert _read(typed) == fast
    elif not fast and book.startswith("+1"):
        assert not _has_the_shape(book)
    else:
        assert fast == book


def _by_the_book(typed: str) -> str:
    try:
        number = phonenumbers.parse(typed, "US")
    except phonenumbers.NumberParseException:
        return ""
    is_valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if is_valid else ""


def _read(typed: str) -> str:
    number = phonenumbers.parse(typed, "US")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _has_the_shape(number: str) -> bool:
    plan = r"\+1[2-9](?!11)[0-8][0-9][2-9](?!11)[0-9]{6}"
    return re.fullmatch(plan, number) is not None
