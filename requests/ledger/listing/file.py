"""The list of erasures as a file: one signed JSON object a line; beside it ``.head`` says how many lines there are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from rightsdesk.requests.ledger.durable import alone, append_line, cut_half_line, last_line, lines_of, replace_file
from rightsdesk.requests.ledger.erasures import End, Entry, Line, Pen, end_with
from rightsdesk.requests.ledger.errors import ErasureLedgerBroken
from rightsdesk.requests.ledger.signing import Signer


@dataclass(frozen=True, slots=True)
class ErasureFile:
    """The list on one machine; threads and programs there may share it."""

    path: Path
    signer: Signer

    def append(self, entry: Entry) -> None:
        """Write one entry; see ``Erasures``."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(self._beside("lock")):
            end = self._end()
            self._write(end.number + 1, self._pen.line(Line(end.number + 1, entry, end.digest)))

    def count(self) -> int:
        """Return how many lines are noted; see ``Erasures``."""
        try:
            text = self._beside("head").read_bytes()
        except FileNotFoundError:
            return 0
        return self._pen.read_count(text)

    def entries(self) -> Iterator[Entry]:
        """Yield every entry in its order; see ``Erasures``."""
        if not self.path.parent.exists():
            return
        with alone(self._beside("lock")):
            self._mend()
            noted = self.count()
        yield from self._pen.whole(lines_of(self.path), noted)

    def agree(self) -> None:
        """Return: this is the list itself."""

    def end(self) -> End:
        """Return where the file ends.

        Raises:
            ErasureLedgerBroken: its end was altered or cut off.
        """
        if not self.path.parent.exists():
            return End(0, "")
        with alone(self._beside("lock")):
            return self._end()

    def after(self, number: int) -> Iterator[bytes]:
        """Yield the lines behind this number as they stand there."""
        return islice(lines_of(self.path), number, None)

    def follow(self, texts: Iterable[bytes]) -> None:
        """Write lines of another copy of this list behind the end, those that are there already left out.

        Raises:
            ErasureLedgerBroken: they do not follow.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(self._beside("lock")):
            end = self._end()
            for text in texts:
                if self._pen.read(text, end.number + 1).number > end.number:
                    (line,) = self._pen.following((text,), end)
                    self._write(line.number, text)
                    end = end_with(line.number, text)

    def _write(self, number: int, text: bytes) -> None:
        append_line(self.path, text)
        replace_file(self._beside("head"), self._pen.count(number))

    def _end(self) -> End:
        self._mend()
        text, noted = last_line(self.path), self.count()
        last = self._pen.read(text, noted).number if text else 0
        if last < noted:
            raise ErasureLedgerBroken(last + 1, "was cut off")
        return end_with(last, text) if text else End(0, "")

    def _mend(self) -> None:
        """Drop the half of a line that a crash left: its erasure never committed. A whole one only lacks its end."""
        half = cut_half_line(self.path)
        if not half:
            return
        try:
            self._pen.read(half, self.count())
        except ErasureLedgerBroken:
            return
        append_line(self.path, half)

    @property
    def _pen(self) -> Pen:
        return Pen(self.signer)

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{ending}")
