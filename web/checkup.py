"""What ``rightsdesk doctor`` looks at before the portal can be opened, and at what it keeps once it is."""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from rightsdesk.requests.agencies.control.store import Control
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.fulfilment import certificates, packages
from rightsdesk.requests.fulfilment.store import Certificates, Packages
from rightsdesk.requests.ledger import keyfile
from rightsdesk.requests.ledger.checkpoints import signed_ledgers
from rightsdesk.requests.ledger.errors import DatabaseLost, LedgerProblem
from rightsdesk.verification.alarming import Alarm
from rightsdesk.web import alarms, jobs, schema
from rightsdesk.web.backups.errors import BackupProblem
from rightsdesk.web.backups.turns import beside_others
from rightsdesk.web.diagnosis import Finding
from rightsdesk.web.health import BEAT_WITHIN
from rightsdesk.web.portal import Portal
from rightsdesk.web.restoring import strange_ledgers
from rightsdesk.web.settings import Settings
from rightsdesk.web.storage import open_engine
from rightsdesk.web.whereabouts import file_of, is_there, notes_of

SKEW: Final = 5.0  # seconds; codes live ten minutes, and a hold ends by this machine's clock
_COPY: Final = "Put back the copy you keep safe."


def before(settings: Settings) -> Iterator[Finding]:
    """Yield what must be well before anything can be opened; nothing is made, nothing is brought up to date."""
    if not is_there(settings):
        yield _none_yet(settings)
        return
    yield from _turn(settings)
    yield from _key_file(settings)
    keys = file_of(settings.keys_database)
    if keys is not None:
        told = "the keys of the data subjects are in their place"
        yield Finding(told, keys.is_file(), "The data cannot be read without them. Put back their newest backup.")
    yield from _form(settings)


def _none_yet(settings: Settings) -> Finding:
    notes = notes_of(settings)
    if signed_ledgers(notes):
        return Finding("the database is in its place", is_well=False, fix=str(DatabaseLost(notes)))
    return Finding("there is no database yet: the first start makes it", is_well=True)


def within(portal: Portal) -> Iterator[Finding]:
    """Yield how the keys, the clock, the workers and the signed records of an open portal are."""
    try:
        opened = portal.vault.store.check()
        yield Finding(f"the master key opens the keys of {opened} agencies", is_well=True)
    except LedgerProblem as problem:
        yield Finding("the master key opens the keys of the agencies", is_well=False, fix=str(problem))
    try:
        number = sum(1 for _ in portal.erasures.entries())
        yield Finding(f"{number:,} lines on the list of erasures, none altered", is_well=True)
    except LedgerProblem as problem:
        yield Finding("the list of erasures is whole", is_well=False, fix=f"{problem} {_COPY} Nobody is served before.")
    for name, _ in strange_ledgers(portal):
        fix = "This machine signed entries of it. If you put an older copy back, run: rightsdesk restore."
        yield Finding(f"{name}: its ledger is in the database", is_well=False, fix=fix)
    with portal.storage.read() as tx:
        yield from _clock(portal, tx)
        yield from _workers(tx)
        yield from _dead(tx)
        yield from _alarms(tx)
        yield from _packages(portal, tx)
        yield from _certificates(portal, tx)


def homes(portal: Portal, control: Control | None) -> Iterator[Finding]:
    """Yield whether each agency here is this region's, by its own row and by the control store."""
    with portal.storage.read() as tx:
        here, strays = Agencies(tx).every(), Agencies(tx).strays()
    for slug, region in strays:
        fix = "Nothing is done for it here. Take its row out, or bring it back."
        yield Finding(f"{slug}: its row says region {region}", is_well=False, fix=fix)
    if control is None:
        return
    try:
        known = {one.slug: one for one in control.every()}
    except SQLAlchemyError as problem:
        told = f"the control store cannot be read ({type(problem).__name__})"
        yield Finding(told, is_well=False, fix="See RIGHTSDESK_DATABASE, then run rightsdesk migrate.")
        return
    for one in here:
        home = known.get(one.slug)
        is_home = home is not None and (home.id, home.region) == (one.id, one.region)
        where = f"puts this slug into region {home.region}" if home else "does not know it: run rightsdesk migrate"
        yield Finding(f"{one.slug}: it lives in region {one.region}", is_home, f"The control store {where}.")


def folder(settings: Settings) -> Iterator[Finding]:
    """Yield whom the data folder and the databases in it are open to."""
    data = settings.data
    if data.exists():
        mode = data.stat().st_mode & 0o077
        yield Finding("the data folder is its owner's alone", not mode, f"Run: chmod 700 {data}")
        open_files = [file for file in data.glob("*.sqlite3*") if file.stat().st_mode & 0o077]
        names = " ".join(sorted(file.name for file in open_files))
        yield Finding("the databases are their owner's alone", not open_files, f"In {data} run: chmod 600 {names}")
    else:
        above = next(folder for folder in data.parents if folder.exists())
        free = shutil.disk_usage(above).free
        yield Finding(f"the data folder is not made yet; {free // 1024**2:,} MB are free there", is_well=True)


def _turn(settings: Settings) -> Iterator[Finding]:
    # What every command takes before it opens anything: said here, it does not end the list of findings.
    try:
        with beside_others(settings.data) if settings.data.exists() else nullcontext():
            yield Finding("commands may work in the data folder", is_well=True)
    except BackupProblem as problem:
        yield Finding("commands may work in the data folder", is_well=False, fix=str(problem))
    except OSError as problem:
        fix = f"{problem.strerror}. The disk must be writable, and all in the folder belong to the portal's account."
        yield Finding("commands may work in the data folder", is_well=False, fix=fix)


def _key_file(settings: Settings) -> Iterator[Finding]:
    if settings.keys_text:
        yield Finding("the master key comes from a setting", is_well=True)
    elif not settings.keys.exists():
        fix = f"Put back the copy of {settings.keys} you keep. For a new database, rightsdesk migrate makes one."
        yield Finding("the master key is missing", is_well=False, fix=fix)
    else:
        try:
            keyfile.open_or_create(settings.keys)
        except (LedgerProblem, OSError) as problem:
            yield Finding("the master key can be used", is_well=False, fix=_words(problem))


def _form(settings: Settings) -> Iterator[Finding]:
    engine = open_engine(settings.database)
    try:
        at = schema.at(engine)
        yield _schema(at, engine, notes_of(settings))
    except SQLAlchemyError as problem:
        told = f"the database cannot be reached ({type(problem).__name__})"
        yield Finding(told, is_well=False, fix="See that RIGHTSDESK_DATABASE is right, and that its server runs.")
    finally:
        engine.dispose()


def _schema(at: str, engine: Engine, notes: Path) -> Finding:
    wanted = schema.head()
    if not at and not schema.is_there(engine):
        fix = str(DatabaseLost(notes)) if signed_ledgers(notes) else "Run rightsdesk migrate."
        return Finding("the database is empty", is_well=False, fix=fix)
    fix = "Run rightsdesk migrate." if at < wanted else "It was made by a newer release. Install that one again."
    return Finding(f"the database is at step {at or 'none'}, this release needs {wanted}", at == wanted, fix)


def _clock(portal: Portal, tx: Session) -> Iterator[Finding]:
    skew = abs(portal.now().timestamp() - jobs.clock(tx))
    told = f"this machine's clock and the database's are {skew:.0f} s apart"
    yield Finding(told, skew <= SKEW, "Let both machines keep their time by the same server (NTP).")


def _workers(tx: Session) -> Iterator[Finding]:
    ages = jobs.beats(tx)
    if not ages and not jobs.backlog(tx).waiting:
        yield Finding("no worker was started yet, and nothing waits for one", is_well=True)
        return
    alive = sum(age < BEAT_WITHIN for age in ages)
    last = f", the last one {ages[0]:,.0f} s ago" if ages else ""
    yield Finding(
        f"{alive} workers showed themselves within a minute{last}",
        alive > 0,
        "Nothing is sent or carried out. Start rightsdesk serve, or rightsdesk work beside a PostgreSQL database.",
    )


def _dead(tx: Session) -> Iterator[Finding]:
    errors = Counter((kind, error) for _, kind, _, error in jobs.dead(tx))
    for (kind, error), number in sorted(errors.items()):
        fix = "Mend what the error names, then let it run again from the office's list of tasks."
        yield Finding(
            f"{number} jobs of the kind {kind} gave up over {error or 'nothing said'}", is_well=False, fix=fix
        )


def _alarms(tx: Session) -> Iterator[Finding]:
    stand = alarms.standing(tx)
    if not stand:
        yield Finding("no alarm about codes stands", is_well=True)
    for whose, alarm, since in stand:
        what, fix = alarms.told(alarm)
        told = f"codes of {whose or alarms.EVERYBODY} {what}, since {since:%Y-%m-%d %H:%M} UTC"
        yield Finding(told, alarm is Alarm.HALF, fix)


def _packages(portal: Portal, tx: Session) -> Iterator[Finding]:
    lost = sum(packages.missing(Packages(tx, one.id), portal.settings.packages) for one in Agencies(tx).every())
    fix = f"Several machines must share {portal.settings.data}. After a lost disk, reopen the requests at the desk."
    yield Finding(f"{lost} copies for families are on file and not in the data folder", not lost, fix)


def _certificates(portal: Portal, tx: Session) -> Iterator[Finding]:
    key = portal.signer.public_key()
    for agency in Agencies(tx).every():
        issued = Certificates(tx, agency.id).newest()
        bad = [one for one in issued if not certificates.verify(one.document, one.signature, key)]
        told = f"{agency.slug}: {len(issued)} newest certificates of erasures, all signed by this portal"
        fix = f"{len(bad)} were altered, the first of case {bad[0].case}. {_COPY}" if bad else ""
        yield Finding(told, not bad, fix)


def _words(problem: Exception) -> str:
    if isinstance(problem, LedgerProblem):
        return str(problem)
    return f"It cannot be read ({type(problem).__name__}). Run this as the account of the portal; the file must be its."
