"""What is seen of processes under load: their memory, handles and threads, and how long each answer took."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from itertools import chain
from pathlib import Path
from statistics import median
from threading import Lock
from time import monotonic, perf_counter
from typing import Final

from bench.figures import Figure, Judged, percentile, settled
from bench.places import Browser, Page, Served

_KINDS: Final = ("memory", "handles", "threads")
_HELD: Final = ("handles", "threads")  # two or three at a time: what is never given back shows in the most of them
_P99: Final = ("reads p99", "writes p99")
_GROWS: Final = {"memory": 1.05, "handles": 1.1, "threads": 1.1, **dict.fromkeys(_P99, 1.5)}
_UNITS: Final = {"memory": "MB", **dict.fromkeys(_P99, "ms")}
_WRONG: Final = (AssertionError, HTTPException, OSError, RuntimeError, ValueError)


class Noted:
    """What everybody who takes part notes: the seconds of each answer since the last look, and what went wrong."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken: dict[str, list[float]] = {"reads": [], "writes": []}
        self.answers = 0
        self.wrong: dict[str, int] = {}

    def took(self, method: str, seconds: float, status: int) -> None:
        """Note one answer; one of 500 or more is wrong."""
        with self._lock:
            self.answers += 1
            self._taken["reads" if method == "GET" else "writes"].append(seconds)
            if status >= 500:
                self._count(f"status {status}")

    def since(self) -> dict[str, list[float]]:
        """Return what was noted since this was last asked."""
        with self._lock:
            taken, self._taken = self._taken, {"reads": [], "writes": []}
        return taken

    @contextmanager
    def failing(self, act: object) -> Iterator[None]:
        """Note what the block raises by its kind, and go on: a soak that ends at the first fault sees no second one."""
        try:
            yield
        except _WRONG as reason:
            with self._lock:
                self._count(f"{getattr(act, 'func', act).__name__}: {type(reason).__name__} {reason}"[:120])

    def _count(self, what: str) -> None:
        self.wrong[what] = self.wrong.get(what, 0) + 1


class Timed(Browser):
    """A browser that notes how long each answer took."""

    def __init__(self, port: int, cookie: str, noted: Noted) -> None:
        super().__init__(port, cookie)
        self._noted = noted

    def _ask(self, method: str, path: str, body: str | None) -> Page:
        began = perf_counter()
        page = super()._ask(method, path, body)
        self._noted.took(method, perf_counter() - began, page.status)
        return page


class Watch:
    """Looks at processes from time to time and keeps the series, each under the name of its process and kind."""

    def __init__(self, processes: Mapping[str, Served], noted: Noted) -> None:
        self._processes, self._noted, self._began = processes, noted, monotonic()
        self.at: list[float] = []
        self.series: dict[str, list[float]] = {}

    def look(self) -> None:
        """Add one sample to every series."""
        self.at.append(round(monotonic() - self._began, 1))
        for name, one in self._processes.items():
            seen: dict[str, Callable[[], float]] = {"handles": one.handles, "threads": one.threads}
            self._add(f"{name}, memory", one.memory("RssAnon"))
            for kind, look in seen.items():
                self._add(f"{name}, {kind}", look())
        for kind, taken in self._noted.since().items():
            self._add(f"all, {kind} p99", percentile(taken, 0.99) * 1e3 if taken else 0.0)

    def write(self, path: Path, title: str) -> None:
        """Write the series as JSON, and as a picture beside it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        known = {"title": title, "answers": self._noted.answers, "wrong": self._noted.wrong}
        path.write_text(json.dumps({**known, "seconds": self.at, "series": self.series}, indent=1) + "\n")
        path.with_suffix(".svg").write_text(drawn(title, self.series))

    def _add(self, name: str, value: float) -> None:
        self.series.setdefault(name, []).append(round(value, 2))


def judged(watch: Watch, noted: Noted, log: str) -> Iterator[Figure]:
    """Yield a goal for each series, its last third beside its middle one, and one for what must never happen."""
    for name, series in watch.series.items():
        kind = name.rpartition(", ")[2]
        pair = settled(series, max if kind in _HELD else median)
        unit, note = _UNITS.get(kind, ""), f"{len(series)} samples"
        yield Figure(
            f"Soak: {name}",
            unit,
            _GROWS[kind],
            Judged.RATIO,
            pair.value,
            pair.baseline,
            "in the middle third",
            note,
        )
    told = "; ".join(f"{number}x {what}" for what, number in noted.wrong.items())
    yield Figure("Soak: answers that went wrong", "", 0, value=sum(noted.wrong.values()), note=told)
    locked = [line for line in log.splitlines() if "locked" in line.lower()]
    yield Figure("Soak: lines of the log about a lock", "", 0, value=len(locked), note=f"{noted.answers:,} answers")


def drawn(title: str, series: Mapping[str, list[float]]) -> str:
    """Return a picture with a line for each series, each as high as its own largest value."""
    rows = [_line(name, values, 40 + 56 * place) for place, (name, values) in enumerate(series.items())]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 {60 + 56 * len(series)}" font-family="sans-serif"'
    text = f'<text x="12" y="22" font-size="16">{title}</text>'
    return "\n".join(
        [f'{head} font-size="12">', '<rect width="900" height="100%" fill="#fff"/>', text, *rows, "</svg>"]
    )


def _line(name: str, values: list[float], top: int) -> str:
    most, step = max(chain(values, [1e-9])), 600 / max(1, len(values) - 1)
    points = " ".join(
        f"{200 + place * step:.0f},{top + 44 - value / most * 40:.0f}" for place, value in enumerate(values)
    )
    told = f'<text x="12" y="{top + 26}">{name}</text><text x="810" y="{top + 26}">{values[-1]:g} of {most:g}</text>'
    return f'{told}<polyline points="{points}" fill="none" stroke="#2f7d4f" stroke-width="1.5"/>'
