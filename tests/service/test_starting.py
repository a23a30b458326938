"""What a start loads: every command and every server pays for it, each time."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

# Each costs a tenth of a second or more, or tens of megabytes, and is for what most processes never do.
SELDOM: Final = {"alembic", "PIL", "pypdf", "twilio", "authlib", "rich", "segno", "uvicorn", "procrastinate", "psycopg"}
LIST: Final = """
import gc, sys
from rightsdesk.web.__main__ import main
sys.argv[1:] = ["agency", "list"]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
assert gc.isenabled()
assert gc.get_freeze_count(), "what was loaded is looked at again by every search for garbage"
print(*sys.modules)
"""

pytestmark = pytest.mark.files  # what is imported is the same on either database


def loaded(folder: Path) -> set[str]:
    """Return the libraries that a process which lists the agencies has loaded."""
    variables = {"RIGHTSDESK_DATA": str(folder)}
    ran = subprocess.run([sys.executable, "-c", LIST], env=variables, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in ran.stdout.split()}


def test_a_command_on_a_current_database_loads_nothing_that_it_does_not_need(data_folder: Path) -> None:
    assert "alembic" in loaded(data_folder)  # the first one makes the tables
    assert loaded(data_folder) & SELDOM == set()
