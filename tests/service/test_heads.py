"""Where a ledger ends is noted outside the database: at once the first time, then soon, and once for many commits."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from rightsdesk.requests.ledger.audit import Head
from rightsdesk.requests.ledger.checkpoints import Checkpoints
from rightsdesk.requests.ledger.signing import Signer
from rightsdesk.web.heads import Heads

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
AGENCY = UUID(int=1)
NEVER = 3600.0  # seconds: nothing but a flush writes


def a_head(seq: int) -> Head:
    return Head(AGENCY, seq, bytes(32), NOON)


def noted(heads: Heads) -> int:
    mark = heads.checkpoints.head(AGENCY)
    return mark.seq if mark else 0


def some_heads(folder: Path, pause: float) -> Heads:
    return Heads(Checkpoints(folder, Signer.new()), pause)


def test_the_first_end_is_noted_before_anybody_goes_on(tmp_path: Path) -> None:
    heads = some_heads(tmp_path, NEVER)
    heads.note([a_head(1)])
    assert noted(heads) == 1


def test_ends_that_follow_wait_and_only_the_newest_is_noted(tmp_path: Path) -> None:
    heads = some_heads(tmp_path, NEVER)
    for seq in (1, 2, 4, 3):  # two threads that committed one after the other may come here the other way round
        heads.note([a_head(seq)])
    assert noted(heads) == 1
    heads.flush()
    assert noted(heads) == 4


@pytest.fixture
def no_threads() -> Iterator[None]:
    """Leave no room for another thread: none has a stack as large as this."""
    was = threading.stack_size(1 << 46)
    yield
    threading.stack_size(was)


@pytest.mark.usefixtures("no_threads")
def test_without_room_for_a_thread_each_end_is_noted_at_once(tmp_path: Path) -> None:
    heads = some_heads(tmp_path, NEVER)
    for seq in (1, 2, 3):
        heads.note([a_head(seq)])
        assert noted(heads) == seq


def test_what_waits_is_noted_by_itself(tmp_path: Path) -> None:
    heads = some_heads(tmp_path, 0.0)
    heads.note([a_head(1)])
    heads.note([a_head(2)])
    timer = heads._timer
    if timer is not None:
        timer.join(30)
    assert noted(heads) == 2
