"""Names and sizes: no drawers, no shadows of the standard library, nothing too long to read at once."""

import ast
import sys
from pathlib import Path
from typing import Final

from tree_given import FOLDERS, python_files, text, tree

DRAWERS: Final = {
    *("base", "common", "core", "helper", "helpers", "lib", "manager", "managers"),
    *("misc", "service", "services", "shared", "tools", "util", "utils"),
}
LONGEST_FILE: Final = 300
LONGEST_FUNCTION: Final = 40
GENERATED: Final = Path("web/migrations/versions")  # written by a program, as long as there are tables


def _modules(*folders: str) -> set[tuple[str, Path]]:
    """Return the names under which Python files and their folders can be imported, top folders left out."""
    return {(name.removesuffix(".py"), path) for path in python_files(*folders) for name in path.parts[1:]}


def test_no_module_or_folder_is_a_drawer() -> None:
    assert [path for name, path in _modules(*FOLDERS) if name in DRAWERS] == []


def test_no_module_or_folder_bears_the_name_of_a_standard_one() -> None:
    taken = sys.stdlib_module_names - {"__main__"}
    assert [path for name, path in _modules(*FOLDERS, "tests") if name in taken] == []


def test_every_file_can_be_read_in_one_sitting() -> None:
    long = [
        f"{path}: {lines} lines"
        for path in python_files()
        if (lines := text(path).count("\n")) > LONGEST_FILE and path.parent != GENERATED
    ]
    assert long == []


def test_every_function_fits_on_a_screen() -> None:
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path in python_files()
        if path.parent != GENERATED
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []
