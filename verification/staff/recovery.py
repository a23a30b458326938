"""Recovery codes: what lets somebody in once when the authenticator app is gone."""

from dataclasses import dataclass, field
from typing import Final

from rightsdesk.verification.passwords import Passwords
from rightsdesk.verification.protocols import Draw
from rightsdesk.verification.totp import new_recovery_codes

_SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Recovery:
    """Ten recovery codes in clear, to be shown once, and how they are kept."""

    codes: tuple[str, ...] = field(repr=False)
    salt: bytes
    hashes: tuple[str, ...]


def fresh_recovery(passwords: Passwords, draw: Draw) -> Recovery:
    """Return ten new recovery codes. It takes ten hashes: make them where nobody waits for a lock."""
    codes, salt = new_recovery_codes(draw), draw(_SALT_BYTES)
    return Recovery(codes, salt, tuple(passwords.hashed(code, salt) for code in codes))
