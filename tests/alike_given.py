"""Numbers of every standing, typed by strangers, and what each answer costs the database."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Barrier
from time import perf_counter
from typing import Final

import family_given
import httpx2
from family_given import Enrolled, given_families, person_id
from given import MARIGOLD, clock_of, given_browser
from sqlalchemy import event
from starlette.testclient import TestClient

from rightsdesk.requests.cases.effects import look_again
from rightsdesk.requests.people.restricting import Clerk, Guardrails, Order, RestrictionKind, freeze, set_restriction
from rightsdesk.web.portal import Portal

# A parent, nobody, a guardian whom the office stopped, a child, somebody whose age nobody knows, and a frozen student.
NUMBERS: Final = {
    "known": "(212) 555-0142",
    "unknown": "(646) 555-0182",
    "restricted": "(212) 555-0143",
    "under 13": "(212) 555-0162",
    "age unknown": "(212) 555-0163",
    "frozen": "(212) 555-0144",
    "unsure": "(212) 555-0147",
    "shared": "(212) 555-0146",
}
CHILD: Final = Enrolled(person_id(31), "Kai", "Brandt", "+12125550162", date(2015, 5, 5), "05", "40501")
AGELESS: Final = Enrolled(person_id(32), "Wren", "Castell", "+12125550163", None, "09", "40502")


def given_numbers(folder: Path) -> Portal:
    """Return a portal that holds numbers of every standing."""
    portal = given_families(folder)
    clerk = Clerk(person_id(900))
    with portal.storage.write() as tx:
        vault = portal.vault.agency(MARIGOLD.id)
        for number, one in enumerate((CHILD, AGELESS)):
            family_given._enter(tx, vault, one, person_id(700 + number), portal)
        docket = portal.docket(tx, MARIGOLD, portal.now())
        rails = Guardrails(docket.people, docket.record, lambda ids, at: look_again(docket, ids, at), portal.draw)
        began = MARIGOLD.today(portal.now())
        order = Order(family_given.MARCUS, None, RestrictionKind.COURT_ORDER, began)
        set_restriction(rails, order, clerk, portal.now())
        freeze(rails, family_given.JORDAN, clerk, portal.now())
    return portal


@dataclass(frozen=True, slots=True)
class Told:
    """What a stranger sees of an answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[str, ...]
    body: str


@dataclass(slots=True)
class Stranger:
    """A browser that was never here, and what its last answer cost in statements and seconds."""

    portal: Portal
    browser: TestClient
    statements: list[str]
    seconds: float = 0.0

    def send(self, path: str, fields: dict[str, str] | None = None) -> Told:
        """Send a form, or open a page when there are no fields, and return what comes back."""
        self.portal.known.forget()  # whether the agency was read a moment ago has nothing to do with any number
        with counting(self.portal) as seen:
            began = perf_counter()
            answer = self.browser.post(path, data=fields) if fields else self.browser.get(path)
            self.seconds = perf_counter() - began
        self.statements = seen
        return told(answer)


def told(answer: httpx2.Response) -> Told:
    """Return everything of an answer but the values of its ids."""
    headers = tuple(sorted(one for one in answer.headers.items() if one[0] not in {"x-request-id", "set-cookie"}))
    cookies = tuple(
        one.partition("=")[0] + ";" + one.partition(";")[2] for one in answer.headers.get_list("set-cookie")
    )
    return Told(answer.status_code, headers, cookies, answer.text)


@contextmanager
def counting(portal: Portal) -> Iterator[list[str]]:
    """Yield a list that fills with each statement sent to either database.

    How a connection of the pool was used before decides whether SQLite is told that it may write: that does not count.
    """
    seen: list[str] = []

    def note(*call: object) -> None:
        if not str(call[2]).startswith("PRAGMA query_only"):
            seen.append(str(call[2]))

    engines = (portal.storage.engine, portal.storage.keys)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def given_stranger(portal: Portal) -> Stranger:
    """Return a browser that was never here."""
    return Stranger(portal, given_browser(portal), [])


def next_day(portal: Portal) -> None:
    """Let a day pass, so that no limit of the day before counts."""
    clock_of(portal).advance(days=1)


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Do all of this at the same moment, each in its own thread, and return what each gave."""
    start = Barrier(len(acts))

    def act(one: Callable[[], object]) -> object:
        start.wait()
        return one()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(act, acts))
