"""Every test of this folder runs twice: on SQLite files, and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import databases
import pytest


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let a test run on both, unless it is about the files themselves (mark ``files``)."""
    if "backend" not in metafunc.fixturenames:
        return
    kinds = [pytest.param("files", id="sqlite"), pytest.param("server", marks=pytest.mark.postgres, id="postgres")]
    is_of_files = metafunc.definition.get_closest_marker("files") is not None
    metafunc.parametrize("backend", kinds[:1] if is_of_files else kinds, indirect=True, scope="session")


@pytest.fixture(scope="session", autouse=True)
def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Say where databases lie while the tests of one kind run."""
    if request.param == "files":
        yield "files"
        return
    with pytest.MonkeyPatch.context() as patch, databases.serving() as address:
        patch.setenv(databases.SERVER, address)
        databases.note_connections()
        yield "server"
        databases.free(tmp_path_factory.getbasetemp())


@pytest.fixture(autouse=True)
def _emptied(backend: str, tmp_path: Path) -> Iterator[None]:
    """Remove what a test made on the server, so that a run of thousands needs no more room than one."""
    yield
    if backend == "server":
        databases.free(tmp_path)
