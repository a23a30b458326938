"""Durable work survives what machines do: workers killed, stopped, crashing, and transactions that never were."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from threading import Event, Thread

import pytest
from durable_given import (
    PATIENT,
    QUICK,
    all_done,
    effects_had,
    given_program,
    given_worker,
    make_ledger,
    rows,
    submit,
    until,
    working,
)
from given import given_portal
from sqlalchemy import text
from sqlmodel import col

from rightsdesk.web.duties import Roster
from rightsdesk.web.effects import Effect
from rightsdesk.web.jobs import Queue, backlog
from rightsdesk.web.later import Later
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import JobRow, WorkerRow
from rightsdesk.web.worker import Worker

WAIT = 120.0


@contextmanager
def programs(folder: Path, lease: float, *names: str, poll: float = 0.25) -> Iterator[list["Popen[str]"]]:
    running = [given_program(folder, name, lease, poll) for name in names]
    try:
        yield running
    finally:
        for one in running:
            one.terminate()
            one.communicate(timeout=WAIT)


def test_three_hundred_jobs_are_all_done_although_one_of_three_workers_is_killed(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    make_ledger(portal.storage.engine)
    keys = [f"job-{number}" for number in range(300)]
    with programs(tmp_path, 2.0, "ada", "ben") as (ada, _):
        submit(portal, QUICK, *keys)
        until(ada, "begun")
        ada.send_signal(signal.SIGKILL)
        with working(given_worker(portal, "cleo", 2.0)) as cleo:
            assert all_done(cleo, set(keys)).wait(WAIT)
    with portal.storage.read() as tx:
        assert effects_had(tx).keys() == set(keys)
        assert backlog(tx).waiting == 0


def test_a_worker_that_was_stopped_and_wakes_late_repeats_no_effect(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    make_ledger(portal.storage.engine)
    submit(portal, PATIENT, "one")
    # It looks only once a minute: stopped while it rests, it cannot take the database's one place for writers with it.
    with programs(tmp_path, 1.0, "late", poll=60.0) as (late,):
        until(late, "begun", "rests")
        late.send_signal(signal.SIGSTOP)
        other = given_worker(portal, "other", 1.0)
        other.effects = {PATIENT: other.effects[QUICK]}
        with working(other):
            assert all_done(other, {"one"}).wait(WAIT)
        late.send_signal(signal.SIGCONT)
        assert late.stdin is not None
        late.stdin.write("go on\n")
        late.stdin.flush()
        until(late, "done")
    with portal.storage.read() as tx:
        assert effects_had(tx) == {"one": "other"}
    assert rows(portal, col(JobRow.lease_by), col(JobRow.attempts)) == [("other", 2)]


def test_an_error_is_kept_by_its_type_alone_and_tried_again_after_a_pause(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    failed = Event()

    def fails(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - the interface of an effect
        failed.set()
        raise ValueError("Maria Garcia, +12125550142")

    submit(portal, "fails", "one")
    with working(Worker(portal, {"fails": fails}, Roster(()), poll=0.05)):
        assert failed.wait(WAIT)
    ((error, attempts, run_at, done),) = rows(
        portal, col(JobRow.error), col(JobRow.attempts), col(JobRow.run_at), col(JobRow.done_at)
    )
    assert (error, attempts, done) == ("ValueError", 1, None)
    with portal.storage.read() as tx:
        assert backlog(tx).waiting == 0, "it must rest first"
    assert run_at > 0


def test_an_effect_that_is_not_due_yet_rests_without_counting_as_an_attempt(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    asked = Event()

    def later(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - the interface of an effect
        asked.set()
        raise Later(portal.now().replace(year=2027))

    submit(portal, "later", "one")
    with working(Worker(portal, {"later": later}, Roster(()), poll=0.05)):
        assert asked.wait(WAIT)
    assert rows(portal, col(JobRow.attempts), col(JobRow.error)) == [(0, "")]


def test_texts_that_wait_for_the_carrier_hold_up_no_letter(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    release, lettered = Event(), Event()

    def text_code(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - the interface of an effect
        release.wait(WAIT)

    def letter(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - the interface of an effect
        lettered.set()

    effects: dict[str, Effect] = {"text_code": text_code, "letter": letter}
    submit(portal, "text_code", *"abcdef")
    submit(portal, "letter", "one")
    with working(Worker(portal, effects, Roster(()), poll=0.05)):
        came = lettered.wait(WAIT)
        release.set()
    assert came


def test_a_worker_told_to_stop_hands_back_what_it_cannot_finish(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    begun, release = Event(), Event()

    def endless(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - the interface of an effect
        begun.set()
        release.wait(WAIT)

    submit(portal, "endless", "one")
    with working(Worker(portal, {"endless": endless}, Roster(()), poll=0.05, patience=0.2)):
        assert begun.wait(WAIT)
    with portal.storage.write() as tx:
        assert [job.attempts for job in Queue(tx, "next").claim(1)] == [1]
    release.set()


@pytest.mark.files  # it takes a table away under a worker that looks at it
def test_a_worker_that_cannot_reach_the_database_at_its_end_says_so_and_ends(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    portal = given_portal(tmp_path)
    with working(given_worker(portal, "w")), portal.storage.engine.begin() as tx:
        tx.execute(text(f"ALTER TABLE {WorkerRow.__tablename__} RENAME TO gone"))
    assert "held jobs not handed back" in caplog.messages


def test_five_hundred_jobs_beside_writing_pages_meet_no_locked_database(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    make_ledger(portal.storage.engine)
    keys = [f"job-{number}" for number in range(500)]
    faults: list[Exception] = []

    def pages(writer: int) -> None:
        try:
            for number in range(60):
                submit(portal, "page", f"{writer}:{number}")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            faults.append(error)

    writers = [Thread(target=pages, args=(number,)) for number in range(4)]
    worker = given_worker(portal, "w")
    worker.effects = {**worker.effects, "page": lambda *_: None}
    with working(worker):
        submit(portal, QUICK, *keys)
        for writer in writers:
            writer.start()
        assert all_done(worker, set(keys)).wait(2 * WAIT)
        for writer in writers:
            writer.join(WAIT)
    assert faults == []


@dataclass(slots=True)
class OnceFailing(Roster):
    """Duties that cannot be looked up the first time, for a reason that has nothing to do with the database."""

    calls: int = 0

    def submit_due(self, portal: Portal) -> int:  # noqa: ARG002 - the interface
        """Fail once."""
        self.calls += 1
        if self.calls == 1:
            raise OSError("no room for another thread")
        return 0


def test_a_turn_that_failed_over_anything_comes_again(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    make_ledger(portal.storage.engine)
    submit(portal, QUICK, "one")
    worker = given_worker(portal, "ada")
    worker.roster = OnceFailing(())
    with working(worker):
        assert all_done(worker, {"one"}).wait(20)
