"""The demo's staff: two approvers, a lead and an administrator, ready to sign in."""

from base64 import b32encode
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from pyotp.totp import TOTP
from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency, Colleague, Role
from rightsdesk.requests.agencies.staffing import add_colleague
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.staff import accounts
from rightsdesk.web.portal import Portal
from rightsdesk.web.staffroom import staff_means

TEAM: Final = (
    ("Priya Nair", "priya.nair@marigold.example", Role.APPROVER),
    ("Dana Wu", "dana.wu@marigold.example", Role.APPROVER),
    ("Sam Ortiz", "sam.ortiz@marigold.example", Role.LEAD),
    ("Rosa Marin", "rosa.marin@marigold.example", Role.ADMINISTRATOR),
)
_WORDS: Final = 20  # random bytes of a password: 160 bits


@dataclass(frozen=True, slots=True)
class Hired:
    """A member of the demo's staff, with the secrets that only a demo prints."""

    id: UUID
    email: str
    password: str
    totp_secret: str
    role: str


class Quiet:
    """Sends nothing: nobody reads the mails of a team that never set anything up."""

    def submit(self, tx: Session, kind: str, key: str, *ids: str) -> None:
        """Leave it undone."""


def hire(portal: Portal, agency: Agency) -> tuple[Hired, ...]:
    """Enter the staff with a drawn password and an enrolled authenticator, and return how each signs in."""
    return tuple(_hired(portal, agency, *member) for member in TEAM)


def _hired(portal: Portal, agency: Agency, name: str, email: str, role: Role) -> Hired:
    colleague = Colleague(portal.fresh_id(), name, email, frozenset({role}))
    password = b32encode(portal.draw(_WORDS)).decode().lower()
    # Enrolled yesterday: the code that the app shows now has not been used yet.
    now = portal.now() - timedelta(days=1)
    with portal.storage.write() as tx:
        vault = portal.vault.agency(agency.id)
        record = portal.ledger(tx, agency.id, now)
        add_colleague(Staff(tx, agency.id, vault), record, colleague, "operator", now)
        means = replace(staff_means(portal, tx, agency, now), jobs=Quiet())
        accounts.set_password(means, colleague.id, password, (), now)
        accounts.begin_app(means, colleague.id)
        seed = accounts.pending_seed(means, colleague.id) or ""
        accounts.confirm_app(means, colleague.id, TOTP(seed).at(now), now)
    return Hired(colleague.id, email, password, seed, str(role))
