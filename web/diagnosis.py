"""What ``rightsdesk doctor`` looks at: each finding with its fix, and nothing about anybody."""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from rightsdesk.requests.agencies.staffing import DECIDING
from rightsdesk.requests.agencies.store import Agencies, Staff
from rightsdesk.requests.ledger.errors import LedgerProblem
from rightsdesk.requests.ledger.journal import store as journal
from rightsdesk.requests.ledger.verify import Verdict, verify
from rightsdesk.web import jobs
from rightsdesk.web.backups.making import file_of, last_backup
from rightsdesk.web.backups.replacing import ASIDE
from rightsdesk.web.portal import Portal

_LEAST_FREE: Final = 500 * 1024 * 1024
_OLD: Final = 900.0
_BACKUP_AGE: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``fix`` is what to do when it is not well."""

    what: str
    is_well: bool
    fix: str = ""


def diagnose(portal: Portal) -> list[Finding]:
    """Return everything that was looked at, in the order an operator would mend it."""
    return [*_ground(portal), *_backups(portal), *_queue(portal), *_agencies(portal)]


def unset_ones(names: Iterable[str]) -> list[Finding]:
    """Return what keeps the portal from being served: the settings that are needed and missing."""
    return [Finding(f"{name} is not set", is_well=False, fix="Set it, or rightsdesk serve refuses.") for name in names]


def _ground(portal: Portal) -> Iterator[Finding]:
    free = shutil.disk_usage(portal.settings.data).free
    yield Finding(f"{free // 1024**2:,} MB free in the data folder", free > _LEAST_FREE, "Make room on this disk.")
    mode = portal.settings.keys.stat().st_mode & 0o077 if portal.settings.keys.exists() else 0
    yield Finding("the key file is its owner's alone", mode == 0, f"chmod 600 {portal.settings.keys.name}")


def _backups(portal: Portal) -> Iterator[Finding]:
    if not portal.settings.database.startswith("sqlite"):
        return  # a server's own tools make them
    yield _set_aside(portal)
    last = last_backup(portal.settings)
    make = "Run rightsdesk backup FOLDER every night."
    if last is None:
        # A portal of today has had no night yet: its operator must not learn to overlook what the doctor marks.
        with portal.storage.read() as tx:
            began = journal.began(tx)
        yield Finding("no backup was made yet", began is None or portal.now() - began <= _BACKUP_AGE, make)
        return
    told = f"the last backup was made {last.made_at:%Y-%m-%d %H:%M} UTC"
    yield Finding(told, portal.now() - last.made_at <= _BACKUP_AGE, make)
    stale = last.stale_keys(portal.now())
    yield Finding(
        f"{stale} backups still hold keys of more than seven days",
        not stale,
        "What was erased could be read from them. Run rightsdesk backup with the same folder: it removes those keys.",
    )


def _set_aside(portal: Portal) -> Finding:
    places = {file_of(url).parent for url in (portal.settings.database, portal.settings.keys_database)}
    left = sorted(str(one) for place in places for one in place.glob(f"*{ASIDE}*"))
    told = f"{len(left)} files that a restore put aside still hold what was erased since"
    return Finding(told, not left, f"Once all is as it should be, remove {', '.join(left)}.")


def _queue(portal: Portal) -> Iterator[Finding]:
    try:
        with portal.storage.read() as tx:
            backlog, dead = jobs.backlog(tx), jobs.dead(tx)
    except SQLAlchemyError:
        yield Finding("the queue can be read", is_well=False, fix="Run rightsdesk migrate.")
        return
    waits = f"{backlog.waiting} jobs wait, the oldest for {backlog.oldest:.0f} s"
    yield Finding(waits, backlog.oldest < _OLD, "Start rightsdesk serve or rightsdesk work.")
    yield Finding(f"{len(dead)} jobs gave up", not dead, "Below stands what each kind of them gave up over.")


def _agencies(portal: Portal) -> Iterator[Finding]:
    with portal.storage.read() as tx:
        for agency in Agencies(tx).every():
            try:
                verdict = verify(tx, agency.id, portal.checkpoints)
            except LedgerProblem as problem:
                yield Finding(f"{agency.slug}: ledger", is_well=False, fix=str(problem))
                continue
            told = f"{agency.slug}: {verdict.entries:,} ledger entries, none altered"
            older = " If you put an older copy back, run: rightsdesk restore." if _is_short(verdict) else ""
            yield Finding(told, verdict.ok, f"Entry {verdict.first_bad}: {verdict.why}{older}")
            people = Staff(tx, agency.id, portal.vault.agency(agency.id)).every()
            deciding = sum(bool(one.roles & DECIDING) for one in people)
            yield Finding(
                f"{agency.slug}: {len(people)} people at the desk, {deciding} of them decide",
                deciding > 1,
                f"An erasure needs two people: rightsdesk staff add {agency.slug} EMAIL --role approver",
            )


def _is_short(verdict: Verdict) -> bool:
    return verdict.first_bad is not None and verdict.first_bad > verdict.entries
