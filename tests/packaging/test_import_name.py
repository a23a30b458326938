"""The folder requests/ must never stand in for PyPI's requests, wherever Python is started."""

import subprocess
import sys
from pathlib import Path

import pytest
from tree_given import FOLDERS, ROOT


def _python(folder: Path, code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("place", ["root", "elsewhere"])
def test_requests_is_the_library_and_twilio_starts(place: str, tmp_path: Path) -> None:
    folder = ROOT if place == "root" else tmp_path
    found = _python(folder, "import requests, twilio.rest; twilio.rest.Client; print(requests.__file__)")
    assert "site-packages" in Path(found.strip()).parts


@pytest.mark.parametrize("place", ["root", "elsewhere"])
def test_our_folder_is_rightsdesk_requests(place: str, tmp_path: Path) -> None:
    folder = ROOT if place == "root" else tmp_path
    found = _python(folder, "import rightsdesk.requests.ledger as ours; print(ours.__file__)")
    assert Path(found.strip()).resolve() == ROOT / "requests" / "ledger" / "__init__.py"


def test_the_links_lead_to_the_four_folders() -> None:
    links = ROOT / ".links" / "rightsdesk"
    assert {link.name: link.readlink() for link in links.iterdir()} == {name: Path("../..", name) for name in FOLDERS}
