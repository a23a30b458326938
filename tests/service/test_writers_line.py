"""Who waits for an agency's turn stands in line outside: no thread, no connection, and nobody else, waits with them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

import anyio
import httpx2
import pytest
from given import MARIGOLD, PLUM, given_agency, given_browser, given_portal

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.web.app import THREADS
from rightsdesk.web.portal import Portal
from rightsdesk.web.turns import ALL_WRITERS, WRITERS, Line, Turns

OTHERS = [
    replace(MARIGOLD, id=UUID(int=number), slug=f"busy-{number}", prefix=f"B{number}", name=f"Busy {number}")
    for number in (1, 2, 3)
]
BUSY = [MARIGOLD, *OTHERS]


@dataclass
class Rush:
    """Many families who press the button at once, while somebody else holds their agencies' turns."""

    browser: httpx2.Client
    answers: list[httpx2.Response] = field(default_factory=list)

    def soon(self, ask: Callable[[], httpx2.Response]) -> list[int]:
        """Return the status of the answer, nothing when none came within ten seconds."""
        came: list[int] = []
        one = Thread(target=lambda: came.append(ask().status_code))
        one.start()
        one.join(10)
        return came


def holding(portal: Portal, agencies: Sequence[Agency], begun: Event, go_on: Event) -> None:
    with portal.storage.write() as tx:
        tx.connection()  # a file is locked by the first statement, a server by each agency's turn
        for agency in agencies:
            portal.ledger(tx, agency.id, portal.now())
        begun.set()
        assert go_on.wait(120)


@contextmanager
def rush(folder: Path, agencies: Sequence[Agency]) -> Iterator[Rush]:
    portal, elsewhere = given_portal(folder), given_portal(folder)
    for agency in (*agencies, PLUM):
        given_agency(portal, agency)
    begun, go_on = Event(), Event()
    holder = Thread(target=holding, args=(elsewhere, agencies, begun, go_on))
    with given_browser(portal) as browser:
        rushed = Rush(browser)
        holder.start()
        assert begun.wait(60)
        pressing = [Thread(target=press, args=(rushed, one.slug)) for one in agencies for _ in range(THREADS + 4)]
        for one in pressing:
            one.start()
        pressing[-1].join(0.5)  # all have come; none can be answered
        try:
            yield rushed
            assert rushed.answers == []
        finally:
            go_on.set()
            for one in (holder, *pressing):
                one.join(120)
    assert [answer.status_code < 500 for answer in rushed.answers] == [True] * len(pressing)
    assert portal.turns.agencies == ()  # nothing of a slug that somebody made up stays


def press(rushed: Rush, slug: str) -> None:
    rushed.answers.append(rushed.browser.post(f"/{slug}/phone", data={"phone": "(212) 555-0142"}))


@pytest.mark.parametrize("agencies", [BUSY[:1], BUSY], ids=["one", "four"])
def test_busy_agencies_leave_a_process_room_for_the_others(tmp_path: Path, agencies: Sequence[Agency]) -> None:
    with rush(tmp_path, agencies) as rushed:
        assert rushed.soon(lambda: rushed.browser.get("/plum-hollow/phone")) == [200]


def test_what_waits_for_no_turn_does_not_stand_behind_those_who_do(tmp_path: Path, backend: str) -> None:
    with rush(tmp_path, [MARIGOLD]) as rushed:
        # A ledger is checked for minutes: that must not keep families out, nor they the auditor.
        assert rushed.soon(lambda: rushed.browser.post("/office/marigold/audit")) == [303]
        if backend == "server":  # a file has one writer in all
            assert rushed.soon(lambda: rushed.browser.post("/marigold/ask", data={"kind": "access"})) == [303]


def test_who_gives_up_waiting_makes_room_for_the_next() -> None:
    anyio.run(giving_up)


async def giving_up() -> None:
    line = Line(1)
    await line.enter()
    with anyio.move_on_after(0):
        await line.enter()
    async with anyio.create_task_group() as others:
        others.start_soon(line.enter)
        await anyio.wait_all_tasks_blocked()
        line.leave()
    line.leave()
    assert line.free == 1


def test_who_finds_room_for_the_agency_and_none_in_the_process_leaves_both() -> None:
    anyio.run(turned_away)


async def turned_away() -> None:
    turns = Turns()
    async with anyio.create_task_group() as writers:
        for agency in ("one", "two"):
            for _ in range(WRITERS):
                writers.start_soon(writing_for_ever, turns, agency)
        await anyio.wait_all_tasks_blocked()
        assert 2 * WRITERS > ALL_WRITERS
        with pytest.raises(TimeoutError):
            async with turns.writing("three", 0.0):
                pytest.fail("there was no room")
        assert "three" not in turns.agencies
        writers.cancel_scope.cancel()
    assert turns.agencies == ()
    assert turns._all.free == ALL_WRITERS


async def writing_for_ever(turns: Turns, agency: str) -> None:
    async with turns.writing(agency):
        await anyio.sleep_forever()
