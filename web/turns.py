"""How much may be taken in at once: uploads and photos need much memory, writers of one agency wait for each other."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from typing import Final

import anyio

UPLOADS: Final = 2
WRITERS: Final = 3  # of one agency in one process: one writes, one waits for the disk, one stands ready
ALL_WRITERS: Final = 5  # in one process: of its eight connections three are left for those who look
OUTSIDE: Final = 6  # of one process: half of its threads answer whoever waits for nobody else
WAIT: Final = 30.0  # seconds until whoever waits is told to try again
UPLOADED: Final = 5.0  # the same for who holds an upload turn meanwhile, which other agencies want too
UPLOAD_ARRIVES: Final = 180.0  # seconds a large upload may take: 10 MB at half a megabit per second
FORM_ARRIVES: Final = 60.0  # seconds a form without a file may take; nobody knows yet who sends it
_LOOK: Final = 0.02  # seconds between two looks


@dataclass(slots=True)
class Line:
    """Lets ``free`` in at a time, the others in the order they came. Whoever waits may do so on any loop."""

    free: int
    waiting: deque[Future[None]] = field(default_factory=deque)
    _lock: Lock = field(default_factory=Lock)

    async def enter(self) -> None:
        """Return when there is room; then ``leave`` is owed."""
        with self._lock:
            if self.free:
                self.free -= 1
                return
            place: Future[None] = Future()
            self.waiting.append(place)
        try:
            await asyncio.wrap_future(place)
        except asyncio.CancelledError:
            if not place.cancel():  # it was let in just as it gave up
                self.leave()
            raise

    def leave(self) -> None:
        """Make room for the next one who still waits."""
        with self._lock:
            while self.waiting:
                place = self.waiting.popleft()
                if place.set_running_or_notify_cancel():
                    place.set_result(None)
                    return
            self.free += 1


@dataclass(frozen=True, slots=True)
class Turns:
    """Who takes something large in, opens a file of a stranger, or writes. Those who wait hold no thread."""

    _uploads: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(UPLOADS), repr=False)
    _cleaning: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(1), repr=False)
    has_one_writer: bool = False  # as a file has: whoever writes waits for everybody who writes
    _writers: dict[str, Line] = field(default_factory=dict, repr=False)
    _outside: Line = field(default_factory=lambda: Line(OUTSIDE), repr=False)
    _all: Line = field(default_factory=lambda: Line(ALL_WRITERS), repr=False)

    @asynccontextmanager
    async def outside(self) -> AsyncIterator[None]:
        """Let a few at a time wait for a provider of a school: a slow one must not hold every thread.

        Raises:
            TimeoutError: on entering, when there was no room for half a minute.
        """
        with anyio.fail_after(WAIT):
            await self._outside.enter()
        try:
            yield
        finally:
            self._outside.leave()

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

    @property
    def agencies(self) -> tuple[str, ...]:
        """Return the slugs for which somebody writes, or waits to."""
        return tuple(self._writers)

    @asynccontextmanager
    async def writing(self, agency: str, wait: float = WAIT) -> AsyncIterator[None]:
        """Let a few at a time go on to write for the agency of this slug, "" for none: they wait for its turn next.

        Each who waits there holds a thread and a connection, and without a bound busy agencies would hold them all.

        Raises:
            TimeoutError: on entering, when there was no room for ``wait`` seconds.
        """
        name = "" if self.has_one_writer else agency
        async with AsyncExitStack() as places:
            line = self._writers.setdefault(name, Line(WRITERS))
            places.callback(self._forget, name)
            with anyio.fail_after(wait):
                for one in (line, self._all):
                    await one.enter()
                    places.callback(one.leave)
            yield

    def _forget(self, name: str) -> None:
        line = self._writers.get(name)
        if line is not None and line.free == WRITERS:  # a slug that nobody has must not stay in memory
            del self._writers[name]


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
    with anyio.fail_after(WAIT):
        while not free.acquire(blocking=False):  # noqa: ASYNC110 - an event belongs to one loop, and a thread would be held
            await anyio.sleep(_LOOK)
    try:
        yield
    finally:
        free.release()
