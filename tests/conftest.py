"""What every test gets: no way out of this machine, a fixed clock, an empty data folder, and the browser last."""

import ipaddress
import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import databases
import pytest

from rightsdesk.web.logs import Lines

NOON: Final = datetime(2026, 11, 23, 17, tzinfo=UTC)  # noon in New York, the Monday of Thanksgiving week
BROWSER_TESTS: Final = Path(__file__).parent / "browser"

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class OutsideWorld(RuntimeError):
    """A test tried to leave this machine. Not an OSError: code that forgives a dead network must not forgive this."""


def refuse_outside(host: object) -> None:
    """Return when the host is this machine: a loopback address, "localhost", or none at all.

    Raises:
        OutsideWorld: it is another one.
    """
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return
    try:
        inside = ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise OutsideWorld(f"Tests reach loopback addresses only, not {name!r}.")


def connecting_inside(call: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Return the same socket method, refusing an (host, port) elsewhere; a Unix socket's path is always here."""

    @wraps(call)
    def guarded(*given: Given.args, **named: Given.kwargs) -> Answer:
        address = given[-1]  # connect(address), connect_ex(address), sendto(bytes[, flags], address)
        if isinstance(address, tuple):
            refuse_outside(address[0])
        return call(*given, **named)

    return guarded


def looking_up_inside(call: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Return the same name lookup, refusing names that only another machine can answer."""

    @wraps(call)
    def guarded(*given: Given.args, **named: Given.kwargs) -> Answer:
        refuse_outside(given[0] if given else named.get("host"))
        return call(*given, **named)

    return guarded


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Close every way out of this machine, for Python's own sockets, while tests run."""
    with pytest.MonkeyPatch.context() as patch:
        for method in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, method, connecting_inside(getattr(socket.socket, method)))
        for lookup in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            patch.setattr(socket, lookup, looking_up_inside(getattr(socket, lookup)))
        yield


@pytest.fixture(autouse=True)
def own_lines() -> Iterator[None]:
    """Take back what a command that ran in this process said about logging: its output ended with it."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    yield
    for one in [handler for handler in root.handlers if isinstance(handler.formatter, Lines)]:
        root.removeHandler(one)
    sys.excepthook, threading.excepthook = hooks


@pytest.fixture
def now() -> datetime:
    """Return the instant at which tests happen, in UTC."""
    return NOON


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """Return an empty folder that only its owner can read, as the portal wants its own."""
    folder = tmp_path / "rightsdesk"
    folder.mkdir(mode=0o700)
    return folder


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let a test that asks where databases lie run on both kinds, unless it is marked to be about one of them."""
    if "backend" not in metafunc.fixturenames:
        return
    kinds = [pytest.param("files", id="sqlite"), pytest.param("server", marks=pytest.mark.postgres, id="postgres")]
    if metafunc.definition.get_closest_marker("files") is not None:
        kinds = kinds[:1]
    elif metafunc.definition.get_closest_marker("server") is not None:
        kinds = kinds[1:]
    metafunc.parametrize("backend", kinds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Say where databases lie while the tests of one kind run: "files", or on a "server"."""
    if request.param == "files":
        yield "files"
        return
    with pytest.MonkeyPatch.context() as patch, databases.serving() as address:
        patch.setenv(databases.SERVER, address)
        databases.note_connections()
        yield "server"
        databases.free(tmp_path_factory.getbasetemp())


def pytest_configure() -> None:
    """Give the run a folder for a database server; the workers of the run inherit its name."""
    databases.make_home()


def pytest_unconfigure() -> None:
    """Remove that folder again."""
    databases.leave_home()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies in tests/browser, and put it last: Playwright leaves a loop running that breaks asyncio tests."""
    for test in items:
        if BROWSER_TESTS in test.path.parents:
            test.add_marker(pytest.mark.browser)
    items.sort(key=lambda test: test.get_closest_marker("browser") is not None)
