"""What a family adds to show that something is wrong: cleaned before it comes here, kept sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import col

from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.errors import BadFiling, NoSuchCase
from rightsdesk.requests.cases.rows.store import SCOPE
from rightsdesk.requests.cases.tables import EvidenceRow
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.dialects import run

LARGEST: Final = 10 * 1024 * 1024
KINDS: Final = ("jpg", "png", "pdf")


@dataclass(frozen=True, slots=True)
class Clean:
    """A photo or PDF after its metadata was taken out. ``kind`` comes from the content, never from the name."""

    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece of evidence on a case, without its content. ``size`` is in bytes."""

    id: UUID
    kind: str
    size: int
    added_at: datetime


def keep(docket: Docket, case: Case, clean: Clean, now: datetime) -> UUID:
    """Seal a piece of evidence into the case and return its id.

    Raises:
        BadFiling: the case would hold more than 10 MB, or the kind is not a photo or PDF.
    """
    used = sum(one.size for one in listed(docket, case))
    if used + len(clean.content) > LARGEST:
        raise BadFiling("The files are too big. Use 10 MB or less in all.")
    if clean.kind not in KINDS:
        raise BadFiling("Add a photo or a PDF.")
    row = docket.fresh_id()
    docket.session.add(
        EvidenceRow(
            id=row,
            agency=docket.agency.id,
            case=case.id,
            kind=clean.kind,
            size=len(clean.content),
            content=docket.vault.seal_bytes(case.subject, SCOPE, f"case_evidence:{row}:content", clean.content),
            added_at=now,
        )
    )
    docket.session.flush()
    docket.record(Event("evidence_added", f"requester:{case.requester}", case.reference, case.subject))
    return row


_LISTED: Final = (
    select(col(EvidenceRow.id), col(EvidenceRow.kind), col(EvidenceRow.size), col(EvidenceRow.added_at))
    .where(col(EvidenceRow.case) == bindparam("case"), col(EvidenceRow.agency) == bindparam("agency"))
    .order_by(col(EvidenceRow.added_at), col(EvidenceRow.id))
)


def listed(docket: Docket, case: Case) -> Sequence[Kept]:
    """Return what was added to a case, oldest first, without opening it."""
    rows = run(docket.session, _LISTED, {"agency": docket.agency.id, "case": case.id})
    return [Kept(row.id, row.kind, row.size, row.added_at) for row in rows]


def opened(docket: Docket, case: Case, evidence: UUID) -> Clean:
    """Return a piece of evidence, open.

    Raises:
        NoSuchCase: it is not of this case.
    """
    row = docket.session.get(EvidenceRow, evidence)
    if row is None or row.case != case.id or row.agency != docket.agency.id:
        raise NoSuchCase("We cannot find that file.")
    place = f"case_evidence:{row.id}:content"
    return Clean(row.kind, docket.vault.unseal_bytes(case.subject, SCOPE, place, row.content))
