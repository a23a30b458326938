"""Habits of the code that no linter knows."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tree_given import FOLDERS, ROOT, python_files, tree

TOO_BROAD: Final = {"BaseException", "Exception"}
NO_TESTING: Final = {"importorskip", "skip", "skipif", "sleep"}


def _only_a_docstring(module: ast.Module) -> bool:
    return len(module.body) == 1 and ast.get_docstring(module) is not None


def _swallowed(module: ast.Module) -> Iterator[int]:
    """Yield the lines that catch, or suppress, every exception there is."""
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler):
            kinds = [node.type] if node.type else [ast.Name("BaseException")]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            kinds = node.args
        else:
            continue
        if any(isinstance(name, ast.Name) and name.id in TOO_BROAD for kind in kinds for name in ast.walk(kind)):
            yield node.lineno


def test_no_top_folder_is_a_regular_package() -> None:
    # requests/__init__.py would shadow the library that twilio imports as soon as the root is on the path.
    assert [folder for folder in (*FOLDERS, "tests") if (ROOT / folder / "__init__.py").exists()] == []


def test_every_folder_below_has_an_init_that_says_one_thing_and_does_nothing() -> None:
    folders = {path.parent for path in python_files(*FOLDERS) if len(path.parts) > 2}
    between = {above for folder in folders for above in folder.parents if len(above.parts) > 1}
    found = {folder: ROOT / folder / "__init__.py" for folder in folders | between}
    assert [folder for folder, init in found.items() if not init.is_file()] == []
    assert [folder for folder in found if not _only_a_docstring(tree(folder / "__init__.py"))] == []


def test_only_the_worker_forgives_every_exception() -> None:
    wide = [f"{path}:{line}" for path in python_files(*FOLDERS) for line in _swallowed(tree(path))]
    assert [place for place in wide if not Path(place).name.startswith("worker")] == []


def test_no_test_waits_for_the_clock_or_can_be_skipped() -> None:
    idle = [
        f"{path}:{node.lineno} {node.attr}"
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in NO_TESTING
    ]
    assert idle == []
