"""An agency whose people have school accounts, and a browser that signs in there and comes back."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import httpx2
import pytest
from family_given import MARIGOLD, PEOPLE, given_families
from forging_given import CLIENT, SECRET, TENANT, Forger
from given import given_browser
from sqlmodel import Session, select
from starlette.testclient import TestClient

from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import PersonIndexRow, SourceRecordRow, SourceRow
from rightsdesk.verification.school.discovery import Discovery
from rightsdesk.verification.school.kinds import LinkKey, ProviderKind
from rightsdesk.verification.school.provider import Provider
from rightsdesk.verification.school.store import Linked
from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import school_means

SOURCE: Final = UUID("ffffffff-0000-4000-8000-000000000001")
START: Final = "/marigold/sign-in/classlink"
DESK_START: Final = "/desk/marigold/sign-in/classlink"


def provider_at(forger: Forger, **changed: object) -> Provider:
    """Return the agency's row for the forging provider, told apart by its TenantId."""
    plain = Provider(
        id=UUID("eeeeeeee-0000-4000-8000-000000000001"),
        slug="classlink",
        label="ClassLink",
        kind=ProviderKind.CLASSLINK,
        issuer=forger.issuer,
        client_id=CLIENT,
        tenant_claim="TenantId",
        tenant=str(TENANT),
        link_key=LinkKey.SOURCED_ID,
        link_claim="SourcedId",
        for_staff=True,
    )
    return replace(plain, **changed)  # type: ignore[arg-type]  # fields of a provider


def given_school(folder: Path, forger: Forger, **changed: object) -> Portal:
    """Return a portal with families on its roster, and the forging provider entered; it may be on this machine."""
    portal = replace(given_families(folder), schools=Discovery(on_loopback=True))
    with portal.storage.write() as tx:
        enter_roster(portal, tx)
        school_means(portal, tx, MARIGOLD, portal.now()).providers.add(
            provider_at(forger, **changed), SECRET, portal.now()
        )
    return portal


def enter_roster(portal: Portal, tx: Session) -> None:
    """Enter everybody under a sourcedId, a student number and a username."""
    vault, now = portal.vault.agency(MARIGOLD.id), portal.now()
    tx.add(SourceRow(id=SOURCE, agency=MARIGOLD.id, kind="oneroster"))
    tx.flush()
    for person in PEOPLE:
        written = sourced_id(person.id)
        sealed = vault.seal(person.id, "identity", place("roster_records", person.id, "sourced_id"), written)
        tx.add(
            SourceRecordRow(
                source=SOURCE,
                source_key=vault.index("source", written),
                person=person.id,
                sourced_id=sealed,
                print="x",
                first_seen=now,
                last_changed=now,
            )
        )
        for purpose, value in (("student_number", person.number), ("username", person.given.casefold())):
            if value:
                entry = vault.index(purpose, value)
                tx.add(PersonIndexRow(agency=MARIGOLD.id, purpose=purpose, value=entry, person=person.id))


def sourced_id(person: UUID) -> str:
    """Return the id by which the roster names somebody."""
    return f"id-{person.int & 0xFFFF}"


@dataclass(slots=True)
class Visitor:
    """A browser that goes to the provider and comes back."""

    portal: Portal
    browser: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.browser = given_browser(self.portal)

    def away(self, start: str = START) -> str:
        """Press the button, and return the address of the provider that the browser is sent to."""
        answer = self.browser.get(start)
        assert answer.status_code == 303, (answer.status_code, answer.text)
        return answer.headers["location"]

    def back(self, address: str) -> str:
        """Sign in at the provider, and return the path and query that the browser is sent back to."""
        answer = httpx2.get(address, trust_env=False)
        assert answer.status_code == 302, answer.text
        parts = urlsplit(answer.headers["location"])
        return f"{parts.path}?{parts.query}"

    def sign_in(self, start: str = START) -> httpx2.Response:
        """Sign in, and return what the way back is answered with."""
        return self.browser.get(self.back(self.away(start)))

    def confirm(self) -> httpx2.Response:
        """Say: this is me."""
        return self.browser.post("/marigold/school-account", data={"do": "confirm"})


def identities(portal: Portal) -> list[Linked]:
    """Return every link of the agency."""
    with portal.storage.read() as tx:
        return list(school_means(portal, tx, MARIGOLD, portal.now()).identities.every())


def events(portal: Portal, kind: str) -> list[AuditEventRow]:
    """Return the ledger's entries of a kind, oldest first."""
    with portal.storage.read() as tx:
        wanted = select(AuditEventRow).where(AuditEventRow.agency == MARIGOLD.id, AuditEventRow.kind == kind)
        rows = list(tx.exec(wanted.order_by(AuditEventRow.seq)))
        tx.expunge_all()
        return rows


def facts_of(row: AuditEventRow) -> dict[str, Any]:
    """Return what an entry says."""
    return dict(json.loads(row.facts))


def written(caplog: pytest.LogCaptureFixture) -> str:
    """Return what the portal logged: the browser of this test is a client of the same library, and logs its own way."""
    own = ("https://testserver", "/auth?")
    return "\n".join(one for one in caplog.messages if not any(where in one for where in own))
