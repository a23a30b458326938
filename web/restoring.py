"""Erases and corrects again, before anybody is served, what a restored backup of the database undid."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from rightsdesk.requests.agencies.catalogue import WHOLE_ACCOUNT
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.fulfilment.erasing import done_among, replay
from rightsdesk.requests.fulfilment.remembering import CORRECTION, erasures_among, is_known, lay_again, overtaken
from rightsdesk.requests.fulfilment.systems.directory import Directory
from rightsdesk.requests.ledger.checkpoints import Checkpoint, signed_ledgers
from rightsdesk.requests.ledger.erasures import Correction, Entry, Erasure
from rightsdesk.requests.ledger.errors import CheckpointBroken, ErasureLedgerBroken, OlderCopy
from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.web import ways_in
from rightsdesk.web.borders import own_ledger
from rightsdesk.web.casework import directory, note_erased
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import ErasuresSeenRow

_log: Final = logging.getLogger("rightsdesk.restoring")


def keep_erased(portal: Portal, *, is_copy: bool = False) -> int:
    """Do again what the list of erasures and corrections says and this database does not know; return how many lines.

    The number is compared at each start and costs one small read; it is behind in an older copy of the database. When
    a copy is put back on purpose the whole list is gone through: its keys may be older than its data.

    Raises:
        ErasureLedgerBroken: the list was altered or cut off; nobody is served from data that may have been erased.
    """
    count, seen = listed(portal), _seen(portal)
    if seen == count and not is_copy:
        return 0
    entries = list(portal.erasures.entries())
    done = done_among(erasures_among(entries))
    gone = overtaken(entries, done)
    for number, entry in enumerate(entries, start=1):
        if isinstance(entry, Erasure):
            if is_copy or number > seen:
                _erase_again(portal, entry, done)
        elif entry.record in gone:
            portal.vault.agency(entry.agency).destroy(entry.record, CORRECTION)
        elif number > seen:
            _correct_again(portal, entry)
    with portal.storage.write() as tx:
        note_erased(tx, count)
    return len(entries)


def listed(portal: Portal) -> int:
    """Return how many lines the list of erasures has, brought up to this machine's copy of it.

    Raises:
        ErasureLedgerBroken: it was altered, or is shorter than the database knows.
    """
    portal.erasures.agree()
    count, seen = portal.erasures.count(), _seen(portal)
    if seen > count:
        raise ErasureLedgerBroken(count + 1, f"was cut off: the database knows of {seen} lines")
    return count


def refuse_older(portal: Portal) -> None:
    """Return when the database is no older than what this machine signed of each ledger.

    Raises:
        OlderCopy: it is: a dump or a copy was put back and nobody took it over yet, or entries were cut off.
    """
    noted = _noted(portal)
    with portal.storage.read() as tx:  # begins after the heads were read: meanwhile others may write, and sign
        for name, head in noted:
            length = Journal(tx, head.agency).length()
            if length < head.seq:
                raise OlderCopy(name, length, head.seq)


def _noted(portal: Portal) -> list[tuple[str, Checkpoint]]:
    """Return what this machine signed of each ledger, by the ledger's name."""
    found: list[tuple[str, Checkpoint]] = []
    for name, ledger in (*ledgers(portal), *strange_ledgers(portal)):
        with suppress(CheckpointBroken):  # ``audit verify`` names it; it says nothing about the age of the database
            head = portal.checkpoints.head(ledger)
            found += [(name, head)] if head else []
    return found


def ledgers(portal: Portal) -> tuple[tuple[str, UUID], ...]:
    """Return name and id of every ledger of this region: one of each agency, and the region's own."""
    own = portal.settings.region
    with portal.storage.read() as tx:
        of_agencies = [(one.slug, one.id) for one in Agencies(tx).every()]
    return (*of_agencies, (f"region {own}", own_ledger(own)))


def strange_ledgers(portal: Portal) -> tuple[tuple[str, UUID], ...]:
    """Return name and id of every ledger that this machine signed entries of and this database does not hold."""
    signed = signed_ledgers(portal.checkpoints.folder)  # before the database is read: who enters an agency signs last
    known = {ledger for _, ledger in ledgers(portal)}
    return tuple((f"agency {one}", one) for one in sorted(signed - known))


def _seen(portal: Portal) -> int:
    with portal.storage.read() as tx:
        return tx.connection().execute(select(col(ErasuresSeenRow.number))).scalar() or 0


def _erase_again(portal: Portal, erasure: Erasure, done: frozenset[tuple[str, str]]) -> None:
    with _about(portal, erasure) as place:
        if place is not None:
            replay(*place, erasure, done, portal.now())
            if erasure.scope == WHOLE_ACCOUNT and (erasure.case, WHOLE_ACCOUNT) in done:
                ways_in.close(place[0], erasure.subject)


def _correct_again(portal: Portal, correction: Correction) -> None:
    with _about(portal, correction) as place:
        if place is not None and (is_known(place[0], correction) or lay_again(*place, correction)):
            return
    # The office must find the mistake again by itself; whoever restored can tell it where.
    facts = {"agency": str(correction.agency), "case": correction.case, "element": correction.element}
    _log.error("correction not laid again", extra=facts)


@contextmanager
def _about(portal: Portal, entry: Entry) -> Iterator[tuple[Docket, Directory] | None]:
    """Yield docket and directory of the agency this entry is about, nothing when the copy is older than the agency."""
    with portal.storage.write() as tx:
        agency = next((one for one in Agencies(tx).every() if one.id == entry.agency), None)
        if agency is None:
            yield None
            return
        docket = portal.docket(tx, agency, portal.now())
        yield docket, directory(tx, agency, docket.vault, portal)
