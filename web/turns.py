"""How much may be taken in at once: a large upload and an opened photo need much memory."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Final

import anyio

UPLOADS: Final = 2
_WAIT: Final = 30.0  # seconds until whoever waits is told to try again
UPLOAD_ARRIVES: Final = 180.0  # seconds a large upload may take: 10 MB at half a megabit per second
FORM_ARRIVES: Final = 60.0  # seconds a form without a file may take; nobody knows yet who sends it
_LOOK: Final = 0.02  # seconds between two looks


@dataclass(frozen=True, slots=True)
class Turns:
    """Who takes something large in, and who opens a file of a stranger. Those who wait hold no thread."""

    _uploads: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(UPLOADS), repr=False)
    _cleaning: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(1), repr=False)

    def upload(self) -> AbstractAsyncContextManager[None]:
        """Return the turn of one large upload, from its first byte to its answer.

        Raises:
            TimeoutError: on entering, when no turn came free for half a minute.
        """
        return _turn(self._uploads)

    def cleaning(self) -> AbstractAsyncContextManager[None]:
        """Return the turn of one file to be opened and drawn anew.

        Raises:
            TimeoutError: on entering, when no turn came free for half a minute.
        """
        return _turn(self._cleaning)


def arriving(seconds: float) -> AbstractAsyncContextManager[None]:
    """Return the time that a body may take to arrive, so that nobody keeps a turn, or a line, by sending slowly.

    Raises:
        TimeoutError: on leaving, when it took longer.
    """
    return _within(seconds)


@asynccontextmanager
async def _within(seconds: float) -> AsyncIterator[None]:
    with anyio.fail_after(seconds):
        yield


@asynccontextmanager
async def _turn(free: BoundedSemaphore) -> AsyncIterator[None]:
    with anyio.fail_after(_WAIT):
        while not free.acquire(blocking=False):  # noqa: ASYNC110 - an event belongs to one loop, and a thread would be held
            await anyio.sleep(_LOOK)
    try:
        yield
    finally:
        free.release()
