"""Somebody who works at the agency of the families, and the browser at which they sit."""

from dataclasses import replace
from uuid import UUID, uuid4

from given import MARIGOLD, given_browser
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.web.portal import Portal
from rightsdesk.web.sessions import STAFF, Sessions


def hired(portal: Portal, *roles: Role, person: UUID | None = None, name: str = "Ines Ruiz") -> UUID:
    """Return somebody who works here."""
    one = Colleague(portal.fresh_id(), name, f"{uuid4()}@marigold.example", frozenset(roles), person=person)
    with portal.storage.write() as tx:
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).add(one, portal.now())
    return one.id


def desk(portal: Portal, staff: UUID) -> TestClient:
    """Return a browser in which they are signed in; it follows redirects."""
    browser = given_browser(portal)
    browser.follow_redirects = True
    with portal.storage.write() as tx:
        seats = Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), portal.now(), portal.draw, STAFF)
        fresh = replace(seats.fresh(), kind=STAFF, staff=staff, password_at=portal.now(), second_at=portal.now())
        browser.cookies.set("__Host-rightsdesk-desk", seats.store(fresh).token)
    return browser
