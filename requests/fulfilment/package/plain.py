"""The files of a package that programs read: JSON with everything, and a table that is safe to open in Excel."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain
from typing import Final

from rightsdesk.requests.fulfilment.package.contents import Facts
from rightsdesk.requests.fulfilment.package.sheets import Sheet, batches
from rightsdesk.requests.fulfilment.package.wording import Words
from rightsdesk.requests.fulfilment.systems.port import Holding

FORMAT: Final = "rightsdesk-package-1"
# A cell that begins like this is a formula to a spreadsheet program. Where a list is separated by semicolons
# (most of Europe), what stands behind one begins a cell too.
_STARTS: Final = frozenset("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - the wide ones count as well
_FORMULA: Final = re.compile(f"(?:^|(?<=;))(?=[{re.escape(''.join(sorted(_STARTS)))}])")
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
        yield f"{comma}{_json(records)[1:-1]}"
        comma = ",\n"
    yield "\n]}\n"


def _csv(headings: Iterable[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _BYTE_ORDER_MARK
    for some in batches(chain([list(headings)], rows)):
        out = StringIO(newline="")
        csv.writer(out, quoting=csv.QUOTE_ALL).writerows([_neutral_row(row) for row in some])
        yield out.getvalue()


def _neutral_row(row: Sequence[str]) -> Sequence[str]:
    # The pattern is tried only where it can fit: most cells begin with a letter.
    return [cell if cell[:1] not in _STARTS and ";" not in cell else neutral(cell) for cell in row]
