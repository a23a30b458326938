"""One import of an agency at a time on one machine: a lock that dies with its owner."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FolderTurns:
    """Locks an empty file in this folder; after a crash the operating system has let go of it."""

    folder: Path

    @contextmanager
    def __call__(self, agency: UUID) -> Iterator[bool]:
        """Say whether it is our turn, and keep it while the block runs."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"roster-{agency.hex}.lock").open("wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
