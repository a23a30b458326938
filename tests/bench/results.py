"""What was measured so far, part by part, in one file: a run that was ended goes on where it stopped."""

import json
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bench.figures import Figure, Judged

_NOTE: Final = "Medians. On a shared machine only the ratios of one run can be trusted."
_NAMES: Final = tuple(one.name for one in fields(Figure))


class Results:
    """The figures of one scale, kept in a file after each part."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._parts: dict[str, dict[str, Any]] = {}
        self._read()

    def __contains__(self, part: str) -> bool:
        """Say whether a part was measured to its end."""
        return part in self._parts and not self._parts[part]["failed"]

    def keep(self, part: str, figures: Sequence[Figure], seconds: float, at: datetime, failed: str = "") -> None:
        """Write down a part; ``failed`` says in a word what ended it early."""
        rows = [{**asdict(one), "ratio": one.ratio, "verdict": one.verdict} for one in figures]
        about = {
            "at": at.isoformat(timespec="seconds"),
            "seconds": round(seconds),
            "load": round(os.getloadavg()[0], 2),
        }
        self._read()  # another run may have measured other parts meanwhile
        self._parts[part] = {**about, "failed": failed, "figures": rows}
        self._write()

    def take(self, others: "Results") -> None:
        """Write down what others measured, too; where both have a part, theirs if it was measured to its end."""
        theirs = others._parts
        self._parts = theirs | self._parts | {part: theirs[part] for part in theirs if part in others}
        self._write()

    def _write(self) -> None:
        facts = {"python": platform.python_version(), "cores": os.cpu_count(), "note": _NOTE}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part_file = self.path.with_suffix(".part")
        part_file.write_text(json.dumps({**facts, "parts": self._parts}, indent=1) + "\n")
        part_file.replace(self.path)

    def figures(self, order: Sequence[str]) -> Iterator[Figure]:
        """Yield what was measured, in the order of these parts."""
        for part in order:
            for row in self._parts.get(part, {}).get("figures", ()):
                known = {name: row[name] for name in _NAMES}
                yield Figure(**known | {"judged": Judged(row["judged"])})

    def when(self) -> str:
        """Return the days between which the parts were measured, and the loads of the machine meanwhile."""
        days = sorted(one["at"][:10] for one in self._parts.values())
        loads = sorted(one["load"] for one in self._parts.values() if one["load"] is not None)
        return f"{days[0]} to {days[-1]}, load {loads[0]:g} to {loads[-1]:g}" if days else "never"

    def _read(self) -> None:
        if self.path.exists():
            self._parts = json.loads(self.path.read_text()).get("parts", {})
