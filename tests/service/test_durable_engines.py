"""What every engine of durable work promises, whichever database holds the jobs: these tests know neither."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from durable_given import (
    DEADLY,
    QUICK,
    all_done,
    effects_had,
    given_program,
    given_worker,
    make_ledger,
    rows,
    submit,
    working,
)
from given import MARIGOLD, given_portal
from sqlalchemy import text, update
from sqlmodel import Session, col

from rightsdesk.web import jobs
from rightsdesk.web.duties import Duty, Roster
from rightsdesk.web.jobs import MOST_ATTEMPTS, TableJobs
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import JobRow
from rightsdesk.web.worker import Worker

WAIT = 120.0


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    portal = given_portal(tmp_path)
    make_ledger(portal.storage.engine)
    yield portal
    portal.storage.close()


def carried(portal: Portal) -> list[object]:
    """Return what the engine itself holds beside our table of jobs."""
    if portal.storage.engine.dialect.name == "sqlite":
        return []
    with portal.storage.read() as tx:
        return list(tx.connection().execute(text("SELECT args FROM procrastinate_jobs ORDER BY id")).scalars())


def tried(portal: Portal, attempts: int) -> None:
    """Let every job have been tried so often already."""
    with portal.storage.write() as tx:
        tx.connection().execute(update(JobRow).values(attempts=attempts))


def _file_and_fail(portal: Portal, tx: Session) -> None:
    portal.jobs.submit(tx, QUICK, "one", "one")
    raise ZeroDivisionError


def test_a_rolled_back_case_leaves_neither_job_nor_key(portal: Portal) -> None:
    with pytest.raises(ZeroDivisionError), portal.storage.write() as tx:
        _file_and_fail(portal, tx)
    assert (rows(portal, col(JobRow.id)), carried(portal)) == ([], [])
    submit(portal, QUICK, "one")
    submit(portal, QUICK, "one")
    assert len(rows(portal, col(JobRow.id))) == 1
    with working(given_worker(portal, "ada")) as ada:
        assert all_done(ada, {"one"}).wait(WAIT)
    assert (effects_in(portal), carried(portal)) == ({"one": "ada"}, [])


def effects_in(portal: Portal) -> dict[str, str]:
    with portal.storage.read() as tx:
        return effects_had(tx)


def test_what_a_stopped_worker_hands_back_another_does_at_once(portal: Portal) -> None:
    begun, release = Event(), Event()

    def endless(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - the interface of an effect
        begun.set()
        release.wait(WAIT)

    submit(portal, QUICK, "one")
    first = replace(given_worker(portal, "first", lease=600.0), effects={QUICK: endless}, patience=0.2)
    with working(first):
        assert begun.wait(WAIT)
    with working(given_worker(portal, "second", lease=600.0)) as second:  # its lease alone would last ten minutes
        assert all_done(second, {"one"}).wait(WAIT)
    release.set()
    assert rows(portal, col(JobRow.lease_by), col(JobRow.attempts)) == [("second", 1)]


def test_a_job_that_kills_every_worker_is_given_up_after_eight_and_holds_up_nobody(
    portal: Portal, tmp_path: Path
) -> None:
    submit(portal, DEADLY, "deadly")
    tried(portal, MOST_ATTEMPTS - 1)
    submit(portal, QUICK, "harmless")
    died = given_program(tmp_path, "dies", 1.0)
    died.communicate(timeout=WAIT)
    assert died.returncode == -9
    with working(given_worker(portal, "lives", lease=1.0)) as lives:
        assert all_done(lives, {"harmless"}).wait(WAIT)
        assert all_done(lives, {"deadly"}, col(JobRow.dead_at)).wait(WAIT)
    assert rows(portal, col(JobRow.error), col(JobRow.attempts))[0] == ("Crashed", MOST_ATTEMPTS)
    assert effects_in(portal).keys() == {"harmless"}


def test_the_eighth_failure_is_the_last_until_the_office_asks_again(portal: Portal) -> None:
    agency = str(MARIGOLD.id)

    def fails(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - the interface of an effect
        raise ValueError("Maria Garcia, +12125550142")

    with portal.storage.write() as tx:
        portal.jobs.submit(tx, QUICK, agency, agency)
    tried(portal, MOST_ATTEMPTS - 1)
    worker = given_worker(portal, "ada")
    quick, worker.effects = worker.effects, {QUICK: fails}
    with working(worker):
        assert all_done(worker, {agency}, col(JobRow.dead_at)).wait(WAIT)
        with portal.storage.write() as tx:
            (given_up,) = jobs.dead_of(tx, MARIGOLD.id)
            assert (given_up.kind, given_up.attempts, given_up.error) == (QUICK, MOST_ATTEMPTS, "ValueError")
            worker.effects = quick
            assert jobs.revive(tx, MARIGOLD.id, given_up.number) == QUICK
        assert all_done(worker, {agency}).wait(WAIT)
    assert (effects_in(portal), carried(portal)) == ({agency: "ada"}, [])


def test_a_worker_leaves_the_work_of_another_region_alone(portal: Portal) -> None:
    european = replace(portal, settings=replace(portal.settings, region="eu"), jobs=TableJobs("eu"))
    submit(european, QUICK, "theirs")
    submit(portal, QUICK, "ours")
    with working(given_worker(portal, "american")) as american:
        assert all_done(american, {"ours"}).wait(WAIT)
    assert rows(portal, col(JobRow.key), col(JobRow.attempts)) == [("theirs", 0), ("ours", 1)]
    with working(given_worker(european, "european")) as worker:
        assert all_done(worker, {"theirs"}).wait(WAIT)
    assert effects_in(portal) == {"ours": "american", "theirs": "european"}


def test_a_duty_is_done_once_in_its_span_although_three_workers_know_it(portal: Portal) -> None:
    duty = Duty(QUICK, timedelta(hours=1))
    ran: list[str] = []
    with ExitStack() as running:
        for name in ("ada", "ben", "cleo"):
            effects = {QUICK: lambda *_, name=name: ran.append(name)}
            running.enter_context(working(Worker(portal, effects, Roster((duty,)), poll=0.25, name=name)))
        watch = given_worker(portal, "watch")
        assert all_done(watch, {f"{QUICK}:{duty.slot(portal.now())}"}).wait(WAIT)
        submit(portal, QUICK, "last")
        assert all_done(watch, {"last"}).wait(WAIT)
    assert len(ran) == 2


def test_what_waits_is_held_or_was_given_up_is_told_alike(portal: Portal) -> None:
    begun, release = Event(), Event()

    def patient(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - the interface of an effect
        begun.set()
        release.wait(WAIT)

    submit(portal, "later", "gives up")
    with portal.storage.write() as tx:
        tx.connection().execute(update(JobRow).values(dead_at=1.0, error="OSError"))
    submit(portal, "patient", "one")
    with working(replace(given_worker(portal, "ada"), effects={"patient": patient})):
        assert begun.wait(WAIT)
        submit(replace(portal, jobs=TableJobs("eu")), "waits", "two")
        with portal.storage.read() as tx:
            stands = {one.kind: (one.waiting, one.held, one.dead) for one in jobs.kinds(tx)}
            told = jobs.backlog(tx)
            beats = jobs.beats(tx)
        release.set()
    assert stands == {"later": (0, 0, 1), "patient": (0, 1, 0), "waits": (1, 0, 0)}
    assert (told.waiting, told.dead, len(beats)) == (1, 1, 1)
