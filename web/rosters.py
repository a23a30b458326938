"""What roster imports work with in this portal: the command line and the worker use the same."""

from contextlib import ExitStack
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.cases.effects import look_again
from rightsdesk.requests.fulfilment.correcting import close_settled
from rightsdesk.requests.people.roster.staging.store import cover, is_bare
from rightsdesk.requests.people.roster.terms import Changes, Progress, Terms
from rightsdesk.web.portal import Portal
from rightsdesk.web.reindexing import import_turn, turns


def unwatched(phase: str, done: int, total: int) -> None:
    """Tell nobody how far an import is."""


def terms(portal: Portal, agency: Agency, actor: str, progress: Progress = unwatched) -> Terms:
    """Return what an import works with; each of its steps is a unit of work of its own."""
    now = portal.now()

    def on_applied(tx: Session, agency: UUID, changes: Changes) -> None:
        _look_again(portal, tx, agency, changes, now)

    return Terms(
        agency=agency,
        vault=portal.vault.agency(agency.id),
        begin=portal.storage.write,
        draw=portal.draw,
        recorder=lambda tx: portal.ledger(tx, agency.id, now),
        on_applied=on_applied,
        turn=lambda _: import_turn(portal, agency),
        alone=lambda tx: portal.storage.take_turn(tx, agency.id),
        progress=progress,
        now=now,
        actor=actor,
    )


def mend(portal: Portal) -> None:
    """Return when the staging tables have the indexes that a killed import left off; one that runs keeps them off."""
    with portal.storage.read() as tx:
        if not is_bare(tx):
            return
        agencies = list(Agencies(tx).every())
    with ExitStack() as held:
        ours = [held.enter_context(turns(portal)(agency.id)) for agency in agencies]
        if all(ours):
            with portal.storage.write() as tx:
                cover(tx)


def _look_again(portal: Portal, tx: Session, agency: UUID, changes: Changes, now: datetime) -> None:
    """Check the open cases of everybody whose standing may have changed (T-25); close what the source has mended."""
    docket = portal.docket(tx, Agencies(tx).numbered(agency), now)
    close_settled(docket, now)
    linked = {one for link in (*changes.ended_links, *changes.new_links) for one in link}
    look_again(docket, sorted({*changes.gone, *changes.changed, *linked}), now)
