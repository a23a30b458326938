"""Erases again, before anybody is served, what a restored backup of the database brought back."""

from sqlalchemy import delete, select
from sqlmodel import Session, col

from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.fulfilment.erasing import done_among, replay
from rightsdesk.requests.ledger.erasures import Erasure
from rightsdesk.web.casework import directory
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import ErasuresSeenRow


def keep_erased(portal: Portal) -> int:
    """Carry out the list of erasures again when this database knows another number of them; return how many lines.

    The number is compared at each start and costs one small read. It is behind after a restored backup, and after each
    erasure since the last start; to erase again what is erased already changes nothing.

    Raises:
        ErasureLedgerBroken: the list was altered or cut off; nobody is served from data that may have been erased.
    """
    count = portal.erasures.count()
    if not count:
        return 0
    with portal.storage.read() as tx:
        if tx.connection().execute(select(col(ErasuresSeenRow.number))).scalar() == count:
            return 0
    erasures = list(portal.erasures.entries())
    done = done_among(erasures)
    for erasure in erasures:
        _again(portal, erasure, done)
    with portal.storage.write() as tx:
        _note(tx, len(erasures))
    return len(erasures)


def _again(portal: Portal, erasure: Erasure, done: frozenset[tuple[str, str]]) -> None:
    now = portal.now()
    with portal.storage.write() as tx:
        agency = next((one for one in Agencies(tx).every() if one.id == erasure.agency), None)
        if agency is not None:  # the copy may be older than the agency
            docket = portal.docket(tx, agency, now)
            replay(docket, directory(tx, agency, docket.vault, portal), erasure, done, now)


def _note(tx: Session, number: int) -> None:
    tx.connection().execute(delete(ErasuresSeenRow))
    tx.add(ErasuresSeenRow(id=1, number=number))
