"""A table as a CSV file that no spreadsheet takes for a program."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "|", "%")


def as_csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return the rows as CSV in UTF-8 with a byte-order mark; cells that begin a formula get an apostrophe first."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(head)
    table.writerows([safe(cell) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def safe(cell: str) -> str:
    """Return a cell that a spreadsheet shows as text."""
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) or cell.startswith(_FORMULA) else cell
