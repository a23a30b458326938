"""Staff who sign in by their school account: Pat, whom the roster finds, and Quinn, whom it does not."""

from dataclasses import replace
from typing import Final
from uuid import UUID

import pyotp
from family_given import MARCUS, MARIGOLD
from forging_given import Forger
from given import clock_of
from schooling_given import DESK_START, Visitor, events, facts_of, provider_at
from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.staff import accounts
from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import school_means
from rightsdesk.web.sessions import STAFF, Sessions
from rightsdesk.web.staffroom import staff_means

PAT: Final = Colleague(
    UUID("dddddddd-0000-4000-8000-0000000000aa"),
    "Pat Bell",
    "pat@marigold.example",
    frozenset({Role.APPROVER}),
    MARCUS,
)
QUINN: Final = replace(
    PAT, id=UUID("dddddddd-0000-4000-8000-0000000000ab"), email="quinn@marigold.example", person=None
)
SECOND: Final = "/desk/marigold/second-factor"
OWN: Final = "/desk/marigold/settings/sign-in"


def hired(portal: Portal) -> pyotp.TOTP:
    """Let Pat and Quinn work here, and return Pat's authenticator."""
    with portal.storage.write() as tx:
        staff = Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id))
        for one in (PAT, QUINN):
            staff.add(one, portal.now())
        means = staff_means(portal, tx, MARIGOLD, portal.now())
        return next(iter([enrolled(portal, means, one.id) for one in (PAT, QUINN)]))


def enrolled(portal: Portal, means: accounts.StaffMeans, account: UUID) -> pyotp.TOTP:
    """Set up an authenticator for an account, and return it."""
    accounts.begin_app(means, account)
    app = pyotp.TOTP(accounts.pending_seed(means, account) or "")
    assert accounts.confirm_app(means, account, app.at(portal.now()), portal.now())
    return app


def waiting_code(portal: Portal) -> str:
    """Return the code that Pat's next app shows now, which waits for its first one."""
    with portal.storage.read() as tx:
        seed = accounts.pending_seed(staff_means(portal, tx, MARIGOLD, portal.now()), PAT.id)
    return pyotp.TOTP(seed or "").at(portal.now())


def trust(portal: Portal, forger: Forger, **changed: object) -> None:
    """Change the agency's row for the forging provider."""
    with portal.storage.write() as tx:
        school_means(portal, tx, MARIGOLD, portal.now()).providers.change(provider_at(forger, **changed))


def sessions(portal: Portal, tx: Session) -> Sessions:
    """Return the sessions at the desk."""
    return Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), portal.now(), portal.draw, STAFF)


def seated(visitor: Visitor) -> UUID | None:
    """Return who sits in this browser."""
    with visitor.portal.storage.read() as tx:
        return sessions(visitor.portal, tx).open(visitor.browser.cookies["__Host-rightsdesk-desk"]).staff


def enter(portal: Portal, tx: Session, visitor: Visitor) -> None:
    """Let whoever sits in this browser have shown the second factor."""
    mine = sessions(portal, tx)
    seat = mine.open(visitor.browser.cookies["__Host-rightsdesk-desk"])
    mine.store(replace(seat, second_at=portal.now()))


def at_desk(visitor: Visitor) -> bool:
    """Say whether this browser is in."""
    return visitor.browser.get("/desk/marigold/cases").status_code == 200


def reason(portal: Portal) -> str:
    """Return why the last sign-in was refused."""
    return str(facts_of(events(portal, "sign_in_refused")[-1])["reason"])


def let_in(portal: Portal, app: pyotp.TOTP) -> Visitor:
    """Return the browser of Pat, in which the school account and the app's code were shown."""
    visitor = Visitor(portal)
    visitor.sign_in(DESK_START)
    clock_of(portal).advance(seconds=60)
    assert visitor.browser.post(SECOND, data={"totp": app.at(portal.now())}).status_code == 303
    return visitor
