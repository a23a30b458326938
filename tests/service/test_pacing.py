"""Texts leave at a pace that holds over all workers, and hold up nothing else."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from given import given_portal
from sqlmodel import select

from rightsdesk.web.jobs import clock
from rightsdesk.web.pacing import PER_SECOND, next_slot, paced
from rightsdesk.web.portal import Portal
from rightsdesk.web.settings import Carrier
from rightsdesk.web.tables import PaceRow

HURRIED = 40


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
    served = replace(portal, settings=replace(portal.settings, carrier=Carrier("account", "token")))
    began = at(portal)
    for _ in range(3):
        paced(text)(served, ("carrier",))
    assert had == [("file",), *[("carrier",)] * 3]
    assert at(portal) - began > 1.5 / PER_SECOND  # by the database's clock: the third began two pauses later


def at(portal: Portal) -> float:
    with portal.storage.read() as tx:
        return clock(tx)
