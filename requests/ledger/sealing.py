"""One sealed field: a version byte, a nonce, and what AES-256-GCM (NIST SP 800-38D) makes of the value."""

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rightsdesk.requests.ledger.errors import Unreadable

Field: TypeAlias = tuple[str, str]  # the place, and the text that stands there

NONCE_BYTES: Final = 12
_VERSION: Final = b"\x01"
_START: Final = 1 + NONCE_BYTES


def close(key: bytes, nonce: bytes, place: str, clear: bytes) -> bytes:
    """Return the value sealed under a 256-bit key and bound to the row and column it lies in."""
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, clear, place.encode())


def close_each(key: bytes, nonces: Iterator[bytes], fields: Iterable[Field]) -> list[bytes]:
    """Return the texts of many places sealed under one key as ``close`` does: the cipher is set up once."""
    encrypt = AESGCM(key).encrypt
    return [
        _VERSION + (nonce := next(nonces)) + encrypt(nonce, text.encode(), place.encode()) for place, text in fields
    ]


def disclose(key: bytes, place: str, sealed: bytes) -> bytes:
    """Return the value.

    Raises:
        Unreadable: it was altered, moved to another place, or sealed under another key.
    """
    if sealed[:1] != _VERSION or len(sealed) < _START:
        raise Unreadable(f"The value at {place} is not sealed in a form we know.")
    try:
        return AESGCM(key).decrypt(sealed[1:_START], sealed[_START:], place.encode())
    except InvalidTag as error:
        raise Unreadable(f"The value at {place} was altered or belongs elsewhere.") from error
