"""Invited staff in a browser: from the printed link to the inbox, on a phone, on a desk and without script."""

import re
from typing import Final

import pyotp
import pytest
from browser_given import axe
from desk_given import DANA, PRIYA, ROSA, Clock, at_the_desk, cookie, open_portal
from playwright.sync_api import Page, expect
from staff_given import OFFICE, PASSWORD, invited, person, staff, token_in
from starlette.applications import Starlette

from rightsdesk.web.app import app_of
from rightsdesk.web.portal import Portal

pytestmark = pytest.mark.browser

NAME: Final = "rightsdesk-desk"


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Portal:
    folder = tmp_path_factory.mktemp("joining")
    folder.chmod(0o700)
    return open_portal(folder, clock)


@pytest.fixture(scope="module")
def portal_app(portal: Portal) -> Starlette:
    return app_of(portal)


def fits(screen: Page, width: int) -> None:
    axe(screen)
    assert screen.evaluate("document.documentElement.scrollWidth") <= width


def link(portal: Portal) -> str:
    """Return the secret of a new link for Kim, who is added the first time."""
    kim = staff(portal).get("kim@marigold.example")
    if kim is None:
        return invited(portal)
    fields = {"do": "print", "lost": "join"}
    return token_in(at_the_desk(portal, ROSA).post(f"{OFFICE}/{kim.id}/sign-in", data=fields).text)


def join(screen: Page, token: str, clock: Clock) -> None:
    """Go the whole way, as the pages lead."""
    screen.goto(f"/desk/marigold/join?invitation={token}")
    screen.get_by_role("button", name="Begin").click()
    assert screen.url.endswith("/desk/marigold/password"), "the link left the address bar"
    screen.fill("#password", PASSWORD)
    screen.get_by_role("button", name="Continue").click()
    seed = screen.locator(".ref").inner_text().replace(" ", "")
    screen.fill("#totp", pyotp.TOTP(seed).at(clock.at))
    screen.get_by_role("button", name="Continue").click()
    expect(screen.locator("ol li")).to_have_count(10)
    screen.get_by_role("link", name="I have kept them").click()
    expect(screen).to_have_url(re.compile("/desk/marigold/cases"))


def test_an_invited_colleague_gets_in_on_a_phone_without_script(unscripted: Page, portal: Portal, clock: Clock) -> None:
    join(unscripted, link(portal), clock)


def test_the_way_in_is_open_to_everybody_on_a_phone_and_a_desk(page: Page, desk: Page, portal: Portal) -> None:
    for screen, width in ((page, 390), (desk, 1280)):
        token = link(portal)
        screen.goto(f"/desk/marigold/join?invitation={token}")
        fits(screen, width)
        screen.get_by_role("button", name="Begin").click()
        fits(screen, width)
        screen.fill("#password", "too short")
        screen.get_by_role("button", name="Show").click()
        assert screen.get_attribute("#password", "type") == "text"
        screen.get_by_role("button", name="Continue").click()
        expect(screen.locator(".summary")).to_be_focused()
        fits(screen, width)
        screen.goto(f"/desk/marigold/join?invitation={token}")
        screen.get_by_role("button", name="Begin").click()
        expect(screen.locator(".summary")).to_be_focused()
        fits(screen, width)
        screen.context.clear_cookies()


def test_how_i_sign_in_is_open_to_everybody_and_ends_a_session(
    page: Page, desk: Page, portal: Portal, portal_url: str, clock: Clock
) -> None:
    person(portal, clock, DANA, "dana@marigold.example")
    for screen, width in ((page, 390), (desk, 1280)):
        screen.context.add_cookies([{"name": NAME, "value": cookie(portal, DANA), "url": portal_url}])
        screen.goto("/desk/marigold/settings")
        screen.get_by_role("link", name="How I sign in").click()
        fits(screen, width)
        screen.get_by_role("link", name="Change the password").click()
        fits(screen, width)
        screen.goto("/desk/marigold/settings/sign-in")
        screen.get_by_role("button", name="Set up another app or phone").click()
        expect(screen.locator(".qr svg")).to_be_visible()
        fits(screen, width)
        screen.goto("/desk/marigold/settings/sign-in")
    before = desk.get_by_role("button", name=re.compile("^End it")).count()
    desk.get_by_role("button", name=re.compile("^End it")).first.click()
    expect(desk.get_by_role("button", name=re.compile("^End it"))).to_have_count(before - 1)


def test_the_office_pages_of_staff_are_open_to_everybody(
    page: Page, desk: Page, portal: Portal, portal_url: str
) -> None:
    for screen, width in ((page, 390), (desk, 1280)):
        screen.context.add_cookies([{"name": NAME, "value": cookie(portal, ROSA), "url": portal_url}])
        for path in (OFFICE, f"{OFFICE}/new", f"{OFFICE}/{PRIYA}"):
            screen.goto(path)
            fits(screen, width)
        screen.get_by_role("button", name="Print a link").click()
        expect(screen.locator(".qr svg")).to_be_visible()
        fits(screen, width)
