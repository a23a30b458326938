"""How long it takes from a key press at the desk until the next request is painted, in a real Chromium."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from bench.crowds import signed_in
from bench.figures import Figure, percentile
from bench.places import HOST, Place, portal_served
from bench.scales import Bench
from browser_given import FLAGS, chromium
from playwright.sync_api import Page, sync_playwright

_GOAL: Final = "Key press to the next request painted, p95"
_PRESSES: Final = 30
_PATIENCE: Final = 10_000  # milliseconds for one press
# The detail is put in as a new element; the second frame after that is the first in which it is surely painted.
_WATCH: Final = """() => {
  window.painted = new Promise((done) => {
    let pressed = 0;
    addEventListener("keydown", (event) => { pressed = event.timeStamp; }, { once: true, capture: true });
    const watcher = new MutationObserver((changes) => {
      if (![...changes].some((change) => [...change.addedNodes].some((node) => node.id === "detail"))) return;
      watcher.disconnect();
      requestAnimationFrame(() => requestAnimationFrame((at) => done(at - pressed)));
    });
    watcher.observe(document.body, { childList: true, subtree: true });
  });
}"""


def painting_figures(bench: Bench) -> Iterator[Figure]:
    """Yield the time of a press of ``j``; not measured where there is no Chromium."""
    with sync_playwright() as play:
        path = chromium(play.chromium.executable_path)
        if path is None:
            yield Figure(_GOAL, "ms", 100, note="there is no Chromium here")
            return
        browser = play.chromium.launch(executable_path=path, args=list(FLAGS))
        with _list_of(bench.large, browser.new_page()) as page:
            taken = [_press(page) for _ in range(_PRESSES)]
        browser.close()
    yield Figure(_GOAL, "ms", 100, value=percentile(taken, 0.95), note=f"{_PRESSES} presses")


@contextmanager
def _list_of(place: Place, page: Page) -> Iterator[Page]:
    portal = place.portal()
    name, _, value = signed_in(portal).approver.partition("=")
    portal.storage.close()
    address = f"http://{HOST}:{place.port}"
    with portal_served(place):
        page.context.add_cookies([{"name": name, "value": value, "url": address}])
        page.set_default_timeout(_PATIENCE)
        page.goto(f"{address}/desk/bench/cases")
        yield page


def _press(page: Page) -> float:
    page.evaluate(_WATCH)
    page.keyboard.press("j")
    taken: float = page.evaluate("() => window.painted")
    return taken
