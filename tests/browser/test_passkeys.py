"""Passkeys in a real browser: a parent's and a colleague's phone, each with the browser's own virtual authenticator."""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from browser_given import axe, live_server, watch
from desk_given import DANA
from desk_given import STAFF as COLLEAGUES
from family_given import MARIGOLD, code_in, given_families, texts
from passkeys_given import COOKIES, seated
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.web.app import app_of
from rightsdesk.web.portal import Portal
from rightsdesk.web.sessions import STAFF

pytestmark = pytest.mark.browser

PHONE: Final = "(212) 555-0142"
PRESS: Final = "Use your fingerprint or face"
AUTHENTICATOR: Final = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def place() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, place: socket.socket) -> Portal:
    folder: Path = tmp_path_factory.mktemp("passkeys")
    folder.chmod(0o700)
    opened = given_families(folder)
    with opened.storage.write() as tx:
        for one in COLLEAGUES[:2]:
            Staff(tx, MARIGOLD.id, opened.vault.agency(MARIGOLD.id)).add(one, opened.now())
    named = f"http://localhost:{place.getsockname()[1]}"
    return replace(opened, settings=replace(opened.settings, public_url=named))


@pytest.fixture(scope="module")
def portal_url(portal: Portal, place: socket.socket) -> Iterator[str]:
    """Serve the portal under a name: browsers make no passkeys for an address in numbers."""
    with live_server(app_of(portal), place):
        yield portal.settings.public_url


@pytest.fixture
def device(page: Page) -> CDPSession:
    """Return the phone's authenticator: it holds keys, and its owner's finger is on it."""
    return authenticator(page)


def authenticator(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable", {"enableUI": False})
    number = session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]
    session.number = number  # type: ignore[attr-defined]  # its name for the tests below
    return session


def keys(device: CDPSession) -> list[dict[str, object]]:
    found = device.send("WebAuthn.getCredentials", {"authenticatorId": device.number})  # type: ignore[attr-defined]  # as above
    return list(found["credentials"])


def fits(page: Page) -> None:
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def prove(page: Page, portal: Portal) -> None:
    page.goto("/marigold/requests")
    page.fill("#phone", PHONE)
    page.get_by_role("button", name="Text me a code").click()
    expect(page).to_have_url("/marigold/code")
    page.fill("#code", code_in(texts(portal)[-1]))
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url("/marigold/requests")


def test_a_parent_sets_one_up_after_a_text_and_comes_back_with_it(
    page: Page, portal: Portal, device: CDPSession
) -> None:
    prove(page, portal)
    offer = page.locator("[data-own]")
    expect(offer).to_be_visible()
    fits(page)
    offer.get_by_role("link", name="Set it up").click()
    fits(page)
    page.get_by_role("button", name="Add this device").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    (kept,) = keys(device)
    assert (kept["rpId"], kept["isResidentCredential"]) == ("localhost", True)
    fits(page)
    page.get_by_role("button", name="Leave this page").click()
    page.goto("/marigold/requests")
    fits(page)
    page.get_by_role("button", name=PRESS).click()
    expect(page).to_have_url("/marigold/requests")
    expect(page.locator("[data-own]")).to_have_count(0)
    page.get_by_role("link", name="Sign in with your fingerprint or face").click()
    page.get_by_role("button", name=re.compile("^Remove it")).click()
    expect(page.get_by_text("You have none yet.")).to_be_visible()
    page.get_by_role("button", name="Leave this page").click()
    page.goto("/marigold/phone")
    page.get_by_role("button", name=PRESS).click()
    expect(page.locator(".summary")).to_be_focused()
    fits(page)


def test_a_finger_that_is_not_known_opens_nothing_and_the_text_stays(page: Page) -> None:
    phone = authenticator(page)
    phone.send("WebAuthn.setUserVerified", {"authenticatorId": phone.number, "isUserVerified": False})  # type: ignore[attr-defined]  # as above
    page.goto("/marigold/phone")
    page.get_by_role("button", name=PRESS).click()
    expect(page.get_by_role("alert")).to_contain_text("That did not work.")
    expect(page).to_have_url("/marigold/phone")
    fits(page)
    expect(page.get_by_role("button", name="Text me a code")).to_be_visible()


def test_a_colleague_adds_one_and_signs_in_without_password_and_code(
    page: Page, portal: Portal, device: CDPSession, portal_url: str
) -> None:
    token = seated(portal, STAFF, DANA, MARIGOLD)
    page.context.add_cookies([{"name": COOKIES[STAFF], "value": token, "url": portal_url}])
    page.goto("/desk/marigold/settings/sign-in")
    page.get_by_role("link", name="Your passkeys").click()
    fits(page)
    page.get_by_role("button", name="Add this device").click()
    expect(page.get_by_text("Not used yet.")).to_be_visible()
    assert len(keys(device)) == 1
    fits(page)
    page.context.clear_cookies()
    page.goto("/desk/marigold/cases")
    fits(page)
    page.get_by_role("button", name=PRESS).click()
    expect(page).to_have_url("/desk/marigold/cases")
    page.goto("/desk/marigold/second-factor?next=/desk/marigold/settings")
    fits(page)
    page.get_by_role("button", name=PRESS).click()
    expect(page).to_have_url("/desk/marigold/settings")


def test_without_script_or_on_an_older_browser_the_button_is_not_there(
    browser: Browser, portal_url: str, faults: list[str]
) -> None:
    plain = browser.new_context(base_url=portal_url, java_script_enabled=False, locale="en-US")
    older = browser.new_context(base_url=portal_url, locale="en-US")
    older.add_init_script("delete window.PublicKeyCredential")
    for context in (plain, older):
        _no_button(context, faults)


def _no_button(context: BrowserContext, faults: list[str]) -> None:
    watch(context, faults)
    page = context.new_page()
    for path in ("/marigold/phone", "/desk/marigold/sign-in"):
        page.goto(path)
        expect(page.locator("[data-passkey]")).to_be_hidden()
        expect(page.locator("form button.btn:not([type=button])").first).to_be_visible()
    context.close()
