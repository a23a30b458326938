"""Mixed load over HTTP for some minutes: what grows, what gets slower, and what fails."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Final
from zipfile import ZipFile

from bench.crowds import AGENCY, FAMILIES, approver_in, guardian_in, named, phone_of
from bench.desks import file_over_http
from bench.figures import Figure
from bench.places import COMMAND, OUT, Place, Served, free_port, run, server_of, working
from bench.scales import Bench
from bench.watching import Noted, Timed, Watch, judged

from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.web.demo.district import write_package

_GLANCE: Final = 10.0  # seconds between two looks at the processes
_PAUSE: Final = 0.2  # between two acts of one person
_CODES: Final = 20.0  # between two codes: an agency may send 200 an hour
_STUDENTS: Final = 500
_SAME: Final = 50  # one in so many people has another name in the second package
_LIST: Final = "/desk/bench/cases?view=decision"
_ROW: Final = re.compile(r"BNC-[0-9A-Z]{4}-[0-9A-Z]{4}")
_VERSION: Final = re.compile(r'name="version" value="(\d+)"')


def soak_figures(bench: Bench) -> Iterator[Figure]:
    """Yield whether memory, handles and times stay what they are, and what failed; the series are written down too."""
    place, seconds = bench.small, bench.scale.soak
    kind = "postgres" if place.database else "sqlite"
    log, noted, over = OUT / f"soak-{kind}.log", Noted(), Event()
    log.unlink(missing_ok=True)
    with ExitStack() as stack:
        processes, ports = _served(stack, place, log)
        people = _people(bench, ports, noted, over)
        watch = Watch(processes, noted)
        for one in people:
            one.start()
        ends = monotonic() + seconds
        while not over.wait(_GLANCE) and monotonic() < ends:
            watch.look()
        over.set()
        for one in people:
            one.join()
    watch.write(OUT / f"soak-{kind}.json", f"Soak of {seconds / 60:.0f} minutes, {kind}")
    yield from judged(watch, noted, log.read_text(errors="replace"))


def _served(stack: ExitStack, place: Place, log: Path) -> tuple[dict[str, Served], Sequence[int]]:
    """Start what serves: one process on files; two and a worker of its own on PostgreSQL."""
    if not place.database:
        return {"server": stack.enter_context(server_of(place, log=log))}, [place.port]
    other = free_port()
    worker = stack.enter_context(working(place, log))
    first, second = (stack.enter_context(server_of(place, port, log)) for port in (place.port, other))
    return {"server 1": first, "server 2": second, "worker": worker}, [place.port, other]


def _people(bench: Bench, ports: Sequence[int], noted: Noted, over: Event) -> list[Thread]:
    portal = bench.small.portal()
    families = [Timed(ports[one % len(ports)], guardian_in(portal, one), noted) for one in range(4)]
    desks = [Timed(ports[one % len(ports)], approver_in(portal, one + 1), noted) for one in range(2)]
    portal.storage.close()
    acts: list[Callable[[], None]] = [
        *(partial(_repeat, partial(_family, browser, count()), over, noted) for browser in families),
        *(partial(_repeat, partial(_approver, browser, at), over, noted) for at, browser in enumerate(desks)),
        partial(_repeat, partial(_coder, Timed(ports[0], "", noted), count()), over, noted, _CODES),
        partial(_repeat, _importer(bench), over, noted),
    ]
    return [Thread(target=act, daemon=True) for act in acts]


def _repeat(act: Callable[[], None], over: Event, noted: Noted, pause: float = _PAUSE) -> None:
    """Do the same again and again; what goes wrong is noted by its kind, and the person goes on."""
    while not over.wait(pause):
        with noted.failing(act):
            act()


def _family(browser: Timed, turns: "count[int]") -> None:
    """Look at one's requests three times, then file one."""
    turn = next(turns)
    if turn % 4:
        browser.get("/bench/requests")
    else:
        file_over_http(browser, f"Name{turn} {id(browser)}")


def _approver(browser: Timed, at: int) -> None:
    """Take a request of the list, not the one a colleague takes, and approve it; somebody may have been faster."""
    waiting = list(dict.fromkeys(_ROW.findall(browser.get(_LIST).text)))
    if len(waiting) <= at:
        return
    place = f"/desk/bench/cases/{waiting[at]}"
    version = _VERSION.search(browser.get(place).text)
    if version:
        browser.post(f"{place}/decision", {"version": version[1], "outcome": "approve", "view": "decision"})


def _coder(browser: Timed, families: "count[int]") -> None:
    browser.post("/bench/phone", {"phone": phone_of(next(families) % FAMILIES)})


def _importer(bench: Bench) -> Callable[[], None]:
    """Return what imports one of two packages of the same district, each time the other one."""
    slug = f"soak-{free_port()}"
    portal = bench.small.portal()
    with portal.storage.write() as tx:
        Agencies(tx).add(replace(AGENCY, id=named(f"agency {slug}", 0), slug=slug), portal.now())
    portal.storage.close()
    packages = [bench.folder / f"soak-{day}.zip" for day in range(2)]
    write_package(packages[0], students=_STUDENTS, seed=11, today=bench.today)
    _renamed(*packages)
    turns = count()

    def import_next() -> None:
        words = (COMMAND, "roster", "import", slug, str(packages[next(turns) % 2]), "--force", "--json")
        ran = run(words, bench.small.variables(), bench.scale.patience)
        assert ran.said, f"exit {ran.code} after {ran.wall:.0f} s"  # -9: it was ended because it took too long
        state = json.loads(ran.said)["state"]
        assert state in {"applied", "unchanged"}, state

    return import_next


def _renamed(package: Path, other: Path) -> None:
    """Write the same package again, in which some people have another name."""
    with ZipFile(package) as old, ZipFile(other, "w") as new:
        for entry in old.infolist():
            lines = old.read(entry).decode().splitlines(keepends=True)
            if entry.filename == "users.csv":
                names = lines[0].split(",").index("givenName")
                lines[1::_SAME] = [_with_name(line, names) for line in lines[1::_SAME]]
            new.writestr(entry, "".join(lines))


def _with_name(line: str, at: int) -> str:
    cells = line.split(",")
    return ",".join([*cells[:at], "Renamed", *cells[at + 1 :]])
