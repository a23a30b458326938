"""Does the durable work: jobs are handed out to a few threads, and a job whose worker dies is done by another.

In files, one thread looks for jobs in the table. On PostgreSQL Procrastinate brings their numbers (see listening);
everything else is the same.
"""

import logging
import secrets
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from rightsdesk.web import dispatch, logs
from rightsdesk.web.duties import Roster
from rightsdesk.web.effects import EFFECTS, Effect, have
from rightsdesk.web.jobs import LEASE, Job, Queue
from rightsdesk.web.later import Later
from rightsdesk.web.office import uploads
from rightsdesk.web.portal import Portal

if TYPE_CHECKING:
    from rightsdesk.web.listening import Listener

SLOTS: Final = 2
TEXT_SLOTS: Final = 2  # their own, so that a carrier's pace holds up neither letters nor erasures
POLL: Final = 1.0
PATIENCE: Final = 8.0  # a stop is over within 10 s, whatever a job does

# What passes: a database that is away or full, no room for another thread. The next turn tries again.
_PASSING: Final = (SQLAlchemyError, OSError, RuntimeError)

_log: Final = logging.getLogger("rightsdesk.worker")


@dataclass(slots=True)
class Worker:
    """One worker. ``name`` is unique: a lease belongs to it. ``start`` and ``stop`` may be called once each."""

    portal: Portal
    effects: Mapping[str, Effect] = field(default_factory=lambda: EFFECTS)
    roster: Roster = field(default_factory=Roster)
    poll: float = POLL
    lease: float = LEASE
    patience: float = PATIENCE
    name: str = field(default_factory=lambda: f"{socket.gethostname()[:40]}:{secrets.token_hex(8)}")
    _held: dict[int, Job] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _stopping: Event = field(default_factory=Event)
    _thread: Thread | None = None
    _listener: "Listener | None" = None
    _alive_at: float = float("-inf")

    def start(self) -> None:
        """Begin to work, in a thread of its own."""
        self._thread = Thread(target=self.run, name="rightsdesk-worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being done or hand it back, within 10 seconds."""
        self.stop_soon()
        if self._thread is not None:
            self._thread.join(self.patience + 2)

    def stop_soon(self) -> None:
        """Ask the worker to stop; returns at once, so that a signal may call it."""
        self._stopping.set()
        self.portal.wake.set()

    def run(self) -> None:
        """Work until ``stop``, after removing what a killed one may have left open on the disk."""
        logs.region.set(self.portal.settings.region)
        uploads.sweep_open(self.portal)
        self._listen()
        while not self._stopping.is_set():
            # Cleared before looking: what is submitted while we look wakes us once more.
            self.portal.wake.clear()
            try:
                took = self.turn()
            except _PASSING as error:
                _log.warning("no work handed out", extra={"error": type(error).__name__})
                took = 0
            if not took:
                self.portal.wake.wait(self.poll)
        self._hand_back()

    def turn(self) -> int:
        """Renew leases, submit what is due again, and begin what fits into the free slots; return how many began."""
        self.roster.submit_due(self.portal)
        jobs = self._claim(*self._free())
        for job in jobs:
            doing = Thread(target=self._work, args=(job,), name=f"rightsdesk-{job.kind}", daemon=True)
            with self._lock:  # one that could not begin is not held: its lease runs out, and it comes again
                doing.start()
                self._held[job.id] = job
        return len(jobs)

    def carry(self, number: int) -> float | None:
        """Do the job of this number; return when it is due again, seconds since 1970, or nothing when it is over."""
        with self.portal.storage.quietly() as tx:
            queue = self._queue(tx)
            job = queue.take(number)
            if job is None:
                queue.bury()
                return queue.due_again(number)
        with self._lock:
            self._held[job.id] = job
        if self._work(job) == "done":
            return None
        with self.portal.storage.quietly() as tx:
            return self._queue(tx).due_again(number)

    def _listen(self) -> None:
        engine = self.portal.storage.engine
        if not dispatch.is_carried(engine):
            return
        from rightsdesk.web.listening import Listener  # noqa: PLC0415 - without PostgreSQL it need not be installed

        others, texts = dispatch.queues(self.portal.settings.region)
        slots = {others: SLOTS, texts: TEXT_SLOTS}
        self._listener = Listener(engine.url, slots, self.carry, self.poll, self.lease)
        self._listener.start()

    def _free(self) -> tuple[int, int]:
        """Return the free slots to look for work for: of texts, and of everything else."""
        if self._listener is not None:
            if not self._listener.is_alive:
                _log.critical("the worker no longer hears of its work")
                raise SystemExit(1)  # whoever started it starts it again
            return 0, 0
        held = self._held_now()
        texts = sum(job.kind.startswith("text") for job in held)
        return SLOTS - (len(held) - texts), TEXT_SLOTS - texts

    def _queue(self, tx: Session) -> Queue:
        return Queue(tx, self.name, self.lease, self.portal.settings.region)

    def _claim(self, free: int, free_texts: int) -> list[Job]:
        is_alive_due = monotonic() - self._alive_at >= self.lease / 3
        if not (free or free_texts or is_alive_due):
            return []
        with self.portal.storage.quietly() as tx:
            queue = self._queue(tx)
            if is_alive_due:
                queue.renew(self._held_now())
                queue.bury()
                queue.beat()
                if self._listener is not None:
                    dispatch.recover(tx, self.lease)
                self._alive_at = monotonic()
            found = list(queue.claim(free)) if free else []
            return found + (list(queue.claim(free_texts, texts="only")) if free_texts else [])

    def _work(self, job: Job) -> str:
        began = monotonic()
        end = "failed"
        try:
            have(self.effects[job.kind], self.portal, job.ids)
        except Later as later:
            end = "later"
            self._close(job, "later", max(1.0, (later.at - self.portal.now()).total_seconds()))
        except Exception as error:  # noqa: BLE001 - one job's failure, whatever it is, must not stop the others
            # Only the type: an exception's words may hold what is personal.
            _log.warning("job failed", extra={"kind": job.kind, "job": job.id, "error": type(error).__name__})
            self._close(job, type(error).__name__)
        else:
            end = "done"
            self._close(job, "")
        finally:
            self.portal.meter.job(job.kind, end, monotonic() - began)
        return end

    def _close(self, job: Job, outcome: str, rest: float = 0.0) -> None:
        try:
            with self.portal.storage.quietly() as tx:
                queue = self._queue(tx)
                if rest:
                    queue.postpone(job, rest)
                elif outcome:
                    queue.fail(job, outcome)
                else:
                    queue.finish(job)
        except SQLAlchemyError as error:
            # The lease runs out by itself and the job, which can be repeated, is done once more.
            _log.warning("job not closed", extra={"job": job.id, "error": type(error).__name__})
        finally:
            with self._lock:
                self._held.pop(job.id, None)
            self.portal.wake.set()

    def _held_now(self) -> list[Job]:
        with self._lock:
            return list(self._held.values())

    def _hand_back(self) -> None:
        if self._listener is not None:
            self._listener.rest()
        began = monotonic()
        while self._held_now() and monotonic() - began < self.patience:
            self.portal.wake.clear()
            if self._held_now():
                self.portal.wake.wait(0.1)
        try:
            with self.portal.storage.quietly() as tx:
                queue = self._queue(tx)
                for job in self._held_now():
                    queue.postpone(job, 0.0)
                queue.leave()
        except SQLAlchemyError as error:
            # Nothing is lost: the leases run out, and another worker takes what this one held.
            _log.warning("held jobs not handed back", extra={"error": type(error).__name__})
        if self._listener is not None:
            self._listener.let_go(max(1.0, self.patience - (monotonic() - began)))


def work(portal: Portal, worker: Worker | None = None) -> None:
    """Work in the foreground until the process is told to stop."""
    worker = worker or Worker(portal)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop_soon())
    worker.run()
