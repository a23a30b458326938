"""Put a backup back: everything is prepared and proved beside the old files, then takes their place in one step."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from typing import Final
from uuid import UUID

from rightsdesk.requests.ledger import keyfile
from rightsdesk.requests.ledger.durable import keep_folder
from rightsdesk.requests.ledger.errors import KeyLost, Unreadable
from rightsdesk.requests.ledger.keyfile import MasterKey
from rightsdesk.requests.ledger.keysets import SealingKeys
from rightsdesk.requests.ledger.store import KeyStore
from rightsdesk.requests.ledger.streams import Part, StreamKey, copied, measured
from rightsdesk.web import belonging, schema
from rightsdesk.web.app import wire
from rightsdesk.web.backups import manifest as pages
from rightsdesk.web.backups import proving, replacing, store, turns
from rightsdesk.web.backups.errors import Damaged, NoBackup, OtherForm, WouldReplace, WrongKeys
from rightsdesk.web.backups.lists import HEAD, LIST, longest
from rightsdesk.web.backups.making import STAMP, about, file_of, require_embedded, sets
from rightsdesk.web.backups.manifest import DATA, KEYS, NOTES, Manifest
from rightsdesk.web.backups.proving import Again
from rightsdesk.web.backups.replacing import Move
from rightsdesk.web.settings import Settings
from rightsdesk.web.storage import open_engine

_FRESH: Final = ".restored"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asked for beside the folder: to move a database aside, to open with an older key file."""

    may_replace: bool = False
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class PutBack:
    """What a restore did. ``keys`` is "kept" or "restored"; ``letters`` are references whose letters may go twice."""

    folder: Path
    made_at: datetime
    keys: str
    aside: tuple[Path, ...]
    agencies: tuple[Again, ...]
    letters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Work:
    """One restore under way: what it serves, the backup, what opens it, and the time that names what goes aside."""

    settings: Settings
    backup: Path
    manifest: Manifest
    master: MasterKey
    opening: SealingKeys
    now: datetime

    @property
    def main(self) -> Path:
        return file_of(self.settings.database)

    @property
    def keys(self) -> Path:
        return file_of(self.settings.keys_database)

    @property
    def staging(self) -> Path:
        return self.settings.data / replacing.STAGING


def put_back(settings: Settings, folder: Path, wish: Wish, now: datetime) -> PutBack:
    """Restore the newest backup in this folder, or the one that this folder is, and return what was done.

    The portal must not run. A crash leaves everything as it was, or as it should be.

    Raises:
        BackupProblem: why not; everything is as it was.
        LedgerProblem: the key file, the ledger or the list of erasures cannot be trusted; everything is as it was.
    """
    require_embedded(settings)
    belonging.require_folder(settings)
    with turns.alone(settings.data):
        replacing.finish(settings.data)
        work = _begun(settings, _backup_in(folder), wish, now)
        if work.main.exists() and not wish.may_replace:
            raise WouldReplace(f"{work.main} is there already. With --force it is moved aside.")
        _check_files(work)
        _clear(work)
        try:
            return _done(work)
        finally:
            _clear(work)


def _done(work: _Work) -> PutBack:
    (work.staging / NOTES).mkdir(mode=0o700, parents=True)
    data, least = work.settings.data, work.manifest.erasures
    which = longest(data, work.backup.parent, work.staging, least, work.master.signer)
    moves = _prepared(work)
    keys = "restored" if any(move.old == str(work.keys) for move in moves) else "kept"
    if which == "backup":
        moves += [_move(work, data / name, work.staging / name) for name in (LIST, HEAD)]
    done, letters = _made_fit(work, keys)
    replacing.carry_out(data, moves)
    aside = tuple(path for path in (Path(move.aside) for move in moves) if path.exists())
    return PutBack(work.backup, work.manifest.made_at, keys, aside, done, letters)


def _made_fit(work: _Work, keys: str) -> tuple[tuple[Again, ...], tuple[str, ...]]:
    """Do to the prepared copy, in a portal of its own, what must be done before anybody is served."""
    keys_file = _fresh(work.keys) if keys == "restored" else work.keys
    main, subjects = f"sqlite:///{_fresh(work.main)}", f"sqlite:///{keys_file}"
    prepared = replace(work.settings, data=work.staging, database=main, keys_database=subjects)
    portal = wire(prepared, lambda: work.now)
    try:
        proving.prove(portal, work.manifest)
        letters = proving.make_safe(portal, work.manifest, work.opening)
        stamp, before = work.manifest.made_at.strftime(STAMP), work.settings.data / NOTES
        done = tuple(proving.note(portal, one, work.manifest, before, stamp) for one in proving.agencies(portal))
        portal.storage.flush_log()
    finally:
        portal.storage.close()
    return done, letters


def _backup_in(folder: Path) -> Path:
    if (folder / pages.NAME).is_file():
        return folder
    found = sets(folder)
    if not found:
        raise NoBackup(f"There is no whole backup in {folder}.")
    return found[-1]


def _begun(settings: Settings, backup: Path, wish: Wish, now: datetime) -> _Work:
    if settings.keys_text:
        master = keyfile.from_text(settings.keys_text)
    else:
        master = keyfile.open_or_create(settings.keys, expected=True)
    manifest = pages.read(backup, master.signer)
    if manifest.step != schema.head():
        raise OtherForm(
            f"The backup is at step {manifest.step or 'none'} of the database, this release at {schema.head()}. "
            "Restore it with the release that made it, then run rightsdesk migrate."
        )
    if manifest.region != settings.region:
        raise OtherForm(f"The backup is of region {manifest.region}, not of {settings.region}.")
    older = keyfile.open_or_create(wish.key_file, expected=True) if wish.key_file else master
    return _Work(settings, backup, manifest, master, older.sealing, now)


def _check_files(work: _Work) -> None:
    for file in work.manifest.files:
        path = work.backup / file.name
        if file.name == KEYS and not path.exists():  # older than seven days
            continue
        if not path.is_file() or measured(path) != Part(file.size, file.digest):
            raise Damaged(f"{path} was altered, is cut off or is missing. Use another backup.")


def _prepared(work: _Work) -> list[Move]:
    """Unseal what is restored beside what it replaces, and return the moves that will do it."""
    key, made_at = _key_of(work), work.manifest.made_at
    key.open(work.backup / DATA, _fresh(work.main), about(made_at, DATA))
    for file in work.manifest.files:
        if file.name.startswith(NOTES):
            copied(work.backup / file.name, work.staging / file.name)
    keep_folder(work.staging / NOTES)
    if not store.is_whole(_fresh(work.main)):
        raise Damaged(f"The database in {work.backup} is damaged. Use another backup.")
    moves = [_move(work, work.main, _fresh(work.main)), _move(work, work.settings.data / NOTES, work.staging / NOTES)]
    if _has_good_keys(work):
        return moves
    if not (work.backup / KEYS).exists():
        raise NoBackup(
            f"The keys' database is gone or does not belong to this backup, and {work.backup} holds its keys no more: "
            "they are kept for seven days. Restore a newer backup."
        )
    key.open(work.backup / KEYS, _fresh(work.keys), about(made_at, KEYS))
    return [*moves, _move(work, work.keys, _fresh(work.keys))]


def _key_of(work: _Work) -> StreamKey:
    try:
        clear = work.opening.open(work.manifest.envelope, about(work.manifest.made_at, "envelope").encode())
    except Unreadable as error:
        raise WrongKeys(
            f"The master key was renewed more than once since {work.backup} was made. "
            "Name the copy of the key file from then with --key-file."
        ) from error
    return StreamKey.read(clear)


def _has_good_keys(work: _Work) -> bool:
    """Say whether the keys that are there open this backup: they are the newest, and what was destroyed stays so."""
    if not work.keys.exists() or not store.is_whole(work.keys):
        return False
    engine = open_engine(f"sqlite:///{work.keys}")
    keys = KeyStore(engine, work.master)
    try:
        keys.create()
        held = store.index_keys(engine)
        wanted = [UUID(one.agency) for one in work.manifest.endings if one.index]
        if any(agency not in held for agency in wanted):
            return False
        for agency in wanted:
            keys.keysets(agency)
    except KeyLost:
        return False
    finally:
        engine.dispose()
    return not store.keyless(_fresh(work.main), work.keys)


def _move(work: _Work, old: Path, fresh: Path) -> Move:
    stamp = work.now.strftime(STAMP)
    ends = ("", *(f"-{one}" for one in range(2, 1000)))
    names = (old.with_name(f"{old.name}{replacing.ASIDE}{stamp}{end}") for end in ends)
    aside = next(name for name in names if not name.exists())
    return Move(str(fresh), str(old), str(aside))


def _fresh(path: Path) -> Path:
    return path.with_name(f"{path.name}{_FRESH}")


def _clear(work: _Work) -> None:
    """Remove what was prepared, as far as it did not take its place."""
    if replacing.is_begun(work.settings.data):
        return
    rmtree(work.staging, ignore_errors=True)
    for path in (_fresh(work.main), _fresh(work.keys)):
        for ending in replacing.BESIDE:
            path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
