"""Reads a CSV file many lines at a time, and line by line only where one of them has to be looked at."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from rightsdesk.requests.people.roster.lines import LONGEST_LINE, BadLine, Careful, GoodLine, Line, misfit

_BLOCK: Final = 1 << 19  # bytes: about 2,500 people


@dataclass(frozen=True, slots=True)
class Portion:
    """Lines that follow one another: the records with the numbers of their lines, and the lines that are none."""

    numbers: Sequence[int]
    rows: Sequence[list[str]]
    bad: Sequence[BadLine]


def portions(stream: BinaryIO, width: int, count: Callable[[int], None]) -> Iterator[Portion]:
    """Yield what ``records`` would, in portions: five times as fast, and the same to the last finding."""
    careful = Careful(width)
    number = 2
    for block in _blocks(stream, count):
        portion = None if careful.open_quote else _quick(number, block, width)
        if portion is None:
            lines = enumerate(block.split(b"\n"), number)
            portion = _sorted([one for at, raw in lines for one in careful.read(at, raw[:LONGEST_LINE].rstrip(b"\r"))])
        number += block.count(b"\n") + 1
        yield portion
    yield _sorted(list(careful.end()))


def _blocks(stream: BinaryIO, count: Callable[[int], None]) -> Iterator[bytes]:
    """Yield whole lines, without the end of the last of them; a line without end is cut where it is too long."""
    rest = b""
    while read := stream.read(_BLOCK):
        count(len(read))
        whole, end, after = read.rpartition(b"\n")
        if end:
            yield rest + whole
            rest = after
        else:
            rest = (rest + after)[:LONGEST_LINE]
    if rest:
        yield rest


def _quick(first: int, block: bytes, width: int) -> Portion | None:
    """Return the records of a block of plain lines; None when one of them has to be looked at by itself."""
    plain = block.replace(b"\r\n", b"\n").removesuffix(b"\r")
    if b"\r" in plain or b"\0" in plain:
        return None
    try:
        lines = plain.decode().split("\n")
    except UnicodeDecodeError:
        return None
    if max(map(len, lines)) * 4 >= LONGEST_LINE:  # a character has up to four bytes
        return None
    rows = _rows(lines)
    if rows is None:
        return None
    if all(len(row) == width for row in rows):
        return Portion(range(first, first + len(rows)), rows, ())
    good = [(at, row) for at, row in enumerate(rows, first) if len(row) == width]
    bad = [
        misfit(at, row, width, line.encode())
        for at, (row, line) in enumerate(zip(rows, lines, strict=True), first)
        if line and len(row) != width
    ]
    return Portion([at for at, _ in good], [row for _, row in good], bad)


def _rows(lines: Sequence[str]) -> list[list[str]] | None:
    quoted = [line for line in lines if '"' in line]
    if not quoted:
        return [line.split(",") for line in lines]  # the same as csv, ten times as fast
    if any(line.count('"') % 2 for line in quoted):
        return None
    try:
        parsed = list(csv.reader(quoted, strict=True))
    except csv.Error:
        return None
    if len(parsed) != len(quoted):  # a mark that was not closed has swallowed the next line
        return None
    following = iter(parsed)
    return [next(following) if '"' in line else line.split(",") for line in lines]


def _sorted(lines: Sequence[Line]) -> Portion:
    good = [line for line in lines if isinstance(line, GoodLine)]
    bad = [line for line in lines if isinstance(line, BadLine)]
    return Portion([line.number for line in good], [line.fields for line in good], bad)
