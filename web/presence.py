"""Who of the staff opened which case on purpose and has it open: a hint to colleagues, never a lock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, delete

from rightsdesk.requests.ledger.dialects import insert_into, run
from rightsdesk.web.tables import PresenceRow

SEEN_FOR: Final = timedelta(seconds=75)  # an open page says so every half minute; two words of it may get lost


_OTHERS: Final = (
    columns_of(col(PresenceRow.reference), col(PresenceRow.staff))
    .where(col(PresenceRow.agency) == bindparam("agency"), col(PresenceRow.staff) != bindparam("staff"))
    .where(col(PresenceRow.seen_at) > bindparam("since"))
    .order_by(col(PresenceRow.staff))
)


@dataclass(frozen=True, slots=True)
class Presence:
    """Who of one agency's staff looks at what. Everybody has one case open: the one they looked at last."""

    tx: Session
    agency: UUID
    now: datetime

    def note(self, staff: UUID, reference: str) -> None:
        """Remember that somebody has this case open now."""
        seen = {"agency": self.agency, "reference": reference, "seen_at": self.now}
        row = insert_into(self.tx, PresenceRow).values(staff=staff, **seen)
        self.tx.connection().execute(row.on_conflict_do_update(index_elements=["staff"], set_=seen))

    def leave(self, staff: UUID, left: datetime) -> None:
        """Forget what somebody had open at ``left``; what they opened after that stays."""
        mine = (col(PresenceRow.staff) == staff, col(PresenceRow.seen_at) <= left)
        self.tx.exec(delete(PresenceRow).where(*mine))

    def others(self, staff: UUID) -> dict[str, list[UUID]]:
        """Return who else has which case open, by reference."""
        bound = {"agency": self.agency, "staff": staff, "since": self.now - SEEN_FOR}
        found: dict[str, list[UUID]] = {}
        for row in run(self.tx, _OTHERS, bound):
            found.setdefault(row.reference, []).append(row.staff)
        return found
