"""What the copy of a large record costs beside the compression alone."""

import io
import tracemalloc
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final
from zipfile import ZipFile

from bench.figures import Figure, Judged, by_turns, typical, wall
from bench.scales import Bench

from rightsdesk.requests.fulfilment.package.archive import archive
from rightsdesk.requests.fulfilment.package.contents import Facts
from rightsdesk.requests.fulfilment.systems.port import Holding
from rightsdesk.requests.ledger.signing import Signer

_RECORDS: Final = 10_000
_LEVEL: Final = 6
_BLOCK: Final = 32 * 1024
_SIGNER: Final = Signer.read(bytes(range(32)))
_FACTS: Final = Facts(
    agency="Bench Unified School District",
    contact="(212) 555-0134",
    student="Student One",
    reference="BNC-7K3F-92QX",
    made_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
    language="en",
)


_WORDS: Final = (
    "river",
    "essay",
    "lesson",
    "garden",
    "music",
    "story",
    "planet",
    "number",
    "history",
    "robot",
    "voice",
)
_DEVICES: Final = ("Chromebook 14", "library desktop", "school tablet 10", "own phone")


def package_figures(bench: Bench) -> Iterator[Figure]:
    """Yield the time of a package beside zlib's on the same bytes, the heap it adds, and its first byte.

    zlib's time is for the compression alone: it writes no page, no table and no JSON, and adds up no digest.
    """
    long = [_file_entry(number) for number in range(_RECORDS)]
    for name, holdings in (("records", long), ("short records", [_short(number) for number in range(_RECORDS)])):
        yield _beside_zlib(bench, f"Package of {_RECORDS:,} {name}", holdings)
    name = f"Package of {_RECORDS:,} records"
    yield Figure(f"{name}, heap added", "MB", 2, value=typical(bench.scale.rounds, lambda: _heap(long)) / 1e6)
    first = typical(bench.scale.rounds, lambda: wall(lambda: next(archive(long, _FACTS, _SIGNER))))
    yield Figure(f"{name}, first byte", "ms", 10, value=first * 1e3)


def _beside_zlib(bench: Bench, name: str, holdings: Sequence[Holding]) -> Figure:
    packed = b"".join(archive(holdings, _FACTS, _SIGNER))
    with ZipFile(io.BytesIO(packed)) as opened:
        raw = b"".join(opened.read(name) for name in opened.namelist())
    taken = by_turns(
        bench.scale.rounds,
        lambda: wall(lambda: _drain(holdings)),
        lambda: wall(lambda: _compress(raw)),
    )
    against = f"zlib alone on its {len(raw) / 1e6:.1f} MB"
    return Figure(name, "ms", 1.3, Judged.RATIO, taken.value * 1e3, taken.baseline * 1e3, against)


def _file_entry(number: int) -> Holding:
    """Return what a cloud drive tells of a file: as many bytes, once written three times, as the goal was set with."""
    mark = blake2b(number.to_bytes(4, "big"), digest_size=32).hexdigest()
    first, second, third = (_WORDS[int(mark[at], 16) % len(_WORDS)] for at in range(3))
    day = f"2026-{number % 12 + 1:02}-{int(mark[:2], 16) % 28 + 1:02}"
    fields = (
        ("name", f"My {first} about the {second}, version {number % 9}.docx"),
        ("folder", f"Grade {number % 12 + 1}/{third.title()} {int(mark[2:5], 16) % 90}/{second}"),
        ("kept in", "cloud drive"),
        ("size", f"{int(mark[5:10], 16):,} bytes"),
        ("changed", f"{day}T{int(mark[10:12], 16) % 24:02}:{int(mark[12:14], 16) % 60:02}:{number % 60:02}Z"),
        ("device", _DEVICES[int(mark[14], 16) % len(_DEVICES)]),
        ("file id", mark[:44]),
    )
    return Holding("files", fields)


def _short(number: int) -> Holding:
    kinds = (
        Holding("apps", (("app", f"Reading Tree {number}"), ("since", "2025-09-02"), ("account", "active"))),
        Holding("files", (("name", f"My essay {number}, final.docx"), ("kept in", "cloud drive"))),
        Holding("signins", (("at", f"2026-03-{number % 28 + 1:02}T08:{number % 60:02}"), ("from", "school network"))),
    )
    return kinds[number % len(kinds)]


def _drain(holdings: Sequence[Holding]) -> None:
    for _ in archive(holdings, _FACTS, _SIGNER):
        pass


def _heap(holdings: Sequence[Holding]) -> float:
    tracemalloc.start()
    _drain(holdings)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def _compress(raw: bytes) -> None:
    press = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    for start in range(0, len(raw), _BLOCK):
        press.compress(raw[start : start + _BLOCK])
    press.flush()
