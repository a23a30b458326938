"""How fast texts leave, over all workers together: a carrier refuses what comes faster than the sender may."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Final

from sqlalchemy import case
from sqlmodel import Session, col

from rightsdesk.requests.ledger.dialects import insert_into
from rightsdesk.web.jobs import TableJobs, db_now
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import PaceRow

PER_SECOND: Final = 5.0
NOTICE: Final = "text_notice"
_TEXTS: Final = "texts"
_FARTHEST: Final = 60.0  # seconds: every worker's slots together wait for less
_LONGEST: Final = 1800.0  # seconds: no notice waits longer for the others of its agency


def next_slot(tx: Session, name: str, per_second: float, farthest: float = _FARTHEST, beyond: float = 0.0) -> float:
    """Take the next free instant of this pace for oneself; return how many seconds away it is, 0 or less for now.

    More than ``farthest`` seconds away it was taken before the clock was set back: then ``beyond`` seconds are enough.
    """
    gap, free = 1.0 / per_second, col(PaceRow.free_at)
    taken = insert_into(tx, PaceRow).values(name=name, free_at=db_now() + gap)
    wanted = case((free < db_now(), db_now()), (free > db_now() + farthest, db_now() + beyond), else_=free)
    # One statement: two workers that ask at once wait for each other here, and get two instants.
    moved = taken.on_conflict_do_update(index_elements=["name"], set_={"free_at": wanted + gap})
    return float(tx.connection().execute(moved.returning(free - gap - db_now())).scalar_one())


@dataclass(frozen=True, slots=True)
class FairJobs:
    """Submits into the table; each notice of an agency is due after that agency's last one, at the carrier's pace.

    Whoever is due first is sent first: an agency that answers a thousand families leaves every second instant to
    another one (start-time fair queuing).
    """

    table: TableJobs
    per_second: float = PER_SECOND

    def submit(self, tx: Session, kind: str, key: str, *ids: str) -> None:
        """Enqueue one effect; a key of this kind that was submitted before is ignored."""
        ahead = next_slot(tx, ids[0], self.per_second, _LONGEST, _LONGEST) if kind == NOTICE else 0.0
        self.table.submit(tx, kind, key, *ids, after=max(0.0, ahead))


def paced(effect: Callable[[Portal, tuple[str, ...]], None]) -> Callable[[Portal, tuple[str, ...]], None]:
    """Return the effect, begun when it is its turn at the carrier. It waits in one of the slots that texts have."""

    def begun(portal: Portal, ids: tuple[str, ...]) -> None:
        if portal.settings.carrier is not None:
            with portal.storage.quietly() as tx:
                pause = next_slot(tx, _TEXTS, PER_SECOND)
            Event().wait(max(0.0, pause))
        effect(portal, ids)

    return begun
