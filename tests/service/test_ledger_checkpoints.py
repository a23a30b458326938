"""The note of where a ledger ends: what was read last is not looked at again, unless somebody changed it."""

from pathlib import Path

import pytest
from ledger_given import AGENCY, NOON

from rightsdesk.requests.ledger.checkpoints import Checkpoints
from rightsdesk.requests.ledger.errors import CheckpointBroken
from rightsdesk.requests.ledger.signing import Signer


def test_a_head_altered_since_it_was_read_is_seen(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, Signer.new())
    checkpoints.keep(AGENCY, 1, bytes(32), NOON)
    kept = (tmp_path / f"{AGENCY}.head").read_bytes()
    checkpoints.keep(AGENCY, 2, bytes(32), NOON)
    assert checkpoints.head(AGENCY) is not None
    (tmp_path / f"{AGENCY}.head").write_bytes(kept.replace(b'"seq": 1', b'"seq": 2'))
    with pytest.raises(CheckpointBroken, match="not signed"):
        checkpoints.keep(AGENCY, 3, bytes(32), NOON)
