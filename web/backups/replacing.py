"""Puts prepared files in the place of others so that a crash in between is finished, never left half done."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import rmtree
from typing import Final

from rightsdesk.requests.ledger.durable import keep_folder, replace_file

STAGING: Final = "restoring"  # the folder, in the data folder, where everything is prepared
_PLAN: Final = "restore.json"
BESIDE: Final = ("", "-wal", "-shm")  # what belongs to a SQLite file
ASIDE: Final = ".before-"  # and the time, in the name of what was put aside


@dataclass(frozen=True, slots=True)
class Move:
    """``fresh`` takes the place of ``old``, which goes to ``aside``. Paths are absolute, on one disk."""

    fresh: str
    old: str
    aside: str


def is_begun(data: Path) -> bool:
    """Say whether a replacement was decided and not finished."""
    return (data / _PLAN).exists()


def carry_out(data: Path, moves: Sequence[Move]) -> None:
    """Make all these moves: once the plan is on the disk they will all be made, by this program or the next."""
    replace_file(data / _PLAN, json.dumps([asdict(one) for one in moves]).encode())
    finish(data)


def finish(data: Path) -> None:
    """Make the moves of the plan that are not made yet; without a plan do nothing."""
    if not is_begun(data):
        return
    for one in json.loads((data / _PLAN).read_bytes()):
        _made(Move(**one))
    rmtree(data / STAGING, ignore_errors=True)
    (data / _PLAN).unlink()
    keep_folder(data)


def _made(move: Move) -> None:
    fresh, old, aside = Path(move.fresh), Path(move.old), Path(move.aside)
    if not fresh.exists():  # made before the crash
        return
    # The log of an old database goes first: it must never be taken for the log of the new one.
    for ending in reversed(BESIDE):
        beside = old.with_name(f"{old.name}{ending}")
        if beside.exists():
            beside.rename(aside.with_name(f"{aside.name}{ending}"))
    keep_folder(old.parent)
    fresh.rename(old)
    keep_folder(old.parent)
