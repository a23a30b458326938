"""The page that maps requirements to tests names tests that exist, and none in an empty row."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from tree_given import ROOT

PAGE = ROOT / "docs" / "security" / "verification.md"
_NAMED = re.compile(r"`((?:[a-z]+/)+[a-z0-9_]+\.py)::([a-z0-9_]+)`")
_ROW = re.compile(r"^\| (?!requirement|---)(.+?) \| (.*?) \| (.+?) \|$", re.MULTILINE)


@cache
def _tests(path: Path) -> frozenset[str]:
    return frozenset(one.name for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.FunctionDef))


def _rows() -> list[tuple[str, str, str]]:
    return _ROW.findall(PAGE.read_text())


def test_there_is_a_row_for_each_requirement() -> None:
    assert len(_rows()) >= 30


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row[0][:60])
def test_each_row_names_tests_that_exist(row: tuple[str, str, str]) -> None:
    named = _NAMED.findall(row[2])
    assert named, "this requirement names no test"
    missing = [f"{path}::{name}" for path, name in named if name not in _tests(ROOT / "tests" / path)]
    assert not missing
