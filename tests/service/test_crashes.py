"""The portal dies at every commit, every message and every file of the main job, and the job ends as if it had not."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from crashes_stories_given import PARTS, SERVER_PARTS, STORIES

PATIENCE: Final = 1200.0
PROGRAM: Final = Path(__file__).parents[1] / "crashes_program_given.py"


def tried(folder: Path, names: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    """Let these stories die and be resumed; return at how many places each died, once all ended as they should."""
    command = (sys.executable, str(PROGRAM), str(folder), *names)
    ended = subprocess.run(command, cwd=PROGRAM.parent, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    found: dict[str, Any] = json.loads(ended.stdout)
    numbers = {name: sum(one["tried"].values()) for name, one in found.items()}
    for name, one in found.items():
        with capsys.disabled():
            print(f"\n{name}: died at {numbers[name]} places, {one['alike']} more are like one of them: {one['tried']}")  # noqa: T201 - a shrinking number must be seen
        assert one["failures"] == [], "\n".join(one["failures"])
        assert one["spared"] == [], f"{name}: forms of these steps were not tried before and after"
    assert set(found) == set(names)
    return numbers


@pytest.mark.files
@pytest.mark.parametrize("names", PARTS, ids="-".join)
@pytest.mark.usefixtures("backend")
def test_the_main_job_ends_the_same_wherever_the_portal_dies(
    tmp_path: Path, names: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    for name, number in tried(tmp_path, names, capsys).items():
        assert number >= STORIES[name].floor, name


@pytest.mark.server
@pytest.mark.parametrize("floors", SERVER_PARTS, ids="-".join)
@pytest.mark.usefixtures("backend")
def test_the_main_job_ends_the_same_wherever_the_portal_dies_beside_a_server(
    tmp_path: Path, floors: Mapping[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each place once, not each time that the stories come to it: see ``crashes_given``."""
    for name, number in tried(tmp_path, tuple(floors), capsys).items():
        assert number >= floors[name], name


@pytest.mark.parametrize("parts", [PARTS, SERVER_PARTS], ids=["sqlite", "postgres"])
def test_every_story_is_tried(parts: tuple[Iterable[str], ...]) -> None:
    assert sorted(name for names in parts for name in names) == sorted(STORIES)
