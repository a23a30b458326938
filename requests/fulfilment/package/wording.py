"""The words of a package, in the languages it is made in."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

LANGUAGES: Final = ("en", "es")
_RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ur"})


@dataclass(frozen=True, slots=True)
class Words:
    """One language: sentences of the page, and names of elements, fields, recipients and purposes by their codes."""

    language: str
    sentences: Mapping[str, str]
    elements: Mapping[str, str]
    columns: Mapping[str, str]
    recipients: Mapping[str, str]
    purposes: Mapping[str, str]
    kept: Mapping[str, str]

    @property
    def direction(self) -> str:
        """Return "rtl" for a language written from right to left, else "ltr"."""
        return "rtl" if self.language in _RIGHT_TO_LEFT else "ltr"

    def __getitem__(self, name: str) -> str:
        """Return a sentence of the page."""
        return self.sentences[name]

    def element(self, code: str) -> str:
        """Return what a family calls an element; a system may hold one that the catalogue does not know."""
        return self.elements.get(code) or _spelled(code)

    def column(self, code: str) -> str:
        """Return what a family calls a field."""
        return self.columns.get(code) or _spelled(code)

    def recipient(self, code: str) -> str:
        """Return who received something."""
        return self.recipients.get(code) or _spelled(code)

    def purpose(self, code: str) -> str:
        """Return what it was released for."""
        return self.purposes.get(code) or _spelled(code)


def words(language: str) -> Words:
    """Return the words of this language, or the English ones where we do not speak it."""
    short = language.strip().lower().partition("-")[0]
    return _read(short if short in LANGUAGES else LANGUAGES[0])


@cache
def _read(language: str) -> Words:
    place = files("rightsdesk.requests.fulfilment").joinpath("words", f"package.{language}.toml")
    return Words(language, **tomllib.loads(place.read_text(encoding="utf-8")))


def _spelled(code: str) -> str:
    return code.replace("_", " ").replace(".", " ").strip()
