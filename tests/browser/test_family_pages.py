"""The family's pages on a phone: small, without a barrier, in each language, right after every mistake too."""

import pytest
from family_given import code_in, texts, wait
from following_given import asked_often
from playwright.sync_api import Page, expect
from starlette.types import ASGIApp
from walk_given import ELENA, MARCUS, Walk, check, see, served_portal, take_back, told

from rightsdesk.web.app import app_of
from rightsdesk.web.family.asked import PAGE
from rightsdesk.web.portal import Portal

pytestmark = pytest.mark.browser

KILOBYTE = 1024


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    """Return a portal with families."""
    return served_portal(tmp_path_factory.mktemp("family"))


@pytest.fixture(scope="module")
def portal_app(portal: Portal) -> ASGIApp:
    """Return the portal as it is served."""
    return app_of(portal)


@pytest.fixture(autouse=True)
def _an_hour_later(portal: Portal) -> None:
    # The limits on texts are per hour, and every test asks for some.
    wait(portal, hours=3)


@pytest.fixture
def walk(page: Page, portal: Portal) -> Walk:
    """Return somebody on a phone."""
    return Walk(page, portal)


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
    assert sum(warm) <= 3 * KILOBYTE


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


def test_a_long_list_is_read_a_page_at_a_time_and_shuts_nobody_out(walk: Walk, portal: Portal) -> None:
    wait(portal, hours=24)  # the texts that one number gets in a day are counted, and this file asks for many
    walk.open("/marigold/phone")
    walk.show_who(ELENA)
    asked_often(portal, PAGE + 1)
    walk.open("/marigold/requests")
    expect(walk.page.locator("ul.places li")).to_have_count(PAGE)
    check(walk.page)
    walk.press("Show older requests")
    expect(walk.page.get_by_role("link", name="Show older requests")).to_have_count(0)
    expect(walk.page.locator("ul.places li").first).to_be_visible()
    check(walk.page)
    walk.press("Back to the newest")
    expect(walk.page.locator("ul.places li")).to_have_count(PAGE)


def test_pages_for_those_who_cannot_go_on_shut_nobody_out(walk: Walk) -> None:
    for phone in ("(212) 555-0145", "(212) 555-0146", "(212) 555-0147"):
        walk.page.context.clear_cookies()
        walk.open("/marigold/phone")
        walk.show_who(phone)
        check(walk.page)


def test_without_a_connection_nothing_is_sent_and_the_page_says_so(walk: Walk) -> None:
    page = walk.page
    walk.open("/marigold/phone")
    walk.show_who(ELENA)
    walk.tick("See it")
    walk.press("Continue")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send my request").click()
    expect(page.locator(".summary")).to_be_focused()
    expect(page.locator(".summary")).to_contain_text("You will not send it twice")
    page.context.set_offline(False)
    walk.press("Send my request")
    expect(page.get_by_role("heading", level=1)).to_have_text("Request sent")
    take_back(walk)


def test_whoever_writes_for_long_is_not_away(walk: Walk) -> None:
    page = walk.page
    walk.open("/marigold/phone")
    walk.show_who(ELENA)
    walk.tick("Delete it")
    walk.press("Continue")
    page.clock.install()
    page.clock.fast_forward("05:00")
    with page.expect_response(lambda answer: answer.request.method == "HEAD") as told_of:
        page.get_by_label("Is there more we should know?").fill("A long story")
    assert told_of.value.status == 200


def test_the_wait_for_a_new_code_goes_on_while_the_text_is_read(walk: Walk) -> None:
    page = walk.page
    page.clock.install()
    walk.open("/marigold/phone")
    page.get_by_label("What is your mobile number?").fill(ELENA)
    walk.press("Text me a code")
    expect(page.get_by_role("button", name="You can ask for a new code in")).to_be_visible()
    page.clock.fast_forward("00:45")  # as a phone does it: no timer runs meanwhile, each fires once at the end
    expect(page.get_by_role("button", name="Text me a new code")).not_to_have_attribute("aria-disabled", "true")


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


def weigh(page: Page, path: str) -> list[int]:
    """Open a page and return how many bytes each request of it brought over the network, headers included."""
    sizes: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda seen: sizes.append(int(seen["encodedDataLength"])))
    page.goto(path, wait_until="networkidle")
    session.detach()
    return [size for size in sizes if size > 0]
