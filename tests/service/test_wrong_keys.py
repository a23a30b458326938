"""A key file that is missing, empty, open to others or another portal's: refused in words at the start."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from given import given_settings
from typer.testing import CliRunner, Result

from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.ledger import keyfile
from rightsdesk.web.app import wire
from rightsdesk.web.cli import app

pytestmark = pytest.mark.files  # the databases of a server's tests have their tables before there is any key
COMMANDS = (("serve", "--port", "0"), ("work",), ("migrate",), ("audit", "verify"))


def missing(file: Path) -> None:
    file.unlink()


def empty(file: Path) -> None:
    file.write_bytes(b"")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


def read_by_the_group(file: Path) -> None:
    file.chmod(0o640)


def read_by_all(file: Path) -> None:
    file.chmod(0o604)


def another_portals(file: Path) -> None:
    file.unlink()
    keyfile.open_or_create(file)


WRONG = {
    missing: "Put back the copy you keep",
    empty: "is damaged. Put back the copy you keep safe",
    cut: "is damaged. Put back the copy you keep safe",
    read_by_the_group: "Run: chmod 600",
    read_by_all: "Run: chmod 600",
    another_portals: "belong to another master key",
}


@pytest.fixture
def folder(data_folder: Path) -> Path:
    """Return the folder of a portal that has run: with an agency, and with keys that its key file opens."""
    added = run(data_folder, "agency", "add", "marigold", "--name", "Marigold Unified", "--zone", "America/New_York")
    assert added.exit_code == 0, added.output
    portal = wire(given_settings(data_folder))
    with portal.storage.read() as tx:
        (agency,) = Agencies(tx).every()
    portal.vault.agency(agency.id).index("number", "+12125550142")
    portal.storage.close()
    return data_folder


def run(folder: Path, *words: str) -> Result:
    """Run a command on this folder's portal."""
    settings = given_settings(folder)
    environment = {
        "RIGHTSDESK_DATA": str(folder),
        "RIGHTSDESK_DATABASE": settings.database,
        "RIGHTSDESK_KEYS_DATABASE": settings.keys_database,
        "RIGHTSDESK_KEYS": "",
        "RIGHTSDESK_PUBLIC_URL": "http://127.0.0.1:8000",
        "RIGHTSDESK_SMS": "console",
        "RIGHTSDESK_MAIL": "console",
    }
    return CliRunner().invoke(app, words, env=environment, catch_exceptions=False)


def files(folder: Path) -> dict[str, str]:
    """Return what every file holds, but for the marks of who is running."""
    found = (
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith((".lock", "-shm", "-wal"))
    )
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in found}


# Neither opens a key of an agency: the one brings tables up to date, the other tells that signatures are another's.
OPENS_NONE = {"migrate", "audit"}
TRIED = [
    (words, spoil) for words in COMMANDS for spoil in WRONG if not (spoil is another_portals and words[0] in OPENS_NONE)
]


@pytest.mark.parametrize(("words", "spoil"), TRIED, ids=lambda one: one[0] if isinstance(one, tuple) else one.__name__)
def test_a_start_with_a_wrong_key_file_is_refused_in_words_and_changes_nothing(
    folder: Path, words: tuple[str, ...], spoil: Callable[[Path], None]
) -> None:
    spoil(folder / "rightsdesk.keys")
    before = files(folder)
    ended = run(folder, *words)
    assert ended.exit_code == 1, ended.output
    assert WRONG[spoil] in ended.stderr
    assert files(folder) == before
