"""Every page and every error state, of families, desk and office: nobody is shut out, and nothing is lost."""

import re

import pytest
from browser_given import axe
from playwright.sync_api import Page, expect
from starlette.types import ASGIApp
from states_given import Story, story
from states_list import BLOCKED, NOT_A_PAGE, STATES, State

from rightsdesk.web.app import app_of
from rightsdesk.web.routes import SCREENS

pytestmark = pytest.mark.browser

NAMED = {state.name: state for state in STATES}
STYLESHEET = re.compile(r"/app[^/]*\.css")
DESKTOP = {"width": 1280, "height": 800}
PARTS = "main :is(h1, h2, h3, p, li, dt, dd, th, td, label, legend, blockquote)"
# Left out on purpose where there is nothing to press: buttons, the way back, what only a screen offers.
ON_PAPER_TOO = ":not(.noprint, .noprint *, .acts, .acts *, .back, .sum .act, .btn *, .decide *, details:not([open]) *)"
SHOWN = """([parts, but]) => [...document.querySelectorAll(parts)].filter(one => one.matches(but))
    .map(one => [one.innerText.trim(), one.checkVisibility({visibilityProperty: true})])
    .filter(([words, seen]) => words && seen).map(([words]) => words)"""
# What stands below another thing in the document stands below it on a phone too.
UPSIDE_DOWN = """() => { const found = [];
    let before = 0, words = '';
    for (const one of document.querySelectorAll('main :is(h1, h2, h3, label, .msg, textarea, .hint)')) {
        const box = one.getBoundingClientRect();
        if (!box.height || one.matches('.vh, dialog *, .row *, details:not([open]) *')) continue;
        if (box.bottom <= before) found.push(`${one.innerText} after ${words}`);
        before = box.top; words = one.innerText || one.id;
    } return found; }"""
NARROW = """() => [...document.querySelectorAll('body *')]
    .filter(one => !one.closest('.scroll, .views, .tabs, .vh, .skip'))
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .map(one => one.outerHTML.slice(0, 120)).slice(0, 3)"""
# An error is said in the summary and, in the same words, at the field that the summary leads to.
UNTOLD = """() => [...document.querySelectorAll('.summary a[href^="#"]')]
    .filter(one => !document.getElementById(one.hash.slice(1))
        || ![...document.querySelectorAll('main .msg')].some(told => told.innerText.includes(one.innerText.trim())))
    .map(one => `${one.hash} ${one.innerText}`)"""
# What sends a field comes right after it: no way to another page stands between the two.
BETWEEN = """() => [...document.querySelectorAll('main form')]
    .map(form => form.querySelector('a.btn, button:not([type=button])'))
    .filter(one => one?.matches('a')).map(one => one.outerHTML)"""
THIN = """() => [...document.querySelectorAll('main :is(.btn, .choice, summary, select, textarea, .field input)')]
    .filter(one => one.checkVisibility() && !one.matches('.vh, [type=radio], [type=checkbox], [type=hidden]'))
    .filter(one => one.getBoundingClientRect().height < 43.9).map(one => one.outerHTML)"""
# Pages on which somebody shows who they are, or says how.
PROVING = (
    *("phone", "code", "second", "password choose", "sign_in_password", "passkeys", "passkeys none"),
    *("sign in", "totp", "enrol", "desk password", "desk passkeys", "desk own", "desk own_password", "desk own:codes"),
    *("office colleague", "office person:guardian", "office provider", "office directory", "office directory:ldap"),
)
EDGELESS = """all => all.filter(one => one.checkVisibility() && !one.matches('.link, [type=hidden]')
    && !parseFloat(getComputedStyle(one).borderTopWidth)).map(one => one.outerHTML)"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Return the agency in which every page has something to show."""
    return story(tmp_path_factory.mktemp("states"))


@pytest.fixture(scope="module")
def portal_app(told: Story) -> ASGIApp:
    """Return the portal as it is served."""
    return app_of(told.portal)


def reach(page: Page, state: State, told: Story, url: str) -> None:
    """Sit down as whom the state belongs to, and go there."""
    page.set_default_timeout(20_000)
    page.context.clear_cookies()
    token = state.sits(told) if state.sits else ""
    if token:
        name = "rightsdesk-desk" if state.is_staff else "rightsdesk"
        page.context.add_cookies([{"name": name, "value": token, "url": url}])
    page.goto(state.path.format(**told.cases))
    for step in state.steps:
        step(page)
    if state.words:
        assert state.words in page.locator("main").inner_text(), f"{page.title()}: {page.locator('main').inner_text()}"


def fits(page: Page, width: int) -> None:
    """Assert that nothing but tables in their own labelled regions goes on to the side."""
    page.set_viewport_size({"width": width, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.evaluate(NARROW)


def test_every_screen_that_shows_a_page_is_in_the_list() -> None:
    shown = {screen.name for screen in SCREENS if screen.get and screen.name not in NOT_A_PAGE}
    assert shown == {state.screen for state in STATES if state.screen in shown}
    assert len(NAMED) == len(STATES)


@pytest.mark.parametrize("name", NAMED)
def test_b6_b9_every_state_is_open_to_everybody(page: Page, told: Story, portal_url: str, name: str) -> None:
    reach(page, NAMED[name], told, portal_url)
    assert page.title().startswith("Error: ") == NAMED[name].is_error, page.title()
    assert page.evaluate(UPSIDE_DOWN) == []
    assert page.evaluate(UNTOLD) == []
    assert page.evaluate(BETWEEN) == []
    if not NAMED[name].is_staff:  # the desk is judged at its own width below
        axe(page)
    fits(page, 320)
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.evaluate(NARROW)
    page.evaluate("document.documentElement.style.removeProperty('font-size')")


@pytest.mark.parametrize("name", PROVING)
def test_b8_what_is_pressed_to_show_who_one_is_fits_a_thumb(
    page: Page, told: Story, portal_url: str, name: str
) -> None:
    reach(page, NAMED[name], told, portal_url)
    assert page.evaluate(THIN) == []


def test_the_tab_one_is_on_is_in_view_on_a_phone(page: Page, told: Story, portal_url: str) -> None:
    reach(page, NAMED["office texts"], told, portal_url)
    expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("name", [state.name for state in STATES if state.is_staff])
def test_b6_every_state_of_the_desk_is_open_at_a_desk(desk: Page, told: Story, portal_url: str, name: str) -> None:
    reach(desk, NAMED[name], told, portal_url)
    axe(desk)
    assert desk.evaluate("document.documentElement.scrollWidth") <= DESKTOP["width"]


@pytest.mark.parametrize("name", [state.name for state in STATES if state.is_printed])
def test_print_and_forced_colours_lose_nothing(page: Page, told: Story, portal_url: str, name: str) -> None:
    reach(page, NAMED[name], told, portal_url)
    words = page.evaluate(SHOWN, [PARTS, ON_PAPER_TOO])
    assert len(words) > 3
    page.emulate_media(media="print")
    assert set(words) <= set(page.evaluate(SHOWN, [PARTS, ON_PAPER_TOO]))
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")
    page.emulate_media(media="screen", forced_colors="active")
    assert set(words) <= set(page.evaluate(SHOWN, [PARTS, ON_PAPER_TOO]))
    assert page.locator(".btn, .choice, .field input, textarea").evaluate_all(EDGELESS) == []


@pytest.mark.parametrize("name", BLOCKED)
def test_b21_without_the_stylesheet_all_is_there_in_the_same_order(
    page: Page, told: Story, portal_url: str, name: str
) -> None:
    page.route(STYLESHEET, lambda route: route.fulfill(body="", content_type="text/css"))
    reach(page, NAMED[name], told, portal_url)
    bare = page.evaluate(SHOWN, [PARTS, "*"])
    assert page.evaluate("document.styleSheets[0].cssRules.length") == 0
    page.unroute(STYLESHEET)
    reach(page, NAMED[name], told, portal_url)
    styled = page.evaluate(SHOWN, [PARTS, "*"])
    left = iter("".join(words.split()) for words in bare)
    assert [words for words in styled if "".join(words.split()) not in left] == []
    assert page.evaluate(UPSIDE_DOWN) == []
