"""Reference numbers a person can read out over the phone: ``MGD-7K3F-92QX``."""

import re
from collections.abc import Callable
from typing import Final

# No 0 O, 1 I L, 5 S, 8 B: they look alike. No vowels: no word can form. 23 signs, a prime, make the check complete.
ALPHABET: Final = "234679CDFGHJKMNPQRTVWXY"
_SHAPE: Final = re.compile(r"([A-Z]{2,12})([A-Z0-9]{4})([A-Z0-9]{4})")


def make(prefix: str, draw: Callable[[int], bytes]) -> str:
    """Return a new reference: seven drawn characters (31 bits) and a check character."""
    number = int.from_bytes(draw(8))
    body = ""
    for _ in range(7):
        number, rest = divmod(number, len(ALPHABET))
        body += ALPHABET[rest]
    body += _check(prefix, body)
    return f"{prefix}-{body[:4]}-{body[4:]}"


def read(typed: str) -> str:
    """Return the reference in its written form, or nothing when a character is wrong; any case and spacing."""
    found = _SHAPE.fullmatch(re.sub(r"[\s_.\-\u2010-\u2015]+", "", typed).upper())
    if found is None:
        return ""
    prefix, body = found[1], found[2] + found[3]
    if any(sign not in ALPHABET for sign in body) or body[7] != _check(prefix, body[:7]):
        return ""
    return f"{prefix}-{body[:4]}-{body[4:]}"


def _check(prefix: str, body: str) -> str:
    # Weights of 2 to 8 modulo a prime: every single wrong sign and every swap of neighbours is seen.
    total = sum((place + 2) * (ALPHABET.find(sign) + 1) for place, sign in enumerate(body))
    total += sum(ord(sign) for sign in prefix)
    return ALPHABET[total % len(ALPHABET)]
