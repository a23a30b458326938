"""Three words for a password, so that nobody has to think of one."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from rightsdesk.verification.errors import PasswordProblem
from rightsdesk.verification.passwords import check_new
from rightsdesk.verification.protocols import Draw

_LISTS: Final = Path(__file__).with_name("three_words")
_OTHERWISE: Final = "en"
_WORDS: Final = 3
_BYTES: Final = 8  # of 64 bits the remainder by a list's length is even to one in 10^16


def three_words(language: str, draw: Draw, context: Sequence[str] = ()) -> str:
    """Return three words of this language, joined by dashes, that ``check_new`` takes.

    There are more than 10^9 of them. That is little for a hash that was stolen, and the hash is peppered; it is far
    more than the hundred guesses that a name has.
    """
    words = _words(language[:2].lower())
    while True:
        chosen = "-".join(words[int.from_bytes(draw(_BYTES), "big") % len(words)] for _ in range(_WORDS))
        with suppress(PasswordProblem):
            check_new(chosen, context)
            return chosen


@cache
def _words(language: str) -> tuple[str, ...]:
    file = _LISTS / f"{language}.txt"
    lines = (file if file.exists() else _LISTS / f"{_OTHERWISE}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if not line.startswith("#"))
