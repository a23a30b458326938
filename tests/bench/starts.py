"""How long the portal takes from nothing to ready, how long a command takes to begin, and how large it is installed."""

import re
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from bench.figures import Figure, by_turns
from bench.places import COMMAND, Place, Served, free_port, portal_served, run, serving
from bench.scales import Bench

_ROOT: Final = Path(__file__).parent.parent.parent
_OPTIONAL: Final = {"procrastinate", "psycopg", "psycopg-binary", "psycopg-pool"}  # of the extra for PostgreSQL
_BARE: Final = "bare server on the same stack"
_NOTHING: Final = "import uvicorn, starlette.applications, jinja2, sqlmodel"


def bare_served(folder: Path) -> AbstractContextManager[Served]:
    """Serve the bare page."""
    port = free_port()
    return serving((sys.executable, "-m", "bench.bare", str(port), str(folder)), {}, port, "/")


def start_figures(bench: Bench) -> Iterator[Figure]:
    """Yield the time to ready, beside a bare server's, and the time of a command that has little to do."""

    def ready(place: Place) -> float:
        with portal_served(place) as served:
            return served.ready_after

    def bare() -> float:
        with bare_served(bench.folder) as served:
            return served.ready_after

    bare()
    taken = by_turns(bench.scale.rounds, lambda: ready(bench.small), bare)
    yield Figure("Cold start to ready", "s", 1.5, value=taken.value, baseline=taken.baseline, against=_BARE)

    def command() -> float:
        return run((COMMAND, "agency", "list", "--json"), bench.small.variables(), bench.scale.patience).wall

    def imports() -> float:
        return run((sys.executable, "-c", _NOTHING), {}, bench.scale.patience).wall

    taken = by_turns(bench.scale.rounds, command, imports)
    yield Figure(
        "A command that lists the agencies",
        "s",
        1.5,
        value=taken.value,
        baseline=taken.baseline,
        against="importing its libraries",
    )


def size_figures(bench: Bench) -> Iterator[Figure]:  # noqa: ARG001 - the interface
    """Yield how many distributions the runtime lock installs, and their size without byte-compiled files."""
    names = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", (_ROOT / "requirements.lock").read_text(), re.MULTILINE)
    here = [name for name in names if name not in _OPTIONAL and _size(name) is not None]
    yield Figure("Installed distributions, without PostgreSQL", "", 65, value=len(here))
    sizes = sum(_size(name) or 0 for name in here)
    yield Figure(
        "Installed size, not byte-compiled, without PostgreSQL", "MB", 200, value=sizes / 1e6, note=f"{sizes:,} bytes"
    )


def _size(name: str) -> int | None:
    """Return the bytes of a distribution's files, nothing when this platform needs it not."""
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return None
    paths = [Path(str(one.locate())) for one in files if one.suffix != ".pyc"]
    return sum(path.stat().st_size for path in paths if path.is_file())
