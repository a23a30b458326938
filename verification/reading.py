"""How a typed phone number and a typed code are read: by the typed text alone, so nobody learns who is on file."""

import unicodedata
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from rightsdesk.verification.errors import (
    CodeEmpty,
    CodeNotNumbers,
    CodeUnreadable,
    NameEmpty,
    NameTooLong,
    NumberEmpty,
    NumberNotAllowed,
    NumberUnreadable,
)

# +1 is not "the US": it also covers Canada and about twenty island countries, some at premium prices.
UNITED_STATES: Final = frozenset({"US", "PR", "VI", "GU", "AS", "MP"})
DIGITS: Final = 6
LONGEST_CODE: Final = 64  # typed characters, before anything is looked up
LONGEST_NUMBER: Final = 40
LONGEST_NAME: Final = 254  # the longest e-mail address there is (RFC 5321 section 4.5.3.1)

_NO_TEXTS: Final = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PAGER,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)
_UNSEEN: Final = frozenset({"Cf", "Cc"})  # direction marks and zero-width signs of pasted text
_BETWEEN: Final = _UNSEEN | {"Zs", "Pd"}  # and spaces and dashes


def read_number(typed: str, region: str = "US", countries: frozenset[str] = UNITED_STATES) -> str:
    """Return the E.164 form of a typed number; digits of any script and any spacing are read.

    Raises:
        NumberEmpty: nothing was typed.
        NumberUnreadable: no valid number, one with an extension, or one that gets no texts (toll-free, premium, pager).
        NumberNotAllowed: a valid number of a country outside ``countries``.
    """
    text = "".join(sign for sign in _ascii_digits(typed) if unicodedata.category(sign) not in _UNSEEN).strip()
    if not text:
        raise NumberEmpty
    number = _ten_digits(text) if region == "US" else None
    number = number or _parsed(text, region)
    refusal = _refusal(number, countries)
    if refusal:
        raise refusal
    return f"+{number.country_code}{phonenumbers.national_significant_number(number)}"


def gets_texts(number: str, countries: frozenset[str] = UNITED_STATES) -> bool:
    """Say whether an E.164 number on record is valid, of an allowed country and of a type that gets texts."""
    try:
        return _refusal(_parsed(number, None), countries) is None
    except NumberUnreadable:
        return False


def ending(number: str) -> str:
    """Return the last two digits: all that a page repeats of a typed number."""
    return number[-2:]


def prefix_of(number: str) -> str:
    """Return an E.164 number without its last three digits: after +1 the seven digits that pumped ranges share."""
    return number[:-3]


def clean_code(typed: str) -> str:
    """Return the six ASCII digits of a typed code; spaces, dashes and digits of any script are welcome.

    Raises:
        CodeEmpty: nothing was typed.
        CodeNotNumbers: letters or signs, or more than 64 characters.
        CodeUnreadable: not six digits.
    """
    if len(typed) > LONGEST_CODE:
        raise CodeNotNumbers
    text = "".join(sign for sign in _ascii_digits(typed) if unicodedata.category(sign) not in _BETWEEN)
    if not text:
        raise CodeEmpty
    if not text.isdecimal():
        raise CodeNotNumbers
    if len(text) != DIGITS:
        raise CodeUnreadable(len(text))
    return text


def read_name(typed: str) -> str:
    """Return a typed username or e-mail address as records are searched for it, in any spelling of case.

    Raises:
        NameEmpty: nothing was typed.
        NameTooLong: more than 254 characters.
    """
    plain = unicodedata.normalize("NFC", typed)
    name = "".join(sign for sign in plain if unicodedata.category(sign) not in _UNSEEN).strip().casefold()
    if not name:
        raise NameEmpty
    if len(name) > LONGEST_NAME:
        raise NameTooLong
    return name


def counted_address(address: str, own_blocks: tuple[str, ...] = ()) -> str:
    """Return what an address is counted as: IPv6 by its /64; nothing for the agency's own blocks or unreadable ones."""
    try:
        read = ip_address(address)
    except ValueError:
        return ""
    if isinstance(read, IPv6Address):
        read = read.ipv4_mapped or read
    if any(read in _block(block) for block in own_blocks):
        return ""
    # A household gets a /64 or more: single addresses there are free to invent.
    return str(ip_network(f"{read}/64", strict=False)) if read.version == 6 else str(read)


def _block(block: str) -> IPv4Network | IPv6Network:
    return ip_network(block, strict=False)


def _ascii_digits(typed: str) -> str:
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in plain)


def _ten_digits(text: str) -> PhoneNumber | None:
    """Read the usual spellings without the parser, which costs twice as much as all the rest."""
    digits = text.translate(str.maketrans("", "", " ()-.")).removeprefix("+1")
    digits = digits.removeprefix("1") if len(digits) == 11 else digits
    usual = len(digits) == 10 and digits.isdecimal()
    return PhoneNumber(country_code=1, national_number=int(digits)) if usual else None


def _parsed(text: str, region: str | None) -> PhoneNumber:
    if len(text) > LONGEST_NUMBER:
        raise NumberUnreadable
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise NumberUnreadable from None  # the parser repeats what was typed


def _refusal(number: PhoneNumber, countries: frozenset[str]) -> NumberUnreadable | NumberNotAllowed | None:
    country = phonenumbers.region_code_for_number(number)
    if number.extension or country is None or not phonenumbers.is_valid_number(number):
        return NumberUnreadable()
    if country not in countries:
        return NumberNotAllowed()
    return NumberUnreadable() if phonenumbers.number_type(number) in _NO_TEXTS else None
