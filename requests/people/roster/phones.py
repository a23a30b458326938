"""Turns a number as a school office typed it into E.164, or says that it cannot be read."""

import re
from typing import Final

import phonenumbers

_NOISE: Final = str.maketrans("", "", " ()-.\t\xa0")
# A student's or an employee's number, asked about a million times. Nine digits are no number of the plan, and none from
# abroad either unless they begin with 011; three letters and more could spell one.
_TOO_SHORT: Final = re.compile(r"[A-Za-z]{0,2}(?!011)[0-9]{1,9}")
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
        if _TOO_SHORT.fullmatch(typed):
            return ""
    return _by_the_book(typed, country or None)


def _is_north_american(digits: str) -> bool:
    """Say whether area code and exchange have the shape of the plan (NANPA: NXX-NXX-XXXX, N 2-9, no N11)."""
    return digits[0] >= "2" and digits[3] >= "2" and digits[1:3] != "11" and digits[4:6] != "11" and digits[1] != "9"


def _by_the_book(typed: str, country: str | None) -> str:
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
