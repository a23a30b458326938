"""What an operator settles about codes by text and by call: which countries, how many, and what they may cost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

import phonenumbers

from rightsdesk.verification.attempts import PORTAL_SENDS
from rightsdesk.verification.reading import UNITED_STATES
from rightsdesk.verification.spending.ceilings import Ceilings, Prices

MILLIONTHS: Final = 1_000_000
_MOST: Final = Decimal(100_000)


@dataclass(frozen=True, slots=True)
class Texting:
    """The countries whose numbers get codes, the texts in 24 hours, prices, ceilings, and who is told of alarms."""

    countries: frozenset[str] = UNITED_STATES
    texts_a_day: int = PORTAL_SENDS
    prices: Prices = field(default_factory=Prices)
    ceilings: Ceilings = field(default_factory=Ceilings)
    operator: str = field(default="", repr=False)


# What each variable is read with, and the rule that is told when it cannot be read.
COUNTRIES: Final = "write codes of countries divided by commas, like US,CA."
COUNT: Final = "write a whole number from 1 to 1000000."
MONEY: Final = "write an amount in the carrier's currency, like 0.0125."


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
    if not written.isascii() or not written.isdigit() or not 1 <= int(written) <= MILLIONTHS:
        raise ValueError(written)
    return int(written)


def money_of(written: str) -> int:
    """Return an amount in millionths of the carrier's currency.

    Raises:
        ValueError: it is no amount above nothing, or more than 100,000.
    """
    try:
        amount = Decimal(written)
    except InvalidOperation:
        raise ValueError(written) from None
    if not amount.is_finite() or not 0 < amount <= _MOST:
        raise ValueError(written)
    return int(amount * MILLIONTHS)


Attempt = Callable[[str, Callable[[str], object], str], object | None]


def texting_of(written: Mapping[str, str], attempt: Attempt, names: Mapping[str, str]) -> Texting:
    """Return what was settled; what was left out, or cannot be read, stands as it does by itself.

    ``names`` are the variables by what they settle; ``attempt`` reads one and remembers what is wrong with it.
    """

    def read(what: str, how: Callable[[str], object], rule: str, default: int) -> int:
        found = attempt(names[what], how, rule) if written[what] else default
        return found if isinstance(found, int) else default

    prices, ceilings = Prices(), Ceilings()
    named = attempt(names["countries"], countries_of, COUNTRIES) if written["countries"] else UNITED_STATES
    return Texting(
        countries=named if isinstance(named, frozenset) else UNITED_STATES,
        texts_a_day=read("texts_a_day", count_of, COUNT, PORTAL_SENDS),
        prices=Prices(
            text=read("text_price", money_of, MONEY, prices.text), call=read("call_price", money_of, MONEY, prices.call)
        ),
        ceilings=Ceilings(
            agency=read("agency_spend_a_day", money_of, MONEY, ceilings.agency),
            portal=read("spend_a_day", money_of, MONEY, ceilings.portal),
        ),
        operator=written["operator"],
    )
