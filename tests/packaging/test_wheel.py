"""What is installed is what is in the repository: nothing left out on the way through the sdist."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from tree_given import FOLDERS, ROOT, tracked


def _run(folder: Path, *words: str) -> None:
    subprocess.run([sys.executable, "-m", *words], cwd=folder, capture_output=True, check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZipFile]:
    """Yield the wheel built, offline, from an unpacked sdist of a clean copy of the repository."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for path in tracked():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, source / path)
    shutil.copytree(ROOT / ".links", source / ".links", symlinks=True, dirs_exist_ok=True)
    for po in source.glob("web/locales/*/LC_MESSAGES/*.po"):
        _run(source, "babel.messages.frontend", "compile", "-i", str(po), "-o", str(po.with_suffix(".mo")))
    _run(source, "hatchling", "build", "-t", "sdist", "-d", str(built))
    _run(built, "tarfile", "-e", str(next(built.glob("*.tar.gz"))), ".")
    _run(next(path for path in built.iterdir() if path.is_dir()), "hatchling", "build", "-t", "wheel", "-d", str(built))
    with ZipFile(next(built.glob("*.whl"))) as opened:
        yield opened


def test_every_file_of_the_four_folders_is_in_the_wheel(wheel: ZipFile) -> None:
    ours = {f"rightsdesk/{path}" for path in tracked() if path.parts[0] in FOLDERS}
    assert ours
    assert ours - set(wheel.namelist()) == set()


def test_every_translation_is_in_the_wheel_compiled(wheel: ZipFile) -> None:
    translated = {f"rightsdesk/{path.with_suffix('.mo')}" for path in tracked() if path.suffix == ".po"}
    assert translated - set(wheel.namelist()) == set()


def test_nothing_else_is_in_the_wheel(wheel: ZipFile) -> None:
    inside = {
        name.split("/")[0] if ".dist-info" in name else "/".join(name.split("/")[:2]) for name in wheel.namelist()
    }
    assert {name for name in inside if not name.endswith(".dist-info")} <= {f"rightsdesk/{name}" for name in FOLDERS}


def test_the_wheel_brings_the_command_and_the_licences(wheel: ZipFile) -> None:
    about = {name.split(".dist-info/")[1]: name for name in wheel.namelist() if ".dist-info/" in name}
    assert b"rightsdesk = rightsdesk.web.__main__:main" in wheel.read(about["entry_points.txt"])
    assert {"licenses/LICENSE", "licenses/static/htmx.LICENSE"} <= set(about)
