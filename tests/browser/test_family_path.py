"""The family's path on a phone: few screens, few taps, small pages, no barrier, with and without scripts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from browser_given import axe, watch
from family_given import code_in, settle, texts, wait
from given import Clock, counted_draw, given_settings
from playwright.sync_api import Browser, Page, expect
from starlette.types import ASGIApp

from rightsdesk.web import schema
from rightsdesk.web.app import app_of, wire
from rightsdesk.web.portal import Portal

pytestmark = pytest.mark.browser

ELENA, MARCUS, JORDAN_PHONE = "(212) 555-0142", "(212) 555-0143", "(212) 555-0144"
KILOBYTE = 1024


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    """Return a portal with families that browsers on this machine reach over http."""
    settings = replace(given_settings(tmp_path_factory.mktemp("family")), public_url="http://127.0.0.1")
    portal = wire(settings, Clock(), counted_draw())
    schema.metadata().create_all(portal.storage.engine)
    settle(portal)
    return portal


@pytest.fixture(scope="module")
def portal_app(portal: Portal) -> ASGIApp:
    """Return the portal as it is served."""
    return app_of(portal)


@pytest.fixture(autouse=True)
def _an_hour_later(portal: Portal) -> None:
    # The limits on texts are per hour, and every test asks for some.
    wait(portal, hours=3)


@dataclass(slots=True)
class Walk:
    """A person walking through the pages: what they saw, and how often they tapped since the text arrived."""

    page: Page
    portal: Portal
    screens: list[str] = field(default_factory=list)
    taps: int = 0

    def open(self, path: str) -> None:
        """Open a page by its address."""
        self.page.goto(path)
        self._seen()

    def press(self, name: str) -> None:
        """Press a button or link that leads on."""
        self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name)).first.click()
        self.taps += 1
        self._seen()

    def tick(self, name: str) -> None:
        """Tap one choice."""
        self.page.locator("label.choice", has_text=name).first.click()
        self.taps += 1

    def mark(self, name: str) -> None:
        """Tick what the request is about: filling in, like typing, so it is no tap of the path."""
        self.page.locator("label.choice", has_text=name).first.click()

    def show_who(self, phone: str) -> None:
        """Type the number and the code; the tap on the keyboard's suggestion counts, the typing does not."""
        self.page.get_by_label("What is your mobile number?").fill(phone)
        self.press("Text me a code")
        self.taps = 1
        self.page.get_by_label("Enter the code we texted you").fill(code_in(texts(self.portal)[-1]))
        self.press("Continue")

    def _seen(self) -> None:
        self.screens.append(self.page.url)


@pytest.fixture
def walk(page: Page, portal: Portal) -> Walk:
    """Return somebody on a phone."""
    return Walk(page, portal)


@pytest.fixture
def plain(browser: Browser, portal_url: str, portal: Portal, faults: list[str]) -> Iterator[Walk]:
    """Yield somebody whose browser runs no scripts."""
    context = browser.new_context(
        base_url=portal_url, viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="en-US"
    )
    watch(context, faults)
    yield Walk(context.new_page(), portal)
    context.close()


def see(walk: Walk) -> None:
    """Ask to see everything."""
    walk.open("/marigold/")
    walk.press("Start a request")
    walk.show_who(ELENA)
    walk.tick("See it")
    walk.press("Continue")
    walk.press("Send my request")


def fix(walk: Walk) -> None:
    """Ask to fix the last name."""
    walk.open("/marigold/")
    walk.press("Start a request")
    walk.show_who(ELENA)
    walk.tick("Fix it")
    walk.press("Continue")
    walk.mark("Last name")
    walk.page.get_by_label("The last name should be").fill("Delgado")
    walk.press("Continue")
    walk.press("Send my request")


def delete(walk: Walk) -> None:
    """Ask, as a student, to delete a picture."""
    walk.open("/marigold/")
    walk.press("Start a request")
    walk.show_who(JORDAN_PHONE)
    walk.tick("Delete it")
    walk.press("Continue")
    walk.mark("Picture")
    walk.press("Continue")
    walk.press("Send my request")


# Each kind leaves an open request behind, so the test without scripts takes each back first.
@pytest.mark.parametrize(("ask", "taps", "screens"), [(see, 5, 6), (fix, 6, 7), (delete, 6, 7)])
def test_b11_b12_few_taps_and_few_screens_to_a_filed_request(
    walk: Walk, ask: Callable[[Walk], None], taps: int, screens: int
) -> None:
    ask(walk)
    expect(walk.page.get_by_role("heading", level=1)).to_have_text("Request sent")
    assert walk.taps <= taps
    assert len(walk.screens) <= screens
    _take_back(walk)


@pytest.mark.parametrize("ask", [see, fix, delete])
def test_b20_the_whole_path_works_without_scripts(plain: Walk, ask: Callable[[Walk], None]) -> None:
    ask(plain)
    expect(plain.page.get_by_role("heading", level=1)).to_have_text("Request sent")
    expect(plain.page.get_by_text("Print or save this page")).to_be_hidden()
    _take_back(plain)


def test_one_more_tap_and_screen_with_several_children(walk: Walk) -> None:
    walk.open("/marigold/")
    walk.press("Start a request")
    walk.show_who(MARCUS)
    walk.tick("River Bell")
    walk.press("Continue")
    walk.tick("See it")
    walk.press("Continue")
    walk.press("Send my request")
    expect(walk.page.get_by_role("heading", level=1)).to_have_text("Request sent")
    assert walk.taps <= 7
    assert len(walk.screens) <= 8


PUBLIC = [
    "/",
    "/?q=marigold",
    "/?q=zzz",
    *(f"/marigold/{one}" for one in ("", "phone", "paper", "privacy", "accessibility", "help", "languages")),
]


@pytest.mark.parametrize("path", PUBLIC)
def test_b6_b9_public_pages_shut_nobody_out(page: Page, path: str) -> None:
    page.goto(path)
    check(page)


@pytest.mark.parametrize("path", ["/", "/marigold/", "/marigold/phone", "/marigold/help"])
def test_b1_b3_a_page_is_small_and_asks_for_little(page: Page, path: str) -> None:
    cold = weigh(page, path)
    assert len(cold) <= 4
    assert sum(cold) <= 20 * KILOBYTE
    warm = weigh(page, path)
    assert sum(warm) <= 4 * KILOBYTE


def test_b6_b9_pages_of_the_proof_and_their_errors_shut_nobody_out(walk: Walk) -> None:
    page = walk.page
    walk.open("/marigold/phone")
    walk.press("Text me a code")
    told(page, "Enter your mobile number")
    page.get_by_label("What is your mobile number?").fill(MARCUS)
    walk.press("Text me a code")
    check(page)
    walk.press("Continue")
    told(page, "Enter the 6 numbers we texted you")
    page.get_by_label("Enter the code we texted you").fill(code_in(texts(walk.portal)[-1]))
    walk.press("Continue")
    check(page)
    walk.press("Continue")
    told(page, "Choose a student")
    walk.tick("Sky Bell")
    walk.press("Continue")
    check(page)
    walk.press("Continue")
    told(page, "Choose what you want to ask for")


def test_b6_b9_pages_of_the_question_and_their_errors_shut_nobody_out(walk: Walk) -> None:
    page = walk.page
    walk.open("/marigold/phone")
    walk.show_who(ELENA)
    walk.tick("Delete it")
    walk.press("Continue")
    check(page)
    walk.press("Continue")
    told(page, "Tick what you want deleted")
    page.goto("/marigold/ask")
    walk.tick("Fix it")
    walk.press("Continue")
    check(page)
    walk.mark("First name")
    walk.press("Continue")
    told(page, "Write what the first name should be")
    page.get_by_label("The first name should be").fill("Lucia")
    walk.press("Continue")
    check(page)


def test_b6_b9_pages_after_the_request_and_their_errors_shut_nobody_out(walk: Walk) -> None:
    page = walk.page
    see(walk)
    check(page)
    page.locator("p.ref a").first.click()
    check(page)
    walk.press("Send")
    told(page, "Write your message")
    page.get_by_label("Write to the district").fill("Thank you")
    walk.press("Send")
    check(page)
    walk.press("Take back this request")
    check(page)
    walk.press("Take it back")
    check(page)
    walk.press("All your requests")
    check(page)


def test_pages_for_those_who_cannot_go_on_shut_nobody_out(walk: Walk) -> None:
    for phone in ("(212) 555-0145", "(212) 555-0146", "(212) 555-0147"):
        walk.page.context.clear_cookies()
        walk.open("/marigold/phone")
        walk.show_who(phone)
        check(walk.page)


def test_spanish_pages_are_spanish_and_shut_nobody_out(page: Page) -> None:
    page.goto("/marigold/")
    page.get_by_role("link", name="Español").click()
    assert page.locator("html").get_attribute("lang") == "es"
    expect(page.get_by_role("heading", level=1)).to_contain_text("Vea, corrija o borre los datos")
    check(page)
    page.get_by_role("link", name="Empezar una solicitud").click()
    page.get_by_role("button", name="Envíenme un código").click()
    told(page, "Escriba su número de celular")


def test_a_field_opens_where_a_box_is_ticked(walk: Walk) -> None:
    walk.open("/marigold/phone")
    walk.show_who(ELENA)
    walk.tick("Fix it")
    walk.press("Continue")
    grade = walk.page.get_by_label("The grade should be")
    expect(grade).to_be_hidden()
    walk.tick("Grade")
    expect(grade).to_be_visible()


def test_b8_buttons_and_fields_are_large_enough_for_a_thumb(walk: Walk) -> None:
    walk.open("/marigold/phone")
    for part in (*walk.page.locator("main .btn").all(), *walk.page.locator("main input:not([type=hidden])").all()):
        box = part.bounding_box()
        assert box is None or box["height"] >= 44


def check(page: Page) -> None:
    """Assert that a page breaks no rule of accessibility and fits a screen of 320 pixels."""
    axe(page)
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size(size or {"width": 390, "height": 844})


def told(page: Page, words: str) -> None:
    """Assert that an error is told in the title, in the focused summary and at the field, in the same words."""
    assert page.title().startswith("Error: ")
    summary = page.locator(".summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text(words)
    expect(page.locator(".msg")).to_contain_text(words)
    check(page)


def weigh(page: Page, path: str) -> list[int]:
    """Open a page and return how many bytes each request of it brought over the network, headers included."""
    sizes: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda seen: sizes.append(int(seen["encodedDataLength"])))
    page.goto(path, wait_until="networkidle")
    session.detach()
    return [size for size in sizes if size > 0]


def _take_back(walk: Walk) -> None:
    for reference in walk.page.locator("p.ref").all_inner_texts():
        walk.page.goto(f"/marigold/requests/{reference}/withdraw")
        walk.press("Take it back")
