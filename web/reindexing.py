"""Renew the blind indexes of an agency after its index key changed, in small steps beside a running server."""

from sqlmodel import Session, col, func, select

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.people.indexing.store import Indexing
from rightsdesk.verification.sms.tables import OptOutRow
from rightsdesk.verification.tables import CountRow
from rightsdesk.web.portal import Portal


def reindex(portal: Portal, agency: Agency) -> int:
    """Enter everybody under the newest key and return how many entries were made. Stopped half-way, it starts again.

    Until the old key is retired a search looks under both, so nobody is ever missed.
    """
    vault = portal.vault.agency(agency.id)
    entered, last = 0, None
    while True:
        with portal.storage.write() as tx:
            indexing = Indexing(tx, agency, vault)
            people = indexing.people_after(last)
            if not people:
                Staff(tx, agency.id, vault).renew_index()
                return entered
            entered += indexing.renew(people)
            last = people[-1]


def lingering(portal: Portal, agency: Agency) -> int:
    """Return how many rows only the older key can find: then it must stay, or an erased child would come back."""
    vault = portal.vault.agency(agency.id)
    newest = vault.index("source", "").partition(":")[0]
    with portal.storage.read() as tx:
        return Indexing(tx, agency, vault).lingering(newest) + _counted(tx, agency, newest)


def _counted(tx: Session, agency: Agency, newest: str) -> int:
    opted = select(func.count()).where(OptOutRow.agency == agency.id, col(OptOutRow.number).not_like(f"{newest}:%"))
    counts = select(func.count()).where(CountRow.agency == agency.id, col(CountRow.key).not_like(f"{newest}:%"))
    return tx.exec(opted).one() + tx.exec(counts).one()
