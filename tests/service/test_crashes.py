"""The portal dies at every commit, every message and every file of the main job, and the job ends as if it had not."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from crashes_stories_given import PARTS, STORIES

pytestmark = (
    pytest.mark.files
)  # the shelf of ``crashes_shelf_given`` knows servers too; no whole run was seen there yet

PATIENCE = 600.0
PROGRAM = Path(__file__).parents[1] / "crashes_program_given.py"


def tried(folder: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """Let these stories die at every place; return what was found of each."""
    command = (sys.executable, str(PROGRAM), str(folder), *names)
    ended = subprocess.run(command, cwd=PROGRAM.parent, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@pytest.mark.parametrize("names", PARTS, ids="-".join)
@pytest.mark.usefixtures("backend")
def test_the_main_job_ends_the_same_wherever_the_portal_dies(
    tmp_path: Path, names: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    found = tried(tmp_path, names)
    for name, one in found.items():
        number = sum(one["tried"].values())
        with capsys.disabled():
            print(f"\n{name}: died at {number} places, {one['alike']} more are like one of them: {one['tried']}")  # noqa: T201 - a shrinking number must be seen
        assert one["failures"] == [], "\n".join(one["failures"])
        assert number >= STORIES[name].floor, name
    assert set(found) == set(names)


def test_every_story_is_tried() -> None:
    assert sorted(name for names in PARTS for name in names) == sorted(STORIES)
