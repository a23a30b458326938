"""The parts of a run: what each measures, on which database, and about how long it takes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias

from bench.acts import code_figures, filing_figures
from bench.breach import breach_figures
from bench.crowds import FAMILIES
from bench.desks import desk_figures, restart_figures
from bench.figures import Figure
from bench.packing import package_figures
from bench.painting import painting_figures
from bench.queues import queue_figures
from bench.rosters import import_figures, million_figures, reading_figures
from bench.scales import Bench, Scale
from bench.soak import soak_figures
from bench.starts import size_figures, start_figures
from bench.stock import POSTGRES, SQLITE, Stock

BOTH: Final = (SQLITE, POSTGRES)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a part is measured."""

    scale: Scale
    stock: Stock
    folder: Path
    today: date

    def bench(self, few: int, many: int, use: str = "") -> Bench:
        """Return what measurements take, with portals of these sizes; ``use`` names some that others leave alone."""
        small = self.stock.holding(few, use)
        large = small if few == many else self.stock.holding(many, use)
        return Bench(replace(self.scale, few=few, many=many), small, large, self.folder, self.today)


Measure: TypeAlias = Callable[[Site], Iterator[Figure]]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a run. ``quick`` and ``full`` are about how many minutes it takes, filling of portals not counted."""

    name: str
    measure: Measure
    quick: float
    full: float
    kinds: tuple[str, ...] = (SQLITE,)
    is_asked_for: bool = False  # measured only when it is named

    def minutes(self, scale: Scale) -> float:
        """Return about how long it takes."""
        return self.quick if scale.name == "quick" else self.full


def on_few(measure: Callable[[Bench], Iterator[Figure]], use: str = "") -> Measure:
    """Return what measures on the portal with the fewest requests."""
    return lambda site: measure(site.bench(site.scale.few, site.scale.few, use))


def at_each_size(measure: Callable[[Bench], Iterator[Figure]]) -> Measure:
    """Return what measures on a portal of each size by itself."""

    def measured(site: Site) -> Iterator[Figure]:
        for size in site.scale.sizes:
            yield from sized(measure(site.bench(size, size)), size)

    return measured


def few_and_each(measure: Callable[[Bench], Iterator[Figure]]) -> Measure:
    """Return what compares the portal with the fewest requests with each of the larger ones."""

    def measured(site: Site) -> Iterator[Figure]:
        few, *larger = site.scale.sizes
        for many in larger:
            yield from sized(measure(site.bench(few, many)), many)

    return measured


def on_middle(measure: Callable[[Bench], Iterator[Figure]]) -> Measure:
    """Return what measures on the portal of middle size, for which its goal is set."""
    return lambda site: measure(site.bench(site.scale.few, site.scale.middle))


def with_families_only(site: Site) -> Iterator[Figure]:
    """Yield the soak's figures, on a portal without copies: whoever decides must be able to open what comes next."""
    yield from soak_figures(site.bench(FAMILIES, FAMILIES, "soak"))


def sized(figures: Iterator[Figure], size: int) -> Iterator[Figure]:
    """Yield the figures; each says in its goal how many requests were stored."""
    for one in figures:
        yield one if f"{size:,}" in one.goal else replace(one, goal=f"{one.goal}, {size:,} requests")


PARTS: Final[Sequence[Part]] = (
    Part("sizes", on_few(size_figures), 0.1, 0.1),
    Part("starts", on_few(start_figures), 0.6, 1),
    Part("package", on_few(package_figures), 0.1, 0.3),
    Part("filing", at_each_size(filing_figures), 0.1, 0.5, BOTH),
    Part("codes", at_each_size(code_figures), 0.1, 0.5, BOTH),
    Part("desk", few_and_each(desk_figures), 0.5, 3, BOTH),
    Part("restart", on_middle(restart_figures), 0.3, 0.8, BOTH),
    Part("painting", on_middle(painting_figures), 0.2, 0.2),
    Part("import", on_few(import_figures, "rosters"), 0.5, 12, BOTH),
    Part("million", on_few(million_figures, "rosters"), 2, 40, BOTH, is_asked_for=True),
    Part("reading", on_few(reading_figures, "rosters"), 0.3, 1, BOTH),
    Part("jobs", on_few(queue_figures), 0.2, 0.5, BOTH),
    Part("breach", on_few(breach_figures), 1, 2, (POSTGRES,)),
    Part("soak", with_families_only, 11, 11, BOTH, is_asked_for=True),
)
