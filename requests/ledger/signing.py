"""The portal's signature, which proves that a checkpoint, certificate or manifest came from it."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs and verifies with Ed25519 (RFC 8032). ``key_id`` is 16 hex characters of the public key's SHA-256."""

    key_id: str
    _private: Ed25519PrivateKey = field(repr=False)
    _public: Ed25519PublicKey = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """Return a signer with a fresh key."""
        return cls.read(Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def read(cls, seed: bytes) -> Self:
        """Return the signer whose 32 private bytes ``write`` gave.

        Raises:
            ValueError: these are not 32 bytes.
        """
        private = Ed25519PrivateKey.from_private_bytes(seed)
        public = private.public_key()
        return cls(sha256(public.public_bytes_raw()).hexdigest()[:16], private, public)

    def write(self) -> bytes:
        """Return the 32 private bytes, for the owner-only key file."""
        return self._private.private_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self._private.sign(message)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Say whether this key signed exactly this message."""
        try:
            self._public.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def public_key(self) -> str:
        """Return the public key as PEM, for anyone who wants to verify without us."""
        return self._public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")
