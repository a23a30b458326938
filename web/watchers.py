"""Whoever watches over an agency is told when somebody changes by what people get in: nobody does that unseen.

Who can enter a sign-in of their own, and find people by it, could become any of them: all are mailed at once. So is
whoever made the change: who took over a session makes it in that name.
"""

from typing import Final

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.protocols import Event, Record
from rightsdesk.verification.staff.means import StaffMeans, Told, tell
from rightsdesk.web.portal import Portal
from rightsdesk.web.staffroom import staff_means
from rightsdesk.web.visits import Visit

_WATCHING: Final = frozenset({Role.ADMINISTRATOR, Role.LEAD, Role.AUDITOR})
_TRIED_OUT: Final = ("act", "tested")  # it changed nothing


def watched(visit: Visit) -> Record:
    """Return what writes down a change by whoever sits here and has everybody told who watches over the agency."""
    means = staff_means(visit.portal, visit.tx, visit.here, visit.now, visit.language)
    record = visit.portal.ledger(visit.tx, visit.here.id, visit.now)
    return _watched(record, means, Staff(visit.tx, visit.here.id, visit.vault), str(visit.me.id))


def watched_operator(portal: Portal, tx: Session, agency: Agency) -> Record:
    """Return what writes down a change by the operator and has everybody told who watches over the agency."""
    now, staff = portal.now(), Staff(tx, agency.id, portal.vault.agency(agency.id))
    return _watched(portal.ledger(tx, agency.id, now), staff_means(portal, tx, agency, now), staff, "operator")


def _watched(record: Record, means: StaffMeans, staff: Staff, by: str) -> Record:
    # One mail each, however much changes at once.
    def write(event: Event) -> None:
        record(event)
        if _TRIED_OUT in event.facts:
            return
        for one in staff.every():
            if one.roles & _WATCHING:
                tell(means, one.id, Told.WAYS_CHANGED, key=f"{means.now.isoformat()} {by}")

    return write
