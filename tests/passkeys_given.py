"""A device that makes and shows passkeys, as a browser hands over what it says, and the people who hold it."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from desk_given import MARIGOLD, Clock, open_portal
from sqlmodel import Session, select
from starlette.testclient import TestClient
from webauthn.helpers import base64url_to_bytes, encode_cbor

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import ContactRow
from rightsdesk.verification.passkeys.store import Made, Passkeys, Stop
from rightsdesk.verification.passkeys.tables import PasskeyRow
from rightsdesk.web.app import app_of
from rightsdesk.web.portal import Portal
from rightsdesk.web.sessions import REQUESTER, STAFF, Sessions

HOST: Final = "localhost"
ORIGIN: Final = "http://localhost"
LISTS: Final = {REQUESTER: "/marigold/passkeys", STAFF: "/desk/marigold/settings/sign-in/passkeys"}
SHOWN: Final = {REQUESTER: "/marigold/passkey", STAFF: "/desk/marigold/passkey"}
COOKIES: Final = {REQUESTER: "rightsdesk", STAFF: "rightsdesk-desk"}
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass(slots=True)
class Device:
    """An authenticator in software. What it says can be bent by name, as a hostile one would."""

    keys: dict[bytes, tuple[ec.EllipticCurvePrivateKey, bytes]] = field(default_factory=dict)
    count: int = 0
    step: int = 1  # 0 for a device that keeps no counter

    def make(self, options: dict[str, Any], **bent: Any) -> str:
        """Return what a browser sends after a passkey was made."""
        key = ec.generate_private_key(ec.SECP256R1())
        point = key.public_key().public_numbers()
        number = bent.get("credential") or sha256(point.x.to_bytes(32)).digest()
        self.keys[number] = (key, base64url_to_bytes(options["user"]["id"]))
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        attested = bytes(16) + len(number).to_bytes(2) + number + encode_cbor(cose)
        said = self._authenticator(bent, ATTESTED) + attested
        statement = encode_cbor({"fmt": "none", "attStmt": {}, "authData": said})
        client = _client("webauthn.create", options, bent)
        return _sent(number, {"clientDataJSON": _text(client), "attestationObject": _text(statement)})

    def show(self, options: dict[str, Any], **bent: Any) -> str:
        """Return what a browser sends after a passkey was shown; the newest one unless ``credential`` names another."""
        number = bent.get("credential") or list(self.keys)[-1]
        key, handle = self.keys[number]
        said, client = self._authenticator(bent), _client("webauthn.get", options, bent)
        signature = key.sign(said + sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": _text(client),
            "authenticatorData": _text(said),
            "signature": _text(bent.get("signature", signature)),
            "userHandle": _text(bent.get("handle", handle)),
        }
        return _sent(number, response)

    def _authenticator(self, bent: dict[str, Any], flags: int = 0) -> bytes:
        self.count = bent.get("count", self.count + self.step)
        shown = bent.get("flags", PRESENT | VERIFIED) | flags
        return sha256(bent.get("host", HOST).encode()).digest() + bytes([shown]) + self.count.to_bytes(4)


def _client(kind: str, options: dict[str, Any], bent: dict[str, Any]) -> bytes:
    said = {
        "type": bent.get("type", kind),
        "challenge": bent.get("challenge", options["challenge"]),
        "origin": bent.get("origin", ORIGIN),
    }
    return json.dumps(said).encode()


def _sent(number: bytes, response: dict[str, str]) -> str:
    return json.dumps({"id": _text(number), "rawId": _text(number), "type": "public-key", "response": response})


def _text(said: bytes) -> str:
    return urlsafe_b64encode(said).decode().rstrip("=")


def portal_at(folder: Path, clock: Clock, public_url: str = ORIGIN) -> Portal:
    """Return the agency's portal under an address with a name."""
    opened = open_portal(folder, clock)
    return replace(opened, settings=replace(opened.settings, public_url=public_url))


def browser(portal: Portal) -> TestClient:
    """Return a browser that nobody has signed in with; it follows redirects."""
    return TestClient(app_of(portal), base_url=portal.settings.public_url, headers={"sec-fetch-site": "same-origin"})


def sit(portal: Portal, kind: str, who: UUID, agency: Agency = MARIGOLD, ago: timedelta = timedelta(0)) -> TestClient:
    """Return a browser in which a requester, by a code to their number, or a member of staff proved who they are."""
    found = browser(portal)
    found.cookies.set(COOKIES[kind], seated(portal, kind, who, agency, ago), domain="localhost.local")
    return found


def seated(portal: Portal, kind: str, who: UUID, agency: Agency = MARIGOLD, ago: timedelta = timedelta(0)) -> str:
    """Return the cookie of somebody who proved who they are that long ago."""
    at = portal.now() - ago
    with portal.storage.write() as tx:
        sessions = Sessions(tx, agency.id, portal.vault.agency(agency.id), portal.now(), portal.draw, kind)
        shown = (
            {"person": who, "proved_at": at, "rests_on": point(portal, tx, who)}
            if kind == REQUESTER
            else {"staff": who, "password_at": at, "second_at": at}
        )
        return sessions.store(replace(sessions.fresh(), kind=kind, **shown)).token


def point(portal: Portal, tx: Session, who: UUID) -> UUID:
    """Return the contact point of somebody's number for texts; who has none gets one."""
    known = tx.exec(select(ContactRow.id).where(ContactRow.person == who, ContactRow.channel == "text")).first()
    if known is not None:
        return known
    contact = UUID(int=who.int ^ 1 << 64)
    vault = portal.vault.agency(MARIGOLD.id)
    value = vault.seal(who, "identity", place("contacts", contact, "value"), "+15555550199")
    tx.add(ContactRow(id=contact, agency=MARIGOLD.id, person=who, channel="text", value=value, added_at=portal.now()))
    tx.flush()
    return contact


def given_passkey(portal: Portal, kind: str, who: UUID, device: Device | None = None) -> Device:
    """Return a device on which somebody set up a passkey."""
    made, seat, path = device or Device(), sit(portal, kind, who), LISTS[kind]
    answer = made.make(seat.post(f"{path}/ask").json())
    page = seat.post(path, data={"do": "add", "answer": answer})
    assert (page.status_code, page.url.path) == (200, path), page.text
    return made


def keyed(portal: Portal, side: str, owner: UUID, stopped: Stop | None = None) -> None:
    """Enter a passkey that no device has: for a page that lists it."""
    with portal.storage.write() as tx:
        known = Passkeys(tx, MARIGOLD.id, side, portal.vault.agency(MARIGOLD.id))
        one = Made(portal.fresh_id(), owner, "", "safari.iphone", None, portal.draw(32), b"a key", 0)
        known.add(one, portal.now() - timedelta(days=20))
        known.counted(one.id, 1, portal.now() - timedelta(days=2))
        if stopped:
            known.stop(one.id, stopped, portal.now())


def shown(portal: Portal, device: Device, kind: str = REQUESTER, **bent: object) -> TestClient:
    """Show a passkey in a new browser and return it."""
    found, path = browser(portal), SHOWN[kind]
    found.post(path, data={"answer": device.show(found.post(f"{path}/ask").json(), **bent)})
    return found


def is_in(found: TestClient, kind: str = REQUESTER) -> bool:
    """Say whether somebody is signed in at this browser."""
    page = "/desk/marigold/cases" if kind == STAFF else "/marigold/requests"
    return found.get(page).url.path == page


def events(portal: Portal, kind: str) -> list[tuple[str, str]]:
    """Return actor and facts of what the ledger says, of this kind."""
    with portal.storage.read() as tx:
        found = tx.exec(select(AuditEventRow).where(AuditEventRow.kind == kind).order_by(AuditEventRow.seq)).all()
    return [(row.actor, row.facts) for row in found]


def rows(portal: Portal) -> list[PasskeyRow]:
    """Return every passkey."""
    with portal.storage.read() as tx:
        return list(tx.exec(select(PasskeyRow)).all())
