"""The desk by keyboard, by mouse and by phone, with and without script."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest
from browser_given import axe
from desk_given import DANA, MATEO, PRIYA, ROSA, Clock, ask, cookie, found, many, open_portal
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.states import State
from rightsdesk.web.app import app_of
from rightsdesk.web.portal import Portal

REASON: Final = "We looked at the birth certificate you gave us. It says Delgato."
LIST: Final = "/desk/marigold/cases"
KILOBYTE: Final = 1024


@dataclass(frozen=True, slots=True)
class Desk:
    """The served portal of this file, with fifty-two requests waiting."""

    portal: Portal
    waiting: tuple[Case, ...]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    folder.chmod(0o700)
    portal = open_portal(folder, Clock())
    return Desk(portal, tuple(many(portal, 52)))


@pytest.fixture(scope="module")
def portal_app(served: Desk) -> Starlette:
    return app_of(served.portal)


@pytest.fixture
def sit(served: Desk, portal_url: str) -> Callable[..., Page]:
    """Return what lets somebody of the staff sit down at a page."""

    def seated(page: Page, who: object = PRIYA) -> Page:
        page.context.add_cookies([{"name": "rightsdesk-desk", "value": cookie(served.portal, who), "url": portal_url}])
        return page

    return seated


def reference(page: Page) -> str:
    return page.locator("#detail .mono").first.inner_text()


def one(case: Case, act: str = "") -> str:
    return f"{LIST}/{case.reference}{act and '/' + act}"


def test_j_and_k_open_the_next_and_the_previous_case_without_moving_the_list(
    desk: Page, sit: Callable[..., Page]
) -> None:
    sit(desk).goto(LIST)
    first, second = (desk.locator(".row .a").nth(place).get_attribute("href") for place in (0, 1))
    desk.keyboard.press("j")
    expect(desk.locator(".row .a[aria-current]")).to_have_attribute("href", second)
    expect(desk.locator("#detail .mono").first).to_have_text(second.split("/")[-1].split("?")[0])
    expect(desk.locator("#live")).to_contain_text("See data kept about")
    assert desk.evaluate("document.activeElement.getAttribute('href')") == second
    desk.keyboard.press("k")
    expect(desk.locator("#detail .mono").first).to_have_text(first.split("/")[-1].split("?")[0])


def test_b14_one_key_approves_and_u_takes_it_back(desk: Page, sit: Callable[..., Page], served: Desk) -> None:
    sit(desk).goto(LIST)
    case, following = reference(desk), desk.locator(".row .a").nth(1).get_attribute("href").split("/")[-1].split("?")[0]
    desk.keyboard.press("a")
    expect(desk.locator("[data-toast]")).to_contain_text("Approved. Nothing is sent before 12:10 pm.")
    expect(desk.locator("#detail .mono").first).to_have_text(following)
    assert found(served.portal, case).state is State.APPROVED
    desk.keyboard.press("u")
    expect(desk.locator("[data-toast]")).to_contain_text("Taken back")
    assert found(served.portal, case).state is State.IN_REVIEW
    assert reference(desk) == case


def test_b14_three_keys_deny_once_the_words_stand(desk: Page, sit: Callable[..., Page], served: Desk) -> None:
    case = ask(served.portal)
    sit(desk).goto(f"{LIST}?open={case.reference}")
    desk.keyboard.press("d")
    expect(desk.locator("h1")).to_contain_text("Deny")
    desk.fill("#text", REASON)
    desk.locator("h1").click()
    desk.keyboard.press("1")
    expect(desk.locator("[data-key='1']")).to_be_checked()
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-toast]")).to_contain_text("Denied")
    assert found(served.portal, case.reference).elements[0].text == REASON


def test_enter_in_the_text_makes_a_line_and_keys_there_do_nothing(
    desk: Page, sit: Callable[..., Page], served: Desk
) -> None:
    case = ask(served.portal, subject=MATEO)
    sit(desk).goto(one(case, "decision") + "?outcome=deny")
    desk.focus("#text")
    desk.keyboard.type("a1")
    desk.keyboard.press("Enter")
    desk.keyboard.type("d")
    assert desk.input_value("#text") == "a1\nd"
    assert found(served.portal, case.reference).state is State.SUBMITTED


def test_b14_a_deletion_takes_two_keys_of_two_people(
    desk: Page, sit: Callable[..., Page], served: Desk, browser: Browser, portal_url: str
) -> None:
    case = ask(served.portal, Kind.ERASURE, wanted=(Wanted("picture", ""),))
    sit(desk).goto(f"{LIST}?open={case.reference}")
    desk.keyboard.press("a")
    expect(desk.locator("#sure")).to_be_visible()
    axe(desk)
    desk.keyboard.press("y")
    expect(desk.locator("[data-toast]")).to_contain_text("A second person must agree")
    other = browser.new_context(base_url=portal_url, viewport={"width": 1280, "height": 800})
    dana = sit(other.new_page(), DANA)
    dana.goto(f"{LIST}?view=second&open={case.reference}")
    dana.keyboard.press("a")
    dana.keyboard.press("y")
    expect(dana.locator("[data-toast]")).to_contain_text("Approved")
    other.close()
    assert found(served.portal, case.reference).confirmed_by == DANA


def test_two_people_on_one_case_the_later_one_keeps_the_words(
    desk: Page, sit: Callable[..., Page], served: Desk, browser: Browser, portal_url: str
) -> None:
    case = ask(served.portal, wanted=(Wanted("name.given", "Lucia"),))
    sit(desk).goto(one(case, "decision") + "?outcome=deny")
    other = browser.new_context(base_url=portal_url)
    dana = sit(other.new_page(), DANA)
    dana.goto(one(case))
    dana.keyboard.press("a")
    expect(dana.locator("[data-toast]")).to_contain_text("Approved")
    other.close()
    desk.locator("[name=ground]").first.check()
    desk.fill("#text", REASON)
    desk.get_by_role("button", name="Send this answer").click()
    expect(desk.locator("h1")).to_have_text("Approved by Dana Wu at 12:00 pm")
    assert desk.input_value("#draft") == REASON
    assert desk.evaluate("document.activeElement.hasAttribute('data-focus')")
    axe(desk)


def test_n_c_m_x_slash_and_the_question_mark(desk: Page, sit: Callable[..., Page], served: Desk) -> None:
    case = ask(served.portal, wanted=(Wanted("email", "lucia@example.org"),))
    sit(desk).goto(f"{LIST}?open={case.reference}")
    desk.keyboard.press("c")
    expect(desk.locator("[data-toast]")).to_contain_text("Claimed")
    desk.keyboard.press("n")
    desk.keyboard.type("Ask Sam about it")
    assert desk.input_value("#note") == "Ask Sam about it"
    desk.get_by_role("button", name="Keep the note").click()
    expect(desk.locator(".notes")).to_contain_text("Ask Sam about it")
    desk.keyboard.press("m")
    desk.keyboard.type("Please send the paper that shows it.")
    assert desk.input_value("#message") == "Please send the paper that shows it."
    desk.locator("#detail-h").click()
    desk.keyboard.press("x")
    expect(desk.locator(".bulk output")).to_have_text("1 selected")
    desk.keyboard.press("?")
    expect(desk.locator("#help")).to_be_visible()
    axe(desk)
    desk.keyboard.press("Escape")
    desk.keyboard.press("/")
    assert desk.evaluate("document.activeElement.id") == "q"


def test_what_is_being_written_stays_while_another_case_is_looked_at(desk: Page, sit: Callable[..., Page]) -> None:
    sit(desk).goto(LIST)
    desk.keyboard.press("n")
    desk.keyboard.type("Half a thought")
    desk.locator(".row .a").nth(1).click()
    expect(desk.locator("#note")).to_have_value("")
    desk.locator(".row .a").nth(0).click()
    expect(desk.locator("#note")).to_have_value("Half a thought")


def test_keys_can_be_switched_off_by_each_person(desk: Page, sit: Callable[..., Page]) -> None:
    sit(desk, ROSA).goto("/desk/marigold/settings")
    desk.get_by_text("Off", exact=True).click()
    desk.get_by_role("button", name="Save").click()
    desk.goto(LIST)
    before = reference(desk)
    for key in ("j", "a", "x"):
        desk.keyboard.press(key)
    assert reference(desk) == before
    expect(desk.locator(".tick:checked")).to_have_count(0)


def test_b20_without_script_a_case_is_opened_approved_denied_and_undone(
    browser: Browser, portal_url: str, sit: Callable[..., Page], served: Desk
) -> None:
    case = ask(served.portal, wanted=(Wanted("grade", "8"),))
    plain = browser.new_context(base_url=portal_url, java_script_enabled=False)
    page = sit(plain.new_page())
    page.goto(f"{LIST}?q={case.reference}")
    page.locator(".row .a").click()
    expect(page.locator("h1")).to_have_text("Fix data for Lucía Delgado")
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("button", name="Undo").first.click()
    page.goto(one(case))
    page.get_by_role("link", name="Deny").click()
    page.locator("[name=ground]").first.check()
    page.fill("#text", REASON)
    page.get_by_role("button", name="Send this answer").click()
    expect(page.locator("[data-toast]")).to_contain_text("Denied")
    plain.close()


def test_b2_an_inbox_of_fifty_rows_costs_forty_kilobytes_and_five_requests(
    desk: Page, sit: Callable[..., Page]
) -> None:
    sizes: list[int] = []

    def weigh(request: object) -> None:
        told = request.sizes()
        sizes.append(told["responseHeadersSize"] + told["responseBodySize"])

    sit(desk).context.on("requestfinished", weigh)
    desk.goto(LIST, wait_until="networkidle")
    expect(desk.locator(".row")).to_have_count(50)
    assert len(sizes) <= 5
    assert sum(sizes) <= 40 * KILOBYTE
    sizes.clear()
    with desk.expect_request_finished():
        desk.keyboard.press("j")
    expect(desk.locator("#live")).not_to_be_empty()
    assert 0 < sum(sizes) <= 4 * KILOBYTE


def test_a_screen_reader_is_told_every_row_in_sight_or_not(desk: Page, sit: Callable[..., Page]) -> None:
    sit(desk).goto(LIST)
    expect(desk.locator(".row")).to_have_count(50)
    tree = desk.context.new_cdp_session(desk).send("Accessibility.getFullAXTree")["nodes"]
    names = [node["name"]["value"] for node in tree if node.get("role", {}).get("value") == "link"]
    rows = {link.strip() for link in desk.locator(".row .a").all_text_contents()}
    assert sum(name in rows for name in names) == 50


def test_on_a_phone_the_list_leads_to_a_page_of_its_own(page: Page, sit: Callable[..., Page]) -> None:
    sit(page).goto(LIST)
    expect(page.locator("#detail")).to_be_hidden()
    page.locator(".row .a").nth(3).click()
    expect(page).to_have_url(re.compile(r"/cases/MGD-"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    axe(page)


def test_a_session_that_ended_leads_to_the_sign_in_page_and_never_into_the_pane(
    desk: Page, sit: Callable[..., Page]
) -> None:
    sit(desk).goto(LIST)
    desk.context.clear_cookies()
    desk.keyboard.press("j")
    expect(desk).to_have_url(re.compile("/desk/marigold/sign-in"))
