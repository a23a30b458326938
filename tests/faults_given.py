"""A program that is killed in the middle of its work, and a disk that takes no more.

Run as: python faults_given.py FOLDER NOW WHERE. WHERE is "commit:N" (before the N-th commit of the main database),
"package" (the file of a package is written, its row is not), "unsent" (just before a message leaves), "sent" (just
after) or "filed" (a web process, after the commit of its answer).
"""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from threading import Event
from typing import Final

from given import Clock, given_browser, given_settings
from sqlalchemy import event
from sqlmodel import Session, col, select

from rightsdesk.verification.sms.port import Sent, Text, Texts
from rightsdesk.web.app import wire
from rightsdesk.web.duties import Roster
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.mail import Letter, Post
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import JobRow
from rightsdesk.web.worker import Worker

LEASE: Final = 1.0
PATIENCE: Final = 60.0


def die(*_: object) -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class DeadlyTexts:
    """A carrier during whose call the process dies, before or after the text left."""

    texts: Texts
    leaves: bool

    def send(self, text: Text) -> Sent:
        """Die."""
        if self.leaves:
            self.texts.send(text)
        die()
        raise AssertionError("still alive")


@dataclass(frozen=True, slots=True)
class DeadlyPost:
    """A mail server during whose call the process dies."""

    post: Post
    leaves: bool

    def send(self, letter: Letter) -> None:
        """Die."""
        if self.leaves:
            self.post.send(letter)
        die()


def reopened(folder: Path, now: datetime) -> Portal:
    """Return a new process's portal on the same files, with a clock that stands at ``now``."""
    return wire(given_settings(folder), Clock(now))


def killed(folder: Path, now: datetime, where: str) -> None:
    """Work in another process until it dies at that point."""
    command = (sys.executable, __file__, str(folder), now.isoformat(), where)
    ended = subprocess.run(command, cwd=Path(__file__).parent, timeout=PATIENCE, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.returncode


def work_until_done(portal: Portal) -> None:
    """Let a new worker take over whatever the dead one held, until no job is left that could run."""
    worker = Worker(portal, EFFECTS, Roster(()), poll=0.05, lease=LEASE)
    worker.start()
    try:
        pause = Event()
        for _ in range(round(PATIENCE / 0.05)):
            if not _open_jobs(portal):
                return
            pause.wait(0.05)
        raise AssertionError(f"jobs are left: {_open_jobs(portal)}")
    finally:
        worker.stop()


def _open_jobs(portal: Portal) -> list[str]:
    with portal.storage.read() as tx:
        left = select(JobRow.kind).where(col(JobRow.done_at).is_(None), col(JobRow.dead_at).is_(None))
        return list(tx.exec(left).all())


@contextmanager
def full_disk(largest: int) -> Iterator[None]:
    """Let no file of this process grow beyond that many bytes, as on a disk without room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Let another program hold the one writer's lock of a database."""
    words = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1],isolation_level=None); c.execute('BEGIN IMMEDIATE');"
    words += "print('held',flush=True); sys.stdin.readline(); c.execute('ROLLBACK')"
    pipes = subprocess.PIPE
    with subprocess.Popen((sys.executable, "-c", words, str(database)), stdin=pipes, stdout=pipes, text=True) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield
        finally:
            holder.stdin.write("let go\n")
            holder.stdin.close()


def impatient(portal: Portal) -> Portal:
    """Let the portal wait 50 ms for a lock instead of half a minute."""
    for engine in (portal.storage.engine, portal.storage.keys):
        engine.dispose()
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=50"))
    return portal


def main(folder: str, now: str, where: str) -> None:
    """Work, or serve one form, until the process dies."""
    portal = reopened(Path(folder), datetime.fromisoformat(now))
    if where == "filed":
        serve(replace(portal, storage=replace(portal.storage, kept=die_after)))
    if where in {"unsent", "sent"}:
        leaves = where == "sent"
        portal = replace(portal, texts=DeadlyTexts(portal.texts, leaves), post=DeadlyPost(portal.post, leaves))
    elif where == "package":
        event.listen(portal.storage.engine, "commit", lambda _: die() if a_package(portal) else None)
    else:
        last, commits = int(where.partition(":")[2]), count(1)
        event.listen(portal.storage.engine, "commit", lambda _: die() if next(commits) == last else None)
    Worker(portal, EFFECTS, Roster(()), poll=0.05, lease=LEASE).run()


def a_package(portal: Portal) -> bool:
    """Say whether the file of a package is there, whole."""
    return any(portal.settings.packages.rglob("*.sealed"))


def die_after(_: Session) -> None:
    """Die where the portal is told that something was committed."""
    die()


def serve(portal: Portal) -> None:
    """Take a number typed by a parent."""
    given_browser(portal).post("/marigold/phone", data={"phone": "(212) 555-0120"})


if __name__ == "__main__":
    main(*sys.argv[1:])
