"""Take over databases that somebody put back by other means: proved, erased again, nobody signed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from rightsdesk.requests.ledger.audit import Event, Kind
from rightsdesk.requests.ledger.durable import keep_folder
from rightsdesk.requests.ledger.verify import verify_copy
from rightsdesk.web import schema
from rightsdesk.web.app import wire
from rightsdesk.web.backups import store, turns
from rightsdesk.web.backups.errors import Damaged, KeysOlder
from rightsdesk.web.backups.making import STAMP
from rightsdesk.web.backups.manifest import NOTES
from rightsdesk.web.backups.proving import Again, agencies, last_signed
from rightsdesk.web.portal import Portal
from rightsdesk.web.restoring import keep_erased, listed
from rightsdesk.web.settings import Settings

ELSEWHERE: Final = "elsewhere"  # what the ledger says of a copy that is no backup of ours


@dataclass(frozen=True, slots=True)
class Taken:
    """What was done. ``aside`` holds the checkpoints of what is lost; ``letters`` are references that may go twice."""

    aside: Path | None
    agencies: tuple[Again, ...]
    letters: tuple[str, ...]


def take_over(settings: Settings, now: datetime) -> Taken:
    """Make databases fit to be served that pg_restore, or a hand, put in place; return what was done.

    The portal must not run, on no machine. Run again after a crash, it does what is missing.

    Raises:
        BackupProblem: the copies do not fit each other; nobody may be served from them.
        LedgerProblem: the key file, the ledger or the list of erasures cannot be trusted.
    """
    with turns.alone(settings.data):
        portal = wire(settings, lambda: now)
        try:
            schema.migrate(portal.storage.engine)
            return _taken(portal)
        finally:
            portal.storage.close()


def _taken(portal: Portal) -> Taken:
    _prove(portal)
    ends = {agency: seq for agency, seq, _ in store.endings(portal.storage.engine)}
    lost = {one.id: _lost(last_signed(portal.checkpoints, one), ends.get(one.id, 0)) for one in agencies(portal)}
    aside = _set_aside(portal) if any(lost.values()) else None
    with portal.storage.write() as tx:
        store.close_doors(tx)
        letters = tuple(store.letters_to_go(tx))
    keep_erased(portal, is_copy=True)
    return Taken(aside, _noted(portal, ends, lost), letters)


def _prove(portal: Portal) -> None:
    listed(portal)
    keyless = store.keyless_people(portal.storage.engine, portal.storage.keys)
    if keyless:
        raise KeysOlder(
            f"{keyless:,} people of the database have no key: the keys' database is older, or another one. "
            "Put both back from dumps of one night, or the newest keys."
        )
    for agency in agencies(portal):
        with portal.storage.read() as tx:
            verdict = verify_copy(tx, agency.id, portal.checkpoints)
        if not verdict.ok:
            raise Damaged(f"{agency.slug}: {verdict.why} Use another dump.")


def _lost(signed: int | None, end: int) -> int:
    return max(0, (signed or 0) - end)


def _set_aside(portal: Portal) -> Path:
    """Move the checkpoints away that speak of what is lost: they would contradict whatever is written from now on."""
    notes = portal.checkpoints.folder
    aside = notes.with_name(f"{NOTES}.before-{portal.now():{STAMP}}")
    notes.rename(aside)
    keep_folder(notes.parent)
    return aside


def _noted(portal: Portal, ends: Mapping[UUID, int], lost: Mapping[UUID, int]) -> tuple[Again, ...]:
    done: list[Again] = []
    for agency in agencies(portal):
        end = ends.get(agency.id, 0)
        with portal.storage.write() as tx:
            erased = store.erased_after(tx, agency.id, end)
            facts = (("backup", ELSEWHERE), ("lost", str(lost[agency.id])), ("erased_again", str(erased)))
            portal.ledger(tx, agency.id, portal.now())(Event(Kind.RESTORED, "operator", facts=facts))
        done.append(Again(agency.slug, end, lost[agency.id], erased))
    return tuple(done)
