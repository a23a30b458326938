"""What the copy of a large record costs beside the compression alone."""

import io
import tracemalloc
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
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


def package_figures(bench: Bench) -> Iterator[Figure]:
    """Yield the time of a package beside zlib's on the same bytes, the heap it adds, and its first byte."""
    holdings = [_holding(number) for number in range(_RECORDS)]
    packed = b"".join(archive(holdings, _FACTS, _SIGNER))
    with ZipFile(io.BytesIO(packed)) as opened:
        raw = b"".join(opened.read(name) for name in opened.namelist())
    taken = by_turns(
        bench.scale.rounds,
        lambda: wall(lambda: _drain(holdings)),
        lambda: wall(lambda: _compress(raw)),
    )
    name = f"Package of {_RECORDS:,} records"
    against = f"zlib alone on its {len(raw) / 1e6:.1f} MB"
    yield Figure(name, "ms", 1.3, Judged.RATIO, taken.value * 1e3, taken.baseline * 1e3, against)
    yield Figure(f"{name}, heap added", "MB", 2, value=typical(bench.scale.rounds, lambda: _heap(holdings)) / 1e6)
    first = typical(bench.scale.rounds, lambda: wall(lambda: next(archive(holdings, _FACTS, _SIGNER))))
    yield Figure(f"{name}, first byte", "ms", 10, value=first * 1e3)


def _holding(number: int) -> Holding:
    kinds = (
        Holding("apps", (("app", f"Reading Tree {number}"), ("since", "2025-09-02"), ("account", "active"))),
        Holding("files", (("name", f"My essay {number}, final.docx"), ("kept in", "cloud drive"))),
        Holding("sign_ins", (("at", f"2026-03-{number % 28 + 1:02}T08:{number % 60:02}"), ("from", "school network"))),
    )
    return kinds[number % len(kinds)]


def _drain(holdings: list[Holding]) -> None:
    for _ in archive(holdings, _FACTS, _SIGNER):
        pass


def _heap(holdings: list[Holding]) -> float:
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
