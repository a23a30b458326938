"""The table of durable work: what joins a transaction, who holds what, and when a job is given up."""

from pathlib import Path

import pytest
from durable_given import QUICK, rows, submit
from given import MARIGOLD, Clock, given_portal
from sqlmodel import Session, col

from rightsdesk.web.duties import DUTIES, Roster
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.jobs import MOST_ATTEMPTS, Queue, backlog, revive
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import JobRow


def test_a_worker_whose_lease_was_taken_over_cannot_close_the_job(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    submit(portal, QUICK, "one")
    with portal.storage.write() as tx:
        (held,) = Queue(tx, "first", lease=-1.0).claim(1)
    with portal.storage.write() as tx:
        (taken,) = Queue(tx, "second").claim(1)
        first = Queue(tx, "first")
        assert (first.finish(held), first.fail(held, "Lost"), first.postpone(held, 1)) == (False, False, False)
        assert Queue(tx, "second").finish(taken)


def test_a_job_that_always_kills_its_worker_is_given_up_and_blocks_nobody(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    submit(portal, QUICK, "deadly")
    for _ in range(MOST_ATTEMPTS):
        with portal.storage.write() as tx:
            assert [job.ids for job in Queue(tx, "w", lease=-1.0).claim(1)] == [("deadly",)]
    submit(portal, QUICK, "harmless")
    with portal.storage.write() as tx:
        assert [job.ids for job in Queue(tx, "w").claim(5)] == [("harmless",)]
        assert Queue(tx, "w").bury() == 1
    assert rows(portal, col(JobRow.error), col(JobRow.dead_at).is_not(None))[0] == ("Crashed", True)


def test_the_eighth_failure_is_the_last_until_somebody_asks_again(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    submit(portal, QUICK, str(MARIGOLD.id))
    with portal.storage.write() as tx:
        queue = Queue(tx, "w", lease=-1.0)
        job = [queue.claim(1)[0] for _ in range(MOST_ATTEMPTS)][-1]
        assert Queue(tx, "w").fail(job, "OSError")
        assert backlog(tx).dead == 1
        assert queue.claim(1) == []
        assert revive(tx, MARIGOLD.id, job.id) == QUICK
        assert [again.attempts for again in queue.claim(1)] == [1]


def _submit_and_fail(portal: Portal, tx: Session) -> None:
    portal.jobs.submit(tx, QUICK, "never", "never")
    raise ZeroDivisionError


def test_a_transaction_that_is_rolled_back_leaves_no_job(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    with pytest.raises(ZeroDivisionError), portal.storage.write() as tx:
        _submit_and_fail(portal, tx)
    assert rows(portal, col(JobRow.id)) == []


def test_a_key_that_was_submitted_before_is_ignored_even_when_its_job_is_done(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    submit(portal, QUICK, "one", "one")
    with portal.storage.write() as tx:
        queue = Queue(tx, "w")
        assert queue.finish(queue.claim(1)[0])
    submit(portal, QUICK, "one")
    submit(portal, "another kind", "one")
    assert rows(portal, col(JobRow.kind)) == [(QUICK,), ("another kind",)]


def test_a_duty_runs_once_in_each_span_over_all_workers(tmp_path: Path) -> None:
    clock = Clock()
    portal = given_portal(tmp_path, clock)
    workers = [Roster() for _ in range(3)]
    for _ in range(2):
        for roster in workers:
            roster.submit_due(portal)
    assert len(rows(portal, col(JobRow.key))) == len(DUTIES)
    clock.advance(minutes=15)
    for roster in workers:
        roster.submit_due(portal)
    assert [kind for (kind,) in rows(portal, col(JobRow.kind))].count("sweep_sessions") == 2


def test_every_duty_has_an_effect() -> None:
    assert {duty.kind for duty in DUTIES} <= EFFECTS.keys()


def test_an_attempt_that_lost_its_lease_cannot_close_a_later_one_of_the_same_worker(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    submit(portal, QUICK, "one")
    with portal.storage.write() as tx:
        queue = Queue(tx, "w", lease=-1.0)
        (first,), (second,) = queue.claim(1), queue.claim(1)
        assert not queue.finish(first)
        assert queue.finish(second)


def test_a_job_that_was_asked_for_anew_belongs_to_whoever_took_it_then(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    submit(portal, QUICK, str(MARIGOLD.id))
    with portal.storage.write() as tx:
        early = Queue(tx, "early", lease=-1.0)
        first = early.claim(1)[0]
        for _ in range(MOST_ATTEMPTS - 1):
            early.claim(1)
        assert early.bury() == 1
        assert revive(tx, MARIGOLD.id, first.id) == QUICK
        (later,) = Queue(tx, "later").claim(1)
        assert later.attempts == first.attempts
        assert not early.finish(first)
