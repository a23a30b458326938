"""The list of erasures in the keys' database, where several machines write one list."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.sql.expression import Select

from rightsdesk.requests.ledger.dialects import one_at_a_time
from rightsdesk.requests.ledger.erasures import End, Entry, Line, Pen, end_with
from rightsdesk.requests.ledger.errors import ErasureLedgerBroken
from rightsdesk.requests.ledger.signing import Signer
from rightsdesk.requests.ledger.store import READS
from rightsdesk.requests.ledger.tables import ERASURE_HEAD, ERASURE_LINES, ERASURES

_BATCH: Final = 1000
_line = ERASURE_LINES.c
_COUNT: Final = select(ERASURE_HEAD.c.count)
_LAST: Final = select(_line.number, _line.text).order_by(_line.number.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class ErasureTable:
    """The same signed lines as in the file, one a row. Each call is a short transaction of its own."""

    engine: Engine
    signer: Signer

    def create(self) -> None:
        """Make the tables that are missing."""
        with self.engine.begin() as tx:
            one_at_a_time(tx)
            ERASURES.create_all(tx)

    def append(self, entry: Entry) -> None:
        """Write one entry; see ``Erasures``."""
        with self.engine.begin() as tx:
            end = self._end_alone(tx)
            self._write(tx, end.number + 1, self._pen.line(Line(end.number + 1, entry, end.digest)))

    def count(self) -> int:
        """Return how many lines are noted; see ``Erasures``."""
        with self._reading() as tx:
            return self._noted(tx)

    def entries(self) -> Iterator[Entry]:
        """Yield every entry in its order; see ``Erasures``."""
        noted = self.count()
        yield from self._pen.whole(self.after(0), noted)

    def end(self) -> End:
        """Return where the list ends.

        Raises:
            ErasureLedgerBroken: its end was altered or cut off.
        """
        with self._reading() as tx:
            return self._end(tx)

    def digest(self, number: int) -> str:
        """Return the hex SHA-256 of this line, nothing when it is not there."""
        with self._reading() as tx:
            text = tx.execute(select(_line.text).where(_line.number == number)).scalar()
        return end_with(number, text.encode()).digest if text else ""

    def after(self, number: int) -> Iterator[bytes]:
        """Yield the lines behind this number as they stand there."""
        while True:
            with self._reading() as tx:
                batch = tx.execute(_page_after(number)).all()
            if not batch:
                return
            yield from (row[1].encode() for row in batch)
            number = batch[-1][0]

    def follow(self, texts: Iterable[bytes]) -> None:
        """Write lines of another copy of this list behind the end, those that are there already left out.

        Raises:
            ErasureLedgerBroken: they do not follow; none of them is kept.
        """
        with self.engine.begin() as tx:
            end = self._end_alone(tx)
            for text in texts:
                if self._pen.read(text, end.number + 1).number > end.number:
                    (line,) = self._pen.following((text,), end)
                    self._write(tx, line.number, text)
                    end = end_with(line.number, text)

    def _write(self, tx: Connection, number: int, text: bytes) -> None:
        tx.execute(ERASURE_LINES.insert(), {"number": number, "text": text.decode("ascii")})
        tx.execute(delete(ERASURE_HEAD))
        tx.execute(ERASURE_HEAD.insert(), {"id": 1, "count": self._pen.count(number).decode("ascii")})

    def _end_alone(self, tx: Connection) -> End:
        """Return the end once nobody else can write behind it before this transaction is over."""
        one_at_a_time(tx)
        return self._end(tx)

    def _end(self, tx: Connection) -> End:
        noted = self._noted(tx)  # first: a line that is written meanwhile may be newer than the count, never older
        found = tx.execute(_LAST).one_or_none()
        if found is None and not noted:
            return End(0, "")
        last = self._pen.read(found[1].encode(), found[0]).number if found else 0
        if found is None or last < noted:
            raise ErasureLedgerBroken(last + 1, "was cut off")
        return end_with(last, found[1].encode())

    def _noted(self, tx: Connection) -> int:
        text = tx.execute(_COUNT).scalar()
        return self._pen.read_count(text.encode()) if text else 0

    def _reading(self) -> Connection:
        return self.engine.connect().execution_options(**{READS: True})

    @property
    def _pen(self) -> Pen:
        return Pen(self.signer)


def _page_after(number: int) -> Select[int, str]:
    return select(_line.number, _line.text).where(_line.number > number).order_by(_line.number).limit(_BATCH)
