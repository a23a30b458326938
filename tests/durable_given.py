"""A worker as a program of its own, so that tests can kill it, stop it and let it wake late.

Run as: python durable_given.py FOLDER NAME LEASE POLL. It prints "begun KEY" and "done KEY" for each effect and "rests"
each time it has looked for work in vain: until it is woken, or POLL seconds later, it leaves the database alone.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

from given import given_settings
from sqlalchemy import Engine, select, text
from sqlmodel import Session, col

from rightsdesk.web.app import wire
from rightsdesk.web.duties import Roster
from rightsdesk.web.effects import Effect
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import JobRow
from rightsdesk.web.worker import Worker, work

QUICK = "quick"
DEADLY = "deadly"
PATIENT = "patient"  # waits for a line on standard input before it acts


def make_ledger(engine: Engine) -> None:
    """Make the table in which effects insert their keyed rows."""
    with engine.begin() as tx:
        tx.execute(text("CREATE TABLE effects_had (key TEXT PRIMARY KEY, who TEXT NOT NULL)"))


def effects_had(tx: Session) -> dict[str, str]:
    """Return by whom each effect was had."""
    return {row.key: row.who for row in tx.connection().execute(text("SELECT key, who FROM effects_had"))}


def submit(portal: Portal, kind: str, *keys: str) -> None:
    """Submit a job for each key, which is also its only id, in one unit of work."""
    with portal.storage.write() as tx:
        for key in keys:
            portal.jobs.submit(tx, kind, key, key)


def rows(portal: Portal, *columns: Any) -> list[Any]:
    """Return these columns of all jobs, in the order they were submitted."""
    with portal.storage.read() as tx:
        return [tuple(row) for row in tx.connection().execute(select(*columns).order_by(col(JobRow.id)))]


def tell(*words: str) -> None:
    """Say on standard output how far the program came."""
    sys.stdout.write(f"{' '.join(words)}\n")
    sys.stdout.flush()


class Resting(Event):
    """What wakes a worker; it says so before the worker rests."""

    def wait(self, timeout: float | None = None) -> bool:
        """Say that there is nothing to do, and wait."""
        tell("rests")
        return super().wait(timeout)


def effects_of(name: str) -> dict[str, Effect]:
    """Return effects that insert their own keyed row first, as every real one does."""

    def quick(portal: Portal, ids: tuple[str, ...]) -> None:
        tell("begun", *ids)
        with portal.storage.quietly() as tx:
            row = {"key": ids[0], "who": name}
            tx.connection().execute(text("INSERT INTO effects_had VALUES (:key, :who) ON CONFLICT DO NOTHING"), row)
        tell("done", *ids)

    def patient(portal: Portal, ids: tuple[str, ...]) -> None:
        tell("begun", *ids)
        sys.stdin.readline()
        quick(portal, ids)

    def deadly(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - the interface of an effect
        os.kill(os.getpid(), signal.SIGKILL)

    return {QUICK: quick, PATIENT: patient, DEADLY: deadly}


def until(program: "subprocess.Popen[str]", *said: str) -> None:
    """Read what the program says until it has said all of this, in any order."""
    assert program.stdout is not None
    awaited = set(said)
    while awaited:
        line = program.stdout.readline()
        assert line, f"the worker ended before it said {awaited}"
        awaited -= {words for words in awaited if line.startswith(words)}


@contextmanager
def working(worker: Worker) -> Iterator[Worker]:
    """Let a worker of this process work while the block runs."""
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def all_done(worker: Worker, keys: set[str], end: Any = None) -> Event:
    """Return what is set when every job of these keys has come to its end; looked at each time the worker wakes."""
    done = Event()

    def watch() -> None:
        while not done.is_set():
            ended = rows(worker.portal, col(JobRow.key), col(JobRow.done_at) if end is None else end)
            if keys <= {key for key, at in ended if at is not None}:
                done.set()
            worker.portal.wake.wait(0.05)

    Thread(target=watch, daemon=True).start()
    return done


def given_worker(portal: Portal, name: str, lease: float = 30.0, poll: float = 0.25) -> Worker:
    """Return a worker of this process that knows the two effects and no duties."""
    return Worker(portal, effects_of(name), Roster(()), poll=poll, lease=lease, name=name)


def given_program(folder: Path, name: str, lease: float, poll: float = 0.25) -> "subprocess.Popen[str]":
    """Start a worker as a program on the database in this folder."""
    command: Sequence[str] = (sys.executable, __file__, str(folder), name, str(lease), str(poll))
    pipes = subprocess.PIPE
    return subprocess.Popen(command, cwd=Path(__file__).parent, stdin=pipes, stdout=pipes, text=True)


def main(folder: str, name: str, lease: str, poll: str) -> None:
    """Work until told to stop."""
    portal = wire(given_settings(Path(folder)), lambda: datetime.now(UTC))  # noqa: TID251 - a program of its own
    portal = replace(portal, wake=Resting())
    work(portal, given_worker(portal, name, float(lease), float(poll)))


if __name__ == "__main__":
    main(*sys.argv[1:])
