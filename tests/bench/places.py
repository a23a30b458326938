"""Where a portal that is measured lies, the commands run on it, and a browser without a screen; loopback only."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from io import StringIO
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event, Timer
from time import perf_counter
from typing import IO, Final
from urllib.parse import urlencode

from rightsdesk.web.app import wire
from rightsdesk.web.portal import Portal
from rightsdesk.web.settings import read

HOST: Final = "127.0.0.1"
TESTS: Final = Path(__file__).parent.parent
OUT: Final = TESTS.parent / "build" / "bench"
COMMAND: Final = str(Path(sys.executable).with_name("rightsdesk"))
START_WITHIN: Final = 120.0  # seconds
STOP_WITHIN: Final = 20.0
ANSWER_WITHIN: Final = 60.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_GLANCE: Final = 0.005
_WORDS: Final = 300  # bytes
_OFTEN: Final = 0.02  # seconds between two looks at the memory of a command


@dataclass(frozen=True, slots=True)
class Place:
    """A folder and a database of one portal, and the port it is served on. An empty address is SQLite in the folder."""

    folder: Path
    database: str = ""
    keys_database: str = ""
    port: int = field(default_factory=lambda: free_port())  # noqa: PLW0108 - defined below

    def variables(self) -> dict[str, str]:
        """Return the settings of this portal."""
        known = {
            "RIGHTSDESK_PUBLIC_URL": f"http://{HOST}:{self.port}",
            "RIGHTSDESK_DATA": str(self.folder),
            "RIGHTSDESK_SMS": f"file:{self.folder / 'texts.jsonl'}",
            "RIGHTSDESK_MAIL": f"file:{self.folder / 'mail.jsonl'}",
            "RIGHTSDESK_DATABASE": self.database,
            "RIGHTSDESK_KEYS_DATABASE": self.keys_database,
        }
        return {name: value for name, value in known.items() if value}

    def portal(self) -> Portal:
        """Return the portal, wired in this process."""
        return wire(read(self.variables()))


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command went: its exit code, seconds of wall clock, its largest resident memory in MB, what it printed."""

    code: int
    wall: float
    memory: float
    said: str


def run(words: Sequence[str], variables: Mapping[str, str], within: float) -> Ran:
    """Run a command to its end; it is ended when it takes longer than ``within`` seconds."""
    began = perf_counter()
    process = _started(words, variables, subprocess.PIPE)
    guard = Timer(within, process.kill)
    guard.start()
    with closing(process.stdout or StringIO()) as out, ThreadPoolExecutor(1) as beside:
        said, peak = beside.submit(out.read), 0.0
        while not said.done():  # what the system itself counts begins with the memory of whoever started the process
            peak = max(peak, _memory(process, "VmHWM"))
            wait([said], timeout=_OFTEN)
    code = process.wait()
    guard.cancel()
    return Ran(code, perf_counter() - began, peak, said.result())


def _memory(process: subprocess.Popen[str], kind: str) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(kind)), 0) / 1024


@dataclass(frozen=True, slots=True)
class Served:
    """A process that answers on a loopback port, and the seconds it took from its start until it was ready."""

    process: subprocess.Popen[str]
    port: int
    ready_after: float

    def cpu(self) -> float:
        """Return the seconds of processor time it has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def handles(self) -> int:
        """Return how many files and sockets it has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def memory(self, kind: str = "VmRSS") -> float:
        """Return its resident memory in MB; ``RssAnon`` leaves out the files it has mapped, the database among them."""
        return _memory(self.process, kind)

    def threads(self) -> int:
        """Return how many threads it has."""
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))


@contextmanager
def serving(
    words: Sequence[str], variables: Mapping[str, str], port: int, ready: str, log: Path | None = None
) -> Iterator[Served]:
    """Start a server, wait until its path ``ready`` answers 200, and end it afterwards; ``log`` takes what it says."""
    began = perf_counter()
    with log.open("a+b") if log else TemporaryFile() as said:
        process = _started(words, variables, subprocess.DEVNULL, said.fileno())
        try:
            while not _answers(port, ready):
                if process.poll() is not None or perf_counter() - began > START_WITHIN:
                    raise RuntimeError(f"{words[0]} did not start. Its last words: {_last_words(said)}")
                Event().wait(_GLANCE)
            yield Served(process, port, perf_counter() - began)
        finally:
            end(process)


def _last_words(said: IO[bytes]) -> str:
    said.seek(max(0, said.seek(0, os.SEEK_END) - _WORDS))
    return said.read().decode(errors="replace")


def end(process: subprocess.Popen[str]) -> None:
    """Ask a process to stop, and make it when it does not."""
    process.terminate()
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def working(place: Place, log: Path | None = None) -> Iterator[Served]:
    """Run a worker of its own beside the servers of a place; it answers on no port."""
    with (log or Path(os.devnull)).open("ab") as said:
        process = _started((COMMAND, "work"), place.variables(), subprocess.DEVNULL, said.fileno())
    try:
        yield Served(process, 0, 0.0)
    finally:
        end(process)


@contextmanager
def portal_served(place: Place) -> Iterator[Served]:
    """Serve a portal with the product's own command; on PostgreSQL a worker runs beside it, else it is never ready."""
    with working(place) if place.database else nullcontext(), server_of(place) as served:
        yield served


def server_of(place: Place, port: int = 0, log: Path | None = None) -> AbstractContextManager[Served]:
    """Run one serving process of a portal, on its own port or on another one."""
    words = (COMMAND, "serve", "--host", HOST, "--port", str(port or place.port))
    return serving(words, place.variables(), port or place.port, "/health/ready", log)


def free_port() -> int:
    """Return a port of this machine that nobody uses at the moment."""
    with socket.create_server((HOST, 0)) as listening:
        return int(listening.getsockname()[1])


def _answers(port: int, path: str) -> bool:
    try:
        return Browser(port).get(path).status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False


def _started(
    words: Sequence[str], variables: Mapping[str, str], out: int, said: int = subprocess.DEVNULL
) -> subprocess.Popen[str]:
    known = {"PATH": os.defpath, "PYTHONPATH": str(TESTS), **variables}
    return subprocess.Popen(words, env=known, stdout=out, stderr=said, text=True)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    status: int
    text: str
    onward: str


class Browser:
    """A browser on one kept connection, with one cookie."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._connection = HTTPConnection(HOST, port, timeout=ANSWER_WITHIN)
        self._heads = {"Sec-Fetch-Site": "same-origin", **({"Cookie": cookie} if cookie else {})}

    def get(self, path: str) -> Page:
        """Return a page."""
        return self._ask("GET", path, None)

    def press(self, path: str, fields: Mapping[str, str]) -> Page:
        """Send a form and return the answer itself, wherever it leads."""
        return self._ask("POST", path, urlencode(fields))

    def post(self, path: str, fields: Mapping[str, str]) -> Page:
        """Send a form and return the page that follows."""
        page = self._ask("POST", path, urlencode(fields))
        return self.get(page.onward) if page.onward else page

    def _ask(self, method: str, path: str, body: str | None) -> Page:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        try:
            answer = self._answer(method, path, body, self._heads | kind)
        except ConnectionError:  # the server hung up on a connection that was idle
            self._connection.close()
            answer = self._answer(method, path, body, self._heads | kind)
        return Page(answer.status, answer.read().decode(), answer.headers.get("Location", ""))

    def _answer(self, method: str, path: str, body: str | None, heads: Mapping[str, str]) -> HTTPResponse:
        self._connection.request(method, path, body, dict(heads))
        return self._connection.getresponse()
