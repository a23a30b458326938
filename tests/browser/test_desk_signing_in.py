"""The staff's way in, in a browser: each page and each refusal is open to everybody."""

import re
from typing import Final

import pyotp
import pytest
from browser_given import axe
from desk_given import DANA, MARIGOLD, NOW, PRIYA, ROSA, Clock, ask, cookie, open_portal
from playwright.sync_api import Page, expect
from starlette.applications import Starlette

from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.people.tables import RosterRunRow
from rightsdesk.verification.staff import accounts
from rightsdesk.web.app import app_of
from rightsdesk.web.portal import Portal
from rightsdesk.web.staffroom import staff_means

PASSWORD: Final = "seven grey lanterns over Tuvalu"
COUNTS: Final = '{"people":[31,212,1204,9840],"guardianships":[58,40,0,17106],"dropped":[41,2],"marks":{}}'


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    folder = tmp_path_factory.mktemp("signing-in")
    folder.chmod(0o700)
    opened = open_portal(folder, Clock())
    with opened.storage.write() as tx:
        for who in (PRIYA, DANA):
            accounts.set_password(staff_means(opened, tx, MARIGOLD, NOW), who, PASSWORD, (), NOW)
        tx.add(
            RosterRunRow(
                id=opened.fresh_id(),
                agency=MARIGOLD.id,
                state="held",
                started_at=NOW,
                counts=COUNTS,
                started_by="operator",
            )
        )
    ask(opened, Kind.ACCESS, wanted=())
    return opened


@pytest.fixture(scope="module")
def portal_app(portal: Portal) -> Starlette:
    return app_of(portal)


@pytest.fixture
def both(desk: Page, page: Page) -> tuple[tuple[Page, int], tuple[Page, int]]:
    """Return a desk and a phone, each with its width."""
    return (desk, 1280), (page, 390)


def fits(screen: Page, width: int) -> None:
    axe(screen)
    assert screen.evaluate("document.documentElement.scrollWidth") <= width


def enter(screen: Page, email: str, password: str = PASSWORD) -> None:
    screen.goto("/desk/marigold/sign-in")
    screen.fill("#email", email)
    screen.fill("#password", password)
    screen.get_by_role("button", name="Continue").click()


def test_the_first_sign_in_from_the_picture_to_the_inbox(desk: Page) -> None:
    enter(desk, "priya@marigold.example")
    expect(desk.locator(".qr svg")).to_be_visible()
    fits(desk, 1280)
    box = desk.locator(".qr path").bounding_box()
    frame = desk.locator(".qr svg").bounding_box()
    assert box["x"] + box["width"] <= frame["x"] + frame["width"], "the picture is cut off"
    desk.fill("#totp", "000000")
    desk.get_by_role("button", name="Continue").click()
    expect(desk.locator(".summary")).to_be_focused()
    fits(desk, 1280)
    seed = desk.locator(".ref").inner_text().replace(" ", "")
    desk.fill("#totp", pyotp.TOTP(seed).at(NOW))
    desk.get_by_role("button", name="Continue").click()
    expect(desk.locator("ol li")).to_have_count(10)
    fits(desk, 1280)
    desk.get_by_role("link", name="I have kept them").click()
    expect(desk).to_have_url(re.compile("/desk/marigold/cases"))


def test_a_refused_sign_in_says_so_in_title_summary_and_field(both: tuple[tuple[Page, int], ...]) -> None:
    for screen, width in both:
        enter(screen, "priya@marigold.example", "not the right one at all")
        expect(screen.locator(".summary")).to_be_focused()
        assert screen.title().startswith("Error: ")
        assert screen.locator(".summary a").inner_text() in screen.locator("#email-error").inner_text()
        assert screen.input_value("#email") == "priya@marigold.example"
        assert screen.input_value("#password") == ""
        fits(screen, width)


def test_the_second_factor_page_takes_a_code_from_the_phone(both: tuple[tuple[Page, int], ...], portal: Portal) -> None:
    with portal.storage.write() as tx:
        means = staff_means(portal, tx, MARIGOLD, NOW)
        if not accounts.is_enrolled(means, DANA):
            accounts.begin_app(means, DANA)
            seed = accounts.pending_seed(means, DANA) or ""
            accounts.confirm_app(means, DANA, pyotp.TOTP(seed).at(NOW), NOW)
    for screen, width in both:
        enter(screen, "dana@marigold.example")
        field = screen.locator("#totp")
        assert (field.get_attribute("autocomplete"), field.get_attribute("inputmode")) == ("one-time-code", "numeric")
        fits(screen, width)


def test_the_letter_follows_what_is_typed(desk: Page, portal: Portal, portal_url: str) -> None:
    case = ask(portal)
    desk.context.add_cookies([{"name": "rightsdesk-desk", "value": cookie(portal, PRIYA), "url": portal_url}])
    desk.goto(f"/desk/marigold/cases/{case.reference}/decision?outcome=deny")
    desk.locator("[name=ground][value=ACCURATE]").check()
    desk.fill("#text", "We looked at the certificate.")
    expect(desk.locator("#letter .sheet").first).to_contain_text("We looked at the certificate.")
    expect(desk.locator("#letter .sheet").first).to_have_attribute("lang", "es")
    desk.fill("#text", "We looked twice at the certificate.")
    expect(desk.locator("#letter .sheet").first).to_contain_text("We looked twice")
    fits(desk, 1280)


def test_pages_that_wait_for_somebody_are_open_to_everybody(
    both: tuple[tuple[Page, int], ...], portal: Portal, portal_url: str
) -> None:
    case = ask(portal, Kind.ERASURE, wanted=(Wanted("picture", ""),))
    paths = ["/office/marigold/roster", f"/desk/marigold/cases/{case.reference}/decision?outcome=approve"]
    for screen, width in both:
        screen.context.add_cookies([{"name": "rightsdesk-desk", "value": cookie(portal, ROSA), "url": portal_url}])
        for path in paths:
            screen.goto(path)
            fits(screen, width)
        screen.goto("/office/marigold/roster")
        screen.locator("tbody a").first.click()
        expect(screen.locator("h1")).to_have_text("This import is on hold")
        fits(screen, width)


@pytest.mark.parametrize(
    "path", ["/desk/marigold/cases", "/desk/marigold/enter?person=delgado", "/office/marigold/audit"]
)
def test_b9_at_320_pixels_nothing_scrolls_sideways(page: Page, portal: Portal, portal_url: str, path: str) -> None:
    page.context.add_cookies([{"name": "rightsdesk-desk", "value": cookie(portal, ROSA), "url": portal_url}])
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
