"""What signs people in, and what was begun towards it: taken from whoever was erased, and swept when it is over."""

from datetime import datetime
from uuid import UUID

from rightsdesk.requests.cases.docket import Docket
from rightsdesk.verification.passkeys.store import FAMILY, Passkeys
from rightsdesk.verification.school.store import Identities, SignIns
from rightsdesk.verification.students.store import Resets, StudentPasswords
from rightsdesk.web.portal import Portal
from rightsdesk.web.sessions import Sessions


def close(docket: Docket, person: UUID) -> None:
    """Let no school account, no password and no passkey sign in somebody who was erased."""
    Identities(docket.session, docket.agency.id).forget(person)
    StudentPasswords(docket.session, docket.agency.id).remove(person)
    Passkeys(docket.session, docket.agency.id, FAMILY, docket.vault).remove_all(person)


def end(portal: Portal, docket: Docket, person: UUID, now: datetime) -> None:
    """Close them, and end every session of that person."""
    Sessions(docket.session, docket.agency.id, docket.vault, now, portal.draw).end_all(person=person)
    close(docket, person)


def sweep(docket: Docket, now: datetime) -> None:
    """Remove what was begun at a provider and is over, what was taken apart a year ago, and grants that ended."""
    for kept in (SignIns, Identities, Resets):
        kept(docket.session, docket.agency.id).sweep(now)
