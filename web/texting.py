"""What an operator settles about codes by text: which countries get them, and how many leave in a day."""

from dataclasses import dataclass
from typing import Final

import phonenumbers

from rightsdesk.verification.attempts import PORTAL_SENDS
from rightsdesk.verification.reading import UNITED_STATES

_MOST: Final = 1_000_000

# What is told when a variable cannot be read.
COUNTRIES: Final = "write codes of countries divided by commas, like US,CA."
COUNT: Final = "write a whole number from 1 to 1000000."


@dataclass(frozen=True, slots=True)
class Texting:
    """The countries whose numbers get codes, and the texts in 24 hours."""

    countries: frozenset[str] = UNITED_STATES
    texts_a_day: int = PORTAL_SENDS


def countries_of(written: str) -> frozenset[str]:
    """Return the countries named by these ISO 3166 codes; "US" is the United States with its territories.

    Raises:
        ValueError: a code is of no country that has telephone numbers.
    """
    codes = {code.strip().upper() for code in written.split(",") if code.strip()}
    if not codes or codes - phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(written)
    return frozenset(codes | UNITED_STATES if "US" in codes else codes)


def count_of(written: str) -> int:
    """Return a whole number from 1 to a million.

    Raises:
        ValueError: it is none.
    """
    if not written.isascii() or not written.isdigit() or not 1 <= int(written) <= _MOST:
        raise ValueError(written)
    return int(written)
