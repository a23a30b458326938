"""Make a backup beside a running server: sealed, signed, whole or not there at all."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import Final

from sqlalchemy.engine import make_url

from rightsdesk.requests.fulfilment.erasing import BACKUPS
from rightsdesk.requests.ledger.durable import alone, keep_folder, replace_file
from rightsdesk.requests.ledger.listing.file import ErasureFile
from rightsdesk.requests.ledger.streams import Part, StreamKey, copied
from rightsdesk.web import schema
from rightsdesk.web.backups import store
from rightsdesk.web.backups.errors import BackupProblem, ErasuresMissing, NotEmbedded
from rightsdesk.web.backups.lists import HEAD, LIST
from rightsdesk.web.backups.manifest import DATA, KEYS, NAME, NOTES, Ending, Manifest, files_of
from rightsdesk.web.portal import Portal
from rightsdesk.web.settings import Settings
from rightsdesk.web.storage import open_engine

NOTED: Final = "backup.json"  # in the data folder: when the last one was made, and where
STAMP: Final = "%Y%m%dT%H%M%SZ"
_HALF: Final = ".part"
_WORK: Final = "backing-up"
_PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is whole. ``size`` is bytes; the others say how many older ones went, and lost their keys."""

    folder: Path
    made_at: datetime
    size: int
    removed: int
    keys_removed: int


def back_up(portal: Portal, folder: Path, keep_days: int = 0) -> Made:
    """Write a backup into a new folder below this one; older ones go after ``keep_days``, their keys after seven days.

    Raises:
        BackupProblem: nothing was written.
        LedgerProblem: the list of erasures is broken; nothing was written.
        OSError: the disk is full or gone; nothing is left behind.
    """
    require_embedded(portal.settings)
    if folder.is_relative_to(portal.settings.data):
        raise BackupProblem("Choose a folder outside of the data folder: whoever loses one must not lose both.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = portal.now()
    with alone(folder / ".lock"):
        made = _written(portal, folder, _mirrored(ErasureFile(portal.settings.data / LIST, portal.signer), folder), now)
        keys_removed, removed = _pruned(folder, now, keep_days)
    size = sum(file.stat().st_size for file in made.rglob("*") if file.is_file())
    replace_file(portal.settings.data / NOTED, json.dumps({"at": now.isoformat(), "folder": str(folder)}).encode())
    return Made(made, now, size, removed, keys_removed)


@dataclass(frozen=True, slots=True)
class Last:
    """The last backup that was made from this data folder, and the folder with the others."""

    made_at: datetime
    folder: Path

    def stale_keys(self, now: datetime) -> int:
        """Return how many backups there hold keys for longer than the seven days that were promised."""
        return sum(now - (_stamped(one) or now) > BACKUPS and (one / KEYS).exists() for one in sets(self.folder))


def last_backup(settings: Settings) -> Last | None:
    """Return the last backup, or nothing when none was made."""
    try:
        noted = json.loads((settings.data / NOTED).read_bytes())
        return Last(datetime.fromisoformat(noted["at"]), Path(noted["folder"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def require_embedded(settings: Settings) -> None:
    """Return where the databases are files of this machine.

    Raises:
        NotEmbedded: they are on a server.
    """
    if not settings.database.startswith("sqlite"):
        raise NotEmbedded(
            "The databases are on PostgreSQL: back up each of the two with pg_dump, the keys' one for 7 days only, and "
            "its list of erasures by itself. After pg_restore run rightsdesk restore without a folder."
        )


def file_of(url: str) -> Path:
    """Return the file of a SQLite database."""
    return Path(str(make_url(url).database)).absolute()


def about(made_at: datetime, name: str) -> str:
    """Return what a sealed file is bound to: its backup and its name."""
    return f"backup|{made_at.strftime(STAMP)}|{name}"


def sets(folder: Path) -> list[Path]:
    """Return the whole backups in this folder, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(one for one in folder.iterdir() if _stamped(one) and (one / NAME).is_file())


def _stamped(folder: Path) -> datetime | None:
    try:
        return datetime.strptime(folder.name, STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def _mirrored(erasures: ErasureFile, folder: Path) -> int:
    """Keep the newest list of erasures beside the backups, for a disk that is lost; return how many lines it has."""
    kept = ErasureFile(folder / LIST, erasures.signer)
    count = sum(1 for _ in erasures.entries())
    if kept.count() > count:
        raise ErasuresMissing(
            f"The list of erasures has {count} lines here, {kept.count()} in {folder}. Copy {LIST} and {HEAD} from "
            "there into the data folder and start the portal: it erases again what is missing."
        )
    if count:
        with alone(erasures.path.with_name(f"{LIST}.lock")):
            for name in (LIST, HEAD):
                replace_file(folder / name, erasures.path.with_name(name).read_bytes())
    return count


def _written(portal: Portal, folder: Path, erasures: int, now: datetime) -> Path:
    whole = folder / now.strftime(STAMP)
    if whole.exists():
        raise BackupProblem(f"{whole} is there already. Wait a second.")
    for half in folder.glob(f".*{_HALF}"):  # of a backup that was killed
        rmtree(half)
    part = folder / f".{whole.name}{_HALF}"
    part.mkdir(mode=0o700)
    try:
        _fill(portal, part, erasures, now)
        part.rename(whole)
        keep_folder(folder)
    finally:
        if part.exists():
            rmtree(part)
    return whole


def _fill(portal: Portal, part: Path, erasures: int, now: datetime) -> None:
    key = StreamKey.new()
    # In this order: no checkpoint is newer than the ledger, and each row's key was made before the row.
    parts = _notes(portal.checkpoints.folder, part / NOTES)
    with _copy(portal.settings, portal.settings.database) as main:
        engine = open_engine(f"sqlite:///{main}")
        step, heads = schema.at(engine), store.endings(engine)
        engine.dispose()
        parts.append((DATA, key.seal(main, part / DATA, about(now, DATA))))
    with _copy(portal.settings, portal.settings.keys_database) as keys:
        engine = open_engine(f"sqlite:///{keys}")
        index = store.index_keys(engine)
        engine.dispose()
        parts.append((KEYS, key.seal(keys, part / KEYS, about(now, KEYS))))
    manifest = Manifest(
        made_at=now,
        region=portal.settings.region,
        step=step,
        erasures=erasures,
        envelope=portal.vault.store.master.sealing.seal(key.clear, about(now, "envelope").encode()),
        files=files_of(parts),
        endings=tuple(Ending(str(one), seq, digest.hex(), index.get(one, b"").hex()) for one, seq, digest in heads),
    )
    replace_file(part / NAME, manifest.signed(portal.signer))


def _notes(folder: Path, target: Path) -> list[tuple[str, Part]]:
    """Copy the signed checkpoints; each agency's two files belong together, so nobody writes meanwhile."""
    target.mkdir(mode=0o700)
    copies: list[tuple[str, Part]] = []
    for head in sorted(folder.glob("*.head")):
        with alone(head.with_suffix(".lock")):
            both = [file for file in (head, head.with_suffix(".log")) if file.exists()]
            copies += [(f"{NOTES}/{file.name}", copied(file, target / file.name)) for file in both]
    keep_folder(target)
    return copies


@contextmanager
def _copy(settings: Settings, url: str) -> Iterator[Path]:
    """Yield a copy of a database beside its own files; its bytes are overwritten before it goes."""
    work = settings.data / _WORK
    work.mkdir(mode=0o700, exist_ok=True)
    for left in work.iterdir():  # by a backup that was killed
        _wipe(left)
    copy = work / file_of(url).name
    try:
        store.snapshot(file_of(url), copy)
        yield copy
    finally:
        for left in work.iterdir():
            _wipe(left)
        work.rmdir()


def _wipe(file: Path) -> None:
    # A wrapped key that is destroyed next week must not lie in a free block of the disk.
    with file.open("r+b") as open_file:
        size = os.fstat(open_file.fileno()).st_size
        for start in range(0, size, _PIECE):
            open_file.write(bytes(min(_PIECE, size - start)))
        open_file.flush()
        os.fsync(open_file.fileno())
    file.unlink()


def _pruned(folder: Path, now: datetime, keep_days: int) -> tuple[int, int]:
    """Remove the keys of backups that are too old to keep them, and what is older than asked; return how many."""
    keys_removed = removed = 0
    for one in sets(folder):
        age = now - (_stamped(one) or now)
        if keep_days and age > timedelta(days=keep_days):
            rmtree(one)
            removed += 1
        elif age > BACKUPS and (one / KEYS).exists():
            (one / KEYS).unlink()
            keys_removed += 1
    return keys_removed, removed
