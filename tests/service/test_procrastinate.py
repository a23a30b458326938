"""Where Procrastinate alone would lose or repeat work, and what keeps ours: its own tables beside ours, on a server."""

import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Final

import databases
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
from sqlalchemy import Engine, text
from sqlmodel import col

from rightsdesk.web import dispatch, schema
from rightsdesk.web.listening import Listener
from rightsdesk.web.portal import Portal
from rightsdesk.web.storage import open_engine
from rightsdesk.web.tables import JobRow

pytestmark = pytest.mark.server

WAIT: Final = 120.0
PRUNE: Final = "SELECT * FROM procrastinate_prune_stalled_workers_v1(0)"
# By Procrastinate's own words: what it would hand to whoever retries stalled jobs.
STALLED: Final = """
SELECT job.args ->> 'number' FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker
ON worker.id = job.worker_id AND worker.last_heartbeat < now() - interval '1 second'
WHERE job.status = 'doing' AND (job.worker_id IS NULL OR worker.id IS NOT NULL)"""
# A sequence counts what is rolled back, too.
NO_NOTE: Final = """
CREATE SEQUENCE refusals;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM nextval('refusals'); RAISE 'no'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON procrastinate_jobs FOR EACH ROW
WHEN (OLD.status = 'doing' AND NEW.status = 'todo') EXECUTE FUNCTION refuse()"""


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    portal = given_portal(tmp_path)
    make_ledger(portal.storage.engine)
    yield portal
    portal.storage.close()


def told(portal: Portal, statement: str) -> list[object]:
    with portal.storage.engine.begin() as tx:
        found = tx.execute(text(statement))
        return list(found.scalars()) if found.returns_rows else []


def soon(portal: Portal, statement: str, wanted: list[object]) -> bool:
    """Say whether the statement comes to tell this; a worker that works wakes us now and then."""
    for _ in range(1200):
        if told(portal, statement) == wanted:
            return True
        portal.wake.wait(0.1)
        portal.wake.clear()
    return False


def test_the_job_of_a_worker_that_was_struck_off_is_done_and_the_worker_signs_on_again(
    portal: Portal, tmp_path: Path
) -> None:
    submit(portal, PATIENT, "one")
    late = given_program(tmp_path, "late", 1.0)
    try:
        until(late, "begun")
        late.send_signal(signal.SIGSTOP)
        told(portal, PRUNE)
        other = given_worker(portal, "other", lease=1.0)
        other.effects = {PATIENT: other.effects[QUICK]}
        with working(other):
            assert all_done(other, {"one"}).wait(WAIT)
        assert rows(portal, col(JobRow.lease_by), col(JobRow.attempts)) == [("other", 2)]
        late.send_signal(signal.SIGCONT)
        assert late.stdin is not None
        late.stdin.write("go on\n")
        late.stdin.flush()
        submit(portal, QUICK, "two")
        until(late, "done one", "done two")
    finally:
        late.terminate()
        late.communicate(timeout=WAIT)
    with portal.storage.read() as tx:
        assert effects_had(tx) == {"one": "other", "two": "late"}


def test_a_job_whose_failure_could_not_be_noted_comes_again_although_its_worker_lives(portal: Portal) -> None:
    failed = Event()

    def fails(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - the interface of an effect
        failed.set()
        raise OSError

    told(portal, NO_NOTE)
    worker = given_worker(portal, "ada", lease=1.0)
    quick, worker.effects = worker.effects, {QUICK: fails}
    submit(portal, QUICK, "one")
    with working(worker):
        assert failed.wait(WAIT)
        assert soon(portal, "SELECT is_called FROM refusals", [True])
        assert told(portal, "SELECT status::text FROM procrastinate_jobs") == ["doing"]
        assert told(portal, STALLED) == []  # for ever: whoever did the job is alive
        worker.effects = quick
        told(portal, "DROP FUNCTION refuse CASCADE; DROP SEQUENCE refusals")
        assert all_done(worker, {"one"}).wait(WAIT)
    assert told(portal, "SELECT id FROM procrastinate_jobs") == []


def test_a_job_whose_number_nobody_carries_any_more_is_handed_over_anew(portal: Portal) -> None:
    submit(portal, QUICK, "one")
    told(portal, "DELETE FROM procrastinate_jobs")
    with working(given_worker(portal, "ada", lease=1.0)) as ada:
        assert all_done(ada, {"one"}).wait(WAIT)


def test_a_job_that_was_taken_this_moment_is_not_taken_for_lost(portal: Portal) -> None:
    submit(portal, QUICK, "one")
    told(portal, "UPDATE jobs SET run_at = run_at - 60")  # it waited for its turn
    told(portal, "UPDATE procrastinate_jobs SET status = 'doing'")
    with portal.storage.write() as tx:
        assert dispatch.recover(tx, 30.0) == 0
    told(portal, "UPDATE procrastinate_events SET at = at - interval '2 seconds'")
    with portal.storage.write() as tx:
        assert dispatch.recover(tx, 30.0) == 1
    assert told(portal, "SELECT status::text FROM procrastinate_jobs") == ["todo"]


def test_what_is_handed_over_is_a_number_and_nothing_else(portal: Portal) -> None:
    submit(portal, QUICK, "one")
    submit(portal, "text_code", "two")
    assert told(portal, "SELECT args FROM procrastinate_jobs ORDER BY id") == [
        {"number": number} for (number,) in rows(portal, col(JobRow.id))
    ]
    assert told(portal, "SELECT queue_name FROM procrastinate_jobs ORDER BY id") == ["us", "us.texts"]


def test_a_commit_wakes_a_worker_that_would_not_look_for_minutes(portal: Portal) -> None:
    with working(given_worker(portal, "ada", poll=600.0)) as ada:
        listening = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        assert soon(portal, listening, [2])
        submit(portal, QUICK, "one")
        assert all_done(ada, {"one"}).wait(WAIT)


def test_a_fault_in_one_queue_ends_the_worker_although_the_other_queue_is_well(
    portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    listener = Listener(portal.storage.engine.url, {"us": 1, "us.texts": -1}, lambda _: None, 0.25, 30.0)
    worker = given_worker(portal, "ada")
    worker._listener = listener
    listener.start()
    assert listener._thread is not None
    listener._thread.join(WAIT)
    assert not listener.is_alive
    (said,) = [one for one in caplog.records if one.message == "listening ended"]
    assert (said.__dict__["queue"], said.__dict__["error"]) == ("us.texts", "ValueError")
    with pytest.raises(SystemExit):
        worker.turn()


@pytest.fixture
def blank(tmp_path: Path) -> Engine:
    return open_engine(databases.blank(tmp_path))


def test_procrastinate_of_an_older_release_is_noticed_and_brought_up(blank: Engine) -> None:
    schema.migrate(blank)
    with blank.begin() as tx:
        dispatch.take_down(tx)
        assert dispatch.at(tx) == ""
        older = dispatch.steps()[:-1]
        for step in older:
            dispatch.run(tx, step.read_text())
        dispatch.run(tx, f"COMMENT ON TABLE procrastinate_jobs IS '{older[-1].stem}'")
    with pytest.raises(schema.SchemaBehind):
        schema.check(blank)
    schema.migrate(blank)
    schema.check(blank)


def test_nothing_of_procrastinate_is_left_when_the_steps_are_taken_back(blank: Engine) -> None:
    schema.migrate(blank)
    schema.go_back(blank)
    left = (
        "SELECT proname FROM pg_proc WHERE proname LIKE 'procrastinate%' OR proname LIKE 'rightsdesk%' "
        "UNION SELECT typname FROM pg_type WHERE typname LIKE '%procrastinate%'"
    )
    with blank.connect() as tx:
        assert list(tx.execute(text(left)).scalars()) == []


def test_jobs_that_waited_in_our_table_are_handed_over_when_procrastinate_comes(portal: Portal) -> None:
    submit(portal, QUICK, "one", "two")
    with portal.storage.engine.begin() as tx:
        dispatch.take_down(tx)
        dispatch.set_up(tx)
    with working(given_worker(portal, "ada")) as ada:
        assert all_done(ada, {"one", "two"}).wait(WAIT)
