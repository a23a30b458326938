"""How typed numbers and codes are read."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.verification.errors import (
    CodeEmpty,
    CodeNotNumbers,
    CodeUnreadable,
    NumberEmpty,
    NumberNotAllowed,
    NumberUnreadable,
)
from rightsdesk.verification.reading import clean_code, counted_address, ending, gets_texts, prefix_of, read_number

ZEROS: Final = ("\u0660", "\u06f0", "\u0966", "\u0e50", "\uff10")  # Arabic-Indic, Persian, Devanagari, Thai, full-width


def in_script(digits: str, zero: str) -> str:
    """Return the digits in the script whose zero this is."""
    return "".join(chr(ord(zero) + int(sign)) if sign.isdecimal() else sign for sign in digits)


def in_any_script(zero: str) -> str:
    """Return one code in the script whose zero this is."""
    return in_script("048210", zero)


@pytest.mark.parametrize(
    "typed",
    [
        "2125550142",
        "(212) 555-0142",
        "+1 212 555 0142",
        "1-212-555-0142",
        "212.555.0142",
        in_script("212 555 0142", "\u0660"),
        in_script("2125550142", "\uff10"),
        in_script("212 555 0142", "\u0966"),
        " 212 \u2013 555 \u2013 0142 ",
        "\u200e+1 (212) 555\u20110142\u202c",
    ],
)
def test_every_usual_spelling_of_a_number_is_read(typed: str) -> None:
    assert read_number(typed) == "+12125550142"


@pytest.mark.parametrize("typed", ["", "  ", "\u200e"])
def test_an_empty_number_has_its_own_words(typed: str) -> None:
    with pytest.raises(NumberEmpty, match="Enter your mobile number"):
        read_number(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "555 0142",
        "(555) 555-0142",
        "212 555 0142 ext 5",
        "212555014",
        "21255501422",
        "hello",
        "800 555 0100",
        "900 555 0100",
        "+1 212 555 0142;ext=7",
        "9" * 300,
    ],
    ids=lambda typed: typed[:24],
)
def test_what_gets_no_texts_asks_for_a_mobile_number(typed: str) -> None:
    with pytest.raises(NumberUnreadable, match="10 digits"):
        read_number(typed)


@pytest.mark.parametrize("typed", ["+1 876 555 1234", "(876) 555-1234", "416 555 0123", "+44 7400 123456"])
def test_jamaica_canada_and_britain_are_not_the_united_states(typed: str) -> None:
    with pytest.raises(NumberNotAllowed, match="only numbers from the United States"):
        read_number(typed)


def test_a_region_may_text_its_own_country() -> None:
    assert read_number("07400 123456", "GB", frozenset({"GB"})) == "+447400123456"


def test_puerto_rico_is_the_united_states() -> None:
    assert read_number("787 555 0100") == "+17875550100"


def test_a_number_on_record_is_weighed_like_a_typed_one() -> None:
    numbers = ("+12125550142", "+18765551234", "+18005550100", "+19005550100", "12", "")
    assert [gets_texts(one) for one in numbers] == [True, False, False, False, False, False]


def test_a_page_repeats_two_digits_and_a_range_is_seven() -> None:
    assert (ending("+12125550142"), prefix_of("+12125550142")) == ("42", "+12125550")


@pytest.mark.parametrize(
    "typed", ["048210", " 048 210 ", "048-210", "0 4 8 2 1 0", "048\u00a0210\u200f", *map(in_any_script, ZEROS)]
)
def test_a_code_is_read_in_any_spacing_and_script(typed: str) -> None:
    assert clean_code(typed) == "048210"


@pytest.mark.parametrize(("typed", "words"), [("48210", "is 5 numbers"), ("1", "is 1 number. "), ("1" * 7, "is 7")])
def test_a_short_or_long_code_is_told_its_count(typed: str, words: str) -> None:
    with pytest.raises(CodeUnreadable, match=words):
        clean_code(typed)


@pytest.mark.parametrize("typed", ["48210a", "482,100", "½82100", "1" * 65])
def test_letters_and_endless_codes_are_refused(typed: str) -> None:
    with pytest.raises(CodeNotNumbers):
        clean_code(typed)


def test_an_empty_code_has_its_own_words() -> None:
    with pytest.raises(CodeEmpty, match="Enter the 6 numbers we texted you"):
        clean_code(" - ")


@given(st.text(max_size=70))
def test_whatever_is_typed_a_code_is_six_ascii_digits_or_refused(typed: str) -> None:
    try:
        code = clean_code(typed)
    except (CodeEmpty, CodeNotNumbers, CodeUnreadable):
        return
    assert len(code) == 6
    assert code.isascii()
    assert code.isdecimal()


@given(st.text(max_size=50))
def test_whatever_is_typed_a_number_is_e164_or_refused(typed: str) -> None:
    try:
        number = read_number(typed)
    except (NumberEmpty, NumberUnreadable, NumberNotAllowed):
        return
    assert number.startswith("+1")
    assert len(number) == 12


def test_addresses_are_counted_by_household() -> None:
    assert counted_address("2001:db8:1:2:3::4") == counted_address("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert counted_address("::ffff:192.0.2.7") == counted_address("192.0.2.7") == "192.0.2.7"
    assert counted_address("192.0.2.7", ("192.0.2.0/24",)) == counted_address("testclient") == ""
