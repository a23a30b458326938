"""How fast texts leave, over all workers together: a carrier refuses what comes faster than the sender may."""

from collections.abc import Callable
from threading import Event
from typing import Final

from sqlalchemy import case
from sqlmodel import Session, col

from rightsdesk.requests.ledger.dialects import insert_into
from rightsdesk.web.jobs import db_now
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import PaceRow

PER_SECOND: Final = 5.0
_TEXTS: Final = "texts"


def next_slot(tx: Session, name: str, per_second: float) -> float:
    """Take the next free instant of this pace for oneself; return how many seconds away it is, 0 or less for now."""
    gap, free = 1.0 / per_second, col(PaceRow.free_at)
    taken = insert_into(tx, PaceRow).values(name=name, free_at=db_now() + gap)
    later = case((free > db_now(), free), else_=db_now()) + gap
    # One statement: two workers that ask at once wait for each other here, and get two instants.
    moved = taken.on_conflict_do_update(index_elements=["name"], set_={"free_at": later})
    return float(tx.connection().execute(moved.returning(free - gap - db_now())).scalar_one())


def paced(effect: Callable[[Portal, tuple[str, ...]], None]) -> Callable[[Portal, tuple[str, ...]], None]:
    """Return the effect, begun when it is its turn at the carrier. It waits in one of the slots that texts have."""

    def begun(portal: Portal, ids: tuple[str, ...]) -> None:
        if portal.settings.carrier is not None:
            with portal.storage.quietly() as tx:
                pause = next_slot(tx, _TEXTS, PER_SECOND)
            Event().wait(max(0.0, pause))
        effect(portal, ids)

    return begun
