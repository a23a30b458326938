"""Texts leave at a pace that holds over all workers, and hold up nothing else."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from durable_given import all_done, rows, working
from given import given_portal, given_settings
from sqlmodel import col, select, update

from rightsdesk.web.app import jobs_of
from rightsdesk.web.duties import Roster
from rightsdesk.web.jobs import TEXT_CODE, TableJobs, clock
from rightsdesk.web.pacing import NOTICE, PER_SECOND, FairJobs, next_slot, paced
from rightsdesk.web.portal import Portal
from rightsdesk.web.settings import Carrier
from rightsdesk.web.tables import JobRow, PaceRow
from rightsdesk.web.worker import Worker

HURRIED = 40
WAIT = 120.0
CARRIER = Carrier("account", "token")


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    plain = given_portal(tmp_path)
    settings = replace(plain.settings, carrier=CARRIER)
    yield replace(plain, settings=settings, jobs=jobs_of(settings))
    plain.storage.close()


def test_no_two_workers_get_the_same_instant(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)

    def take(_: int) -> None:
        with portal.storage.quietly() as tx:
            next_slot(tx, "texts", 50.0)

    began = at(portal)
    with ThreadPoolExecutor(6) as workers:
        list(workers.map(take, range(HURRIED)))
    with portal.storage.read() as tx:
        free_at = tx.exec(select(PaceRow.free_at)).one()
    assert free_at >= began + HURRIED / 50.0  # had two of them got the same one, fewer would be taken


def test_whoever_rested_begins_at_once_and_may_not_catch_up(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    with portal.storage.quietly() as tx:
        first, second = next_slot(tx, "texts", 0.1), next_slot(tx, "texts", 0.1)
        assert next_slot(tx, "others", 0.1) <= 0
    assert first <= 0
    assert 9 < second <= 10


def test_texts_wait_their_turn_where_a_carrier_takes_them(tmp_path: Path) -> None:
    portal, had = given_portal(tmp_path), []

    def text(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - the interface of an effect
        had.append(ids)

    paced(text)(portal, ("file",))
    with portal.storage.read() as tx:
        assert tx.exec(select(PaceRow.name)).all() == [], "what only goes into a file waits for nobody"
    served = replace(portal, settings=replace(portal.settings, carrier=CARRIER))
    began = at(portal)
    for _ in range(3):
        paced(text)(served, ("carrier",))
    assert had == [("file",), *[("carrier",)] * 3]
    assert at(portal) - began > 1.5 / PER_SECOND  # by the database's clock: the third began two pauses later


def test_an_instant_taken_before_the_clock_was_set_back_holds_up_nothing(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    with portal.storage.quietly() as tx:
        next_slot(tx, "texts", 5.0)
        tx.connection().execute(update(PaceRow).values(free_at=PaceRow.free_at + 3600))
        assert next_slot(tx, "texts", 5.0) <= 0


def test_an_agency_with_many_notices_lets_another_ones_pass_and_codes_before_all(portal: Portal) -> None:
    with portal.storage.write() as tx:
        for number in range(40):
            portal.jobs.submit(tx, NOTICE, f"loud:{number}", "loud", f"loud {number}")
        for number in range(3):
            portal.jobs.submit(tx, NOTICE, f"calm:{number}", "calm", f"calm {number}")
        portal.jobs.submit(tx, TEXT_CODE, "code", "code", "code")
    sent: list[str] = []
    effect = paced(lambda portal, ids: sent.append(ids[1]))  # noqa: ARG005 - the interface of an effect
    worker = Worker(portal, {NOTICE: effect, TEXT_CODE: effect}, Roster(()), poll=0.05)
    with working(worker):
        assert all_done(worker, {"code", *(f"calm:{number}" for number in range(3))}).wait(WAIT)
    due = {json.loads(ids)[1]: at for ids, at in rows(portal, col(JobRow.ids), col(JobRow.run_at))}
    assert sent.index("code") < 2, "it has one slot of two at worst"
    assert due["loud 39"] - due["loud 0"] > 39 / PER_SECOND - 0.1
    before = [one for one in sent[: sent.index("calm 2")] if one.startswith("loud")]
    assert max(due[one] for one in before) < due["calm 2"] + 2, "whoever is due first is sent first, to the second"


def test_an_agency_never_gets_ahead_by_having_very_many_notices(portal: Portal) -> None:
    with portal.storage.write() as tx:
        portal.jobs.submit(tx, NOTICE, "first", "loud", "first")
        tx.connection().execute(update(PaceRow).values(free_at=PaceRow.free_at + 86_400))
        portal.jobs.submit(tx, NOTICE, "last", "loud", "last")
    (first,), (last,) = rows(portal, col(JobRow.run_at))
    assert last - first > 1790


def test_a_flood_of_codes_has_nothing_to_do_with_the_agencies_turns(portal: Portal) -> None:
    with portal.storage.write() as tx:
        for number in range(3):
            portal.jobs.submit(tx, TEXT_CODE, f"{number}", "same", f"{number}")
        assert tx.exec(select(PaceRow.name)).all() == []


def test_only_where_a_carrier_takes_texts_does_an_agency_wait_for_itself() -> None:
    settings = given_settings(Path())
    assert jobs_of(settings) == TableJobs("us")
    assert jobs_of(replace(settings, carrier=CARRIER)) == FairJobs(TableJobs("us"))


def at(portal: Portal) -> float:
    with portal.storage.read() as tx:
        return clock(tx)
