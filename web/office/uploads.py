"""Roster files that the office added by hand, and what it decided about a run on hold: done by the worker."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.people.roster.errors import NotHeld
from rightsdesk.requests.people.roster.importing import import_package
from rightsdesk.requests.people.roster.releasing import Use, discard, release
from rightsdesk.requests.people.roster.terms import Terms
from rightsdesk.web.portal import Portal
from rightsdesk.web.rosters import terms

READ: Final = "roster_read"
USE: Final = "roster_use"
DISCARD: Final = "discard"
_SCOPE: Final = "roster_file"
_SEALED: Final = ".sealed"
_WANTED: Final = 7 * 86_400.0  # seconds in which an operator may still let a job run again that was given up


def keep(portal: Portal, tx: Session, agency: Agency, content: bytes, staff: UUID) -> UUID:
    """Keep a file sealed under a key of its own, and let the worker read it; return its id.

    Raises:
        OSError: the disk is full or gone; nothing is left behind.
    """
    upload = portal.fresh_id()
    sealed = portal.vault.agency(agency.id).seal_bytes(upload, _SCOPE, _place(upload), content)
    path = _path(portal, upload)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with _private(path) as file:
            _write(file, sealed)
    except OSError:  # the disk is full: half a file and its key are of no use to anybody
        path.unlink(missing_ok=True)
        portal.vault.agency(agency.id).destroy(upload, _SCOPE)
        raise
    portal.jobs.submit(tx, READ, f"{READ}:{upload}", str(agency.id), str(upload), str(staff))
    return upload


def read(portal: Portal, ids: tuple[str, ...]) -> None:
    """Import a file that was kept, then destroy it and its key. Twice is once: the file is gone."""
    agency, upload, staff = ids
    path = _path(portal, UUID(upload))
    if not path.exists():
        return
    terms_now = _terms(portal, agency, staff)
    vault = terms_now.vault
    with suppress(KeyGone):
        content = vault.unseal_bytes(UUID(upload), _SCOPE, _place(UUID(upload)), path.read_bytes())
        with _nameless(path.parent, content) as opened:
            import_package(opened, terms_now)
    path.unlink(missing_ok=True)
    vault.destroy(UUID(upload), _SCOPE)


def sweep(portal: Portal) -> int:
    """Remove files that no job can want any more: a crash before the commit left them; return how many."""
    oldest = portal.now().timestamp() - _WANTED
    left = [path for path in (portal.settings.data / "uploads").glob("*") if path.stat().st_mtime < oldest]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def sweep_open(portal: Portal) -> None:
    """Remove what lies here unsealed: a program that was killed left it, for nothing is written open under a name."""
    for path in (portal.settings.data / "uploads").glob("*"):
        if path.suffix != _SEALED:
            path.unlink(missing_ok=True)


def use(portal: Portal, ids: tuple[str, ...]) -> None:
    """Carry out what the office decided about a run on hold; a run that is not on hold any more stays as it is."""
    agency, run, how, staff = ids
    with suppress(NotHeld):
        if how == DISCARD:
            discard(UUID(run), _terms(portal, agency, staff))
        else:
            release(UUID(run), Use(how), _terms(portal, agency, staff))


def _terms(portal: Portal, agency: str, staff: str) -> Terms:
    with portal.storage.read() as tx:
        owner = Agencies(tx).numbered(UUID(agency))
    return terms(portal, owner, f"staff:{staff}")


def _path(portal: Portal, upload: UUID) -> Path:
    return portal.settings.data / "uploads" / f"{upload.hex}{_SEALED}"


def _place(upload: UUID) -> str:
    return f"uploads:{upload}:content"


@contextmanager
def _nameless(folder: Path, content: bytes) -> Iterator[Path]:
    """Yield the path of an open copy that has no name on the disk: when this program is killed, it is gone."""
    with TemporaryFile(dir=folder) as file:
        _write(file.fileno(), content)
        yield Path(f"/dev/fd/{file.fileno()}")


@contextmanager
def _private(path: Path) -> Iterator[int]:
    """Yield a new file that only its owner can read."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        yield file
    finally:
        os.close(file)


def _write(file: int, content: bytes) -> None:
    left = memoryview(content)
    while left:  # the system may take a large file in pieces
        left = left[os.write(file, left) :]
