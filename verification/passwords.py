"""Passwords: what a new one must be like, and how one is kept.

Source: NIST SP 800-63B-4 section 3.1.1; OWASP ASVS 5.0 section 6.2.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rightsdesk.verification.errors import (
    PasswordKnown,
    PasswordNamesUs,
    PasswordRepeats,
    PasswordTooLong,
    PasswordTooShort,
)

SHORTEST: Final = 15  # code points after NFC
LONGEST: Final = 128
AT_ONCE: Final = 2  # each hash takes 19 MiB
_SALT: Final = 16
_OWN: Final = 8  # letters that must be left when easy words are taken out
_WORD: Final = 3  # shorter names of context say nothing
_LOOKALIKES: Final = str.maketrans("0134578@$!", "oieastbasi")
_RUNS: Final = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "0123456789")
_RUN: Final = 5


class Match(StrEnum):
    """What a shown password is worth; ``stale`` is right, but hashed by older rules."""

    RIGHT = "right"
    STALE = "stale"
    WRONG = "wrong"


class Passwords:
    """Hashes and compares passwords with argon2id, two at a time in this process.

    ``pepper`` is a key from outside the database: a stolen table alone cannot be guessed at.
    """

    def __init__(self, pepper: bytes, draw: Callable[[int], bytes]) -> None:
        # The library's own defaults take 64 MiB and 144 ms; these are OWASP's minimum and take 32 ms.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._pepper = pepper
        self._draw = draw
        self._turns = BoundedSemaphore(AT_ONCE)
        self._nobody = ""

    def hashed(self, password: str, salt: bytes | None = None) -> str:
        """Return the argon2id hash of the whole password, in its standard form."""
        with self._turns:
            return self._hasher.hash(self._keyed(password), salt=salt or self._draw(_SALT))

    def compare(self, stored: str | None, password: str) -> Match:
        """Say what a password is worth; without a stored hash the same work is done for nothing."""
        kept = stored if stored is not None else self._of_nobody()
        try:
            with self._turns:
                self._hasher.verify(kept, self._keyed(password))
        except (VerificationError, InvalidHashError):
            return Match.WRONG
        if stored is None:
            return Match.WRONG
        return Match.STALE if self._hasher.check_needs_rehash(kept) else Match.RIGHT

    def _of_nobody(self) -> str:
        self._nobody = self._nobody or self.hashed(self._draw(_SALT).hex())
        return self._nobody

    def _keyed(self, password: str) -> str:
        plain = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
        return hmac.new(self._pepper, plain, hashlib.sha256).hexdigest()


def check_new(password: str, context: Sequence[str] = ()) -> None:
    """Refuse a password that would not protect; ``context`` are the names of agency, portal and person.

    Raises:
        PasswordTooShort: under 15 code points after NFC.
        PasswordTooLong: over 128.
        PasswordKnown: on the list of common ones, or made of nothing else.
        PasswordRepeats: repeats itself or runs along the alphabet or keyboard.
        PasswordNamesUs: little more than the names of context.
    """
    plain = unicodedata.normalize("NFC", password)
    if len(plain) < SHORTEST:
        raise PasswordTooShort(len(plain))
    if len(plain) > LONGEST:
        raise PasswordTooLong(len(plain))
    if _repeats(plain.casefold()) or _runs(plain.casefold()):
        raise PasswordRepeats
    if _little_left(_letters(plain), _known()):
        raise PasswordKnown
    names = [_letters(word) for name in context for word in name.split()]
    if _little_left(_letters(plain), [*_known(), *(name for name in names if len(name) >= _WORD)]):
        raise PasswordNamesUs


@cache
def _known() -> tuple[str, ...]:
    lines = Path(__file__).with_name("passwords_known.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_LOOKALIKES)
    return "".join(sign for sign in plain if sign.isalpha())


def _little_left(letters: str, words: Sequence[str]) -> bool:
    """Say whether the words stand in it and hardly anything besides; other scripts and signs count as one's own."""
    left = letters
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    return left != letters and len(left) < _OWN


def _repeats(text: str) -> bool:
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, len(text) // 2 + 1))


def _runs(text: str) -> bool:
    """Say whether the whole of it is stretches of the alphabet, the keyboard or the digits, forwards or backwards."""
    left = "".join(sign for sign in text if sign.isalnum())
    for run in (*_RUNS, *(line[::-1] for line in _RUNS)):
        for size in range(len(run), _RUN - 1, -1):
            for start in range(len(run) - size + 1):
                left = left.replace(run[start : start + size], "")
    return len(left) < _OWN and len(left) < len(text) // 2
