"""What the staff of one agency sign in with: verification's means, built on this portal's record."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.verification.counting.store import Counts
from rightsdesk.verification.staff.means import StaffMeans
from rightsdesk.verification.staff.store import Credentials
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import Recorder


def staff_means(portal: Portal, tx: Session, agency: Agency, now: datetime, language: str = "en") -> StaffMeans:
    """Return what signing in staff of an agency needs, inside one unit of work; mails are in ``language``."""
    counts = Counts(tx, agency.id, ZoneInfo(agency.zone))
    return StaffMeans(
        credentials=Credentials(tx, agency.id),
        counts=counts,
        seal=portal.vault.agency(agency.id),
        record=Recorder(portal.ledger(tx, agency.id, now), counts, now),
        draw=portal.draw,
        passwords=portal.passwords,
        jobs=portal.jobs,
        now=now,
        language=language,
    )
