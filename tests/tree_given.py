"""The repository's own files, for tests that guard how they are kept."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDERS: Final = ("web", "verification", "requests", "static")
_LEFT_OUT: Final = {"__pycache__", "build", "data", "dist", "node_modules"}


@cache
def tracked() -> tuple[Path, ...]:
    """Return every file that belongs to the repository, relative to its root, links not followed.

    In an unpacked archive, where git knows nothing, it is every file that looks like one of ours.
    """
    # A runner's checkout may belong to another account; git would refuse to list it.
    ask = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    try:
        answer = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return tuple(sorted(_walk(ROOT)))
    listed = (Path(name) for name in answer.split("\0") if name)
    return tuple(path for path in listed if (ROOT / path).is_file())


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        hidden = path.name.startswith(".") and path.name not in {".ci", ".gitignore"}
        if path.is_symlink() or hidden or path.name in _LEFT_OUT or path.suffix in {".mo", ".pyc"}:
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path.relative_to(ROOT)


def python_files(*folders: str) -> list[Path]:
    """Return the tracked Python files, all of them or those in some top folders; generated migrations left out."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py" and "migrations" not in path.parts and (not folders or path.parts[0] in folders)
    ]


def text(path: Path) -> str:
    """Return what a tracked file holds; bytes that are no UTF-8 become a mark."""
    return (ROOT / path).read_text("utf-8", errors="replace")


@cache
def tree(path: Path) -> ast.Module:
    """Return a tracked Python file, parsed."""
    return ast.parse(text(path), filename=str(path))
