"""The tamper-evident ledger: every act is one entry, and each entry seals the one before it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, update
from sqlmodel import Session, col

from rightsdesk.requests.ledger.dialects import insert_into
from rightsdesk.requests.ledger.events import Act, Event, Kind, check
from rightsdesk.requests.ledger.tables import AuditEventRow, AuditHeadRow

__all__ = ["Act", "Entry", "Event", "Head", "Kind", "Ledger", "check"]

BEGINNING: Final = bytes(32)  # what the first entry names as the one before it
_FORMAT: Final = "rightsdesk-audit-1"


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of an agency's chain, as it is digested."""

    agency: UUID
    seq: int
    at: datetime
    event: Act
    previous: bytes

    def digest(self) -> bytes:
        """Return the 32 bytes that the next entry names."""
        event = self.event
        subject = event.subject.hex if event.subject else ""
        return digest_of(
            (self.agency.hex, str(self.seq), instant_text(self.at), event.kind, event.actor, event.case, subject),
            facts_text(event.facts),
            self.previous,
        )


@dataclass(frozen=True, slots=True)
class Head:
    """Where an agency's chain ended when a transaction was done: what a checkpoint keeps."""

    agency: UUID
    seq: int
    digest: bytes
    at: datetime


def instant_text(at: datetime) -> str:
    """Return an instant as it is digested: UTC to the microsecond, the very text SQLite stores."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def facts_text(facts: tuple[tuple[str, str], ...]) -> str:
    """Return the facts as they are stored: a JSON list of pairs in their order."""
    return json.dumps(facts, separators=(",", ":"))


def digest_of(texts: tuple[str, ...], facts: str, previous: bytes) -> bytes:
    """Return SHA-256 over every column, each with its length before it, so that no two entries can look alike."""
    framed = "".join([f"{len(text)}:{text}" for text in (_FORMAT, *texts, facts, previous.hex())])
    return sha256(framed.encode()).digest()


_NEXT: Final = (
    update(AuditHeadRow)
    .where(col(AuditHeadRow.agency) == bindparam("b_agency"))
    .values(seq=col(AuditHeadRow.seq) + 1)
    .returning(col(AuditHeadRow.seq), col(AuditHeadRow.digest))
)
_CLOSE: Final = (
    update(AuditHeadRow).where(col(AuditHeadRow.agency) == bindparam("b_agency")).values(digest=bindparam("b_digest"))
)
_ADD: Final = insert(AuditEventRow)


@dataclass(slots=True)
class Ledger:
    """Writes events to one agency's chain inside the caller's transaction; ``head`` is the last one written."""

    session: Session
    agency: UUID
    now: datetime
    head: Head | None = None

    def __call__(self, event: Act) -> None:
        """Append the event; it stands or falls with the caller's transaction.

        Raises:
            ValueError: the event holds what may be personal.
        """
        check(event)
        tx = self.session.connection()
        seq, previous = self._next(tx)
        entry = Entry(self.agency, seq, self.now, event, previous)
        digest = entry.digest()
        tx.execute(_ADD, [_row(entry, digest)])
        tx.execute(_CLOSE, {"b_agency": self.agency, "b_digest": digest})
        self.head = Head(self.agency, seq, digest, self.now)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what the block wrote, entries too, when it raises; what was written before it stays.

        Somebody may be faster between an entry and the save that it tells of.
        """
        before, is_kept = self.head, False
        try:
            with self.session.begin_nested():
                yield
            is_kept = True
        finally:
            self.head = self.head if is_kept else before

    def _next(self, tx: Connection) -> tuple[int, bytes]:
        """Take the next number; the head row stays locked until the end, so that writers queue here."""
        taken = tx.execute(_NEXT, {"b_agency": self.agency}).one_or_none()
        if taken is None:
            first = {"agency": self.agency, "seq": 0, "digest": BEGINNING}
            tx.execute(insert_into(tx, AuditHeadRow).on_conflict_do_nothing(), [first])
            taken = tx.execute(_NEXT, {"b_agency": self.agency}).one()
        return taken.seq, taken.digest


def _row(entry: Entry, digest: bytes) -> dict[str, object]:
    event = entry.event
    return {
        "agency": entry.agency,
        "seq": entry.seq,
        "at": entry.at,
        "kind": event.kind,
        "actor": event.actor,
        "case_reference": event.case,
        "subject": event.subject,
        "facts": facts_text(event.facts),
        "previous": entry.previous,
        "digest": digest,
    }
