"""Makes a restored copy fit to be served, before it is in its place: proved, erased again, nobody signed in."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.ledger.audit import Event, Kind
from rightsdesk.requests.ledger.checkpoints import Checkpoints
from rightsdesk.requests.ledger.errors import CheckpointBroken
from rightsdesk.requests.ledger.keysets import SealingKeys
from rightsdesk.requests.ledger.verify import verify
from rightsdesk.web.backups import store
from rightsdesk.web.backups.errors import Damaged
from rightsdesk.web.backups.manifest import Ending, Manifest
from rightsdesk.web.portal import Portal
from rightsdesk.web.restoring import keep_erased


@dataclass(frozen=True, slots=True)
class Again:
    """One ledger after a restore, the region's own by its name: ``lost`` came later, None when nobody can say."""

    slug: str
    entries: int
    lost: int | None
    erased_again: int


def prove(portal: Portal, manifest: Manifest) -> None:
    """Return when the ledger of each agency is whole and ends where the backup says.

    Raises:
        Damaged: one is not.
    """
    ends = {(UUID(one.agency), one.seq, bytes.fromhex(one.digest)) for one in manifest.endings}
    if set(store.endings(portal.storage.engine)) != ends:
        raise Damaged("The ledger in the backup does not end where its manifest says. Use another backup.")
    for agency in agencies(portal):
        with portal.storage.read() as tx:
            verdict = verify(tx, agency.id, portal.checkpoints)
        if not verdict.ok:
            raise Damaged(f"{agency.slug}: {verdict.why} Use another backup.")


def make_safe(portal: Portal, manifest: Manifest, opening: SealingKeys) -> tuple[str, ...]:
    """Erase again what the list names, and end what the copy takes for current; return whose letters may go twice.

    Index keys that were retired since the backup come back for a while: only they find what it indexed. The next
    applied roster retires them again. ``opening`` opens what the master key of that time sealed.
    """
    keys = portal.vault.store
    keys.take_over(opening)
    for one in manifest.endings:
        if one.index:
            keys.take_index(UUID(one.agency), bytes.fromhex(one.index), opening)
    with portal.storage.write() as tx:
        store.close_doors(tx, portal.now())
        letters = tuple(store.letters_to_go(tx, portal.now()))
    keep_erased(portal, is_copy=True)
    return letters


def note(portal: Portal, agency: Agency, manifest: Manifest, before: Path, stamp: str) -> Again:
    """Enter the restore into an agency's ledger; ``before`` is the folder of the checkpoints that it replaces."""
    ending = _ending(manifest, agency)
    with portal.storage.read() as tx:
        erased = store.erased_after(tx, agency.id, ending.seq) if ending else 0
    newest = last_signed(Checkpoints(before, portal.signer), agency.id)
    lost = None if newest is None else max(0, newest - (ending.seq if ending else 0))
    told = "unknown" if lost is None else str(lost)
    now: datetime = portal.now()
    with portal.storage.write() as tx:
        facts = (("backup", stamp), ("lost", told), ("erased_again", str(erased)))
        portal.ledger(tx, agency.id, now)(Event(Kind.RESTORED, "operator", facts=facts))
    return Again(agency.slug, ending.seq if ending else 0, lost, erased)


def agencies(portal: Portal) -> tuple[Agency, ...]:
    """Return the agencies of the copy."""
    with portal.storage.read() as tx:
        return tuple(Agencies(tx).every())


def _ending(manifest: Manifest, agency: Agency) -> Ending | None:
    return next((one for one in manifest.endings if one.agency == str(agency.id)), None)


def last_signed(checkpoints: Checkpoints, ledger: UUID) -> int | None:
    """Return the number of the last entry that was signed for, nothing when nobody can say."""
    try:
        head = checkpoints.head(ledger)
    except CheckpointBroken:
        return None
    return head.seq if head else None
