"""Codes of an authenticator app (RFC 6238; NIST SP 800-63B-4 section 3.1.4)."""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Final

import pyotp
from pyotp.exceptions import OTPVerificationError

ISSUER: Final = "Rightsdesk"
SEED_BYTES: Final = 20  # 160 bits
RECOVERY_CODES: Final = 10
_RECOVERY_BYTES: Final = 10  # 80 bits: 16 letters of base32


def new_seed(draw: Callable[[int], bytes]) -> str:
    """Return a fresh seed, base32."""
    return base64.b32encode(draw(SEED_BYTES)).decode()


def grouped(seed: str) -> str:
    """Return a seed or recovery code in groups of four, to be typed by hand."""
    return " ".join(seed[at : at + 4] for at in range(0, len(seed), 4))


def provisioning_uri(seed: str, name: str) -> str:
    """Return the otpauth address that an app reads from a QR code; ``name`` is shown in the app."""
    return pyotp.TOTP(seed).provisioning_uri(name=name, issuer_name=ISSUER)


def step_of(seed: str, code: str, now: datetime) -> int | None:
    """Return which 30-second step six ASCII digits belong to, one step early or late included, or None.

    The caller remembers the step: the same code must not be accepted twice.
    """
    try:
        return pyotp.TOTP(seed).verify_and_get_timecode(code, for_time=now, valid_window=1)
    except OTPVerificationError:
        return None


def new_recovery_codes(draw: Callable[[int], bytes]) -> tuple[str, ...]:
    """Return ten single-use codes of 16 base32 characters, to be shown once."""
    return tuple(base64.b32encode(draw(_RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES))


def read_recovery_code(typed: str) -> str:
    """Return a typed recovery code without spaces, dashes and small letters; base32 has neither 0, 1 nor 8."""
    plain = "".join(sign for sign in typed.upper() if sign.isalnum())
    return plain.translate(str.maketrans("018", "OIB"))
