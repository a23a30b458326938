"""Removes what the portal has kept long enough, and writes down how much it was (F-70)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.notices import forget_addresses
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.stewardship.store import Leftovers

EVIDENCE: Final = timedelta(days=120)  # after the case closed
PROBLEMS: Final = timedelta(days=30)  # after the import ended
ADDRESSES: Final = timedelta(days=7)  # of notices to people whose record was erased; most go within minutes


class Run(StrEnum):
    """Whether a sweep removes what it finds."""

    REMOVE = "remove"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Swept:
    """How much was removed, or would be."""

    evidence: int
    problems: int
    addresses: int


def sweep(docket: Docket, now: datetime, run: Run = Run.REMOVE) -> Swept:
    """Remove what is over its time and return the counts; ``Run.LOOK`` changes nothing but the ledger.

    Codes, drafts, packages and sessions have sweeps of their own, beside what they sweep.
    """
    left = Leftovers(docket.session, docket.agency.id)
    evidence, addressed = left.evidence(now - EVIDENCE), left.addressed(now - ADDRESSES)
    swept = Swept(len(evidence), left.problems(now - PROBLEMS), len(addressed))
    if run is Run.REMOVE:
        left.remove_evidence(evidence)
        left.remove_problems(now - PROBLEMS)
        forget_addresses(docket, addressed)
    docket.record(Event("retention_ran", "system", facts=_facts(swept, run)))
    return swept


def _facts(swept: Swept, run: Run) -> tuple[tuple[str, str], ...]:
    counts = (("evidence", swept.evidence), ("problems", swept.problems), ("addresses", swept.addresses))
    return (("run", str(run)), *((name, str(count)) for name, count in counts))
