"""Every variable the portal reads is written down where operators look."""

import re
from pathlib import Path
from typing import Final

import pytest
from tree_given import text

from rightsdesk.web.settings import SERVING, SETTINGS

NAMES: Final = [setting.name for setting in SETTINGS]


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_names_each_setting(name: str) -> None:
    assert name in text(Path("README.md"))


def test_each_variable_that_is_read_is_in_the_list() -> None:
    sources = text(Path("web/settings.py")) + text(Path("web/reader.py"))
    read = set(re.findall(r'"((?:RIGHTSDESK|TWILIO)_[A-Z_]+)"', sources))
    assert read == set(NAMES)
    assert set(NAMES) >= SERVING
