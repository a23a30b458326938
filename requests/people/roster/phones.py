"""Turns a number as a school office typed it into E.164, or says that it cannot be read."""

import re
from typing import Final

import phonenumbers

_NOISE: Final = str.maketrans("", "", " ()-.\t\xa0")
_FIRST_DIGIT: Final = re.compile("[0-9]")
_EXTENDED: Final = re.compile("x|int", re.IGNORECASE)  # it may have an extension
_SPELT: Final = 3  # so many letters spell digits, as in 1-800-FLOWERS; fewer are passed over
_TEN_DIGITS: Final = re.compile("1{0,3}[2-9A-Za-z][0-9A-Za-z]{9}")  # the book takes off up to three country codes
_ABROAD: Final = "011"
_COUNTRIES: Final = {"us": "US"}


def e164(typed: str, region: str) -> str:
    """Return the number in E.164, ``+`` and digits; empty when it is no number of that region.

    Ten digits of the North American plan are decided here: ``phonenumbers`` is thirty times as slow and is
    asked only about what remains (extensions, other countries).
    """
    country = _COUNTRIES.get(region, "")
    digits = typed.translate(_NOISE)
    if country == "US":
        digits = digits.removeprefix("+1") if digits.startswith("+1") else digits
        digits = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
        if len(digits) == 10 and digits.isascii() and digits.isdigit():
            return f"+1{digits}" if _is_north_american(digits) else ""
        if _is_of_no_length(typed.translate(_NOISE)):
            return ""
    elif not country and typed.isascii() and "+" not in typed:
        return ""  # a number without its country is nobody's
    return _by_the_book(typed, country or None)


def _is_north_american(digits: str) -> bool:
    """Say whether area code and exchange have the shape of the plan (NANPA: NXX-NXX-XXXX, N 2-9, no N11)."""
    return digits[0] >= "2" and digits[3] >= "2" and digits[1:3] != "11" and digits[4:6] != "11" and digits[1] != "9"


def _is_of_no_length(signs: str) -> bool:
    """Say whether these are too few or too many digits for the plan, as the ids of most sources are.

    A million students' and employees' numbers are asked about; the book would say the same of each, slowly.
    """
    first = _FIRST_DIGIT.search(signs)
    if not (signs.isascii() and signs.isalnum() and first):
        return False
    number = signs[first.start() :]
    if number.startswith(_ABROAD) or _EXTENDED.search(number):
        return False
    if not number[:3].isdigit():
        return True
    letters = sum(map(str.isalpha, number))
    said = number if letters >= _SPELT else "".join(filter(str.isdigit, number))
    return not _TEN_DIGITS.fullmatch(said)


def _by_the_book(typed: str, country: str | None) -> str:
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
