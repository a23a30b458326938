"""A student's new password on a phone: name, code, three words that are suggested, and signed in with them."""

import pytest
from family_given import code_in, texts, wait
from playwright.sync_api import Page, expect
from reset_given import AVA, PATH, enter_pupils
from starlette.types import ASGIApp
from walk_given import Walk, check, served_portal

from rightsdesk.web.app import app_of
from rightsdesk.web.portal import Portal

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    """Return a portal with students who have usernames."""
    portal = served_portal(tmp_path_factory.mktemp("reset"))
    enter_pupils(portal)
    return portal


@pytest.fixture(scope="module")
def portal_app(portal: Portal) -> ASGIApp:
    """Return the portal as it is served."""
    return app_of(portal)


@pytest.fixture(autouse=True)
def _hours_later(portal: Portal) -> None:
    # The limits on texts are per hour, and every test asks for some.
    wait(portal, hours=3)


@pytest.fixture
def walk(page: Page, portal: Portal) -> Walk:
    """Return a student on a phone."""
    return Walk(page, portal)


@pytest.fixture
def plain(unscripted: Page, portal: Portal) -> Walk:
    """Return a student whose browser runs no scripts."""
    return Walk(unscripted, portal)


def to_the_choice(walk: Walk) -> None:
    """Go from the sign-in page to the page of the new password, with the code that was texted."""
    walk.open("/marigold/password")
    walk.page.get_by_label("What is your school username?").fill(AVA.username)
    walk.page.locator("main form button.full").click()
    walk.page.get_by_label("Enter the code we texted you").fill(code_in(texts(walk.portal)[-1]))
    walk.page.locator("main form button.full").click()
    expect(walk.page.get_by_role("heading", level=1)).to_have_text("Choose a new password")


def three_words(walk: Walk) -> str:
    """Have three words suggested, and return them as the field holds them."""
    walk.press("Suggest three words")
    words = walk.page.get_by_label("Choose a new password").input_value()
    assert len(words.split("-")) == 3
    expect(walk.page.get_by_text(f"You could use: {words}")).to_be_visible()
    expect(walk.page.locator("#password")).to_have_attribute("type", "text")
    return words


def save_and_sign_in(walk: Walk, words: str) -> None:
    """Keep the words, be told so, and sign in with them."""
    walk.press("Save my new password")
    expect(walk.page.get_by_role("heading", level=1)).to_have_text("Your password is changed")
    assert walk.page.url.endswith(PATH), "nothing of it is in an address"
    walk.press("Sign in")
    walk.page.locator("#username").fill(AVA.username)
    walk.page.locator("#password").fill(words)
    walk.page.locator("main form button.full").click()
    walk.page.wait_for_url("**/marigold/ask")


def test_the_whole_reset_on_a_phone(walk: Walk) -> None:
    to_the_choice(walk)
    check(walk.page)
    field, hint = walk.page.locator("#password"), walk.page.locator("[data-strength]")
    field.press_sequentially("four")
    expect(hint).to_have_text("11 more letters are needed")
    expect(field).to_have_attribute("type", "password")
    shown = walk.page.locator("[data-show]")
    shown.click()
    expect(field).to_have_attribute("type", "text")
    expect(shown).to_have_text("Hide")
    field.fill("four grey lanterns")
    expect(hint).to_have_text("Long enough")
    words = three_words(walk)
    check(walk.page)
    save_and_sign_in(walk, words)


def test_the_whole_reset_without_scripts(plain: Walk) -> None:
    to_the_choice(plain)
    expect(plain.page.locator("[data-show]")).to_be_hidden()
    expect(plain.page.locator("[data-strength]")).to_be_hidden()
    save_and_sign_in(plain, three_words(plain))
