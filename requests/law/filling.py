"""Fills {name} in a text by name and by nothing else: no attributes, no indexes, no formats."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from rightsdesk.requests.law.errors import LetterIncomplete

_PLACEHOLDER: Final = re.compile(r"\{([a-z0-9_]+)\}")
_STRAY_BRACE: Final = re.compile(r"[{}]")
_OPTIONAL: Final = "_line"
_STOP: Final = re.compile(r"\{([a-z0-9_]+)\}(\.?)")


def placeholders(*texts: str) -> tuple[str, ...]:
    """Return the names a text asks for, each once, in the order of the text.

    Raises:
        ValueError: the text has a brace that is no plain placeholder.
    """
    for text in texts:
        if _STRAY_BRACE.search(_PLACEHOLDER.sub("", text)):
            raise ValueError(f"{text!r} has a brace that is no plain placeholder.")
    return tuple(dict.fromkeys(name for text in texts for name in _PLACEHOLDER.findall(text)))


def required(*texts: str) -> tuple[str, ...]:
    """Return the names that must have a value; those that end in ``_line`` need none."""
    return tuple(name for name in placeholders(*texts) if not name.endswith(_OPTIONAL))


def need(names: Iterable[str], values: Mapping[str, str]) -> None:
    """Return when every name has a value that is not blank.

    Raises:
        LetterIncomplete: some have none; all of them are named.
    """
    missing = tuple(name for name in dict.fromkeys(names) if not values.get(name, "").strip())
    if missing:
        raise LetterIncomplete(missing)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with every placeholder replaced once; what a value holds is never filled again.

    A value that ends its own sentence gets no second full stop.

    Raises:
        LetterIncomplete: a required placeholder has no value.
        ValueError: the text has a brace that is no plain placeholder.
    """
    need(required(text), values)
    return _STOP.sub(lambda found: _ended(values.get(found[1], "").strip(), found[2]), text).strip()


def _ended(value: str, stop: str) -> str:
    # People end their sentences themselves: "because the files are old." must not become two full stops.
    return value if value.endswith((".", "?", "!")) else value + stop
