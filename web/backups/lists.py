"""Find the longest list of erasures there is: nothing that was erased may come back because a list was lost."""

from pathlib import Path
from typing import Final

from rightsdesk.requests.ledger.durable import lines_of
from rightsdesk.requests.ledger.listing.file import ErasureFile
from rightsdesk.requests.ledger.signing import Signer
from rightsdesk.requests.ledger.streams import copied
from rightsdesk.web.backups.errors import ErasuresMissing

LIST: Final = "erasures.log"
HEAD: Final = f"{LIST}.head"


def longest(data: Path, folder: Path, staging: Path, least: int, signer: Signer) -> str:
    """Put the longer of the data folder's list and the one beside the backups into ``staging``; say which it was.

    Args:
        data: The data folder.
        folder: The folder of the backups.
        staging: Where the chosen list is wanted.
        least: How many lines there were when the backup was made.
        signer: Whose signature the lines bear.

    Returns:
        "data", "backup", or "" when nothing was ever erased.

    Raises:
        ErasureLedgerBroken: one of them was altered.
        ErasuresMissing: both are shorter than the backup knows, or they contradict each other.
    """
    _copy(folder, staging)  # the backups may lie where nobody can write
    mine, theirs = (sum(1 for _ in ErasureFile(place / LIST, signer).entries()) for place in (data, staging))
    if max(mine, theirs) < least:
        raise ErasuresMissing(
            f"The list of erasures had {least} lines when the backup was made; {max(mine, theirs)} are left. "
            f"Put {LIST} and {HEAD} back into {data}, else what was erased could come back."
        )
    if any(one != other for one, other in zip(lines_of(data / LIST), lines_of(staging / LIST), strict=False)):
        raise ErasuresMissing(f"{data / LIST} and {folder / LIST} are not of one portal. Put the right one in both.")
    if theirs > mine:
        return "backup"
    _copy(data, staging)
    return "data" if mine else ""


def _copy(place: Path, staging: Path) -> None:
    for name in (LIST, HEAD):
        (staging / name).unlink(missing_ok=True)
        if (place / name).exists():
            copied(place / name, staging / name)
