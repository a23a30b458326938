"""Who received a student's data: the record that a parent or eligible student may read (34 CFR 99.32)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.fulfilment.package.contents import Disclosed
from rightsdesk.requests.fulfilment.store import Disclosures
from rightsdesk.requests.law.terms import RequesterKind

# Releases to the family itself need not stand in the record (99.32(d)(1)); one guardian must not learn from it that
# the other asked.
FAMILY: Final = frozenset(
    {
        RequesterKind.PARENT,
        RequesterKind.GUARDIAN,
        RequesterKind.ELIGIBLE_STUDENT,
        RequesterKind.STUDENT_OWN_MINOR,
        RequesterKind.PARENT_OF_DEPENDENT,
        RequesterKind.REPRESENTATIVE,
    }
)


def disclosures(docket: Docket, subject: UUID, reader: UUID | None = None) -> Sequence[Disclosed]:
    """Return the releases a family may read, oldest first: those outside it, and the reader's own."""
    return [
        disclosed
        for disclosed, recipient in Disclosures(docket.session, docket.agency.id).about(subject)
        if disclosed.recipient_kind not in FAMILY or (reader is not None and recipient == reader)
    ]


def every_disclosure(docket: Docket, subject: UUID) -> Sequence[Disclosed]:
    """Return all releases, oldest first; for the agency's staff alone."""
    return [disclosed for disclosed, _ in Disclosures(docket.session, docket.agency.id).about(subject)]
