"""An agency has one writer at a time, and whoever waits too long for the turn is told so."""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx2
import pytest
from family_given import given_families
from given import MARIGOLD, PLUM, given_agency, given_browser, given_portal
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from rightsdesk.requests.ledger.store import READS
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.people.tables import PersonIndexRow
from rightsdesk.web.portal import Portal
from rightsdesk.web.reindexing import reindex


def writing(portal: Portal, begun: Event, go_on: Event) -> Callable[[], None]:
    """Return a unit of work that holds the turn of an agency until it may go on."""

    def work() -> None:
        with portal.storage.write() as tx:
            tx.connection()  # a file is locked by the first statement, a server by the agency's turn
            portal.ledger(tx, MARIGOLD.id, portal.now())
            begun.set()
            assert go_on.wait(60)

    return work


def asked_for_a_code(portal: Portal, answers: list[httpx2.Response]) -> Callable[[], None]:
    """Return a family's press on the button, which writes into the ledger of the same agency."""
    return lambda: answers.append(given_browser(portal).post("/marigold/phone", data={"phone": "(212) 555-0142"}))


def impatient(portal: Portal) -> Portal:
    """Let the portal wait a moment for a lock instead of half a minute."""
    engine = portal.storage.engine
    waits = "PRAGMA busy_timeout=50" if engine.dialect.name == "sqlite" else "SET lock_timeout = 50"

    def connected(raw: Any, _: object) -> None:
        raw.execute(waits)
        raw.commit()

    engine.dispose()
    event.listen(engine, "connect", connected)
    return portal


def entries(portal: Portal) -> int:
    with portal.storage.read() as tx:
        return len(tx.exec(select(AuditEventRow.seq)).all())


def index(portal: Portal) -> list[str]:
    with portal.storage.read() as tx:
        return sorted(tx.exec(select(PersonIndexRow.value)).all())


def at_the_look_after(portal: Portal, writes: int, act: Callable[[], None]) -> None:
    """Let something happen once, when the portal looks into its database and has written so many times before."""
    kept, done = list[Connection](), Event()

    def begun(connection: Connection) -> None:
        if len(kept) == writes and connection.get_execution_options().get(READS) and not done.is_set():
            done.set()
            act()

    event.listen(portal.storage.engine, "commit", kept.append)
    event.listen(portal.storage.engine, "begin", begun)


def test_the_second_writer_of_an_agency_waits_until_the_first_is_done(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    given_agency(portal)
    begun, go_on, answers = Event(), Event(), list[httpx2.Response]()
    first, second = Thread(target=writing(portal, begun, go_on)), Thread(target=asked_for_a_code(portal, answers))
    first.start()
    assert begun.wait(60)
    second.start()
    second.join(0.5)
    assert answers == []
    go_on.set()
    for one in (first, second):
        one.join(60)
    assert [answer.status_code for answer in answers] == [303]


def test_a_turn_that_does_not_come_is_told_in_words_and_nothing_is_half_done(tmp_path: Path) -> None:
    portal, other = given_portal(tmp_path), impatient(given_portal(tmp_path))
    given_agency(portal)
    begun, go_on, answers = Event(), Event(), list[httpx2.Response]()
    holder = Thread(target=writing(portal, begun, go_on))
    holder.start()
    assert begun.wait(60)
    asked_for_a_code(other, answers)()
    go_on.set()
    holder.join(60)
    assert answers[0].status_code == 503
    assert "Nothing was done by half" in answers[0].text
    assert entries(portal) == 0


@pytest.mark.parametrize("writes", [0, 1, 2], ids=["people", "older entries", "staff"])
def test_new_index_keys_are_entered_in_the_agencys_turn(tmp_path: Path, writes: int) -> None:
    portal, other = given_families(tmp_path), impatient(given_portal(tmp_path))
    portal.vault.rotate(MARIGOLD.id)
    begun, go_on, found = Event(), Event(), list[list[str]]()
    holder = Thread(target=writing(portal, begun, go_on))

    def take_the_turn() -> None:
        holder.start()
        assert begun.wait(60)
        found.append(index(portal))

    at_the_look_after(other, writes, take_the_turn)
    with pytest.raises(OperationalError):  # it waits for the turn, here for a moment only
        reindex(other, MARIGOLD)
    found.append(index(portal))
    go_on.set()
    holder.join(60)
    assert found[0] == found[1]
    assert reindex(other, MARIGOLD) == len(index(portal))


def test_on_a_server_two_agencies_never_wait_for_each_other(backend: str, tmp_path: Path) -> None:
    portal, other = given_portal(tmp_path), impatient(given_portal(tmp_path))
    for agency in (MARIGOLD, PLUM):
        given_agency(portal, agency)
    begun, go_on = Event(), Event()
    holder = Thread(target=writing(portal, begun, go_on))
    holder.start()
    assert begun.wait(60)
    answer = given_browser(other).post("/plum-hollow/phone", data={"phone": "(212) 555-0142"})
    go_on.set()
    holder.join(60)
    assert answer.status_code == (303 if backend == "server" else 503)  # a file has one writer in all
