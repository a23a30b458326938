"""The languages of the pages, and which one somebody gets."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel.support import NullTranslations, Translations

LOCALES: Final = Path(__file__).parent / "locales"
ENGLISH: Final = "en"
OWN_NAMES: Final = {"en": "English", "es": "Español"}
LANGUAGES: Final = tuple(OWN_NAMES)
_RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ur"})


@dataclass(frozen=True, slots=True)
class Choice:
    """A language somebody can switch to: its code, its own name for itself, and where that leads."""

    code: str
    name: str
    href: str


def direction(language: str) -> str:
    """Return "rtl" for languages that are written from right to left, else "ltr"."""
    return "rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


def known(language: str) -> str:
    """Return the shipped language a code stands for ("es-419" → "es"), or "" when there is none."""
    short = language.strip().lower().partition("-")[0]
    return short if short in OWN_NAMES else ""


def wanted(*choices: str, accepts: str = "") -> str:
    """Return the first choice we speak, then what the browser accepts (RFC 9110 section 12.5.4), else English."""
    spoken = (*choices, *_by_weight(accepts))
    return next(filter(None, map(known, spoken)), ENGLISH)


@lru_cache(maxsize=8)
def gettext_for(language: str) -> NullTranslations:
    """Return the words of a language; English is what stands in the source."""
    po = LOCALES / language / "LC_MESSAGES" / "messages.po"
    mo = po.with_suffix(".mo")
    if language == ENGLISH or not (po.exists() or mo.exists()):
        return NullTranslations()
    if mo.exists() and (not po.exists() or mo.stat().st_mtime >= po.stat().st_mtime):
        with mo.open("rb") as compiled:
            return Translations(compiled)
    return _compiled(po)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says things in one language, where no page is shown."""

    language: str

    def say(self, text: str, **values: object) -> str:
        """Return an English source string in this language, with its values filled in."""
        translated = gettext_for(self.language).gettext(text)
        return translated % values if values else translated


def _compiled(po: Path) -> NullTranslations:
    # Only a fresh checkout comes here: the packages and dev.py compile ahead.
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - a heavy import that a running portal never needs
    from babel.messages.pofile import read_po  # noqa: PLC0415 - as above

    made = io.BytesIO()
    with po.open("rb") as source:
        write_mo(made, read_po(source))
    made.seek(0)
    return Translations(made)


def _by_weight(accepts: str) -> Iterable[str]:
    ranked: list[tuple[float, str]] = []
    for part in accepts.split(",")[:20]:
        code, _, weight = part.partition(";q=")
        try:
            ranked.append((-float(weight or 1), code))
        except ValueError:
            continue
    return [code for weight, code in sorted(ranked, key=lambda one: one[0]) if weight < 0]
