"""Every test of this folder runs twice: on SQLite files, and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import databases
import pytest


@pytest.fixture(autouse=True)
def _emptied(backend: str, tmp_path: Path) -> Iterator[None]:
    """Empty what a test filled on the server, so that a run of thousands needs no more room than one."""
    yield
    if backend == "server":
        databases.free(tmp_path)
