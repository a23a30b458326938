"""The countries whose numbers get codes, in the words of the page."""

from functools import lru_cache
from typing import Final

import phonenumbers
from babel import Locale
from babel.lists import format_list
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from rightsdesk.verification.reading import UNITED_STATES

_US: Final = "US"
_THE: Final = frozenset({"AE", "BS", "DO", "GB", "NL", "PH", _US})  # the ones that English names with an article


def home(countries: frozenset[str]) -> str:
    """Return the country in whose way a number without a country code is read."""
    return _US if _US in countries else min(countries)


@lru_cache(maxsize=32)
def named(countries: frozenset[str], language: str) -> str:
    """Return their names as a list of the language; "" where it is the United States alone."""
    if countries <= UNITED_STATES and _US in countries:
        return ""
    # Its territories are no countries to those who live there, and would make a long list.
    shown = countries - (UNITED_STATES - {_US}) if _US in countries else countries
    locale = Locale(language)
    return format_list([words for _, words in sorted(_name(locale, code) for code in shown)], locale=locale)


@lru_cache(maxsize=32)
def example(countries: frozenset[str]) -> str:
    """Return a number as somebody would type it at home; "" where it is the United States, whose form all know."""
    country = home(countries)
    number = None if country == _US else phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL) if number else ""


def _name(locale: Locale, code: str) -> tuple[str, str]:
    """Return what to sort a country by, and its name within a sentence."""
    name = locale.territories.get(code, code)
    return name, f"the {name}" if locale.language == "en" and code in _THE else name
