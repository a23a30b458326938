"""While a roster is applied nobody else writes for the agency: whoever comes waits, and is not written over."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Final

import pytest
from erasing_given import approved
from fulfilment_given import BO, LEO, ROSTER, District, a_district
from given import MARIGOLD
from roster_given import package_of

from rightsdesk.requests.people.roster.importing import import_package
from rightsdesk.requests.people.roster.outcome import Outcome
from rightsdesk.requests.people.roster.releasing import Use, release
from rightsdesk.requests.people.roster.terms import Terms
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.rosters import terms

NEW: Final = tuple(replace(LEO, sourced_id=f"p-{number}", given=f"Newcomer{number}", number="") for number in (7, 8, 9))
NEXT: Final = (*(one for one in ROSTER if one != BO), replace(BO, family="Quill", number="+12125550129"), *NEW)


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_district(data_folder)


class Pause:
    """A place at which an import stops until it may go on."""

    def __init__(self) -> None:
        self.reached, self.go_on = Event(), Event()

    def wait(self) -> None:
        """Stop at the first call until the test lets it go on."""
        if not self.reached.is_set():
            self.reached.set()
            assert self.go_on.wait(60)


def when_written(wanted: Terms, pause: Pause) -> Terms:
    """Stop when the rows of people are written and the open cases are still to be looked at."""
    return replace(wanted, progress=lambda phase, _done, _total: pause.wait() if phase == "applying" else None)


def when_read(wanted: Terms, pause: Pause) -> Terms:
    """Stop between reading who differs and writing it: there the ids of those who are new are drawn, in one go."""

    def draw(size: int) -> bytes:
        if size == 10 * len(NEW):  # the drawn part of an id
            pause.wait()
        return wanted.draw(size)

    return replace(wanted, draw=draw)


def at_once(*acts: Callable[[], object]) -> tuple[list[Thread], list[Exception]]:
    """Begin all of these side by side; return the threads, and what goes wrong in them."""
    wrong: list[Exception] = []

    def noted(act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - whatever it is must be seen by the test
            wrong.append(error)

    threads = [Thread(target=noted, args=(act,)) for act in acts]
    for one in threads:
        one.start()
    return threads, wrong


def imported(district: District, wanted: Terms) -> Outcome:
    return import_package(package_of(district.folder, NEXT), wanted)


def released(district: District, wanted: Terms) -> Outcome:
    """Let the office use a file that was held, as too many were missing in it."""
    held = district.take(*(one for one in NEXT if one.sourced_id not in {"s-10", "s-11", "s-12", "s-13"}))
    assert (held.state, held.run is None) == ("held", False)
    return release(held.run or MARIGOLD.id, Use.KEEP_EVERYBODY, wanted)


@pytest.mark.parametrize("stop", [when_written, when_read])
@pytest.mark.parametrize("use", [imported, released])
def test_a_code_and_an_erasure_wait_for_the_import_and_the_erased_stays_erased(
    district: District, use: Callable[[District, Terms], Outcome], stop: Callable[[Terms, Pause], Terms]
) -> None:
    bo, pause, case = district.one(BO), Pause(), approved(district, "account")
    district.wait(days=8)

    def confirm() -> None:
        with district.at() as docket:
            docket.people.confirm_number(bo, docket.vault.indexes("number", BO.number), district.now)

    def erase() -> None:
        EFFECTS["erase"](district.portal, (str(district.agency.id), str(case.id)))

    wanted = stop(terms(district.portal, district.agency, "operator"), pause)
    imports, wrong = at_once(lambda: use(district, wanted))
    assert pause.reached.wait(20)
    others, also_wrong = at_once(confirm, erase)
    others[1].join(0.5)  # whoever need not wait is done by then
    pause.go_on.set()
    for one in (*imports, *others):
        one.join(60)
    assert (wrong, also_wrong) == ([], [])
    assert [list(district.named(word)) for word in ("bogdan", BO.student_number)] == [[], []]
    assert [district.live(bo, one) for one in ("name.given", "name.family", "email")] == [""] * 3
    assert len(district.named("newcomer7")) == 1


@pytest.mark.parametrize("element", ["account", "email"])
def test_what_is_erased_while_a_roster_is_read_does_not_come_back_with_it(district: District, element: str) -> None:
    bo, case = district.one(BO), approved(district, element)
    district.wait(days=8)
    begun: list[str] = []

    def erase_first(phase: str, _done: int, _total: int) -> None:
        if not begun:
            begun.append(phase)
            EFFECTS["erase"](district.portal, (str(district.agency.id), str(case.id)))

    wanted = replace(terms(district.portal, district.agency, "operator"), progress=erase_first)
    changed = [replace(one, grade="12", email="new@pupils.example") if one is BO else one for one in NEXT]
    assert import_package(package_of(district.folder, changed), wanted).state == "applied"
    assert (begun, district.live(bo, "email")) == (["reading"], "")
    assert len(district.named("newcomer7")) == 1
