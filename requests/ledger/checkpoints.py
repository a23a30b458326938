"""Signed notes outside the database of where each ledger ended: a cut or rewritten one contradicts them."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

from rightsdesk.requests.ledger.durable import (
    alone,
    append_line,
    content_of,
    cut_half_line,
    last_line,
    lines_of,
    replace_file,
)
from rightsdesk.requests.ledger.errors import CheckpointBroken
from rightsdesk.requests.ledger.signing import Signer

EVERY: Final = 16  # entries between two lines of the log
AT_LEAST: Final = timedelta(minutes=1)  # a longer pause than this also gets its line
# Whatever else lies in the folder is no note: copying programs leave files of their own beside those they copied.
_NOTE: Final = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(?:head|log)")


def signed_ledgers(folder: Path) -> frozenset[UUID]:
    """Return the ledgers of which a note was ever made in this folder; none where there is no such folder."""
    return frozenset(UUID(note[1]) for one in folder.glob("*") if (note := _NOTE.fullmatch(one.name)))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Entry ``seq`` of the agency's chain had this digest. ``line`` counts the lines of the log so far."""

    agency: UUID
    seq: int
    digest: bytes
    at: datetime
    line: int
    before: str = ""  # in the log: hex SHA-256 of the line before, so that none can be taken out

    def to_sign(self) -> bytes:
        """Return the bytes that the signature covers."""
        at = self.at.astimezone(UTC).isoformat()
        parts = ("rightsdesk-checkpoint-1", self.agency, self.seq, self.digest.hex(), at, self.line, self.before)
        return "|".join(str(part) for part in parts).encode("ascii")


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The folder with the files ``<agency>.head`` and ``<agency>.log``; programs on one machine may share it.

    Somebody who kept an older signed head can put it back and cut the ledger to fit. The log, whose lines hold one
    another, knows better: of what was written since its last line, at most 15 entries of less than a minute, and only
    of that, nothing tells. Who also puts back an older log must be stopped by keeping a copy of it elsewhere.
    """

    folder: Path
    signer: Signer
    _seen: dict[tuple[UUID, str], tuple[bytes, Checkpoint]] = field(default_factory=dict, repr=False, compare=False)

    def keep(self, agency: UUID, seq: int, digest: bytes, at: datetime) -> None:
        """Note the head after its transaction was committed; an older head than the noted one changes nothing.

        Raises:
            CheckpointBroken: the note that is there was altered. ``verify`` says more.
        """
        if not self.folder.is_dir():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(self._file(agency, "lock")):
            last = self.head(agency)
            if last is not None and seq <= last.seq:
                return
            head = Checkpoint(agency, seq, digest, at, last.line if last else 0)
            if last is not None:
                head = replace(head, line=self._logged(head, last))
            replace_file(self._file(agency, "head"), self._signed(head))

    def head(self, agency: UUID) -> Checkpoint | None:
        """Return the newest note, or nothing when none was ever made.

        Raises:
            CheckpointBroken: it was altered, taken away, or signed by somebody else.
        """
        try:
            text = content_of(self._file(agency, "head"))
        except FileNotFoundError:
            if self._file(agency, "log").exists():
                raise CheckpointBroken("The newest signed checkpoint was taken away; its log is still there.") from None
            return None
        return self._recalled(text, agency, "The newest signed checkpoint")

    def log(self, agency: UUID) -> Iterator[Checkpoint]:
        """Yield the notes of every 16 entries or minute, oldest first.

        Raises:
            CheckpointBroken: a line was altered, removed or signed by somebody else.
        """
        before = ""
        for number, text in enumerate(lines_of(self._file(agency, "log")), start=1):
            mark = self._checked(text, agency, f"Line {number} of the log of signed checkpoints")
            if mark.line != number or mark.before != before:
                raise CheckpointBroken(f"The log of signed checkpoints lacks a line before line {number}.")
            before = sha256(text).hexdigest()
            yield mark

    def _logged(self, head: Checkpoint, last: Checkpoint) -> int:
        """Append a line where one is due, and return how many lines the new head vouches for."""
        path = self._file(head.agency, "log")
        text = last_line(path)
        newest = self._recalled(text, head.agency, "The last line of the log of signed checkpoints") if text else None
        lines = newest.line if newest else 0
        # Never a line over a cut or over a number that stands there already: the contradiction is the evidence.
        if lines < last.line or (newest and head.seq <= newest.seq):
            return last.line
        if newest and head.seq // EVERY == last.seq // EVERY and head.at - newest.at < AT_LEAST:
            return lines
        before = sha256(text).hexdigest() if text else ""
        cut_half_line(path)
        append_line(path, self._signed(replace(head, line=lines + 1, before=before)))
        return lines + 1

    def _signed(self, mark: Checkpoint) -> bytes:
        content = {
            "agency": str(mark.agency),
            "seq": mark.seq,
            "digest": mark.digest.hex(),
            "at": mark.at.astimezone(UTC).isoformat(),
            "line": mark.line,
            "before": mark.before,
            "key": self.signer.key_id,
            "signature": b64encode(self.signer.sign(mark.to_sign())).decode("ascii"),
        }
        return json.dumps(content).encode("ascii")

    def _recalled(self, text: bytes, agency: UUID, name: str) -> Checkpoint:
        """Return what ``_checked`` does; the very bytes that were looked at last are not looked at again."""
        seen, mark = self._seen.get((agency, name), (b"", None))
        if mark is None or seen != text:
            mark = self._checked(text, agency, name)
            self._seen[agency, name] = (text, mark)
        return mark

    def _checked(self, text: bytes, agency: UUID, name: str) -> Checkpoint:
        try:
            content = json.loads(text)
            mark = Checkpoint(
                UUID(content["agency"]),
                int(content["seq"]),
                bytes.fromhex(content["digest"]),
                datetime.fromisoformat(content["at"]),
                int(content["line"]),
                str(content["before"]),
            )
            signature = b64decode(content["signature"])
        except (ValueError, KeyError, TypeError) as error:
            raise CheckpointBroken(f"{name} cannot be read.") from error
        if mark.agency != agency or not self.signer.verify(mark.to_sign(), signature):
            raise CheckpointBroken(f"{name} is not signed by this portal for this agency.")
        return mark

    def _file(self, agency: UUID, ending: str) -> Path:
        return self.folder / f"{agency}.{ending}"
