"""What browser tests build on: a served portal, a Chromium, and the accessibility judge."""

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, WebError
from starlette.types import ASGIApp

CHROMIUMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
WCAG: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE: Final = 20.0  # seconds a server may take to start or to stop, on a busy machine


class AnnouncedServer(uvicorn.Server):
    """A server that says when it listens, so that nobody has to poll."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start up, and say so even when it failed."""
        try:
            await super().startup(sockets)
        finally:
            self.settled.set()


@contextmanager
def live_server(app: ASGIApp, place: socket.socket | None = None) -> Iterator[str]:
    """Serve an app on a free loopback port, with its lifespan, and yield its address without a closing slash.

    ``place`` listens already: for an app that must know its own address before.
    """
    with place or socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, log_config=None, lifespan="auto", ws="none", timeout_graceful_shutdown=2)
        server = AnnouncedServer(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        assert server.settled.wait(PATIENCE), "the server did not start"
        assert server.started, "the app refused to start"
        try:
            yield "http://{}:{}".format(*listening.getsockname())
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
    assert not thread.is_alive(), "the server did not stop"


def chromium(own: str) -> str | None:
    """Return the path of the Chromium to drive, or None for Playwright's own build, found at ``own``."""
    named = os.environ.get("CHROMIUM_PATH")  # noqa: TID251 - where Chromium lies is the machine's matter
    if named or Path(own).exists():
        return named
    return next(filter(None, map(shutil.which, CHROMIUMS)), None)


def watch(context: BrowserContext, faults: list[str]) -> None:
    """Write down each console error, uncaught exception and failed fetch of a page's parts.

    A page or an htmx answer may well be a 404 or 422, and the test at hand says which;
    a stylesheet, a script or a picture may not, and nothing may answer 500.
    """

    def console(message: ConsoleMessage) -> None:
        refused = message.text.startswith("Failed to load resource: the server responded")
        if message.type == "error" and not refused:  # what was refused is judged by ``answered``
            faults.append(message.text)

    def crashed(error: WebError) -> None:
        faults.append(str(error.error))

    def answered(response: Response) -> None:
        asked_for = response.request.resource_type in {"document", "fetch", "xhr"}
        if response.status >= (500 if asked_for else 400):
            faults.append(f"{response.status} {response.url}")

    context.on("console", console)
    context.on("weberror", crashed)
    context.on("response", answered)


def axe(page: Page) -> None:
    """Assert that a page breaks no accessibility rule up to WCAG 2.2 AA, in light and in dark."""
    found = []
    # What is said and how it is built is the same in the dark; only colours are not.
    dark = {"type": "rule", "values": ["color-contrast"]}
    for scheme, judged in (("light", {"type": "tag", "values": WCAG}), ("dark", dark)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        answer = Axe().run(page, options={"runOnly": judged, "resultTypes": ["violations"]})
        found += [
            f"{scheme}: {rule['id']} ({rule['help']}): {node['html']}"
            for rule in answer.response["violations"]
            for node in rule["nodes"]
        ]
    page.emulate_media(color_scheme="null", reduced_motion="null")
    assert not found, "\n".join(found)
