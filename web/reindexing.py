"""Renew the keys and the blind indexes of an agency, in small steps beside a running server."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, func, select

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.fulfilment.erasing import keyed_anew
from rightsdesk.requests.fulfilment.remembering import erasures_among
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.people.fields.store import Fields
from rightsdesk.requests.people.indexing.store import Indexing
from rightsdesk.requests.people.roster.outcome import State
from rightsdesk.requests.people.roster.runs.store import Runs
from rightsdesk.requests.people.roster.tidying import tidy
from rightsdesk.requests.people.roster.turns import FolderTurns
from rightsdesk.verification.passkeys import store as passkeys
from rightsdesk.verification.school.store import Identities
from rightsdesk.verification.sms.tables import OptOutRow
from rightsdesk.verification.tables import CountRow
from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import enter_anew

LOCKS: Final = "locks"


class ImportRuns(Exception):
    """A roster of this agency is being imported: its keys can be renewed when that is done."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """What came of new keys: how many subject keys were wrapped anew, how many index entries made, how many rows stay.

    While rows stay, the older index key stays too: only it finds what was erased, or what the next roster says anew.
    """

    wrapped: int
    entered: int
    lingering: int


def renew_keys(portal: Portal, agency: Agency) -> Renewed:
    """Give an agency new keys, renew its indexes, and retire the older index key where nothing lingers under it.

    A roster on hold waits under the older key and is set aside: the office adds the file again.

    Raises:
        ImportRuns: a roster is being imported; nothing has changed.
    """
    with turns(portal)(agency.id) as is_ours:
        if not is_ours:
            raise ImportRuns("A roster of this agency is being imported. Try again when that is done.")
        # First: a file released after a rotation that died half-way would be taken for a school of strangers.
        with portal.storage.write() as tx:
            Runs(tx, agency.id).set_aside(State.HELD, "keys_rotated")
        tidy(portal.storage.write, agency.id)
        wrapped = portal.vault.rotate(agency.id)
        entered = reindex(portal, agency)
        _bury_anew(portal, agency)
        kept = lingering(portal, agency)
        if not kept:
            portal.vault.retire_index_key(agency.id)
        with portal.storage.write() as tx:
            portal.ledger(tx, agency.id, portal.now())(Event("keys_rotated", "operator"))
        return Renewed(wrapped, entered, kept)


@contextmanager
def import_turn(portal: Portal, agency: Agency) -> Iterator[bool]:
    """Say whether it is an import's turn; a renewal that died half-way is finished first.

    An import compares by keyed ids: under two keys at once it would take the people on record for strangers. After it
    the older key goes, if the import said anew all that only that key could find.
    """
    with turns(portal)(agency.id) as is_ours:
        if is_ours and _is_behind(portal, agency):
            reindex(portal, agency)
        yield is_ours
        if is_ours and len(portal.vault.agency(agency.id).indexes("source", "")) > 1 and not lingering(portal, agency):
            portal.vault.retire_index_key(agency.id)


def reindex(portal: Portal, agency: Agency) -> int:
    """Enter everybody under the newest key and return how many entries were made. Stopped half-way, it starts again.

    The older entries go only when all the new ones are there: a search looks under both keys, so nobody is ever missed.
    """
    vault = portal.vault.agency(agency.id)
    entered = 0
    for people in _people(portal, agency):
        with _writing(portal, agency) as tx:
            entered += Indexing(tx, agency, vault).renew(people)
    for people in _people(portal, agency):
        with _writing(portal, agency) as tx:
            Indexing(tx, agency, vault).drop_older(people)
    with _writing(portal, agency) as tx:
        Staff(tx, agency.id, vault).renew_index()
        enter_anew(Identities(tx, agency.id), vault)
        passkeys.renew_index(tx, agency.id, vault)
    return entered


def lingering(portal: Portal, agency: Agency) -> int:
    """Return how many rows only the older key can find: then it must stay, or an erased child would come back."""
    vault = portal.vault.agency(agency.id)
    newest = vault.index("source", "").partition(":")[0]
    with portal.storage.read() as tx:
        return Indexing(tx, agency, vault).lingering(newest) + _counted(tx, agency, newest)


def _bury_anew(portal: Portal, agency: Agency) -> None:
    """Note in the list of erasures, too, under which key a roster now speaks of what was erased."""
    mine = [one for one in erasures_among(portal.erasures.entries()) if one.agency == agency.id]
    with portal.storage.read() as tx:
        fresh = keyed_anew(mine, Fields(tx, agency, portal.vault.agency(agency.id)).source_keys)
    for erasure in fresh:
        portal.erasures.append(erasure)


@contextmanager
def _writing(portal: Portal, agency: Agency) -> Iterator[Session]:
    # In the agency's turn: whoever is erased or corrected between our look and our entry would be entered as they were.
    with portal.storage.write() as tx:
        portal.storage.take_turn(tx, agency.id)
        yield tx


def turns(portal: Portal) -> FolderTurns:
    """Return whose turn it is to import an agency's roster or to renew its keys."""
    return FolderTurns(portal.settings.data / LOCKS)


def _is_behind(portal: Portal, agency: Agency) -> bool:
    with portal.storage.read() as tx:
        return Indexing(tx, agency, portal.vault.agency(agency.id)).is_behind()


def _people(portal: Portal, agency: Agency) -> Iterator[Sequence[UUID]]:
    last: UUID | None = None
    while True:
        with portal.storage.read() as tx:
            people = Indexing(tx, agency, portal.vault.agency(agency.id)).people_after(last)
        if not people:
            return
        yield people
        last = people[-1]


def _counted(tx: Session, agency: Agency, newest: str) -> int:
    opted = select(func.count()).where(OptOutRow.agency == agency.id, col(OptOutRow.number).not_like(f"{newest}:%"))
    counts = select(func.count()).where(CountRow.agency == agency.id, col(CountRow.key).not_like(f"{newest}:%"))
    return tx.exec(opted).one() + tx.exec(counts).one()
