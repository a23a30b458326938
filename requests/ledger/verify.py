"""Finds the first entry of an agency's ledger that is not what was once written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from itertools import pairwise
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import String, select, type_coerce
from sqlmodel import Session, col

from rightsdesk.requests.ledger.audit import BEGINNING, digest_of, instant_text
from rightsdesk.requests.ledger.checkpoints import Checkpoints
from rightsdesk.requests.ledger.errors import CheckpointBroken
from rightsdesk.requests.ledger.tables import AuditEventRow, AuditHeadRow

_BATCH: Final = 5000


@dataclass(frozen=True, slots=True)
class Verdict:
    """``entries`` were read; ``first_bad`` is the number of the first one that is wrong, where one can be named."""

    entries: int
    ok: bool
    first_bad: int | None
    why: str


class _Link(NamedTuple):
    seq: int
    at: str | datetime
    kind: str
    actor: str
    case: str
    subject: str | UUID | None
    facts: str
    previous: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class _Fault:
    seq: int | None
    why: str


class _Notes(Enum):
    """Whether a ledger of which nothing was signed counts as whole."""

    NEEDED = "needed"
    MAY_LACK = "may lack"


@dataclass(frozen=True, slots=True)
class _Signed:
    """What the files outside the database say: the digest of some entries, and what is wrong with the files."""

    digests: dict[int, bytes] = field(default_factory=dict)
    trouble: str = ""

    @property
    def last(self) -> int:
        return max(self.digests, default=0)


def verify(session: Session, agency: UUID, checkpoints: Checkpoints) -> Verdict:
    """Return whether the agency's whole chain is as it was written, reading it in batches."""
    # Before the entries: what is appended while we read may be newer than the note, never older.
    signed = _signed(checkpoints, agency)
    return _judged(session, agency, signed, _Notes.NEEDED)


def verify_copy(session: Session, agency: UUID, checkpoints: Checkpoints) -> Verdict:
    """Return whether an older copy of the chain is as it was written; what was signed later is passed over."""
    signed, end = _signed(checkpoints, agency), _head(session, agency)[0]
    older = {seq: digest for seq, digest in signed.digests.items() if seq <= end}
    return _judged(session, agency, replace(signed, digests=older), _Notes.MAY_LACK)


def _judged(session: Session, agency: UUID, signed: _Signed, notes: _Notes) -> Verdict:
    walk = _Walk(agency, signed.digests, _head(session, agency))
    fault = walk.through(_links(session, agency)) or walk.end(signed.last, _head(session, agency))
    is_bare = not signed.digests and walk.last.seq and not signed.trouble
    if fault is None and is_bare and notes is _Notes.NEEDED:
        fault = _Fault(None, "There is no signed checkpoint for this ledger.")
    if fault is None and not signed.trouble:
        return Verdict(walk.read, ok=True, first_bad=None, why="")
    words = [fault.why if fault else "", signed.trouble]
    return Verdict(walk.read, ok=False, first_bad=fault.seq if fault else None, why=" ".join(filter(None, words)))


@dataclass(slots=True)
class _Walk:
    """Goes along the chain and stops at the first entry that is wrong."""

    agency: UUID
    signed: dict[int, bytes]
    head: tuple[int, bytes]
    read: int = 0
    agreed: int = 0  # the last entry that a signed note vouches for
    last: _Link = field(default=_Link(0, "", "", "", "", None, "", BEGINNING, BEGINNING))

    def through(self, links: Iterable[_Link]) -> _Fault | None:
        """Return the first fault inside the chain."""
        for link, following in pairwise(_with_end(links)):
            assert link is not None  # noqa: S101 - the end comes last, so it is never the first of a pair
            self.read += 1
            fault = self._fault(link, following)
            if fault:
                return fault
            if link.seq in self.signed:
                self.agreed = link.seq
            self.last = link
        return None

    def end(self, signed_last: int, head: tuple[int, bytes]) -> _Fault | None:
        """Return what is wrong with where the chain ends; ``head`` is what the database says now."""
        last = self.last
        if last.seq < max(signed_last, self.head[0]):
            return _Fault(last.seq + 1, f"The ledger was cut off after entry {last.seq}.")
        if last.seq > head[0]:
            return _Fault(head[0] + 1, f"Entry {head[0] + 1} was inserted behind the end.")
        if last.seq == head[0] and last.digest != head[1]:
            return _Fault(last.seq, f"Entry {last.seq} was altered.")
        return None

    def _fault(self, link: _Link, following: _Link | None) -> _Fault | None:
        expected = self.last.seq + 1
        if link.seq > expected:
            return _Fault(expected, f"Entry {expected} was removed.")
        if link.seq < expected:
            return _Fault(link.seq, f"Entry {link.seq} was inserted.")
        whole = _digest(self.agency, link) == link.digest
        if not whole or link.previous != self.last.digest:
            return self._blame(link, following, whole=whole)
        if self.signed.get(link.seq, link.digest) != link.digest:
            first = self.agreed + 1
            return _Fault(first, f"Entries from {first} to {link.seq} were rewritten: the signed checkpoint differs.")
        return None

    def _blame(self, link: _Link, following: _Link | None, *, whole: bool) -> _Fault:
        before = self.last
        if before.seq and link.previous == before.previous:
            return _Fault(before.seq, f"Entry {before.seq} was inserted.")
        # An entry whose neighbours agree with it is genuine: then the one before it was rewritten, digest and all.
        if whole and before.seq and self._vouched(link, following):
            return _Fault(before.seq, f"Entry {before.seq} was altered.")
        return _Fault(link.seq, f"Entry {link.seq} was altered.")

    def _vouched(self, link: _Link, following: _Link | None) -> bool:
        if following is not None:
            return following.previous == link.digest
        return self.signed.get(link.seq, self.head[1]) == link.digest


def _signed(checkpoints: Checkpoints, agency: UUID) -> _Signed:
    digests: dict[int, bytes] = {}
    try:
        lines = 0
        for mark in checkpoints.log(agency):
            digests.setdefault(mark.seq, mark.digest)
            lines = mark.line
        head = checkpoints.head(agency)
    except CheckpointBroken as problem:
        return _Signed(digests, str(problem))
    if head is None:
        return _Signed(digests)
    digests.setdefault(head.seq, head.digest)
    cut = "The log of signed checkpoints was cut off." if lines < head.line else ""
    return _Signed(digests, cut)


def _head(session: Session, agency: UUID) -> tuple[int, bytes]:
    wanted = select(col(AuditHeadRow.seq), col(AuditHeadRow.digest)).where(col(AuditHeadRow.agency) == agency)
    found = session.connection().execute(wanted).one_or_none()
    return (found[0], found[1]) if found else (0, BEGINNING)


def _links(session: Session, agency: UUID) -> Iterator[_Link]:
    row = AuditEventRow
    # As text: turning 200,000 instants a second into objects and back again is most of the cost.
    wanted = (
        select(
            col(row.seq),
            type_coerce(col(row.at), String),
            col(row.kind),
            col(row.actor),
            col(row.case_reference),
            type_coerce(col(row.subject), String),
            col(row.facts),
            col(row.previous),
            col(row.digest),
        )
        .where(col(row.agency) == agency)
        .order_by(col(row.seq))
    )
    # Closed also when the walk ends at a fault: PostgreSQL keeps what nobody read to its end.
    with session.connection().execution_options(yield_per=_BATCH).execute(wanted) as streamed:
        for batch in streamed.partitions(_BATCH):
            yield from map(_Link._make, batch)


def _digest(agency: UUID, link: _Link) -> bytes:
    """Return the digest the entry should have; PostgreSQL gives instants and ids as objects, SQLite as text."""
    at, subject = link.at, link.subject
    try:
        texts = (
            agency.hex,
            str(link.seq),
            at if isinstance(at, str) else instant_text(at),
            link.kind,
            link.actor,
            link.case,
            subject if isinstance(subject, str) else _hex(subject),
        )
        return digest_of(texts, link.facts, link.previous)
    except (TypeError, AttributeError):
        return b""  # something that is no text at all: SQLite takes any type in any column


def _hex(subject: UUID | None) -> str:
    return subject.hex if subject else ""


def _with_end(links: Iterable[_Link]) -> Iterator[_Link | None]:
    yield from links
    yield None
