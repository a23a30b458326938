"""Writing small files so that neither a crash nor a second writer can harm them."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

OWNER_ONLY: Final = 0o600
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_LONGEST: Final = 65_536  # no line of ours is longer


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the right to write what lies beside this lock file, against threads and other programs alike."""
    # flock belongs to the open file: two threads that each open it exclude one another, as two programs do.
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def replace_file(path: Path, content: bytes) -> None:
    """Put the content in place of the file: after a crash the old or the new one is there, whole.

    The file is owner-only. The caller holds ``alone``.
    """
    fresh = path.with_name(f"{path.name}.new")
    try:
        opened = os.open(fresh, _NEW, OWNER_ONLY)
    except FileExistsError:  # a crash left it
        fresh.unlink()
        opened = os.open(fresh, _NEW, OWNER_ONLY)
    try:
        _write_all(opened, content)
        os.fsync(opened)
    finally:
        os.close(opened)
    fresh.replace(path)
    keep_folder(path.parent)


def content_of(path: Path) -> bytes:
    """Return what a small file holds, in four calls to the system: a head is read at every commit.

    Raises:
        FileNotFoundError: there is none.
    """
    return _end_of(path, _LONGEST)


def _write_all(opened: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:  # a disk that is nearly full takes a part
        rest = rest[os.write(opened, rest) :]


def _end_of(path: Path, length: int) -> bytes:
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.lseek(opened, 0, os.SEEK_END)
        return os.pread(opened, length, max(0, size - length))
    finally:
        os.close(opened)


def append_line(path: Path, line: bytes) -> None:
    """Add one line at the end, on the disk before this returns."""
    is_new = not path.exists()
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, OWNER_ONLY)
    with os.fdopen(opened, "ab") as out:
        out.write(line + b"\n")
        out.flush()
        os.fsync(out.fileno())
    if is_new:
        keep_folder(path.parent)


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield the whole lines without their ends; what a crash left behind the last one is not given."""
    try:
        with path.open("rb") as file:
            yield from (line[:-1] for line in file if line.endswith(b"\n"))
    except FileNotFoundError:
        return


def last_line(path: Path) -> bytes:
    """Return the last whole line without its end, or nothing. The file may be long, the line may not."""
    try:
        whole = _end_of(path, _LONGEST).rpartition(b"\n")[0]
    except FileNotFoundError:
        return b""
    return whole.rpartition(b"\n")[2]


def cut_half_line(path: Path) -> bytes:
    """Remove what a crash left after the last whole line, and return it. The caller holds ``alone``."""
    if not path.exists():
        return b""
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _LONGEST))
        half = file.read().rpartition(b"\n")[2]
        if half:
            file.truncate(size - len(half))
            os.fsync(file.fileno())
        return half


def keep_folder(folder: Path) -> None:
    """Make a new or renamed name in this folder survive a power cut."""
    opened = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
