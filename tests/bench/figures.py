"""A measured figure beside its baseline and its goal, and how both are taken."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from time import perf_counter, process_time
from typing import Final

MET: Final = "met"
MISSED: Final = "missed"
NOT_MEASURED: Final = "not measured"
NEVER: Final = 1e6  # the share of a limit of nothing that anything uses up


class Judged(StrEnum):
    """What the limit of a goal is about."""

    VALUE = "value"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Figure:
    """One goal and what was measured: medians, in the unit named; ``baseline`` is what the value is compared with."""

    goal: str
    unit: str
    limit: float
    judged: Judged = Judged.VALUE
    value: float | None = None
    baseline: float | None = None
    against: str = ""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Return how many times the baseline the value is."""
        return self.value / self.baseline if self.value is not None and self.baseline else None

    @property
    def share(self) -> float | None:
        """Return how much of the goal's limit is used up: 1 is just met."""
        used = self.value if self.judged is Judged.VALUE else self.ratio
        if used is None:
            return None
        return used / self.limit if self.limit else float(used > 0) * NEVER

    @property
    def verdict(self) -> str:
        """Return whether the goal is met."""
        if self.share is None:
            return NOT_MEASURED
        return MET if self.share <= 1 else MISSED


@dataclass(frozen=True, slots=True)
class Pair:
    """The medians of a thing and of what it is compared with, taken turn by turn."""

    value: float
    baseline: float


def wall(act: Callable[[], object]) -> float:
    """Return the seconds an act takes."""
    began = perf_counter()
    act()
    return perf_counter() - began


def cpu(act: Callable[[], object]) -> float:
    """Return the seconds of processor time an act takes in this process."""
    began = process_time()
    act()
    return process_time() - began


def typical(rounds: int, measure: Callable[[], float]) -> float:
    """Return the median of several measurements."""
    return median(measure() for _ in range(rounds))


def by_turns(rounds: int, measure: Callable[[], float], baseline: Callable[[], float]) -> Pair:
    """Return both medians; they take turns, so that a busy moment of a shared machine falls on both."""
    taken = [(measure(), baseline()) for _ in range(rounds)]
    return Pair(median(one for one, _ in taken), median(other for _, other in taken))


def percentile(taken: list[float], part: float) -> float:
    """Return the value below which this part of them lies."""
    ordered = sorted(taken)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def settled(series: list[float], of: Callable[[list[float]], float] = median) -> Pair:
    """Return what the last and the middle third of a series are, their medians: the first third is warming up.

    A process that grows all the time has a last third above its middle one, whatever single samples do.
    """
    third = max(1, len(series) // 3)
    return Pair(of(series[-third:]), of(series[third : 2 * third] or series))
