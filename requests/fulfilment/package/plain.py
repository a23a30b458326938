"""The files of a package that programs read: JSON with everything, and a table that is safe to open in Excel."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain
from typing import Final

from pydantic_core import PydanticSerializationError, to_json

from rightsdesk.requests.fulfilment.package.contents import Facts
from rightsdesk.requests.fulfilment.package.sheets import NEXT_CELL, NEXT_ROW, Sheet, batches, marked
from rightsdesk.requests.fulfilment.package.wording import Words
from rightsdesk.requests.fulfilment.systems.port import Holding

FORMAT: Final = "rightsdesk-package-1"
# A cell that begins like this is a formula to a spreadsheet program. Where a list is separated by semicolons
# (most of Europe), what stands behind one begins a cell too.
_STARTS: Final = "=+@\t\r\n＝＋－＠-"  # noqa: RUF001 - the wide ones count as well
_FORMULA: Final = re.compile(f"(?:^|(?<=;))(?=[{_STARTS}])")
# The same in a batch of rows.
_IN_BATCH: Final = re.compile(f"[;{NEXT_CELL}{NEXT_ROW}][{_STARTS}]")
_SELDOM: Final = _STARTS[:-1]
_HYPHENED: Final = tuple(f"{before}-" for before in (";", NEXT_CELL, NEXT_ROW))
_BYTE_ORDER_MARK: Final = "\ufeff"  # without it Excel reads é as Ã©
_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def neutral(cell: str) -> str:
    """Return a cell that no spreadsheet program takes for a formula: a leading apostrophe makes it text."""
    return _FORMULA.sub("'", cell)


def csv_table(sheet: Sheet, words: Words) -> Iterator[str]:
    """Yield one table (RFC 4180), its headings in the family's language."""
    rows = sheet.rows() if sheet.element else ((words.element(element), value) for element, value in sheet.rows())
    return _csv(map(words.column, sheet.columns), rows)


def csv_disclosed(facts: Facts, words: Words) -> Iterator[str]:
    """Yield the record of releases as a table."""
    return _csv(map(words.column, ("at", "recipient", "purpose", "elements")), disclosed_rows(facts, words))


def disclosed_rows(facts: Facts, words: Words) -> Iterator[Sequence[str]]:
    """Yield day, recipient, purpose and elements of each release, in the family's words."""
    for one in facts.disclosed:
        day = one.at.astimezone(facts.made_at.tzinfo).date().isoformat()
        elements = ", ".join(map(words.element, one.elements))
        yield day, words.recipient(one.recipient_kind), words.purpose(one.purpose), elements


def data_json(holdings: Iterable[Holding], facts: Facts, kept: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield everything in one JSON object, record by record; ``kept`` says of each element how long it stays."""
    head = {
        "format": FORMAT,
        "agency": facts.agency,
        "student": facts.student,
        "reference": facts.reference,
        "made_at": facts.made_at.isoformat(),
        "language": facts.language,
        "kept": dict(kept),
        "disclosures": [
            {
                "recipient": one.recipient_kind,
                "purpose": one.purpose,
                "elements": one.elements,
                "at": one.at.isoformat(),
            }
            for one in facts.disclosed
        ],
    }
    if facts.statements:
        head["statements"] = [{"element": one.element, "text": one.text} for one in facts.statements]
    yield f'{_json(head)[:-1]},"records":['
    comma = "\n"
    for some in batches(holdings):
        records = [{"element": one.element, "fields": dict(one.fields)} for one in some]
        yield f"{comma}{_fast_json(records)[1:-1]}"
        comma = ",\n"
    yield "\n]}\n"


def _fast_json(records: Sequence[object]) -> str:
    try:
        return to_json(records).decode()
    except PydanticSerializationError:  # half a surrogate pair, which only Python's own encoder lets through
        return _json(records)


def _csv(headings: Iterable[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _BYTE_ORDER_MARK
    for some in batches(chain([list(headings)], rows)):
        text = marked(some)
        yield _one_by_one(some) if text is None or _has_formula(f"{NEXT_ROW}{text}") else _quoted(text)


def _has_formula(text: str) -> bool:
    # Looking for one character is ten times as fast as the pattern, and most batches have none but hyphens.
    may = any(one in text for one in _SELDOM) or any(one in text for one in _HYPHENED)
    return may and _IN_BATCH.search(text) is not None


def _quoted(text: str) -> str:
    """Return a batch of harmless rows, all cells in quotes."""
    cells = text.replace('"', '""').replace(NEXT_CELL, '","').replace(NEXT_ROW, '"\r\n"')
    return f'"{cells}"\r\n'


def _one_by_one(rows: Sequence[Sequence[str]]) -> str:
    out = StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([list(map(neutral, row)) for row in rows])
    return out.getvalue()
