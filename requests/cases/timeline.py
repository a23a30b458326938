"""What has happened to a case, told from the ledger: families see their part of it, staff all."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, literal, select
from sqlmodel import col

from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.ledger.audit import Kind
from rightsdesk.requests.ledger.dialects import run
from rightsdesk.requests.ledger.tables import AuditEventRow

# What a family's page may tell. A decision shows only when it took effect; a lost authority never does.
PUBLIC: Final = frozenset(
    {
        "filed",
        "asked",
        "answered",
        "took_effect",
        "stopped",
        "disclosed",
        "fulfilled",
        "withdrawn",
        "reopened",
        "downloaded",
        "expired",
        "package_removed",
    }
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a case's history. ``staff`` is who did it, where a member of staff did."""

    kind: str
    at: datetime
    staff: UUID | None
    facts: tuple[tuple[str, str], ...]

    def fact(self, name: str) -> str:
        """Return a fact of the entry, or nothing."""
        return dict(self.facts).get(name, "")


# Looks are left where they are: a case that is looked at all day has hundreds, and no page tells them.
_WANTED: Final = (
    select(col(AuditEventRow.kind), col(AuditEventRow.at), col(AuditEventRow.actor), col(AuditEventRow.facts))
    .where(col(AuditEventRow.agency) == bindparam("agency"), col(AuditEventRow.case_reference) == bindparam("case"))
    .where(col(AuditEventRow.kind) != literal(str(Kind.VIEWED)))
    .order_by(col(AuditEventRow.seq))
)


def timeline(docket: Docket, case: Case) -> Sequence[Moment]:
    """Return what was done on a case, oldest first; not who looked at it."""
    found = run(docket.session, _WANTED, {"agency": docket.agency.id, "case": case.reference})
    return [
        Moment(row.kind, row.at, _staff(row.actor), tuple((name, value) for name, value in json.loads(row.facts)))
        for row in found
    ]


def family_timeline(docket: Docket, case: Case) -> Sequence[Moment]:
    """Return what the family may know of the history."""
    return [moment for moment in timeline(docket, case) if moment.kind in PUBLIC]


def _staff(actor: str) -> UUID | None:
    kind, _, number = actor.partition(":")
    return UUID(number) if kind == "staff" else None
