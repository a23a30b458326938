"""The words of all pages as translators get them, and how hard they are to read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

ROOT: Final = Path(__file__).parent.parent
LOCALES: Final = ROOT / "web" / "locales"
_PARTS: Final = ("web", "verification", "requests")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One text in the source: where it stands, and its one or two forms."""

    place: str
    forms: tuple[str, ...]


@cache
def phrases() -> tuple[Phrase, ...]:
    """Return every text that a page can show."""
    with (LOCALES / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, filename="babel.cfg")
    kinds = {"refusals": "rightsdesk.web.catalogue:refusals"}
    methods = [(pattern, kinds.get(method, method)) for pattern, method in methods]
    found = extract_from_dir(str(ROOT), methods, options, directory_filter=_ours)
    return tuple(Phrase(place, text if isinstance(text, tuple) else (text,)) for place, _, text, _, _ in found)


def plain(text: str) -> str:
    """Return a text without markup, each placeholder as a short word."""
    return re.sub(r"%\(\w+\)s|\{\w+\}", "Ana", re.sub(r"<[^>]+>", "", text))


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of the sentences of a text; a line without a full stop is a label."""
    sentences = [one for one in re.findall(r"[^.!?\n]+[.!?]", text) if len(one.split()) > 3]
    words = [word for one in sentences for word in re.findall(r"[A-Za-z\u2019']+", one)]
    if not words:
        return 0.0
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """Return about how many syllables an English word has."""
    word = re.sub(r"[^a-z]", "", word.lower())
    word = re.sub(r"(?:[^laeiouy]es|[^t]ed|[^laeiouy]e)$", "", word) if len(word) > 3 else word
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def by_template(folder: str) -> Mapping[str, str]:
    """Return the texts of each template of a folder, one a line, by name."""
    texts: dict[str, str] = {}
    for phrase in phrases():
        if phrase.place.startswith(f"web/templates/{folder}/"):
            texts[phrase.place] = f"{texts.get(phrase.place, '')}\n{plain(phrase.forms[-1]).strip()}"
    return texts


def _ours(folder: str) -> bool:
    inside = Path(folder).relative_to(ROOT)
    return not inside.parts or (inside.parts[0] in _PARTS and not inside.name.startswith((".", "__")))
