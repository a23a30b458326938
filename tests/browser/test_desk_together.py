"""The desk while others work at it too, and while the network is slow."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import pytest
from browser_given import axe
from desk_given import DANA, MATEO, NEW, PRIYA, Clock, ask, cookie, found, many, open_portal
from playwright.sync_api import Browser, Error, Page, Route, expect
from starlette.applications import Starlette

from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.states import State
from rightsdesk.web.app import app_of
from rightsdesk.web.portal import Portal

LIST: Final = "/desk/marigold/cases"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    folder = tmp_path_factory.mktemp("together")
    folder.chmod(0o700)
    portal = open_portal(folder, Clock())
    many(portal, 8)
    return portal


@pytest.fixture(scope="module")
def portal_app(served: Portal) -> Starlette:
    return app_of(served)


@pytest.fixture
def sit(served: Portal, portal_url: str) -> Callable[..., Page]:
    """Return what lets somebody of the staff sit down at a page."""

    def seated(page: Page, who: object = PRIYA) -> Page:
        page.context.add_cookies([{"name": "rightsdesk-desk", "value": cookie(served, who), "url": portal_url}])
        return page

    return seated


def holding(page: Page, href: str) -> list[Route]:
    """Return what fills with the requests for an address, none of which is answered by itself."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**{href}", hold)
    return held


def test_who_else_looks_and_what_is_new_comes_by_itself_and_moves_no_row(
    desk: Page, sit: Callable[..., Page], served: Portal, browser: Browser, portal_url: str
) -> None:
    case = ask(served, wanted=(Wanted("mobile", "+15555550199"),))
    sit(desk).clock.install()
    desk.goto(f"{LIST}?open={case.reference}")
    expect(desk.locator("#detail .watch")).to_have_count(0)
    other = browser.new_context(base_url=portal_url)
    dana = sit(other.new_page(), DANA)
    dana.goto(f"{LIST}/{case.reference}")
    ask(served, Kind.ACCESS, subject=MATEO, wanted=(), at=NEW - timedelta(days=44))
    rows, focused = desk.locator(".row .a").all_inner_texts(), desk.locator(".row .a").nth(3)
    focused.focus()
    desk.clock.run_for(31_000)
    expect(desk.locator("#detail .watch")).to_contain_text("Dana Wu has this open.")
    expect(desk.locator("#live")).to_contain_text("Dana Wu has this open.")
    expect(desk.locator(".fresh")).to_have_text("Show 1 new")
    assert desk.locator(".row .a").all_inner_texts() == rows
    expect(focused).to_be_focused()
    axe(desk)
    dana.close(run_before_unload=True)
    other.close()
    desk.clock.run_for(31_000)
    expect(desk.locator("#detail .watch")).to_have_count(0)
    desk.locator(".fresh").click()
    expect(desk.locator("#detail .mono").first).to_have_text(case.reference)
    expect(desk.locator(".row").first).to_contain_text("Mateo Delgado")


def test_a_slow_answer_never_shows_another_case_than_the_marked_one(desk: Page, sit: Callable[..., Page]) -> None:
    sit(desk).goto(LIST)
    slow, wanted = (desk.locator(".row .a").nth(place).get_attribute("href") for place in (1, 2))
    held = holding(desk, slow)
    with desk.expect_request(f"**{slow}"):  # on a busy machine the second key would end it before it has left
        desk.keyboard.press("j")
    desk.keyboard.press("j")
    shown = desk.locator("#detail .mono").first
    expect(shown).to_have_text(wanted.split("/")[-1].split("?")[0])
    with suppress(Error):  # the browser gave it up
        held[0].continue_()
    desk.wait_for_timeout(300)
    expect(shown).to_have_text(wanted.split("/")[-1].split("?")[0])


def told_apart(desk: Page) -> tuple[str, str]:
    """Return the reference of the marked row and the one the pane shows."""
    marked = desk.locator(".row:has([aria-current]) .tick").input_value()
    return marked.split(".")[0], desk.locator("#detail").get_attribute("data-open")


def test_the_marked_row_is_the_case_in_the_pane_however_fast_the_keys_come(
    desk: Page, sit: Callable[..., Page]
) -> None:
    sit(desk).goto(LIST)
    first, last = (desk.locator(".row .a").nth(place).get_attribute("href") for place in (1, 2))
    held = holding(desk, first)

    def overtaken(route: Route) -> None:
        with suppress(Error):  # the browser gave it up
            held[0].fulfill(response=held[0].fetch())
        route.continue_()

    desk.route(f"**{last}", overtaken)
    with desk.expect_request(f"**{first}"):
        desk.keyboard.press("j")
    desk.keyboard.press("j")
    reference = last.split("/")[-1].split("?")[0]
    expect(desk.locator("#detail .mono").first).to_have_text(reference)
    assert told_apart(desk) == (reference, reference)


def test_no_key_acts_on_a_case_while_another_is_on_its_way(
    desk: Page, sit: Callable[..., Page], served: Portal
) -> None:
    sit(desk).goto(LIST)
    shown, wanted = (desk.locator(".row .a").nth(place).get_attribute("href") for place in (0, 1))
    held = holding(desk, wanted)
    with desk.expect_request(f"**{wanted}"):
        desk.keyboard.press("j")
    pages: list[str] = []
    desk.on("request", lambda request: pages.append(request.method))
    for key in ("n", "c", "a"):
        desk.keyboard.press(key)
    assert desk.evaluate("document.activeElement.getAttribute('href')") == wanted
    held[0].continue_()
    reference = wanted.split("/")[-1].split("?")[0]
    expect(desk.locator("#detail .mono").first).to_have_text(reference)
    assert "POST" not in pages
    assert found(served, shown.split("/")[-1].split("?")[0]).state is State.SUBMITTED
    desk.keyboard.press("c")
    expect(desk.locator("[data-toast]")).to_contain_text("Claimed")
    assert reference in desk.url


def test_cases_that_a_held_key_flies_over_are_not_opened(desk: Page, sit: Callable[..., Page]) -> None:
    sit(desk).clock.install(time=NEW)
    desk.goto(LIST)
    desk.clock.pause_at(NEW + timedelta(seconds=20))  # however long this machine takes from one key to the next
    hrefs = [desk.locator(".row .a").nth(place).get_attribute("href") for place in (1, 4)]
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    for _ in range(4):  # the first goes down, the others repeat it
        desk.keyboard.down("j")
    desk.keyboard.up("j")
    desk.clock.run_for(100)
    expect(desk.locator("#detail .mono").first).to_have_text(hrefs[1].split("/")[-1].split("?")[0])
    assert [url.split("/", 3)[3] for url in asked] == [href[1:] for href in hrefs]


def test_what_was_thought_over_or_taken_as_a_file_can_be_done_again(
    desk: Page, sit: Callable[..., Page], served: Portal
) -> None:
    case = ask(served, Kind.ERASURE, subject=MATEO, wanted=(Wanted("picture", ""),))
    sit(desk).goto(f"{LIST}?open={case.reference}")
    for _ in range(2):
        with desk.expect_download():
            desk.get_by_role("button", name="This list as a file").click()
    desk.keyboard.press("a")
    desk.get_by_role("button", name="Go back").click()
    expect(desk.locator("#sure")).to_be_hidden()
    desk.keyboard.press("a")
    desk.keyboard.press("y")
    expect(desk.locator("[data-toast]")).to_contain_text("A second person must agree")


def test_a_saved_question_is_written_out_in_the_familys_language_and_can_be_changed(
    desk: Page, sit: Callable[..., Page], served: Portal
) -> None:
    case = ask(served, wanted=(Wanted("grade", "8"),))
    sit(desk).goto(f"{LIST}?open={case.reference}")
    desk.keyboard.press("m")
    desk.select_option("#saved", "2")
    expect(desk.locator("#message")).to_have_value("¿Qué debe decir? Escríbalo tal como debe ser.")
    axe(desk)
    desk.select_option("#saved", "")
    expect(desk.locator("#message")).to_have_value("")
