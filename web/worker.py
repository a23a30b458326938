"""Does the durable work: one thread hands out jobs, a few do them, and a job whose worker dies is done by another."""

import logging
import secrets
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import monotonic
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from rightsdesk.web.duties import Roster
from rightsdesk.web.effects import EFFECTS, Effect, Later
from rightsdesk.web.jobs import LEASE, Job, Queue
from rightsdesk.web.office import uploads
from rightsdesk.web.portal import Portal

SLOTS: Final = 2
TEXT_SLOTS: Final = 2  # their own, so that a carrier's pace holds up neither letters nor erasures
POLL: Final = 1.0
PATIENCE: Final = 8.0  # a stop is over within 10 s, whatever a job does

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
    _alive_at: float = float("-inf")

    def start(self) -> None:
        """Begin to work, in a thread of its own."""
        self._thread = Thread(target=self.run, name="rightsdesk-worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being done or hand it back, within 10 seconds."""
        self.stop_soon()
        if self._thread is not None:
            self._thread.join(self.patience + 1)

    def stop_soon(self) -> None:
        """Ask the worker to stop; returns at once, so that a signal may call it."""
        self._stopping.set()
        self.portal.wake.set()

    def run(self) -> None:
        """Work until ``stop``, after removing what a killed one may have left open on the disk."""
        uploads.sweep_open(self.portal)
        while not self._stopping.is_set():
            # Cleared before looking: what is submitted while we look wakes us once more.
            self.portal.wake.clear()
            try:
                took = self.turn()
            except Exception as error:  # noqa: BLE001 - a turn that failed, over a database or no thread left, comes again
                _log.warning("no work handed out", extra={"error": type(error).__name__})
                took = 0
            if not took:
                self.portal.wake.wait(self.poll)
        self._hand_back()

    def turn(self) -> int:
        """Renew leases, submit what is due again, and begin what fits into the free slots; return how many began."""
        self.roster.submit_due(self.portal)
        held = self._held_now()
        texts = sum(job.kind.startswith("text") for job in held)
        jobs = self._claim(SLOTS - (len(held) - texts), TEXT_SLOTS - texts)
        for job in jobs:
            doing = Thread(target=self._work, args=(job,), name=f"rightsdesk-{job.kind}", daemon=True)
            with self._lock:  # one that could not begin is not held: its lease runs out, and it comes again
                doing.start()
                self._held[job.id] = job
        return len(jobs)

    def _claim(self, free: int, free_texts: int) -> list[Job]:
        is_alive_due = monotonic() - self._alive_at >= self.lease / 3
        if not (free or free_texts or is_alive_due):
            return []
        with self.portal.storage.quietly() as tx:
            queue = Queue(tx, self.name, self.lease)
            if is_alive_due:
                queue.renew(self._held_now())
                queue.bury()
                queue.beat()
                self._alive_at = monotonic()
            found = list(queue.claim(free)) if free else []
            return found + (list(queue.claim(free_texts, texts="only")) if free_texts else [])

    def _work(self, job: Job) -> None:
        began = monotonic()
        end = "failed"
        try:
            self.effects[job.kind](self.portal, job.ids)
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

    def _close(self, job: Job, outcome: str, rest: float = 0.0) -> None:
        try:
            with self.portal.storage.quietly() as tx:
                queue = Queue(tx, self.name, self.lease)
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
        began = monotonic()
        while self._held_now() and monotonic() - began < self.patience:
            self.portal.wake.clear()
            if self._held_now():
                self.portal.wake.wait(0.1)
        try:
            with self.portal.storage.quietly() as tx:
                queue = Queue(tx, self.name, self.lease)
                for job in self._held_now():
                    queue.postpone(job, 0.0)
                queue.leave()
        except SQLAlchemyError as error:
            # Nothing is lost: the leases run out, and another worker takes what this one held.
            _log.warning("held jobs not handed back", extra={"error": type(error).__name__})


def work(portal: Portal, worker: Worker | None = None) -> None:
    """Work in the foreground until the process is told to stop."""
    worker = worker or Worker(portal)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop_soon())
    worker.run()
