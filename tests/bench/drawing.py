"""The figures of a run as a table, as JSON and as a picture."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

from bench.figures import MET, MISSED, Figure, Judged
from rich.table import Table

_LINE: Final = 26
_LEFT: Final = 520
_RIGHT: Final = 260  # for the words beside a bar
_SCALE: Final = 260  # pixels from nothing to the limit
_WIDE: Final = 2.0  # limits; longer bars are cut
_COLOURS: Final = {MET: "#2f7d4f", MISSED: "#b3541e"}


def table_of(figures: Sequence[Figure]) -> Table:
    """Return the table that is printed."""
    table = Table(title="Goals", title_justify="left")
    for head in ("goal", "limit", "value", "baseline", "ratio", ""):
        table.add_column(head, justify="left" if head in {"goal", ""} else "right")
    for one in figures:
        table.add_row(one.goal, limit_of(one), shown(one.value, one.unit), _baseline(one), times_of(one), one.verdict)
    return table


def limit_of(figure: Figure) -> str:
    """Return the limit in words."""
    return f"{figure.limit:.4g}x" if figure.judged is Judged.RATIO else f"{figure.limit:.4g} {figure.unit}".strip()


def write_picture(path: Path, figures: Sequence[Figure], title: str) -> None:
    """Write a bar for each goal: how much of its limit is used up; what goes past the line misses it."""
    height = _LINE * (len(figures) + 3)
    bars = "\n".join(_bar(one, _LINE * (place + 2)) for place, one in enumerate(figures))
    at, width = _LEFT + _SCALE, _LEFT + round(_SCALE * _WIDE) + _RIGHT
    lines = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"',
        ' font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="12" y="22" font-size="16">{escape(title)}</text>',
        bars,
        f'<path d="M{at} {_LINE}V{height - _LINE}" stroke="#222" stroke-dasharray="4 3"/>',
        f'<text x="{at}" y="{height - 8}" text-anchor="middle">the goal</text>',
        "</svg>",
    )
    path.write_text("\n".join(lines) + "\n")


def _bar(figure: Figure, top: int) -> str:
    share = min(figure.share or 0, _WIDE)
    words = f"{shown(figure.value, figure.unit)} of {limit_of(figure)}, {figure.verdict}"
    if figure.judged is Judged.RATIO:
        words = f"{times_of(figure)} of {limit_of(figure)}, {figure.verdict}"
    colour = _COLOURS.get(figure.verdict, "#777")
    return (
        f'<text x="12" y="{top + 14}">{escape(figure.goal)}</text>'
        f'<rect x="{_LEFT}" y="{top}" width="{share * _SCALE:.0f}" height="18" fill="{colour}"/>'
        f'<text x="{_LEFT + max(share, 1) * _SCALE + 8:.0f}" y="{top + 14}">{escape(words)}</text>'
    )


def _baseline(figure: Figure) -> str:
    told = f"{shown(figure.baseline, figure.unit)} {figure.against}" if figure.baseline is not None else ""
    return "; ".join(filter(None, (told, figure.note)))


def times_of(figure: Figure) -> str:
    """Return the ratio in words."""
    return "" if figure.ratio is None else f"{figure.ratio:.2f}x"


def shown(value: float | None, unit: str) -> str:
    """Return a value with its unit."""
    if value is None:
        return ""
    return f"{value:,.0f} {unit}".strip() if value >= 100 or not unit else f"{value:.2f} {unit}"
