"""What may not be written anywhere in the repository, and how the locks are kept."""

import hashlib
import re
from pathlib import Path
from typing import Final

import pytest
from tree_given import ROOT, text, tracked

LOCKS: Final = (
    "bootstrap.lock",
    "requirements.lock",
    "requirements-postgres.lock",
    "requirements-all.lock",
    "requirements-dev.lock",
)
# The sets of one letter keep these lines from naming what they look for.
FORBIDDEN: Final = {
    "an open end": r"\b(?:TOD[O]|FIXM[E])\b",
    "a package index": r"\bpyp[i]\.org\b|pythonhoste[d]\.org|-[-](?:extra-)?index-url|-[-]find-links",
    "a place on somebody's machine": r"/wor[k]/|/roo[t]/|/hom[e]/\w|/User[s]/\w|/tmp/[w]/|/opt/wheel[s]",
    "a folder outside the repository": r"(?:^|[\s\"'`(=]|\.\./)share[d]/",
}


@pytest.mark.parametrize("kind", FORBIDDEN)
def test_nothing_names(kind: str) -> None:
    # In Spanish one of the words is a word, so the translations are not searched for open ends.
    searched = [path for path in tracked() if not (kind == "an open end" and path.suffix == ".po")]
    assert [str(path) for path in searched if re.search(FORBIDDEN[kind], text(path), re.MULTILINE)] == []


def test_no_lock_ties_us_to_one_index() -> None:
    assert [path for path in tracked() if path.name in {"uv.lock", "pylock.toml", "poetry.lock"}] == []
    assert [lock for lock in LOCKS if "://" in text(Path(lock))] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_exact_and_hashed(lock: str) -> None:
    pins = re.split(r"\n(?=\S)", text(Path(lock)).strip())
    assert pins
    assert [
        pin for pin in pins if not re.match(r"[\w.\[\],-]+==\S+(?: ; .+)? \\\n +--hash=sha256:[0-9a-f]{64}", pin)
    ] == []


def test_both_ways_of_installing_bring_the_same_uv() -> None:
    pinned = [
        re.findall(r"^uv==\S+", text(Path(lock)), re.MULTILINE) for lock in ("bootstrap.lock", "requirements-dev.lock")
    ]
    assert pinned[0]
    assert pinned[0] == pinned[1]


def test_only_the_picture_is_not_text() -> None:
    """A package that was downloaded here, an archive or a database would come into the history for good."""
    found = [path for path in tracked() if (ROOT / path).is_file() and b"\0" in (ROOT / path).read_bytes()]
    assert [str(path) for path in found] == ["docs/pictures/rightsdesk.png"]


def test_a_vendored_script_is_the_one_that_its_name_says() -> None:
    vendored = [path for path in tracked() if re.fullmatch(r"static/.+\.[0-9a-f]{8}\.min\.js", str(path))]
    assert vendored
    for path in vendored:
        assert path.name.split(".")[-3] == hashlib.sha256((ROOT / path).read_bytes()).hexdigest()[:8]
