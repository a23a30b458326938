"""How a worker on PostgreSQL hears of its work: Procrastinate listens, and hands the number of each job to a thread."""

import asyncio
import logging
from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Final, TypeAlias

from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ProcrastinateException
from procrastinate.jobs import Job
from psycopg import Error
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from rightsdesk.web.dispatch import TASK

CONNECTIONS: Final = 2  # of each queue, at most, beside the one that listens
SOON: Final = 1

_log: Final = logging.getLogger("rightsdesk.worker")
Carry: TypeAlias = Callable[[int], float | None]


class Again(Exception):
    """The job is not over; it is due once more at ``at``, seconds since 1970 by the database's clock, or else soon."""

    def __init__(self, at: float | None = None) -> None:
        super().__init__("unfinished")
        self.at = at


class Pauses(BaseRetryStrategy):
    """Takes the length of a pause from our own row: no job ever ends in Procrastinate's tables."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:  # noqa: ARG002 - the interface
        """Return when the number is handed out again."""
        if isinstance(exception, Again) and exception.at is not None:
            return RetryDecision(retry_at=datetime.fromtimestamp(exception.at, UTC))
        return RetryDecision(retry_in={"seconds": SOON})


@dataclass(slots=True)
class Listener:
    """Listens to queues, each with its number of slots. ``carry`` does a job and says when it is due again, if ever."""

    url: URL
    slots: Mapping[str, int]
    carry: Carry
    poll: float  # seconds until it looks for what nobody announces: pauses that are over
    lease: float  # seconds without a sign of life after which another worker counts as dead
    _ending: Event = field(default_factory=Event)
    _loop: AbstractEventLoop | None = None
    _serving: "list[asyncio.Task[None]]" = field(default_factory=list)
    _carried: "dict[int, Future[float | None]]" = field(default_factory=dict)
    _thread: Thread | None = None
    _is_broken: bool = False

    @property
    def is_alive(self) -> bool:
        """Say whether it still listens, to each of its queues."""
        return self._thread is not None and self._thread.is_alive() and not self._is_broken

    def start(self) -> None:
        """Begin to listen, in a thread of its own."""
        self._thread = Thread(target=lambda: asyncio.run(self._listen()), name="rightsdesk-listener", daemon=True)
        self._thread.start()

    def rest(self) -> None:
        """Take no more work; what was begun goes on."""
        self._ending.set()
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._cancel)

    def let_go(self, patience: float) -> None:
        """Hand back what still runs, and end, within so many seconds."""
        for ended in list(self._carried.values()):
            with suppress(InvalidStateError):  # it came to its end just now
                ended.set_exception(Again(0.0))
        if self._thread is not None:
            self._thread.join(patience)

    def _cancel(self) -> None:
        for one in self._serving:
            one.cancel()

    async def _listen(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._serving = [asyncio.create_task(self._serve(*one), name=one[0]) for one in self.slots.items()]
        ended, _ = await asyncio.wait(self._serving, return_when=asyncio.FIRST_EXCEPTION)
        for one in ended:
            error = None if one.cancelled() else one.exception()
            if error is not None:
                # Said before the other queue comes to rest: that may wait long for a job.
                self._is_broken = True
                _log.critical("listening ended", extra={"queue": one.get_name(), "error": type(error).__name__})

    async def _serve(self, queue: str, slots: int) -> None:
        while not self._ending.is_set():
            try:
                # New each time: a pool that could not be opened cannot be opened again.
                async with self._app().open_async() as app:
                    await app.run_worker_async(
                        queues=[queue],
                        name=queue,
                        concurrency=slots,
                        fetch_job_polling_interval=self.poll,
                        delete_jobs="always",  # how a job ended stands in our own row
                        install_signal_handlers=False,
                        update_heartbeat_interval=self.lease / 3,
                        stalled_worker_timeout=self.lease,
                    )
            except (ProcrastinateException, Error) as error:
                # The database was away, or this worker slept so long that it was struck off: it signs on again.
                _log.warning("listening begins anew", extra={"queue": queue, "error": type(error).__name__})
            await asyncio.sleep(SOON)

    def _app(self) -> App:
        conninfo = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        app = App(connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=CONNECTIONS))
        app.task(name=TASK, retry=Pauses())(self._handle)
        return app

    async def _handle(self, number: int) -> None:
        """Let a thread do the job: one that blocks holds up nobody, and one without end keeps no process alive."""
        ended = self._carried[number] = Future()
        try:
            Thread(target=self._do, args=(ended, number), name=f"rightsdesk-job-{number}", daemon=True).start()
            again = await asyncio.wrap_future(ended)
        finally:
            del self._carried[number]
        if again is not None:
            raise Again(again)

    def _do(self, ended: "Future[float | None]", number: int) -> None:
        try:
            again = self.carry(number)
            with suppress(InvalidStateError):  # it was handed back meanwhile
                ended.set_result(again)
        except SQLAlchemyError as error:
            _log.warning("job not begun", extra={"job": number, "error": type(error).__name__})
        finally:
            with suppress(InvalidStateError):  # the usual end: it is said already how the job stands
                ended.set_exception(Again())
