"""The family's path on a phone: few screens and few taps, with and without scripts."""

from collections.abc import Callable

import pytest
from family_given import wait
from playwright.sync_api import Page, expect
from starlette.types import ASGIApp
from walk_given import MARCUS, Walk, delete, fix, see, served_portal, take_back

from rightsdesk.web.app import app_of
from rightsdesk.web.portal import Portal

pytestmark = pytest.mark.browser


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


@pytest.fixture
def plain(unscripted: Page, portal: Portal) -> Walk:
    """Return somebody whose browser runs no scripts."""
    return Walk(unscripted, portal)


# Each kind leaves an open request behind, so the test without scripts takes each back first.
@pytest.mark.parametrize(("ask", "taps", "screens"), [(see, 5, 6), (fix, 6, 7), (delete, 6, 7)])
def test_b11_b12_few_taps_and_few_screens_to_a_filed_request(
    walk: Walk, ask: Callable[[Walk], None], taps: int, screens: int
) -> None:
    ask(walk)
    expect(walk.page.get_by_role("heading", level=1)).to_have_text("Request sent")
    assert walk.taps <= taps
    assert len(walk.screens) <= screens
    take_back(walk)


@pytest.mark.parametrize("ask", [see, fix, delete])
def test_b20_the_whole_path_works_without_scripts(plain: Walk, ask: Callable[[Walk], None]) -> None:
    ask(plain)
    expect(plain.page.get_by_role("heading", level=1)).to_have_text("Request sent")
    expect(plain.page.get_by_text("Print or save this page")).to_be_hidden()
    take_back(plain)


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
