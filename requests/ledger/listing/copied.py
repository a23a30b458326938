"""The list of erasures on a server, with a copy on this machine that no dump of that server can make shorter."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rightsdesk.requests.ledger.erasures import Entry
from rightsdesk.requests.ledger.errors import ErasureLedgerBroken
from rightsdesk.requests.ledger.listing.file import ErasureFile
from rightsdesk.requests.ledger.listing.store import ErasureTable

_log: Final = logging.getLogger("rightsdesk.erasures")


@dataclass(frozen=True, slots=True)
class CopiedErasures:
    """The list of all machines, and this machine's copy: the longer one counts where one begins like the other.

    Whoever puts an older dump of the keys' database back has shortened the list. Each machine that saw the missing
    lines puts them back when it starts: they are signed and hold one another, so they fit or are refused.
    """

    table: ErasureTable
    file: ErasureFile

    def append(self, entry: Entry) -> None:
        """Write one entry; see ``Erasures``."""
        self.agree()
        self.table.append(entry)
        self._copy()

    def count(self) -> int:
        """Return how many lines are noted; see ``Erasures``."""
        return self.table.count()

    def entries(self) -> Iterator[Entry]:
        """Yield every entry in its order; see ``Erasures``.

        Raises:
            ErasureLedgerBroken: also when this machine's copy knows more, or something else.
        """
        if self._ahead():
            raise ErasureLedgerBroken(self.table.end().number + 1, "is missing: this machine's copy still has it")
        yield from self.table.entries()

    def agree(self) -> None:
        """Bring both to the longer of the two; see ``Erasures``."""
        if self._ahead():
            self.table.follow(self.file.after(self.table.end().number))
        self._copy()

    def _ahead(self) -> bool:
        """Say whether the copy goes on where the list ends."""
        # In this order: the copy is written after the list, so only an older list can be behind it.
        mine = self.file.end()
        theirs = self.table.end()
        if mine.number <= theirs.number and mine.digest != self.table.digest(mine.number):
            raise ErasureLedgerBroken(mine.number, "is another than in this machine's copy")
        return mine.number > theirs.number

    def _copy(self) -> None:
        try:
            self.file.follow(self.table.after(self.file.end().number))
        except OSError as error:
            # The erasure is on the list, which is what counts; a copy that cannot be written is for the operator.
            _log.error("list of erasures not copied", extra={"error": type(error).__name__})
