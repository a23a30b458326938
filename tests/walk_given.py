"""A person who walks through the family's pages in a real browser, and what each page must hold."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from browser_given import axe
from family_given import code_in, settle, texts
from given import Clock, counted_draw, given_settings
from playwright.sync_api import Page, expect
from tables_given import make_tables

from rightsdesk.web.app import wire
from rightsdesk.web.portal import Portal

ELENA: Final = "(212) 555-0142"
MARCUS: Final = "(212) 555-0143"
JORDAN: Final = "(212) 555-0144"


def served_portal(folder: Path) -> Portal:
    """Return a portal with families that browsers on this machine reach over http."""
    portal = wire(replace(given_settings(folder), public_url="http://127.0.0.1"), Clock(), counted_draw())
    make_tables(portal.storage.engine)
    settle(portal)
    return portal


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
    walk.show_who(JORDAN)
    walk.tick("Delete it")
    walk.press("Continue")
    walk.mark("Picture")
    walk.press("Continue")
    walk.press("Send my request")


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
    summary = page.locator(".summary:visible")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text(words)
    expect(page.locator(".msg")).to_contain_text(words)
    check(page)


def take_back(walk: Walk) -> None:
    for reference in walk.page.locator("p.ref").all_inner_texts():
        walk.page.goto(f"/marigold/requests/{reference}/withdraw")
        walk.press("Take it back")
