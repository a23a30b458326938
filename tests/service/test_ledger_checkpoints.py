"""Checkpoints of transactions that end at once: one note vouches for all, and nobody goes on before it is there."""

from pathlib import Path
from threading import Event, Thread
from uuid import UUID

import pytest
from ledger_given import AGENCY, NOON

from rightsdesk.requests.ledger.checkpoints import Checkpoints
from rightsdesk.requests.ledger.durable import alone
from rightsdesk.requests.ledger.errors import CheckpointBroken
from rightsdesk.requests.ledger.signing import Signer

AT_ONCE = 12


class Counting:
    """A signer that counts what it signs."""

    def __init__(self) -> None:
        self.signer = Signer.new()
        self.key_id = self.signer.key_id
        self.signed: list[bytes] = []

    def sign(self, message: bytes) -> bytes:
        """Return the signature."""
        self.signed.append(message)
        return self.signer.sign(message)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Say whether it is ours."""
        return self.signer.verify(message, signature)


def test_of_many_heads_at_once_the_newest_is_noted_for_all(tmp_path: Path) -> None:
    signer = Counting()
    checkpoints = Checkpoints(tmp_path, signer)  # type: ignore[arg-type]  # a signer that also counts
    checkpoints.keep(AGENCY, 1, bytes(32), NOON)
    first = len(signer.signed)
    noted: list[tuple[int, int]] = []

    def keep(seq: int) -> None:
        checkpoints.keep(AGENCY, seq, bytes([seq]) * 32, NOON)
        head = Checkpoints(tmp_path, signer.signer).head(AGENCY)
        assert head is not None
        noted.append((seq, head.seq))

    threads = [Thread(target=keep, args=(seq,)) for seq in range(2, 2 + AT_ONCE)]
    with alone(tmp_path / f"{AGENCY}.lock"):  # another program is writing: everybody comes together behind it
        for one in threads:
            one.start()
        waits_for(checkpoints, 1 + AT_ONCE)
    for one in threads:
        one.join(60)
    assert sorted(seq for seq, _ in noted) == list(range(2, 2 + AT_ONCE))
    assert all(there >= seq for seq, there in noted)
    assert len({message.split(b"|")[2] for message in signer.signed[first:]}) <= 2
    head = checkpoints.head(AGENCY)
    assert head is not None
    assert (head.seq, head.digest) == (1 + AT_ONCE, bytes([1 + AT_ONCE]) * 32)


def waits_for(checkpoints: Checkpoints, seq: int) -> None:
    """Return once a head of this number was handed in."""
    while checkpoints._desk.newest(AGENCY) < seq:
        Event().wait(0.005)


def test_two_agencies_never_wait_for_each_other(tmp_path: Path) -> None:
    other = UUID(int=7)
    checkpoints = Checkpoints(tmp_path, Signer.new())
    held = Thread(target=checkpoints.keep, args=(AGENCY, 1, bytes(32), NOON))
    with alone(tmp_path / f"{AGENCY}.lock"):
        held.start()
        waits_for(checkpoints, 1)
        checkpoints.keep(other, 1, bytes(32), NOON)
        assert checkpoints.head(other) is not None
        assert checkpoints.head(AGENCY) is None
    held.join(60)
    assert checkpoints.head(AGENCY) is not None


def test_a_head_altered_since_it_was_read_is_seen(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, Signer.new())
    checkpoints.keep(AGENCY, 1, bytes(32), NOON)
    kept = (tmp_path / f"{AGENCY}.head").read_bytes()
    checkpoints.keep(AGENCY, 2, bytes(32), NOON)
    assert checkpoints.head(AGENCY) is not None
    (tmp_path / f"{AGENCY}.head").write_bytes(kept.replace(b'"seq": 1', b'"seq": 2'))
    with pytest.raises(CheckpointBroken, match="not signed"):
        checkpoints.keep(AGENCY, 3, bytes(32), NOON)
