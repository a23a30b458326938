"""Erases again, before anybody is served, what a restored backup of the database brought back."""

from sqlalchemy import select
from sqlmodel import col

from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.fulfilment.erasing import done_among, replay
from rightsdesk.requests.ledger.erasures import Erasure
from rightsdesk.requests.ledger.errors import CheckpointBroken, ErasureLedgerBroken, OlderCopy
from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.web.casework import directory, note_erased
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import ErasuresSeenRow


def keep_erased(portal: Portal) -> int:
    """Carry out the list of erasures again when this database knows fewer of them; return how many lines.

    The number is compared at each start and costs one small read. It is behind in a restored backup; to erase again
    what is erased already changes nothing.

    Raises:
        ErasureLedgerBroken: the list was altered or cut off; nobody is served from data that may have been erased.
    """
    count = listed(portal)
    if _seen(portal) == count:
        return 0
    erasures = list(portal.erasures.entries())
    done = done_among(erasures)
    for erasure in erasures:
        _again(portal, erasure, done)
    with portal.storage.write() as tx:
        note_erased(tx, count)
    return len(erasures)


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
    """Return when the database is no older than what this machine signed of each agency's ledger.

    Raises:
        OlderCopy: it is: a dump or a copy was put back and nobody took it over yet, or entries were cut off.
    """
    with portal.storage.read() as tx:
        for agency in Agencies(tx).every():
            try:
                noted = portal.checkpoints.head(agency.id)
            except CheckpointBroken:
                continue  # ``audit verify`` names it; it says nothing about the age of the database
            length = Journal(tx, agency.id).length()
            if noted is not None and length < noted.seq:
                raise OlderCopy(agency.slug, length, noted.seq)


def _seen(portal: Portal) -> int:
    with portal.storage.read() as tx:
        return tx.connection().execute(select(col(ErasuresSeenRow.number))).scalar() or 0


def _again(portal: Portal, erasure: Erasure, done: frozenset[tuple[str, str]]) -> None:
    now = portal.now()
    with portal.storage.write() as tx:
        agency = next((one for one in Agencies(tx).every() if one.id == erasure.agency), None)
        if agency is not None:  # the copy may be older than the agency
            docket = portal.docket(tx, agency, now)
            replay(docket, directory(tx, agency, docket.vault, portal), erasure, done, now)
