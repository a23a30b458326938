"""Measure every goal of speed and size beside its baseline: ``python -m bench``, with ``--quick`` in three minutes.

Each figure is written down when it is there. A run that was ended goes on with the parts that are missing.
"""

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from time import monotonic
from types import FrameType
from typing import Final, NoReturn

from bench.drawing import table_of, write_picture
from bench.figures import MISSED, Figure
from bench.page import write_page
from bench.places import OUT
from bench.plan import PARTS, Part, Site
from bench.results import Results
from bench.scales import FULL, QUICK, Scale
from bench.stock import POSTGRES, SQLITE, stock_of
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

WIDE: Final = 180  # columns, also where nobody looks
STOCK: Final = OUT / "stock"
ORDER: Final = [f"{kind}/{part.name}" for kind in (SQLITE, POSTGRES) for part in PARTS]
_PATIENCE: Final = 5  # times as long as a part should take, and five minutes to fill a portal
_FILLING: Final = 300.0
UNDERWAY: Final = "underway"  # what ended a part of which a killed run has left the first figures
_ENDS_A_PART: Final = (AssertionError, OSError, RuntimeError, ValueError, KeyError, SQLAlchemyError)


def main(words: Sequence[str]) -> int:
    """Measure, print and write; return 1 where a part could not be measured, 0 also where a goal is missed."""
    wanted = _read(words)
    console = Console(stderr=True, width=WIDE)
    scale = QUICK if wanted.quick else FULL
    scale = replace(scale, soak=wanted.soak_minutes * 60) if wanted.soak_minutes else scale
    results = Results(OUT / f"{scale.name}.json")
    if not wanted.page:
        failed = _run(wanted, scale, results, console)
        _tell(scale, results, console)
        return int(failed)
    write_page(results, ORDER)
    return 0


def _read(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three minutes: three rounds, 100,000 requests at most")
    parser.add_argument("--only", action="append", choices=[one.name for one in PARTS], help="one part, measured again")
    parser.add_argument("--on", choices=(SQLITE, POSTGRES), help="one kind of database")
    parser.add_argument("--again", action="store_true", help="measure also what an earlier run has measured")
    parser.add_argument("--page", action="store_true", help="measure nothing; write docs/PERFORMANCE.md")
    parser.add_argument("--soak-minutes", type=float, help="how long the mixed load of the soak lasts")
    return parser.parse_args(words)


def _parts(wanted: argparse.Namespace) -> list[tuple[str, Part]]:
    kinds = (wanted.on,) if wanted.on else (SQLITE,) if wanted.quick else (SQLITE, POSTGRES)
    chosen = [part for part in PARTS if (part.name in wanted.only if wanted.only else not part.is_asked_for)]
    return [(kind, part) for kind in kinds for part in chosen if kind in part.kinds]


def _run(wanted: argparse.Namespace, scale: Scale, results: Results, console: Console) -> bool:
    again = wanted.again or wanted.only
    todo = [(kind, part) for kind, part in _parts(wanted) if again or f"{kind}/{part.name}" not in results]
    minutes = sum(part.minutes(scale) for _, part in todo)
    console.print(f"{len(todo)} parts to measure, about {minutes:.0f} minutes; end it at will, the next run goes on.")
    failures = []
    for kind in dict.fromkeys(kind for kind, _ in todo):
        with stock_of(kind, STOCK / scale.name, console) as stock:
            for part in [part for of, part in todo if of == kind]:
                with TemporaryDirectory(prefix="rightsdesk-bench-") as name:
                    site = Site(scale, stock, Path(name), _now().date())
                    failures.append(_measured(part, kind, site, results, console))
    if not any(failures) and not wanted.only:
        rmtree(STOCK / scale.name, ignore_errors=True)
    return any(failures)


def _measured(part: Part, kind: str, site: Site, results: Results, console: Console) -> bool:
    """Measure a part and write it down; return whether something ended it early."""
    began, failed = monotonic(), ""
    figures: list[Figure] = []
    try:
        with _ended_after(
            part.minutes(site.scale) * 60 * _PATIENCE + _FILLING * len(site.scale.sizes) + site.scale.soak
        ):
            for one in part.measure(site):
                figures.append(_on(kind, one))
                results.keep(f"{kind}/{part.name}", figures, monotonic() - began, _now(), UNDERWAY)
    except _ENDS_A_PART as reason:
        failed = type(reason).__name__
        console.print(f"  {kind}/{part.name} ENDED EARLY: {failed}: {str(reason)[:400]}", markup=False)
    taken = monotonic() - began
    results.keep(f"{kind}/{part.name}", figures, taken, _now(), failed)
    console.print(f"  {kind}/{part.name} in {taken:.0f} s")
    return bool(failed)


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a bench is wiring


@contextmanager
def _ended_after(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in the block when it takes longer."""

    def end(signum: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - the interface
        raise TimeoutError(f"It took longer than {seconds:.0f} s.")

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _on(kind: str, figure: Figure) -> Figure:
    return figure if kind == SQLITE else replace(figure, goal=f"{figure.goal}, PostgreSQL")


def _tell(scale: Scale, results: Results, console: Console) -> None:
    figures = list(results.figures(ORDER))
    console.print(table_of(figures))
    write_picture(results.path.with_suffix(".svg"), figures, f"Goals, {scale.name} run: how much of each limit is used")
    missed = sum(one.verdict == MISSED for one in figures)
    console.print(f"{missed} of {len(figures)} goals missed; written to {results.path}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
