"""How much is measured: a run of three minutes, or all of it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from bench.places import Place


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes and numbers of one run; ``patience`` is how many seconds a single command may take."""

    name: str
    rounds: int
    few: int
    middle: int
    many: int
    students: int
    big_roster: int  # 0: none
    state_roster: int  # students, in the part named million
    pages: int  # of the desk, in each block that is measured
    patience: float
    soak: float = 600.0  # seconds of mixed load

    @property
    def sizes(self) -> tuple[int, ...]:
        """Return the numbers of requests stored, each once, the fewest first."""
        return tuple(sorted({self.few, self.middle, self.many}))


QUICK: Final = Scale(
    "quick", 3, 1_000, 100_000, 100_000, students=3_000, big_roster=0, state_roster=30_000, pages=40, patience=300
)
FULL: Final = Scale(
    "full",
    5,
    1_000,
    100_000,
    1_000_000,
    students=10_000,
    big_roster=100_000,
    state_roster=1_000_000,
    pages=150,
    patience=7_200,  # a state's roster takes more than half an hour of a quiet core
)


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything a measurement needs: its scale, a portal with few requests, one with many, and a folder to spoil."""

    scale: Scale
    small: Place
    large: Place
    folder: Path
    today: date
