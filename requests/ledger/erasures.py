"""The list of what was erased and corrected, kept outside the database, so that no restored backup undoes it."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, NamedTuple, Protocol, TypeAlias
from uuid import UUID

from rightsdesk.requests.ledger.errors import ErasureLedgerBroken
from rightsdesk.requests.ledger.signing import Signer

_FORMAT: Final = "rightsdesk-erasure-1"
_SCOPE: Final = re.compile(r"[a-z][a-z0-9_:.-]{0,79}")
_CASE: Final = re.compile(r"[A-Za-z0-9-]{0,40}")


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure, in ids only: ``scope`` is the key or the element that was erased."""

    agency: UUID
    subject: UUID
    scope: str
    at: datetime
    case: str

    def __post_init__(self) -> None:
        if not _SCOPE.fullmatch(self.scope) or not _CASE.fullmatch(self.case):
            raise ValueError("The scope of an erasure is a lower-case word, its case is a reference.")


@dataclass(frozen=True, slots=True)
class Correction:
    """One accepted correction; the key of ``record``, under which ``value`` is sealed, goes when this is erased."""

    agency: UUID
    subject: UUID
    element: str
    at: datetime
    case: str
    record: UUID
    value: bytes

    def __post_init__(self) -> None:
        if not _SCOPE.fullmatch(self.element) or not _CASE.fullmatch(self.case):
            raise ValueError("The element of a correction is a lower-case word, its case is a reference.")


Entry: TypeAlias = Erasure | Correction


class Erasures(Protocol):
    """The list, wherever it lies: each line is signed and holds the one before it, and so is their number."""

    def append(self, entry: Entry) -> None:
        """Write one entry; it is durable when this returns, so call it before what it tells of commits.

        Raises:
            ErasureLedgerBroken: the end of the list was altered; nothing is written behind it.
        """

    def count(self) -> int:
        """Return how many lines are noted, without reading them: what tells an older copy of the database.

        Raises:
            ErasureLedgerBroken: the signed count was altered.
        """

    def entries(self) -> Iterator[Entry]:
        """Yield every entry in its order, each verified before it is given out.

        Raises:
            ErasureLedgerBroken: naming the first line that was altered, removed or cut off.
        """

    def agree(self) -> None:
        """Bring the list and this machine's copy of it, where it is a copy, to the longer of the two.

        Raises:
            ErasureLedgerBroken: they contradict each other.
        """


class End(NamedTuple):
    """Where a list ends: the number of its last line, and that line's hex SHA-256; 0 and nothing when it is empty."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list. ``before`` is the hex SHA-256 of the line before it."""

    number: int
    entry: Entry
    before: str

    def content(self) -> dict[str, object]:
        """Return what the line says, by name."""
        one = self.entry
        content: dict[str, object] = {
            "number": self.number,
            "agency": str(one.agency),
            "subject": str(one.subject),
            "scope": one.scope if isinstance(one, Erasure) else one.element,
            "at": one.at.astimezone(UTC).isoformat(),
            "case": one.case,
        }
        if isinstance(one, Correction):
            content |= {"record": str(one.record), "value": b64encode(one.value).decode("ascii")}
        return content | {"before": self.before}

    def to_sign(self) -> bytes:
        """Return the bytes that the signature covers."""
        return json.dumps([_FORMAT, *self.content().values()]).encode("ascii")


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes lines and counts in the one form that a file and a database share, and reads none it did not sign."""

    signer: Signer

    def line(self, line: Line) -> bytes:
        """Return one signed JSON object."""
        return self._signed(line.content(), line.to_sign())

    def read(self, text: bytes, number: int) -> Line:
        """Return the line in this text.

        Raises:
            ErasureLedgerBroken: naming ``number``; it cannot be read, or another hand wrote it.
        """
        try:
            line, signature = _parsed(text)
        except (ValueError, KeyError, TypeError) as error:
            raise ErasureLedgerBroken(number, "cannot be read") from error
        if not self.signer.verify(line.to_sign(), signature):
            raise ErasureLedgerBroken(number, "was altered, or is not signed by this portal")
        return line

    def count(self, number: int) -> bytes:
        """Return one signed JSON object that says how many lines there are."""
        return self._signed({"count": number}, _count_text(number))

    def read_count(self, text: bytes) -> int:
        """Return how many lines there were when the last one was written; a crash may have left one more.

        Raises:
            ErasureLedgerBroken: it cannot be read, or another hand wrote it.
        """
        try:
            content = json.loads(text)
            count, signature = int(content["count"]), b64decode(content["signature"])
        except (ValueError, KeyError, TypeError) as error:
            raise ErasureLedgerBroken(0, "is unknown: the signed count beside it cannot be read") from error
        if not self.signer.verify(_count_text(count), signature):
            raise ErasureLedgerBroken(0, "is unknown: the count beside it is not signed by this portal")
        return count

    def whole(self, texts: Iterable[bytes], noted: int) -> Iterator[Entry]:
        """Yield the entries of a list, each verified, of which ``noted`` lines must be there at least.

        Raises:
            ErasureLedgerBroken: naming the first line that was altered, removed or cut off.
        """
        last = 0
        for line in self.following(texts, End(0, "")):
            yield line.entry
            last = line.number
        if last < noted:
            raise ErasureLedgerBroken(last + 1, "was cut off")

    def following(self, texts: Iterable[bytes], end: End) -> Iterator[Line]:
        """Yield the lines that go on behind an end, each verified.

        Raises:
            ErasureLedgerBroken: naming the first line that was altered or does not follow.
        """
        for text in texts:
            line = self.read(text, end.number + 1)
            if (line.number, line.before) != (end.number + 1, end.digest):
                raise ErasureLedgerBroken(end.number + 1, "does not follow the line before it")
            yield line
            end = end_with(line.number, text)

    def _signed(self, content: dict[str, object], to_sign: bytes) -> bytes:
        signature = b64encode(self.signer.sign(to_sign)).decode("ascii")
        return json.dumps(content | {"key": self.signer.key_id, "signature": signature}).encode("ascii")


def end_with(number: int, text: bytes) -> End:
    """Return the end of a list whose last line is this text."""
    return End(number, sha256(text).hexdigest())


def _parsed(text: bytes) -> tuple[Line, bytes]:
    content = json.loads(text)
    agency, subject, at = UUID(content["agency"]), UUID(content["subject"]), datetime.fromisoformat(content["at"])
    scope, case = str(content["scope"]), str(content["case"])
    entry: Entry = Erasure(agency, subject, scope, at, case)
    if "record" in content:
        entry = Correction(agency, subject, scope, at, case, UUID(content["record"]), b64decode(content["value"]))
    return Line(int(content["number"]), entry, str(content["before"])), b64decode(content["signature"])


def _count_text(count: int) -> bytes:
    return f"{_FORMAT}|count|{count}".encode("ascii")
