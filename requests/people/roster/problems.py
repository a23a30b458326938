"""What was wrong with single rows: file, line, column and code, never a value."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

# A feed that fills a column it should leave blank does so on every row: the count says as much as a million lines.
_KEPT: Final = {"error": 10_000, "warning": 1_000}


class Severity(StrEnum):
    """An error keeps the row out and leaves the live record as it was; a warning drops the field."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. ``line`` is the physical line, header = 1, 0 for the file as a whole."""

    file: str
    line: int
    column: str
    code: str
    severity: Severity
    other_line: int | None = None


@dataclass(slots=True)
class Findings:
    """Collects what is found; the first thousands of a kind are kept, all are counted."""

    kept: list[Problem] = field(default_factory=list)
    counts: Counter[tuple[str, str, str, Severity]] = field(default_factory=Counter)
    total: int = 0

    def add(self, found: Problem) -> None:
        """Note one finding."""
        kind = (found.file, found.column, found.code, found.severity)
        self.counts[kind] += 1
        self.total += 1
        if self.counts[kind] <= _KEPT[found.severity]:
            self.kept.append(found)

    def error(self, file: str, line: int, code: str, column: str = "", other_line: int | None = None) -> None:
        """Note a row that cannot be used."""
        self.add(Problem(file, line, column, code, Severity.ERROR, other_line))

    def warning(self, file: str, line: int, code: str, column: str = "") -> None:
        """Note a field that cannot be used."""
        self.add(Problem(file, line, column, code, Severity.WARNING))

    @property
    def errors(self) -> int:
        """Return how many rows could not be used."""
        return sum(count for kind, count in self.counts.items() if kind[3] is Severity.ERROR)

    def sorted(self) -> tuple[Problem, ...]:
        """Return what was kept, by file and line."""
        return tuple(sorted(self.kept, key=lambda one: (one.file, one.line, one.column, one.code)))
