"""Writes the figures of the last full run into the page about performance; the words around them are by hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.drawing import limit_of, shown, times_of, write_picture
from bench.figures import MET, Figure, Judged
from bench.results import Results

_DOCS: Final = Path(__file__).parent.parent.parent / "docs"
PAGE: Final = _DOCS / "PERFORMANCE.md"
PICTURE: Final = _DOCS / "pictures" / "performance.svg"
KEPT: Final = _DOCS / "performance.json"  # with the page: a part that nobody measures again stays on it
BEGIN: Final = "<!-- figures: written by `make bench-page` from build/bench, never by hand -->"
END: Final = "<!-- end of figures -->"


def write_page(measured: Results, order: Sequence[str]) -> None:
    """Replace what stands between the two marks of the page, and the picture and the figures beside it.

    What was measured replaces the same part on the page; the others stay.

    Raises:
        ValueError: the page has lost its marks.
    """
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{PAGE.name} has lost its marks.")
    drawn = f"\n![How much of each limit is used](pictures/{PICTURE.name})\n\n"
    results = Results(KEPT)
    results.take(measured)
    figures = list(results.figures(order))
    PAGE.write_text(f"{before}{BEGIN}\n{table(figures, results.when())}{drawn}{END}{after}")
    write_picture(PICTURE, figures, "How much of each limit is used")


def table(figures: Sequence[Figure], when: str) -> str:
    """Return the figures as a table, a line a goal: what was measured, and by how much a goal is missed."""
    lines = [f"Measured {when}.", "", "| goal | limit | measured | verdict |", "|---|--:|--:|---|"]
    lines += [f"| {one.goal} | {limit_of(one)} | {_measured(one)} | {_verdict(one)} |" for one in figures]
    return "\n".join([*lines, ""]) + "\n"


def _measured(figure: Figure) -> str:
    value = shown(figure.value, figure.unit)
    beside = f"{shown(figure.baseline, figure.unit)} {figure.against}" if figure.baseline is not None else ""
    ratio = f"**{times_of(figure)}**: " if figure.judged is Judged.RATIO else ""
    return f"{ratio}{value}{f' beside {beside}' if beside else ''}" or "not measured"


def _verdict(figure: Figure) -> str:
    over = (figure.share or 0) - 1
    return figure.verdict if figure.verdict == MET or figure.share is None else f"missed by {over:.0%}"
