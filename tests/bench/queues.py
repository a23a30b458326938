"""How soon durable work begins after the commit that asked for it, and what pages notice of much of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from statistics import median
from threading import Event
from time import monotonic, perf_counter
from typing import Final
from uuid import UUID

from bench.crowds import AGENCY
from bench.desks import Desk, desk_of
from bench.figures import Figure, Judged, percentile, wall
from bench.scales import Bench
from sqlmodel import col, func, select

from rightsdesk.web.duties import Roster
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import JobRow
from rightsdesk.web.worker import Worker

_KIND: Final = "bench"
_JOBS: Final = 100
_MANY: Final = 500
_PAUSE: Final = 0.05  # seconds between two jobs: each finds the worker at rest
_PAGES: Final = 0.02  # seconds from the beginning of a page to that of the next one: fifty a second
_WITHIN: Final = 60.0
_LEAST: Final = 200  # pages
# What a table of one's own took on two quiet cores, with NOTIFY where there is a server; twice of it is the limit.
_LIMITS: Final = {"sqlite": (3.6, 60.0), "postgresql": (7.6, 86.0)}
_LIST: Final = "/desk/bench/cases"


def queue_figures(bench: Bench) -> Iterator[Figure]:
    """Yield how soon a job begins, and the slowest pages while hundreds of jobs are done, beside the same without."""
    portal = bench.small.portal()
    middle, late = _LIMITS[portal.storage.engine.dialect.name]
    taken = _begun(portal)
    portal.storage.close()
    yield Figure("From commit to the start of its job, median", "ms", middle, value=median(taken) * 1e3)
    yield Figure("From commit to the start of its job, p99", "ms", late, value=percentile(taken, 0.99) * 1e3)
    with desk_of(bench.small) as desk:
        desk.wall(_LIST, 50)
        idle = _paged(desk, lambda: False)
        portal = bench.small.portal()
        _submit(portal)
        busy = _paged(desk, lambda: _open(portal) > 0)
        portal.storage.close()
    note = f"{len(busy)} pages beside {_MANY} jobs"
    slow, calm = (percentile(one, 0.99) * 1e3 for one in (busy, idle))
    yield Figure("Desk page beside jobs, p99", "ms", 100, Judged.VALUE, slow, calm, "the same without jobs", note)


def _begun(portal: Portal) -> list[float]:
    """Return the seconds from each commit to the start of its job, in a worker of this process."""
    begun: SimpleQueue[float] = SimpleQueue()
    effects = {**EFFECTS, _KIND: lambda *_: begun.put(perf_counter())}  # what the portal was filled with is done first
    worker = Worker(portal, effects, Roster(()))
    with _working(worker):
        return [_one(portal, begun) for _ in range(_JOBS + 10)][10:]


def _one(portal: Portal, begun: "SimpleQueue[float]") -> float:
    Event().wait(_PAUSE)
    with portal.storage.write() as tx:
        portal.jobs.submit(tx, _KIND, portal.draw(16).hex())
    committed = perf_counter()
    return max(0.0, begun.get(timeout=_WITHIN) - committed)


def _submit(portal: Portal) -> None:
    """Submit notices that nobody has: each is looked for in its agency's turn, and is done."""
    with portal.storage.write() as tx:
        for _ in range(_MANY):
            nobody = str(UUID(bytes=portal.draw(16)))
            portal.jobs.submit(tx, "mail_notice", nobody, str(AGENCY.id), nobody)


def _open(portal: Portal) -> int:
    with portal.storage.read() as tx:
        wanted = select(func.count(col(JobRow.id))).where(col(JobRow.done_at).is_(None), col(JobRow.dead_at).is_(None))
        return tx.exec(wanted).one()


def _paged(desk: Desk, goes_on: Callable[[], bool]) -> list[float]:
    """Return the seconds of each page while something goes on, fifty a second and 200 at least."""
    taken: list[float] = []
    until = monotonic() + _WITHIN
    while len(taken) < _LEAST or (goes_on() and monotonic() < until):
        taken.append(wall(lambda: desk.page(_LIST)))
        Event().wait(max(0.0, _PAGES - taken[-1]))
    return taken


@contextmanager
def _working(worker: Worker) -> Iterator[None]:
    worker.start()
    try:
        yield
    finally:
        worker.stop()
