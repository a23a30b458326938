"""Chromium, a family's phone and an approver's desk, all looking at one served portal."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from browser_given import FLAGS, chromium, live_server, watch
from playwright.sync_api import Browser, Page, Playwright, expect
from starlette.types import ASGIApp

expect.set_options(
    timeout=20_000
)  # milliseconds; a busy machine takes its time, and a page that is right waits for nothing


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], playwright: Playwright) -> dict[str, Any]:
    """Return how Chromium starts: the one of this machine, silent towards the network."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium as root starts only without
    found = chromium(playwright.chromium.executable_path)
    return browser_type_launch_args | {"args": [*FLAGS, *sandbox]} | ({"executable_path": found} if found else {})


@pytest.fixture(scope="module")
def portal_url(portal_app: ASGIApp) -> Iterator[str]:
    """Serve what the fixture ``portal_app`` returns, and yield its address without a closing slash.

    A test file says by a ``portal_app`` of its own, scope module or wider, what it looks at.
    """
    with live_server(portal_app) as address:
        yield address


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """Yield what the browser complained about so far; whatever is still in it at the end fails the test."""
    seen: list[str] = []
    yield seen
    assert seen == [], "the browser complained"


@pytest.fixture
def page(browser: Browser, portal_url: str, faults: list[str]) -> Iterator[Page]:
    """Yield a family's phone: 390 by 844, touch, English."""
    phone = browser.new_context(
        base_url=portal_url,
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
        locale="en-US",
    )
    watch(phone, faults)
    yield phone.new_page()
    phone.close()


@pytest.fixture
def unscripted(browser: Browser, portal_url: str, faults: list[str]) -> Iterator[Page]:
    """Yield a phone that runs no scripts."""
    phone = browser.new_context(
        base_url=portal_url, viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="en-US"
    )
    watch(phone, faults)
    yield phone.new_page()
    phone.close()


@pytest.fixture
def desk(browser: Browser, portal_url: str, faults: list[str]) -> Iterator[Page]:
    """Yield an approver's screen: 1280 by 800, English, signed in as nobody."""
    screen = browser.new_context(base_url=portal_url, viewport={"width": 1280, "height": 800}, locale="en-US")
    watch(screen, faults)
    yield screen.new_page()
    screen.close()
