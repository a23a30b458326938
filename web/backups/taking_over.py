"""Take over databases that somebody put back by other means: proved, erased again, nobody signed in."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from rightsdesk.requests.ledger.audit import Event, Kind
from rightsdesk.requests.ledger.durable import keep_folder, replace_file
from rightsdesk.requests.ledger.verify import verify_copy
from rightsdesk.web import schema
from rightsdesk.web.app import wire
from rightsdesk.web.backups import store, turns
from rightsdesk.web.backups.errors import Damaged, KeysOlder
from rightsdesk.web.backups.making import STAMP
from rightsdesk.web.backups.manifest import NOTES
from rightsdesk.web.backups.proving import Again, last_signed
from rightsdesk.web.portal import Portal
from rightsdesk.web.restoring import keep_erased, ledgers, listed, strange_ledgers
from rightsdesk.web.settings import Settings
from rightsdesk.web.whereabouts import refuse_lost

_PLAN: Final = "taking-over.json"  # in the data folder, until all is done
ELSEWHERE: Final = "elsewhere"  # what the ledger says of a copy that is no backup of ours


@dataclass(frozen=True, slots=True)
class Taken:
    """What was done. ``aside`` holds the checkpoints of what is lost; ``letters`` are references that may go twice."""

    aside: Path | None
    ledgers: tuple[Again, ...]
    letters: tuple[str, ...]


def take_over(settings: Settings, now: datetime) -> Taken:
    """Make databases fit to be served that pg_restore, or a hand, put in place; return what was done.

    The portal must not run, on no machine. Run again after a crash, it does what is missing and tells the same numbers.

    Raises:
        BackupProblem: the copies do not fit each other; nobody may be served from them.
        LedgerProblem: the key file, the ledger or the list of erasures cannot be trusted.
    """
    with turns.alone(settings.data):
        refuse_lost(settings)
        portal = wire(settings, lambda: now)
        try:
            schema.migrate(portal.storage.engine)
            taken = _taken(portal)
        finally:
            portal.storage.close()
        (settings.data / _PLAN).unlink()
        keep_folder(settings.data)
        return taken


@dataclass(frozen=True, slots=True)
class _Plan:
    """By the id of each ledger: the last entry in the copy, and how many are lost. ``aside`` is "" where none is."""

    ends: Mapping[str, int]
    lost: Mapping[str, int]
    aside: str


def _taken(portal: Portal) -> Taken:
    _prove(portal)
    plan = _planned(portal)
    with portal.storage.write() as tx:
        store.close_doors(tx, portal.now())
        letters = tuple(store.letters_to_go(tx, portal.now()))
    aside = _set_aside(portal, plan.aside) if plan.aside else None
    keep_erased(portal, is_copy=True)
    return Taken(aside, _noted(portal, plan), letters)


def _prove(portal: Portal) -> None:
    listed(portal)
    keyless = store.keyless_people(portal.storage.engine, portal.storage.keys)
    if keyless:
        raise KeysOlder(
            f"{keyless:,} people of the database have no key: the keys' database is older, or another one. "
            "Put both back from dumps of one night, or the newest keys."
        )
    for name, ledger in ledgers(portal):
        with portal.storage.read() as tx:
            verdict = verify_copy(tx, ledger, portal.checkpoints)
        if not verdict.ok:
            raise Damaged(f"{name}: {verdict.why} Use another dump.")


def _planned(portal: Portal) -> _Plan:
    """Return the plan once it is written down: with the checkpoints aside, nothing else says what is lost."""
    file = portal.settings.data / _PLAN
    ends = {str(ledger): seq for ledger, seq, _ in store.endings(portal.storage.engine)}
    lost = {
        str(ledger): max(0, (last_signed(portal.checkpoints, ledger) or 0) - ends.get(str(ledger), 0))
        for _, ledger in (*ledgers(portal), *strange_ledgers(portal))
    }
    is_lost = any(lost.values())
    if not is_lost and file.exists():  # of a run that a crash ended, after it had set them aside
        return _Plan(**json.loads(file.read_bytes()))
    plan = _Plan(ends, lost, f"{NOTES}.before-{portal.now():{STAMP}}" if is_lost else "")
    replace_file(file, json.dumps(asdict(plan)).encode("ascii"))
    return plan


def _set_aside(portal: Portal, name: str) -> Path:
    """Move the checkpoints away that speak of what is lost: they would contradict whatever is written from now on."""
    notes = portal.checkpoints.folder
    aside = notes.with_name(name)
    if not aside.exists():
        notes.rename(aside)
        keep_folder(notes.parent)
    return aside


def _noted(portal: Portal, plan: _Plan) -> tuple[Again, ...]:
    """Enter it into every ledger, or into none: each needs a note of its own now that the others are aside."""
    done: list[Again] = []
    whose = ledgers(portal)
    with portal.storage.write() as tx:
        for name, ledger in whose:
            end, lost = plan.ends.get(str(ledger), 0), plan.lost.get(str(ledger), 0)
            erased = store.erased_after(tx, ledger, end)
            facts = (("backup", ELSEWHERE), ("lost", str(lost)), ("erased_again", str(erased)))
            portal.ledger(tx, ledger, portal.now())(Event(Kind.RESTORED, "operator", facts=facts))
            done.append(Again(name, end, lost, erased))
    known = {str(ledger) for _, ledger in whose}
    return (*done, *(Again(f"agency {one}", 0, lost, 0) for one, lost in plan.lost.items() if one not in known))
