"""What importing a roster costs beside reading and storing its lines, and what whoever reads meanwhile notices."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median
from typing import IO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from bench.crowds import AGENCY, named
from bench.desks import Desk, desk_of
from bench.figures import Figure, Judged, by_turns, percentile, typical, wall
from bench.places import COMMAND, Ran, run
from bench.scales import Bench
from sqlalchemy import Column, Engine, Integer, MetaData, Table, Text, insert

from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.web.demo.district import write_package
from rightsdesk.web.storage import open_engine

_FILES: Final = ("orgs.csv", "users.csv", "demographics.csv", "roles.csv")
_LIMITS: Final = {10_000: 3.0, 100_000: 12.0, 1_000_000: 120.0}  # seconds for so many students
_BATCH: Final = 10_000
_RAW: Final = "parsing and raw staging"
_NOTHING: Final = {"added": 0, "changed": 0, "removed": 0}
_EVERY: Final = 50  # one person in so many differs: 2 %
_CHANGED_WITHIN: Final = 5.0  # seconds


def import_figures(bench: Bench) -> Iterator[Figure]:
    """Yield what a first import takes, the same file again, its rows in a new file, and a file with few changes."""
    yield from _first_and_again(bench, bench.scale.students, bench.scale.rounds)
    if bench.scale.big_roster:
        yield from _first_and_again(bench, bench.scale.big_roster, 1)


def million_figures(bench: Bench) -> Iterator[Figure]:
    """Yield the same for the roster of a state, once."""
    yield from _first_and_again(bench, bench.scale.state_roster, 1)


def _first_and_again(bench: Bench, students: int, rounds: int) -> Iterator[Figure]:
    package = _package(bench, students, seed=7)
    firsts: dict[str, Ran] = {}

    def first() -> float:
        slug = _agency(bench, f"{students}-{len(firsts)}")
        firsts[slug] = _import(bench, slug, package, "applied")
        return firsts[slug].wall

    taken = by_turns(rounds, first, lambda: wall(lambda: _raw(bench.folder, package)))
    slug = next(iter(firsts))
    name, beside = f"First import of {students:,} students", {"baseline": taken.baseline, "against": _RAW}
    if students in _LIMITS:
        yield Figure(name, "s", _LIMITS[students], value=taken.value, **beside)
    yield Figure(f"{name}, ratio", "s", 3, Judged.RATIO, taken.value, **beside)
    yield Figure(f"{name}, memory", "MB", 400, value=max(one.memory for one in firsts.values()))
    yield from _unchanged(bench, slug, package, students, rounds)
    yield _changed(bench, slug, package, students, rounds)


def _unchanged(bench: Bench, slug: str, package: Path, students: int, rounds: int) -> Iterator[Figure]:
    """Yield how long a file takes in which nothing changed: the very same one, and its rows in others."""
    again = typical(rounds, lambda: _import(bench, slug, package, "unchanged").wall)
    yield Figure(f"The same file of {students:,} again", "s", 60, value=again, note="nothing changed")
    rows = iter([_repacked(package, number) for number in range(rounds)])
    same_rows = typical(rounds, lambda: _import(bench, slug, next(rows), "unchanged").wall)
    yield Figure(f"The same {students:,} in a new file", "s", 60, value=same_rows, note="nothing changed")


def _changed(bench: Bench, slug: str, package: Path, students: int, rounds: int) -> Figure:
    """Return how long a file takes in which one person in fifty bears another name, another one each time."""
    ran = [_import(bench, slug, _renamed(package, number), "applied") for number in range(rounds)]
    people = {json.loads(one.said)["counts"]["people"]["changed"] for one in ran}
    note = f"{min(people):,} people changed, {max(one.memory for one in ran):.0f} MB"
    value = median(one.wall for one in ran)
    return Figure(f"2 % of {students:,} students changed", "s", _CHANGED_WITHIN, value=value, note=note)


def reading_figures(bench: Bench) -> Iterator[Figure]:
    """Yield the 95th percentile of a desk page while an import runs, beside the same without one."""
    package = _package(bench, bench.scale.students, seed=8)
    slug = _agency(bench, "read")
    with desk_of(bench.small) as desk:
        desk.cpu("/desk/bench/cases", 20)
        idle = _pages(desk, lambda: False, least=200)
        with ThreadPoolExecutor(1) as beside:
            importing = beside.submit(_import, bench, slug, package, "applied")
            busy = _pages(desk, lambda: not importing.done(), least=0)
        importing.result()  # an import that failed is no import beside which pages were read
    yield Figure(
        "Desk page while an import runs, p95",
        "ms",
        2,
        Judged.RATIO,
        percentile(busy, 0.95) * 1e3,
        percentile(idle, 0.95) * 1e3,
        "the same without an import",
        f"{len(busy)} pages",
    )


def _pages(desk: Desk, going_on: Callable[[], bool], least: int) -> list[float]:
    taken: list[float] = []
    while len(taken) < least or going_on():
        taken.append(wall(lambda: desk.page("/desk/bench/cases")))
    return taken


def _package(bench: Bench, students: int, seed: int) -> Path:
    path = bench.folder / f"roster-{students}-{seed}.zip"
    write_package(path, students=students, seed=seed, today=bench.today)
    return path


def _repacked(package: Path, number: int) -> Path:
    """Return the same files in another archive, with a remark in it: it has another digest."""
    path = package.with_suffix(f".{number}.zip")
    with ZipFile(package) as old, ZipFile(path, "w") as new:
        new.comment = f"{number}".encode()
        for entry in old.infolist():
            new.writestr(entry, old.read(entry))
    return path


def _renamed(package: Path, number: int) -> Path:
    """Return the same package but for the preferred name of every fiftieth person."""
    path = package.with_suffix(f".changed{number}.zip")
    with ZipFile(package) as old, ZipFile(path, "w") as new:
        for entry in old.infolist():
            fresh = ZipInfo(entry.filename, entry.date_time)  # an older file would be refused
            fresh.compress_type = ZIP_DEFLATED
            with old.open(entry) as lines, new.open(fresh, "w") as out:
                out.writelines(_with_names(lines, number) if entry.filename == "users.csv" else lines)
    return path


def _with_names(lines: IO[bytes], number: int) -> Iterator[bytes]:
    """Yield the lines of a file of users, one in fifty with a preferred name that says which round it is."""
    text = io.TextIOWrapper(lines, "utf-8", newline="")
    names = next(csv.reader([text.readline()]))
    where = names.index("preferredGivenName")
    out = io.StringIO()
    written = csv.writer(out)
    written.writerow(names)
    for at, row in enumerate(csv.reader(text)):
        row[where] = f"Round{number}" if at % _EVERY == 0 else row[where]
        written.writerow(row)
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()


def _agency(bench: Bench, name: str) -> str:
    """Enter an agency that has no roster yet and return its slug, another one in each run: portals are kept."""
    slug = f"bench-{name}-{bench.folder.name[-8:].replace('_', 'x')}"
    portal = bench.small.portal()
    with portal.storage.write() as tx:
        fresh = replace(AGENCY, id=named(f"agency {slug}", 0), slug=slug)
        Agencies(tx).add(fresh, portal.now())
    portal.storage.close()
    return slug


def _import(bench: Bench, slug: str, package: Path, state: str) -> Ran:
    words = (COMMAND, "roster", "import", slug, str(package), "--json")
    ran = run(words, bench.small.variables(), bench.scale.patience)
    said = json.loads(ran.said)
    assert said["state"] == state, said["state"]
    if state == "unchanged":
        assert all(change == _NOTHING for change in said["counts"].values()), said["counts"]
    return ran


def _raw(folder: Path, package: Path) -> None:
    """Read every line of the package and store it as it is: what no import can do without."""
    path = folder / "raw.sqlite3"
    for old in folder.glob("raw.sqlite3*"):
        old.unlink()
    engine = open_engine(f"sqlite:///{path}")
    with ZipFile(package) as opened:
        for name in set(_FILES) & set(opened.namelist()):
            with opened.open(name) as binary:
                lines = csv.reader(io.TextIOWrapper(binary, "utf-8", newline=""))
                _store(engine, name.removesuffix(".csv"), lines)
    engine.dispose()


def _store(engine: Engine, name: str, lines: Iterator[list[str]]) -> None:
    columns = next(lines)
    raw = Table(name, MetaData(), Column("raw_id", Integer, primary_key=True), *(Column(one, Text) for one in columns))
    raw.metadata.create_all(engine)
    statement = str(insert(raw).values(dict.fromkeys(columns, "")).compile(engine))
    while batch := list(islice(lines, _BATCH)):
        with engine.begin() as tx:
            tx.exec_driver_sql(statement, [tuple(line) for line in batch])
