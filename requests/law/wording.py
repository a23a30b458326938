"""The words families read, loaded from the files of one language."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any


class Language(StrEnum):
    """A language that letters and messages are written in."""

    EN = "en"
    ES = "es"


@dataclass(frozen=True, slots=True)
class LetterWords:
    """The template of one letter; ``says`` names notice codes whose words the body already holds."""

    title: str
    paragraphs: tuple[str, ...]
    lead: str
    closing: tuple[str, ...]
    takes_blocks: bool
    says: frozenset[str]


@dataclass(frozen=True, slots=True)
class MessageWords:
    """The template of one text message and its mail."""

    text: str
    subject: str
    body: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Every template of one language, by the name of its letter, notice kind, line, notice code or ground."""

    letters: Mapping[str, LetterWords]
    messages: Mapping[str, MessageWords]
    lines: Mapping[str, str]
    blocks: Mapping[str, str]
    grounds: Mapping[str, str]


@cache
def words(language: Language) -> Words:
    """Return the templates of this language, as shipped with the product."""
    letters = _file(f"letters.{language}.toml")
    messages = _file(f"messages.{language}.toml")
    return Words(
        letters={name: _letter(letters["every"], entry) for name, entry in letters["letter"].items()},
        messages={
            name: MessageWords(entry["text"], entry["subject"], tuple(entry["body"]))
            for name, entry in messages.items()
        },
        lines=letters["line"],
        blocks=letters["block"],
        grounds=letters["ground"],
    )


def _file(name: str) -> Mapping[str, Any]:
    return tomllib.loads(files("rightsdesk.requests.law").joinpath("words", name).read_text(encoding="utf-8"))


def _letter(every: Mapping[str, Any], entry: Mapping[str, Any]) -> LetterWords:
    closing: Sequence[str] = entry.get("closing", every["closing"])
    return LetterWords(
        title=every["title"],
        paragraphs=(every["greeting"], *entry["paragraphs"]),
        lead=entry.get("lead", ""),
        closing=tuple(closing),
        takes_blocks=entry.get("blocks", False),
        says=frozenset(entry.get("says", ())),
    )
