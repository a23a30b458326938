"""Why a key, a sealed value or a record cannot be used, in words an operator can act on."""

from pathlib import Path


class LedgerProblem(Exception):
    """Something the portal must remember or keep sealed is not as it should be."""


class KeyFileProblem(LedgerProblem):
    """The master key cannot be used."""


class KeyFileUnsafe(KeyFileProblem):
    """Somebody else may read or replace the key file."""


class KeyFileMissing(KeyFileProblem):
    """A database exists, but the key file that opens it does not."""


class KeyFileDamaged(KeyFileProblem):
    """The key file, or the keys given by settings, cannot be read."""


class KeyFileFixed(KeyFileProblem):
    """The keys come from settings, so the portal cannot rewrite them by itself."""


class ForeignPlace(LedgerProblem):
    """A folder, a database or a key file is another region's: nothing is read from it, nothing written into it."""


class KeyGone(LedgerProblem):
    """The key was destroyed by an erasure: what it sealed can never be read again."""


class Unreadable(LedgerProblem):
    """A sealed value was altered, moved to another place, or belongs to other keys."""


class KeyLost(Unreadable):
    """There is no such key and none was destroyed: the keys database does not belong to these rows."""


class CheckpointBroken(LedgerProblem):
    """A signed checkpoint is missing, altered or not signed by this portal."""


class ErasureLedgerBroken(LedgerProblem):
    """The list of erasures was altered; ``line`` is the first line that cannot be trusted, from 1."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"Line {line} of the erasure ledger {why}.")
        self.line = line


class DatabaseLost(LedgerProblem):
    """There is no database where the settings say, though this machine signed entries of one, in ``notes``."""

    def __init__(self, notes: Path) -> None:
        super().__init__(
            "There is no database, but this machine signed entries of one: it was lost, or the settings name another. "
            "Put it back with rightsdesk restore FOLDER, or from a dump and then rightsdesk restore. To begin anew on "
            f"purpose, move {notes} away first."
        )


class OlderCopy(LedgerProblem):
    """The database ends before what was signed of it: an older copy was put in its place, or it was cut off."""

    def __init__(self, agency: str, length: int, signed: int) -> None:
        super().__init__(
            f"{agency}: the ledger ends with entry {length}, but this machine signed entry {signed}. If you put an "
            "older copy of the database back, run: rightsdesk restore (no folder). If nobody did, entries were cut off."
        )
