"""How the portal fares, for Prometheus: counts, spans and sums; no label of any of them can name a person."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from shutil import disk_usage
from typing import Final, TypeAlias

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.cases import counting
from rightsdesk.requests.cases.due import store as due
from rightsdesk.requests.ledger.journal import store as journal
from rightsdesk.web import alarms, jobs
from rightsdesk.web.health import BEAT_WITHIN
from rightsdesk.web.meter import Meter
from rightsdesk.web.portal import Portal
from rightsdesk.web.regions import Regions

_SPANS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_JOB_SPANS: Final = (0.01, 0.05, 0.25, 1.0, 5.0, 30.0, 120.0, 600.0)
_DAY: Final = timedelta(days=1)


class Figures:
    """Counts what this process does for one region, or for none."""

    def __init__(self) -> None:
        """Begin at nothing."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody reads
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "rightsdesk_requests", "Answered requests.", ("route", "method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "rightsdesk_request_seconds",
            "Time from a request to its answer.",
            ("route", "method"),
            buckets=_SPANS,
            registry=self.registry,
        )
        self._jobs = Counter(
            "rightsdesk_jobs_ended", "Jobs this process ended.", ("kind", "end"), registry=self.registry
        )
        self._job_seconds = Histogram(
            "rightsdesk_job_seconds", "Time of a job.", ("kind",), buckets=_JOB_SPANS, registry=self.registry
        )
        self._messages = Counter(
            "rightsdesk_messages", "Texts and mails sent.", ("channel", "state", "why"), registry=self.registry
        )
        self._sign_ins = Counter(
            "rightsdesk_school_sign_ins", "School sign-ins that ended.", ("provider", "end"), registry=self.registry
        )

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answered request by the template of its path, its method and the class of its status."""
        self._requests.labels(route, method, f"{status // 100}xx").inc()
        self._seconds.labels(route, method).observe(seconds)

    def job(self, kind: str, end: str, seconds: float) -> None:
        """Count a job by how it ended."""
        self._jobs.labels(kind, end).inc()
        self._job_seconds.labels(kind).observe(seconds)

    def message(self, channel: str, state: str, why: str) -> None:
        """Count a text or a mail by what became of it."""
        self._messages.labels(channel, state, why).inc()

    def sign_in(self, provider: str, end: str) -> None:
        """Count a school sign-in by the kind of its provider and by how it ended."""
        self._sign_ins.labels(provider, end).inc()


@dataclass(frozen=True, slots=True, eq=False)  # the registry keeps it by its identity
class Standing(Collector):
    """What the database and the disk say at the moment somebody asks; a database that is away is a figure too."""

    portal: Portal

    def collect(self) -> Iterator[Metric]:
        """Yield each figure with its labels."""
        yield _figure("rightsdesk_data_free_bytes", "Room left in the data folder.", [_free(self.portal)])
        yield _pools(self.portal)
        try:
            with self.portal.storage.read() as tx:
                found = [*_queue(tx), *_codes(self.portal, tx), *_agencies(self.portal, tx)]
        except SQLAlchemyError:
            found = []
        yield _figure("rightsdesk_database_up", "Whether the database can be read.", [((), 1.0 if found else 0.0)])
        yield from found


@dataclass(frozen=True, slots=True, eq=False)  # as above
class Everywhere(Collector):
    """The figures of several regions, each with its region's name; "" is what concerns none of them."""

    registries: Mapping[str, CollectorRegistry]

    def collect(self) -> Iterator[Metric]:
        """Yield each figure once, with the values of all regions: a scraper takes no name twice."""
        found: dict[str, Metric] = {}
        for region, registry in self.registries.items():
            for one in registry.collect():
                every = found.setdefault(one.name, Metric(one.name, one.documentation, one.type))
                every.samples += [sample._replace(labels={"region": region, **sample.labels}) for sample in one.samples]
        yield from found.values()


def app_of(served: Portal | Regions) -> Starlette:
    """Return the app that shows the figures below /metrics, and nothing else."""
    if isinstance(served, Portal):
        registry = _registry(served.meter, served)
    else:
        registry = CollectorRegistry()
        own = {portal.settings.region: _registry(portal.meter, portal) for portal in served.portals}
        registry.register(Everywhere({"": _registry(served.meter), **own}))
    ProcessCollector(registry=registry)  # memory, start and open files

    def show(request: Request) -> Response:
        encode, kind = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"Content-Type": kind, "Cache-Control": "no-store"})

    return Starlette(routes=[Route("/metrics", show)])


def _registry(meter: Meter, portal: Portal | None = None) -> CollectorRegistry:
    registry = meter.registry if isinstance(meter, Figures) else CollectorRegistry()
    if portal:
        registry.register(Standing(portal))
    return registry


_Values: TypeAlias = Iterable[tuple[tuple[str, ...], float]]


def _figure(name: str, meaning: str, values: _Values, labels: tuple[str, ...] = ()) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family


def _free(portal: Portal) -> tuple[tuple[str, ...], float]:
    return (), float(disk_usage(portal.settings.data).free)


def _pools(portal: Portal) -> Metric:
    engines = (("main", portal.storage.engine), ("keys", portal.storage.keys))
    values = [((name, state), value) for name, engine in engines for state, value in _pool(engine)]
    return _figure("rightsdesk_database_connections", "Connections of this process.", values, ("database", "state"))


def _pool(engine: Engine) -> Iterator[tuple[str, float]]:
    if isinstance(engine.pool, QueuePool):
        yield "most", float(engine.pool.size())
        yield "in_use", float(engine.pool.checkedout())


def _queue(tx: Session) -> Iterator[Metric]:
    kinds, beats = jobs.kinds(tx), jobs.beats(tx)
    states = [((one.kind, "waiting"), float(one.waiting)) for one in kinds]
    states += [((one.kind, "held"), float(one.held)) for one in kinds]
    states += [((one.kind, "dead"), float(one.dead)) for one in kinds]
    yield _figure("rightsdesk_jobs", "Jobs that are due, held by a worker, or given up.", states, ("kind", "state"))
    oldest = max((one.oldest for one in kinds), default=0.0)
    yield _figure("rightsdesk_jobs_oldest_seconds", "Since when the oldest job waits.", [((), oldest)])
    alive = sum(age < BEAT_WITHIN for age in beats)
    yield _figure("rightsdesk_workers", "Workers that showed themselves within a minute.", [((), float(alive))])


def _codes(portal: Portal, tx: Session) -> Iterator[Metric]:
    stand = [((whose, alarm), 1.0) for whose, alarm, _ in alarms.standing(tx)]
    told = 'Alarms about codes that stand; the agency "" is all of them together.'
    yield _figure("rightsdesk_code_alarms", told, stand, ("agency", "alarm"))
    shares = [((whose,), share) for whose, share in alarms.spent(portal, tx).items()]
    told = "What codes of 24 hours cost, as a part of what they may."
    yield _figure("rightsdesk_codes_spent_ratio", told, shares, ("agency",))


def _agencies(portal: Portal, tx: Session) -> Iterator[Metric]:
    now = portal.now()
    agencies = {one.id: one for one in Agencies(tx).every()}
    stand = [
        ((agencies[agency].slug, state), float(number))
        for agency, state, number in counting.everywhere(tx)
        if agency in agencies
    ]
    yield _figure("rightsdesk_cases", "Requests by how they stand.", stand, ("agency", "state"))
    late = dict.fromkeys((one.slug for one in agencies.values()), 0.0)
    overdue = tx.connection().execute(due.overdue((now + _DAY).date()))
    for agency, day, number in [row for row in overdue if row[0] in agencies]:
        late[agencies[agency].slug] += number if day < agencies[agency].today(now) else 0
    told = [((slug,), number) for slug, number in late.items()]
    yield _figure("rightsdesk_cases_late", "Unanswered requests whose date has passed.", told, ("agency",))
    entries = [((agencies[one].slug,), float(length)) for one, length in journal.lengths(tx).items() if one in agencies]
    yield _figure("rightsdesk_ledger_entries", "Entries of the ledger.", entries, ("agency",))
