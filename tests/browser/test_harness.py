"""The browser harness itself must be able to fail, or every green page means nothing."""

import pytest
from browser_given import axe
from playwright.sync_api import Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

GOOD = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Good</title>
<style>body {color-scheme: light dark}</style><main><h1>Good</h1><p>Text</p></main></html>"""
UNLABELLED = GOOD.replace("<p>Text</p>", "<input name=phone>")
DIM_WHEN_DARK = GOOD.replace(
    "<style>", "<style>@media (prefers-color-scheme: dark) {p {color: #444; background: #333}}"
)
PAGES = {
    "good": GOOD,
    "unlabelled": UNLABELLED,
    "dim": DIM_WHEN_DARK,
    "crash": GOOD.replace("</main>", "</main><script>undefined_name()</script>"),
    "complaint": GOOD.replace("</main>", "</main><script>console.error('no')</script>"),
    "bare": GOOD.replace("</main>", "</main><link rel=stylesheet href=/gone.css>"),
}


def show(request: Request) -> HTMLResponse:
    """Return the page of that name, or 404."""
    name = request.path_params["name"]
    return HTMLResponse(PAGES.get(name, ""), 200 if name in PAGES else 404)


def refuse(_: Request) -> PlainTextResponse:
    """Return a refusal such as any form may give."""
    return PlainTextResponse("No", 422)


@pytest.fixture(scope="module")
def portal_app() -> Starlette:
    """Return six pages, one of them good, and a refusal."""
    return Starlette(routes=[Route("/refused", refuse), Route("/{name}", show)])


def test_a_good_page_passes_on_a_phone_and_on_a_desk(page: Page, desk: Page) -> None:
    for screen in (page, desk):
        screen.goto("/good")
        axe(screen)
    assert [screen.evaluate("innerWidth") for screen in (page, desk)] == [390, 1280]


@pytest.mark.parametrize("name", ["unlabelled", "dim"])
def test_a_page_that_shuts_somebody_out_is_found(page: Page, name: str) -> None:
    page.goto(f"/{name}")
    with pytest.raises(AssertionError, match=r"label|dark: color-contrast"):
        axe(page)


@pytest.mark.parametrize("name", ["crash", "complaint", "bare"])
def test_a_page_that_complains_leaves_a_fault(page: Page, faults: list[str], name: str) -> None:
    page.goto(f"/{name}", wait_until="networkidle")
    page.evaluate("1")
    assert len(faults) == 1
    faults.clear()


def test_a_refused_form_is_no_fault_of_the_page(page: Page, faults: list[str]) -> None:
    assert page.goto("/refused").status == 422
    assert faults == []
