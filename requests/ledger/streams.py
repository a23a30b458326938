"""Seals whole files of any size under a key made for them, piece by piece, with little memory."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import RawIOBase
from pathlib import Path
from typing import Any, Final, Self

from tink import TinkError, new_keyset_handle, streaming_aead  # type: ignore[import-untyped]

from rightsdesk.requests.ledger.durable import OWNER_ONLY
from rightsdesk.requests.ledger.errors import Unreadable
from rightsdesk.requests.ledger.keysets import parse, serialise

PIECE: Final = 1024 * 1024

streaming_aead.register()


@dataclass(frozen=True, slots=True)
class Part:
    """A file as it lies on the disk: its size in bytes and the hex SHA-256 of them."""

    size: int
    digest: str


@dataclass(frozen=True, slots=True, repr=False)
class StreamKey:
    """One fresh key for some files (AES-256-GCM in pieces of 1 MB); ``clear`` must be sealed before it is kept."""

    clear: bytes
    _primitive: Any

    @classmethod
    def new(cls) -> Self:
        """Return a fresh key."""
        template = streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB
        return cls.read(serialise(new_keyset_handle(template)))

    @classmethod
    def read(cls, clear: bytes) -> Self:
        """Return the key whose bytes these are.

        Raises:
            Unreadable: they are no key.
        """
        return cls(clear, parse(clear).primitive(streaming_aead.StreamingAead))

    def seal(self, source: Path, target: Path, about: str) -> Part:
        """Write the source sealed into a new, owner-only file, on the disk when this returns.

        Raises:
            OSError: the disk is full or gone.
        """
        out = _Counted(target)
        try:
            with out, source.open("rb") as file, self._primitive.new_encrypting_stream(out, about.encode()) as sealing:
                for piece in _pieces(file):
                    sealing.write(piece)
        except TinkError as error:  # it hides what the disk said
            raise out.trouble or OSError(f"{target.name} cannot be sealed.") from error
        return Part(out.size, out.digest.hexdigest())

    def open(self, source: Path, target: Path, about: str) -> None:
        """Write the clear content into a new, owner-only file.

        Raises:
            Unreadable: the source was altered, cut off, or is about something else.
        """
        out = _Counted(target)
        with out, self._primitive.new_decrypting_stream(source.open("rb"), about.encode()) as opening:
            try:
                for piece in _pieces(opening):
                    out.write(piece)
            except TinkError as error:
                raise Unreadable(f"{source.name} was altered or cut off, or another key sealed it.") from error


def measured(path: Path) -> Part:
    """Return size and digest of a file."""
    digest, size = sha256(), 0
    with path.open("rb") as file:
        for piece in _pieces(file):
            digest.update(piece)
            size += len(piece)
    return Part(size, digest.hexdigest())


def copied(source: Path, target: Path) -> Part:
    """Copy a file into a new, owner-only one, on the disk when this returns."""
    out = _Counted(target)
    with out, source.open("rb") as file:
        for piece in _pieces(file):
            out.write(piece)
    return Part(out.size, out.digest.hexdigest())


class _Counted(RawIOBase):
    """A new file that counts and digests what is written, and is on the disk once it is closed."""

    def __init__(self, path: Path) -> None:
        self.size = 0
        self.digest = sha256()
        self.trouble: OSError | None = None
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY)

    def writable(self) -> bool:
        """Say that it can be written."""
        return True

    def write(self, some: Any) -> int:
        """Write all these bytes, and return how many they are."""
        rest = memoryview(some)
        self.digest.update(rest)
        self.size += len(rest)
        try:
            while rest:  # a disk that is nearly full takes a part
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            self.trouble = OSError(error.errno, error.strerror, str(self._path))
            raise self.trouble from error
        return len(some)

    def close(self) -> None:
        """Bring everything to the disk; twice is once."""
        if not self.closed:
            try:
                os.fsync(self._file)
            finally:
                os.close(self._file)
                super().close()


def _pieces(file: Any) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
