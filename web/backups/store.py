"""Every statement about copies of the databases: SQLite's own backup, and what a restored copy must not bring back."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Engine, bindparam, delete, select
from sqlmodel import Session, col

from rightsdesk.requests.cases.tables import CaseRow, NoticeRow
from rightsdesk.requests.ledger.store import READS
from rightsdesk.requests.ledger.tables import AGENCY_KEYSETS, SUBJECT_KEYS, AuditEventRow, AuditHeadRow
from rightsdesk.requests.people.tables import PersonRow
from rightsdesk.verification.passkeys.store import Stop, stop_all
from rightsdesk.verification.staff.invitations.tables import InvitationRow
from rightsdesk.web.backups.errors import Damaged
from rightsdesk.web.tables import JobRow, PresenceRow, SessionRow

_MANY: Final = 500
_LETTERS: Final = ("mail_notice", "text_notice")


def snapshot(database: Path, target: Path) -> None:
    """Write a copy of a SQLite database as it stands now; others go on writing meanwhile.

    Raises:
        Damaged: the database itself is damaged, so that its copy would be of no use.
    """
    target.touch(mode=0o600, exist_ok=False)
    with closing(_connected(database)) as live, closing(_connected(target)) as copy:
        # In one step: copied in several, a database that is written to all the time would never come to an end.
        live.backup(copy, pages=-1)
    if not is_whole(target):
        raise Damaged(
            f"{database} is damaged. Nothing was backed up; look for the disk's errors, and restore a backup."
        )


def is_whole(database: Path) -> bool:
    """Say whether the pages of this SQLite file hold together."""
    try:
        with closing(_connected(database)) as copy:
            return copy.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]
    except sqlite3.DatabaseError:
        return False


def keyless(database: Path, keys: Path) -> int:
    """Return how many people of this database have no key, not even a destroyed one, in that keys database."""
    with closing(_connected(database)) as copy:
        copy.execute("ATTACH DATABASE ? AS held", (str(keys),))
        wanted = (
            "SELECT count(*) FROM people WHERE given IS NOT NULL AND id NOT IN (SELECT subject FROM held.subject_keys)"
        )
        return int(copy.execute(wanted).fetchone()[0])


def keyless_people(engine: Engine, keys: Engine) -> int:
    """Return how many people have no key, not even a destroyed one, in a keys database that may lie elsewhere."""
    missing, last = 0, UUID(int=0)
    wanted = select(col(PersonRow.id)).where(col(PersonRow.given).is_not(None), col(PersonRow.id) > bindparam("last"))
    page = wanted.order_by(col(PersonRow.id)).limit(_MANY)
    held = select(SUBJECT_KEYS.c.subject).where(SUBJECT_KEYS.c.subject.in_(bindparam("some", expanding=True)))
    with _looking(engine) as tx, _looking(keys) as kept:
        while some := tx.execute(page, {"last": last}).scalars().all():
            missing += len(set(some) - set(kept.execute(held, {"some": some}).scalars()))
            last = some[-1]
    return missing


def endings(engine: Engine) -> Sequence[tuple[UUID, int, bytes]]:
    """Return agency, number and digest of where each ledger ends."""
    with _looking(engine) as tx:
        wanted = select(col(AuditHeadRow.agency), col(AuditHeadRow.seq), col(AuditHeadRow.digest))
        return [(agency, seq, digest) for agency, seq, digest in tx.execute(wanted.order_by(col(AuditHeadRow.agency)))]


def index_keys(engine: Engine) -> dict[UUID, bytes]:
    """Return the sealed index keys of each agency in a keys database."""
    keyset = AGENCY_KEYSETS.c
    with _looking(engine) as tx:
        rows = tx.execute(select(keyset.agency, keyset.sealed).where(keyset.purpose == "prf"))
        return {row[0]: row[1] for row in rows}


def close_doors(tx: Session, now: datetime) -> None:
    """End every session and invitation, and stop every passkey.

    Who was signed in when the copy was made is not now, links were used, and of the passkeys nobody knows which were
    removed since: one that lies on a lost phone must not come back, and there is always another way in.
    """
    for row in (SessionRow, PresenceRow, InvitationRow):
        tx.connection().execute(delete(row))
    stop_all(tx, Stop.RESTORED, now)


def letters_to_go(tx: Session, now: datetime) -> Sequence[str]:
    """Return the references of the cases whose letters wait in this copy: they may have gone since it was made.

    So may the answer to a decision that was held then and whose ten minutes are over ``now``.
    """
    wanted = select(col(JobRow.ids)).where(
        col(JobRow.kind).in_(_LETTERS), col(JobRow.done_at).is_(None), col(JobRow.dead_at).is_(None)
    )
    notices = [UUID(json.loads(ids)[1]) for ids in tx.connection().execute(wanted).scalars()]
    held = select(col(CaseRow.reference)).where(col(CaseRow.effective_at) <= now, col(CaseRow.took_effect_at).is_(None))
    found = set(tx.connection().execute(held).scalars())
    for start in range(0, len(notices), 500):
        some = col(NoticeRow.id).in_(notices[start : start + 500])
        named = select(col(CaseRow.reference)).join(NoticeRow, col(NoticeRow.case) == col(CaseRow.id)).where(some)
        found |= set(tx.connection().execute(named).scalars())
    return sorted(found)


def erased_after(tx: Session, agency: UUID, seq: int) -> int:
    """Return of how many people the ledger says, after entry ``seq``, that something was erased."""
    wanted = select(col(AuditEventRow.subject)).where(
        col(AuditEventRow.agency) == agency, col(AuditEventRow.seq) > seq, col(AuditEventRow.kind) == "erased"
    )
    return len(tx.connection().execute(wanted.distinct()).all())


def _looking(engine: Engine) -> Connection:
    return engine.connect().execution_options(**{READS: True})


def _connected(database: Path) -> sqlite3.Connection:
    # "rw": a file that is missing is not made.
    return sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True)
