"""Who may work on a data folder: many programs beside one another, or one restore alone."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rightsdesk.requests.ledger.durable import OWNER_ONLY
from rightsdesk.web.backups import replacing
from rightsdesk.web.backups.errors import InUse

_LOCK: Final = "in-use.lock"


@contextmanager
def beside_others(data: Path) -> Iterator[None]:
    """Hold off a restore while this program works; a restore that was killed at its last step is finished first.

    Raises:
        InUse: a restore is under way.
    """
    if replacing.is_begun(data):
        with alone(data):
            replacing.finish(data)
    with _held(data, fcntl.LOCK_SH, "A backup is being restored into this data folder. Wait until that is done."):
        yield


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Keep every other program away from the data folder.

    Raises:
        InUse: one is at work there.
    """
    with _held(data, fcntl.LOCK_EX, f"The portal, or one of its commands, works on {data}. Stop it first."):
        yield


@contextmanager
def _held(data: Path, kind: int, words: str) -> Iterator[None]:
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    # flock ends with the process, however that ends, so a crash leaves nothing to clear away.
    lock = os.open(data / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
    try:
        _take(lock, kind, words)
        yield
    finally:
        os.close(lock)


def _take(lock: int, kind: int, words: str) -> None:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InUse(words) from error
