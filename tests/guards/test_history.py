"""Each act on a case that the ledger knows has words in the history that staff read."""

import re
from pathlib import Path
from typing import Final

from given import Clock, given_portal
from tree_given import ROOT

_ACT: Final = re.compile(r'Event\(\s*"(\w+)"[^)]*\breference\b', re.DOTALL)
_MOVED: Final = re.compile(r'_moved\([^)]*\)?[^)]*"(\w+)"\)')


def acts() -> set[str]:
    """Return the kinds of entry that name a case."""
    texts = [path.read_text("utf-8") for path in (ROOT / "requests").rglob("*.py")]
    return {kind for text in texts for pattern in (_ACT, _MOVED) for kind in pattern.findall(text)}


def test_every_act_on_a_case_has_words_in_its_history(data_folder: Path) -> None:
    pages = given_portal(data_folder, Clock()).pages
    words = pages._environment("en").get_template("desk/words.html").module
    found = acts()
    assert {"filed", "claimed", "given", "note_written", "downloaded"} <= found
    assert sorted(kind for kind in found if words.happened(kind) == kind) == []
