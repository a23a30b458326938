"""Measure every goal of speed and size beside its baseline: ``python -m bench``, with ``--quick`` in three minutes."""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

from bench.acts import code_figures, filing_figures
from bench.copies import fill
from bench.crowds import settle
from bench.desks import desk_figures, restart_figures
from bench.drawing import table_of, write_json, write_picture
from bench.figures import MISSED, Figure
from bench.packing import package_figures
from bench.painting import painting_figures
from bench.places import Place
from bench.rosters import import_figures, reading_figures
from bench.scales import FULL, QUICK, Bench
from bench.starts import size_figures, start_figures
from rich.console import Console

WIDE: Final = 160  # columns, also where nobody looks
OUT: Final = Path(__file__).parent.parent.parent / "build" / "bench"
PARTS: Final[dict[str, Callable[[Bench], Iterator[Figure]]]] = {
    "sizes": size_figures,
    "starts": start_figures,
    "filing": filing_figures,
    "codes": code_figures,
    "desk": desk_figures,
    "restart": restart_figures,
    "painting": painting_figures,
    "package": package_figures,
    "import": import_figures,
    "reading": reading_figures,
}


def main(words: Sequence[str]) -> int:
    """Measure, print and write; return 0 also where a goal is missed: a shared machine is no judge."""
    wanted = _read(words)
    console = Console(stderr=True, width=WIDE)
    began = monotonic()
    scale = QUICK if wanted.quick else FULL
    with TemporaryDirectory(prefix="rightsdesk-bench-") as name:
        folder = Path(name)
        small = Place(_made(folder / "small"), wanted.database, wanted.keys_database)
        large = Place(_made(folder / "large"), wanted.large_database, wanted.large_keys_database)
        bench = Bench(scale, small, large, folder, datetime.now(UTC).date())  # noqa: TID251 - a bench is wiring
        _prepare(bench, console)
        figures = [figure for part in wanted.only or PARTS for figure in _measured(part, bench, console)]
    console.print(table_of(figures))
    _write(figures, scale_name="quick" if wanted.quick else "full", seconds=monotonic() - began)
    missed = sum(one.verdict == MISSED for one in figures)
    console.print(f"{missed} of {len(figures)} goals missed, in {monotonic() - began:.0f} s; written to {OUT}")
    return 0


def _read(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three minutes: three rounds, 100,000 requests at most")
    parser.add_argument("--only", action="append", choices=PARTS, help="one part; may be repeated")
    for name in ("database", "keys-database", "large-database", "large-keys-database"):
        parser.add_argument(f"--{name}", default="", help="URL of an empty database; SQLite files when not given")
    return parser.parse_args(words)


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    return folder


def _prepare(bench: Bench, console: Console) -> None:
    for place, cases in ((bench.small, bench.scale.few), (bench.large, bench.scale.many)):
        began = monotonic()
        portal = place.portal()
        settle(portal)
        fill(portal, cases)
        portal.storage.close()
        console.print(f"  {cases:,} requests stored in {monotonic() - began:.0f} s")


def _measured(part: str, bench: Bench, console: Console) -> list[Figure]:
    began = monotonic()
    figures = list(PARTS[part](bench))
    console.print(f"  {part} measured in {monotonic() - began:.0f} s")
    return figures


def _write(figures: Sequence[Figure], scale_name: str, seconds: float) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    facts = {
        "scale": scale_name,
        "seconds": round(seconds),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(load, 2),
        "note": "Medians; on a shared machine only the ratios of one run can be trusted.",
    }
    write_json(OUT / f"{scale_name}.json", figures, facts)
    write_picture(OUT / f"{scale_name}.svg", figures, f"Goals, {scale_name} run: how much of each limit is used")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
