"""The words of letters that no law gives: names of elements, dates written out, whom to call."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from babel.dates import format_date, format_skeleton
from babel.lists import format_list

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.law.filling import fill
from rightsdesk.requests.law.wording import Language


@dataclass(frozen=True, slots=True)
class Terms:
    """The names of one language."""

    language: Language
    elements: Mapping[str, str]
    phrases: Mapping[str, str]

    def named(self, elements: Iterable[str]) -> str:
        """Return the elements as a list in words, "last name and grade"."""
        return self.listed(self.elements.get(element, element) for element in elements)

    def listed(self, parts: Iterable[str]) -> str:
        """Return the parts joined as the language joins them."""
        return format_list(list(parts), style="standard", locale=str(self.language))

    def day(self, on: date) -> str:
        """Return a day written out: "November 23, 2026", "23 de noviembre de 2026"."""
        return format_date(on, format="long", locale=str(self.language))

    def short_day(self, on: date) -> str:
        """Return a day for a text message: "Nov 23", "23 nov"."""
        return str(format_skeleton("MMMd", on, locale=str(self.language)))

    def contact(self, agency: Agency) -> str:
        """Return how to reach the office."""
        if agency.office_phone:
            return fill(self.phrases["call"], {"phone": agency.office_phone})
        return fill(self.phrases["visit"], {"agency": agency.name})


@cache
def terms(language: Language) -> Terms:
    """Return the names of this language, as shipped with the product."""
    file = files("rightsdesk.requests.cases").joinpath("words", f"{language}.toml")
    found = tomllib.loads(file.read_text(encoding="utf-8"))
    return Terms(language, found["element"], found["phrase"])


def known(language: str) -> Language | None:
    """Return the language that letters are written in for this code ("es-419" is Spanish), or nothing."""
    short = language.strip().lower().replace("_", "-").partition("-")[0]
    return next((one for one in Language if one == short), None)


def family_language(language: str) -> Language:
    """Return the language in which a family is written to: theirs, or English where nobody has read theirs."""
    return known(language) or Language.EN
