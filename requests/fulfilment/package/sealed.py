"""A package on disk: sealed piece by piece under its own key, so that destroying one key destroys it everywhere."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from rightsdesk.requests.ledger.durable import OWNER_ONLY, keep_folder
from rightsdesk.requests.ledger.errors import Unreadable
from rightsdesk.requests.ledger.vault import AgencyVault

SCOPE: Final = "package"
PIECE: Final = 64 * 1024
PART: Final = ".part"
_LENGTH: Final = 4  # bytes before each piece, big-endian
_LONGEST: Final = PIECE + 64  # sealing adds a version, a nonce and a tag


def write_sealed(path: Path, vault: AgencyVault, package: UUID, content: Iterable[bytes]) -> None:
    """Write the sealed file, owner-only; after a crash it is there whole or not at all.

    Raises:
        OSError: the disk is full or gone; nothing is left behind.
    """
    part = path.with_name(f"{path.name}{PART}")
    part.unlink(missing_ok=True)
    try:
        opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY)
        with os.fdopen(opened, "wb") as out:
            for place, piece in _placed(package, content):
                sealed = vault.seal_bytes(package, SCOPE, place, piece)
                out.write(len(sealed).to_bytes(_LENGTH, "big") + sealed)
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
        keep_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


def read_sealed(path: Path, vault: AgencyVault, package: UUID) -> Iterator[bytes]:
    """Yield the content, piece by piece, each checked before it is given out.

    Raises:
        Unreadable: a piece was altered, moved or cut off.
        KeyGone: the key was destroyed.
        OSError: the file is gone.
    """
    with path.open("rb") as file:
        number, piece = 0, _next(file, package)
        if not piece:
            raise Unreadable(f"The file of package {package} is empty.")
        while piece:
            following = _next(file, package)
            # The last place has a name of its own: a file cut between two pieces ends with one that does not open.
            yield vault.unseal_bytes(package, SCOPE, _place(package, number, following), piece)
            number, piece = number + 1, following


def _next(file: BinaryIO, package: UUID) -> bytes:
    """Return the next sealed piece, or nothing at the end of the file."""
    head = file.read(_LENGTH)
    length = int.from_bytes(head, "big")
    if not head:
        return b""
    # The length is not sealed: whoever altered it must not make us read a gigabyte.
    if len(head) < _LENGTH or not 0 < length <= _LONGEST or len(piece := file.read(length)) < length:
        raise Unreadable(f"The file of package {package} was cut off or altered.")
    return piece


def _placed(package: UUID, content: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield each piece with the place it is sealed for."""
    pieces = _pieces(content)
    number, piece = 0, next(pieces, b"")
    while True:
        following = next(pieces, b"")
        yield _place(package, number, following), piece
        if not following:
            return
        number, piece = number + 1, following


def _pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for some in content:
        waiting += some
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    if waiting:
        yield bytes(waiting)


def _place(package: UUID, number: int, following: bytes) -> str:
    return f"packages:{package}:{number}:{'' if following else 'last'}"
