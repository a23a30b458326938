"""What the desk costs: a page beside a bare one, and lists and searches with few requests and with many."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from statistics import median

from bench.crowds import signed_in
from bench.figures import Figure, Judged, by_turns, typical, wall
from bench.places import Browser, Place, Served, portal_served
from bench.scales import Bench
from bench.starts import bare_served

_LIST = "/desk/bench/cases"
_ONE = f"{_LIST}?q=Guardian7"  # one family is called so, however many requests there are


@dataclass(frozen=True, slots=True)
class Desk:
    """A served portal with the browser of somebody who signed in."""

    served: Served
    browser: Browser

    def page(self, path: str) -> None:
        """Open a page of the desk, which must be one."""
        page = self.browser.get(path)
        assert page.status == 200, (path, page.status)
        assert "Guardian" in page.text, path

    def cpu(self, path: str, times: int) -> float:
        """Return the processor time the server takes for a page, in seconds."""
        before = self.served.cpu()
        for _ in range(times):
            self.page(path)
        return (self.served.cpu() - before) / times

    def wall(self, path: str, times: int) -> float:
        """Return the seconds a page takes over HTTP: the median of so many."""
        return median(wall(lambda: self.page(path)) for _ in range(times))


def desk_figures(bench: Bench) -> Iterator[Figure]:
    """Yield the costs of lists and searches; all servers run at once and are asked in turns."""
    with ExitStack() as stack:
        few, many = (stack.enter_context(desk_of(place)) for place in (bench.small, bench.large))
        bare = stack.enter_context(bare_served(bench.folder))
        yield _beside_the_bare_page(bench, few, bare)
        for name, path in (("Desk list", _LIST), ("Search for a name", _ONE)):
            yield _few_and_many(bench, f"{name} over HTTP, {bench.scale.many:,} requests", path, (few, many))
        yield Figure(
            "Resident memory after load, with worker",
            "MB",
            150,
            value=many.served.memory(),
            baseline=bare.memory(),
            against="bare server",
            note=f"{many.served.memory('RssAnon'):.0f} MB without mapped files",
        )


def restart_figures(bench: Bench) -> Iterator[Figure]:
    """Yield what the first filing after a restart takes, beside those after it."""
    portal = bench.large.portal()
    guardian = signed_in(portal).guardian
    names = count(int.from_bytes(portal.draw(4)))  # no request of an earlier run is asked again
    portal.storage.close()

    def once() -> tuple[float, float]:
        with portal_served(bench.large):
            browser = Browser(bench.large.port, guardian)
            taken = [wall(lambda: file_over_http(browser, f"Name{next(names)}")) for _ in range(12)]
        return taken[0], median(taken[2:])

    pairs = [once() for _ in range(bench.scale.rounds)]
    yield Figure(
        f"First filing after a restart, {bench.scale.many:,} requests",
        "ms",
        2,
        Judged.RATIO,
        median(first for first, _ in pairs) * 1e3,
        median(later for _, later in pairs) * 1e3,
        "the filings after it",
    )


def file_over_http(browser: Browser, last_name: str) -> None:
    """Send a request as a family does: what, which words, check."""
    browser.post("/bench/ask", {"kind": "correction"})
    browser.post("/bench/details", {"elements": "name.family", "correction.name.family": last_name})
    page = browser.get("/bench/check")
    once = page.text.partition('name="once"')[2].partition('value="')[2].partition('"')[0]
    sent = browser.post("/bench/check", {"once": once})
    assert "BNC-" in sent.text, sent.status


def _beside_the_bare_page(bench: Bench, desk: Desk, bare: Served) -> Figure:
    browser, times = Browser(bare.port), bench.scale.pages

    def bare_page() -> float:
        before = bare.cpu()
        for _ in range(times * 4):
            assert browser.get("/").status == 200
        return (bare.cpu() - before) / (times * 4)

    desk.cpu(_LIST, 20)
    taken = by_turns(bench.scale.rounds, partial(desk.cpu, _LIST, times), bare_page)
    goal = "Desk list page of 50 rows, server CPU"
    return Figure(goal, "ms", 1.5, Judged.RATIO, taken.value * 1e3, taken.baseline * 1e3, "bare Core and Jinja page")


def _few_and_many(bench: Bench, goal: str, path: str, desks: tuple[Desk, Desk]) -> Figure:
    few, many = desks
    times = max(10, bench.scale.pages // 4)
    for desk in desks:
        typical(3, partial(desk.wall, path, 5))
    taken = by_turns(bench.scale.rounds, partial(many.wall, path, times), partial(few.wall, path, times))
    against = f"{bench.scale.few:,} requests"
    return Figure(goal, "ms", 1.1, Judged.RATIO, taken.value * 1e3, taken.baseline * 1e3, against)


@contextmanager
def desk_of(place: Place) -> Iterator[Desk]:
    """Serve a portal and sign somebody in at its desk."""
    portal = place.portal()
    cookie = signed_in(portal).approver
    portal.storage.close()
    with portal_served(place) as served:
        yield Desk(served, Browser(place.port, cookie))
