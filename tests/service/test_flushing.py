"""The write-ahead log is emptied after an erasure, whoever else does the same just then."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from durable_given import submit
from given import given_portal

pytestmark = pytest.mark.files


def test_two_that_empty_the_log_at_once_both_succeed(tmp_path: Path) -> None:
    portal = given_portal(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        for turn in range(20):
            submit(portal, "page", *(f"{turn}:{number}" for number in range(50)))
            assert list(pool.map(lambda _: portal.storage.flush_log(), range(4))) == [True] * 4
