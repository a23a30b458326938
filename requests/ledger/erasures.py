"""The list of what was erased, kept outside the database, so that no restored backup brings it back."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

from rightsdesk.requests.ledger.durable import alone, append_line, cut_half_line, last_line, lines_of, replace_file
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
class _Line:
    number: int
    erasure: Erasure
    before: str  # hex SHA-256 of the line before

    def to_sign(self) -> bytes:
        one = self.erasure
        at = one.at.astimezone(UTC).isoformat()
        return json.dumps(
            [_FORMAT, self.number, str(one.agency), str(one.subject), one.scope, at, one.case, self.before]
        ).encode("ascii")


@dataclass(frozen=True, slots=True)
class Erasures:
    """The file, one signed JSON object a line; beside it ``.head`` says, signed too, how many lines there are."""

    path: Path
    signer: Signer

    def append(self, erasure: Erasure) -> None:
        """Write one erasure; it is on the disk when this returns, so call it before the erasure commits.

        Raises:
            ErasureLedgerBroken: the end of the file was altered; nothing is written behind it.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(self._beside("lock")):
            self._mend()
            count, before = self._end()
            text = self._signed(_Line(count + 1, erasure, before))
            append_line(self.path, text)
            self._note(count + 1)

    def count(self) -> int:
        """Return how many lines are noted, without reading them: what tells an older copy of the database.

        Raises:
            ErasureLedgerBroken: the signed count was altered.
        """
        return self._noted()

    def entries(self) -> Iterator[Erasure]:
        """Yield every erasure in its order, each verified before it is given out.

        Raises:
            ErasureLedgerBroken: naming the first line that was altered, removed or cut off.
        """
        if not self.path.parent.exists():
            return
        with alone(self._beside("lock")):
            self._mend()
            noted = self._noted()
        number, before = 0, ""
        for number, text in enumerate(lines_of(self.path), start=1):
            line = self._checked(text, number)
            if line.number != number or line.before != before:
                raise ErasureLedgerBroken(number, "does not follow the line before it")
            before = sha256(text).hexdigest()
            yield line.erasure
        if number < noted:
            raise ErasureLedgerBroken(number + 1, "was cut off")

    def _mend(self) -> None:
        """Drop the half of a line that a crash left: its erasure never committed. A whole one only lacks its end."""
        half = cut_half_line(self.path)
        if not half:
            return
        try:
            self._checked(half, self._noted())
        except ErasureLedgerBroken:
            return
        append_line(self.path, half)

    def _end(self) -> tuple[int, str]:
        """Return the number and the hash of the last line."""
        text = last_line(self.path)
        noted = self._noted()
        if not text:
            if noted:
                raise ErasureLedgerBroken(1, "was cut off")
            return 0, ""
        last = self._checked(text, noted).number
        if last < noted:
            raise ErasureLedgerBroken(last + 1, "was cut off")
        return last, sha256(text).hexdigest()

    def _noted(self) -> int:
        """Return how many lines there were when the last one was written; a crash may have left one more."""
        try:
            content = json.loads(self._beside("head").read_bytes())
            count = int(content["count"])
            signature = b64decode(content["signature"])
        except FileNotFoundError:
            return 0
        except (ValueError, KeyError, TypeError) as error:
            raise ErasureLedgerBroken(0, "is unknown: the signed count beside it cannot be read") from error
        if not self.signer.verify(_count_text(count), signature):
            raise ErasureLedgerBroken(0, "is unknown: the count beside it is not signed by this portal")
        return count

    def _note(self, count: int) -> None:
        signature = b64encode(self.signer.sign(_count_text(count))).decode("ascii")
        content = {"count": count, "key": self.signer.key_id, "signature": signature}
        replace_file(self._beside("head"), json.dumps(content).encode("ascii"))

    def _signed(self, line: _Line) -> bytes:
        one = line.erasure
        content = {
            "number": line.number,
            "agency": str(one.agency),
            "subject": str(one.subject),
            "scope": one.scope,
            "at": one.at.astimezone(UTC).isoformat(),
            "case": one.case,
            "before": line.before,
            "key": self.signer.key_id,
            "signature": b64encode(self.signer.sign(line.to_sign())).decode("ascii"),
        }
        return json.dumps(content).encode("ascii")

    def _checked(self, text: bytes, number: int) -> _Line:
        try:
            line, signature = _parsed(text)
        except (ValueError, KeyError, TypeError) as error:
            raise ErasureLedgerBroken(number, "cannot be read") from error
        if not self.signer.verify(line.to_sign(), signature):
            raise ErasureLedgerBroken(number, "was altered, or is not signed by this portal")
        return line

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{ending}")


def _parsed(text: bytes) -> tuple[_Line, bytes]:
    content = json.loads(text)
    erasure = Erasure(
        UUID(content["agency"]),
        UUID(content["subject"]),
        str(content["scope"]),
        datetime.fromisoformat(content["at"]),
        str(content["case"]),
    )
    return _Line(int(content["number"]), erasure, str(content["before"])), b64decode(content["signature"])


def _count_text(count: int) -> bytes:
    return f"{_FORMAT}|count|{count}".encode("ascii")
