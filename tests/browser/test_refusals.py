"""Every page that tells of a refusal or a failure: no barrier, in light and dark, on a phone and at 320 pixels."""

from dataclasses import replace
from typing import Final, NoReturn
from uuid import UUID

import pytest
from browser_given import axe
from given import Clock, counted_draw, given_agency, given_settings
from playwright.sync_api import Page
from sqlalchemy.exc import OperationalError
from starlette.types import ASGIApp
from tables_given import make_tables

from rightsdesk.requests.agencies.control.store import Home
from rightsdesk.requests.cases.errors import AlreadyAsked, BadFiling, MovedOn, NeedsFreshProof, NotForYou
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.web.app import app_of, wire
from rightsdesk.web.problems import SHOWN, NotFound, shown
from rightsdesk.web.regions import Elsewhere
from rightsdesk.web.routes import SCREENS
from rightsdesk.web.screens import Screen, Who
from rightsdesk.web.visits import Visit

pytestmark = pytest.mark.browser

REFUSALS: Final[dict[str, Exception]] = {
    "not-found": NotFound("nothing"),
    "moved-on": MovedOn("Somebody changed this request.", 2),
    "asked-already": AlreadyAsked("MGD-7K3F-92QX"),
    "not-for-you": NotForYou("Your role does not include this."),
    "fresh-proof": NeedsFreshProof("Show us again that it is you."),
    "elsewhere": Elsewhere(Home("linden", UUID(int=1), "Linden Schools", "eu"), "https://eu.example.org"),
    "erased": KeyGone("The key was destroyed."),
    "mistake": BadFiling("Tick at least one thing."),
    "busy": OperationalError("SELECT 1", {}, Exception("database is locked")),
    "broken": RuntimeError("nobody foresaw this"),
}


def refuse(visit: Visit) -> NoReturn:
    """Raise what the path names."""
    raise REFUSALS[visit.part("how")]


@pytest.fixture(scope="module")
def portal_app(tmp_path_factory: pytest.TempPathFactory) -> ASGIApp:
    settings = replace(given_settings(tmp_path_factory.mktemp("refusals")), public_url="http://127.0.0.1")
    portal = wire(settings, Clock(), counted_draw())
    make_tables(portal.storage.engine)
    given_agency(portal)
    return app_of(portal, (*SCREENS, Screen("/{agency}/refuses/{how}", "refuses", Who.ANYONE, refuse)))


@pytest.mark.parametrize("how", REFUSALS)
def test_a_refusal_is_a_page_that_everybody_can_read(page: Page, faults: list[str], how: str) -> None:
    answer = page.goto(f"/marigold/refuses/{how}")
    assert answer is not None
    assert answer.status == shown(REFUSALS[how]).status
    assert page.locator("h1").count() == 1
    axe(page)
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    # A failure is what this page is about, and the browser notes it; nothing else may be wrong.
    assert [fault for fault in faults if not fault.startswith(f"{answer.status} ")] == []
    faults.clear()


def test_every_kind_of_page_stands_in_this_list() -> None:
    tried = {shown(refusal).template for refusal in REFUSALS.values()}
    elsewhere = {"errors/too_large.html", "errors/unreadable.html"}  # answers to a form: states of their screens
    assert {one.template for one in SHOWN.values()} == tried | elsewhere
