"""The carrier as it speaks to us: reports and replies with its own signature, from the other side of the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import httpx2
from family_given import settle
from given import PUBLIC_URL, given_browser, given_portal
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from rightsdesk.web.portal import Portal
from rightsdesk.web.settings import Carrier
from tests.verification_given import SentTexts

HOOK: Final = "/hooks/twilio/status"
ACCOUNT: Final = "AC" + "a" * 32
TOKEN: Final = "a secret that only two know"
CARRIER: Final = Carrier(ACCOUNT, TOKEN, "+12125550100", calls_sender="+12125550102")


def sid(number: int) -> str:
    """Return the id that ``SentTexts`` gives its n-th text."""
    return f"SM{number:032}"


def given_carried(folder: Path, carrier: Carrier = CARRIER) -> tuple[Portal, SentTexts]:
    """Return a portal with families whose texts leave by a carrier, and that carrier's memory."""
    bare, texts = given_portal(folder), SentTexts()
    settings = replace(bare.settings, carrier=carrier)
    portal = replace(bare, settings=settings, texts=texts)
    settle(portal)
    return portal, texts


@dataclass(frozen=True)
class Speaker:
    """Somebody who posts to our hook; by default the carrier itself."""

    browser: TestClient
    account: str = ACCOUNT
    token: str = TOKEN
    url: str = PUBLIC_URL + HOOK

    def report(self, sid: str, status: str, code: int = 0, **more: str) -> httpx2.Response:
        """Report how far a message got."""
        fields = {"MessageSid": sid, "MessageStatus": status, "To": "+12125550142", "From": "+12125550100"}
        return self.post({**fields, **({"ErrorCode": str(code)} if code else {}), **more})

    def reply(self, sid: str, word: str, number: str, to: str = "+12125550100", **more: str) -> httpx2.Response:
        """Pass on what the owner of a phone answered."""
        return self.post({"MessageSid": sid, "SmsStatus": "received", "Body": word, "From": number, "To": to, **more})

    def post(self, fields: Mapping[str, str], **headers: str) -> httpx2.Response:
        """Send fields with a signature over them and the configured address."""
        whole = {"AccountSid": self.account, "ApiVersion": "2010-04-01", **fields}
        signature = RequestValidator(self.token).compute_signature(self.url, whole)
        return self.raw(urlencode(whole), **{"x-twilio-signature": signature, **headers})

    def raw(self, body: str, path: str = HOOK, **headers: str) -> httpx2.Response:
        """Send a body as it is; a program has no Sec-Fetch-Site."""
        told = {"content-type": "application/x-www-form-urlencoded", **headers}
        self.browser.headers.pop("sec-fetch-site", None)
        return self.browser.post(path, content=body, headers=told)


def speaker(portal: Portal) -> Speaker:
    """Return the carrier at this portal's hook."""
    return Speaker(given_browser(portal))
