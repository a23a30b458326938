"""A package leaves as it is made: little is held in memory, and nobody waits for the first bytes."""

import tracemalloc
from hashlib import sha256

from package_given import FACTS, HOLDINGS, SIGNER, packed, unpacked

from rightsdesk.requests.fulfilment.package.archive import archive
from rightsdesk.requests.fulfilment.systems.port import Holding


def test_ten_thousand_records_stream_through_two_megabytes() -> None:
    holdings = [
        Holding("signins", (("at", f"2026-01-01T{number:05}"), ("app", sha256(bytes([number % 256])).hexdigest())))
        for number in range(10_000)
    ]
    packed()  # loads the words and the calendar, which stay
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        size = sum(map(len, archive(holdings, FACTS, SIGNER)))
        growth = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert size > 100_000
    assert growth < 2_000_000


def test_the_first_bytes_leave_before_the_records_are_read() -> None:
    read: list[Holding] = []
    stream = archive((read.append(one) or one for one in HOLDINGS), FACTS, SIGNER)
    assert next(stream).startswith(b"PK")
    assert read == []
    stream.close()


def test_more_kinds_of_records_than_two_digits_can_count_are_named_in_order() -> None:
    names = list(unpacked(packed([Holding(f"kind {number}", (("what", "x"), ("of", "y"))) for number in range(101)])))
    assert names == sorted(names)
    assert len(names) == 101 + 7
