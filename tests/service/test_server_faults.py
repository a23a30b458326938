"""The database server is restarted, dies, or takes no more, under families who ask and a worker who works."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Final

import pytest
from family_given import Phone, field_value, given_families, given_phone
from faults_given import LEASE
from given import MARIGOLD
from servers_given import Server, own_server
from sqlmodel import select

from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import CaseRow, NoticeRow
from rightsdesk.requests.ledger.verify import verify
from rightsdesk.web import jobs
from rightsdesk.web.duties import Roster
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.portal import Portal
from rightsdesk.web.worker import Worker

pytestmark = pytest.mark.server

PHONES: Final = ("(212) 555-0142", "(212) 555-0144")  # a mother of one, and a student
STEP: Final = 0.05
PATIENCE: Final = 2400  # steps
BY_HALF: Final = "Nothing was done by half"


@dataclass(slots=True)
class Family:
    """A parent who asks to see everything and takes it back, again and again; a button that fails is pressed again."""

    phone: Phone
    stop: Event
    confirmed: list[str] = field(default_factory=list)
    refused: int = 0
    trouble: str = ""

    def run(self) -> None:
        """Ask until told to stop."""
        try:
            while not self.stop.is_set():
                self._ask()
        except Exception as error:  # noqa: BLE001 - told in the test's own thread
            self.trouble = repr(error)

    def _ask(self) -> None:
        page = self.press("/marigold/ask", {"kind": "access"})
        self.press("/marigold/check", {"once": field_value(page, "once")})
        reference = self.phone.path.rpartition("/")[2]
        self.confirmed.append(reference)
        assert "You took this back" in self.press(f"/marigold/requests/{reference}/withdraw")

    def press(self, path: str, fields: dict[str, object] | None = None) -> str:
        """Send a form until the portal takes it; meanwhile it says in words that it cannot."""
        for _ in range(PATIENCE):
            page = self.phone.send(path, fields)
            if self.phone.status != 503:
                assert self.phone.status == 200, (self.phone.status, path)
                return page
            assert BY_HALF in page
            self.refused += 1
            self.stop.wait(STEP)
        raise AssertionError(f"{path} is still refused.")


def until(what: object, holds: object) -> None:
    """Wait until something holds."""
    assert callable(holds)
    pause = Event()
    for _ in range(PATIENCE):
        if holds():
            return
        pause.wait(STEP)
    raise AssertionError(f"Not reached: {what}")


@contextmanager
def asking(portal: Portal) -> Iterator[list[Family]]:
    """Let two families ask, and a worker work, while the block runs."""
    stop = Event()
    families = [Family(given_phone(portal), stop) for _ in PHONES]
    for family, number in zip(families, PHONES, strict=True):
        family.phone.prove(number)
    worker = Worker(portal, EFFECTS, Roster(()), poll=STEP, lease=LEASE)
    threads = [Thread(target=family.run) for family in families]
    worker.start()
    for thread in threads:
        thread.start()
    try:
        yield families
        until("all work is done", lambda: is_idle(portal))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        worker.stop()
    assert [family.trouble for family in families] == ["", ""]


def is_idle(portal: Portal) -> bool:
    """Say whether nothing due is older than ten seconds, for the families go on asking."""
    with portal.storage.read() as tx:
        return jobs.backlog(tx).oldest < 10.0


def go_on(families: list[Family]) -> None:
    """Wait until each family had two more requests confirmed."""
    wanted = [len(family.confirmed) + 2 for family in families]
    until(
        "families go on",
        lambda: all(
            len(family.confirmed) >= number or family.trouble for family, number in zip(families, wanted, strict=True)
        ),
    )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with own_server(tmp_path) as server:
        yield server


@pytest.fixture
def portal(server: Server, tmp_path: Path) -> Iterator[Portal]:
    assert server.address
    portal = given_families(tmp_path)
    yield portal
    portal.storage.close()


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_server_that_stops_and_starts_again_loses_nothing_that_was_confirmed(
    server: Server, portal: Portal, how: str
) -> None:
    with asking(portal) as families:
        go_on(families)
        server.control("stop", "-m", how)
        until("families are told", lambda: all(family.refused or family.trouble for family in families))
        server.control("restart", "-l", "/dev/null")
        go_on(families)
    confirmed = [reference for family in families for reference in family.confirmed]
    with portal.storage.read() as tx:
        kept = dict(tx.exec(select(CaseRow.reference, CaseRow.state)).all())
        assert set(confirmed) <= set(kept)
        assert {kept[reference] for reference in confirmed} == {State.WITHDRAWN}
        assert len(kept) == len(confirmed), "a request that nobody was told of"
        assert verify(tx, MARIGOLD.id, portal.checkpoints).ok
        assert jobs.backlog(tx).dead == 0


def test_a_server_that_takes_nothing_is_told_in_words_and_needs_no_restart_of_ours(
    server: Server, portal: Portal
) -> None:
    phone = given_phone(portal)
    phone.prove(PHONES[0])
    page = phone.send("/marigold/ask", {"kind": "access"})
    fields: dict[str, object] = {"once": field_value(page, "once")}
    server.let("default_transaction_read_only", "on")
    until("it takes nothing", lambda: phone.send("/marigold/check", fields) and phone.status != 200)
    assert phone.status == 503
    assert BY_HALF in phone.send("/marigold/check", fields)
    phone.open("/marigold/requests")
    assert phone.status == 200
    server.let("default_transaction_read_only", "off")
    until("it takes again", lambda: phone.send("/marigold/check", fields) and phone.status == 200)
    with portal.storage.read() as tx:
        assert len(tx.exec(select(CaseRow.id)).all()) == 1
        assert len(tx.exec(select(NoticeRow.id)).all()) == 1
