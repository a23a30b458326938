"""Every statement about sums of messages and about alarms, for one agency or for the portal as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy import select as columns_of
from sqlmodel import Session, col

from rightsdesk.verification.dialects import insert_into, run, upsert
from rightsdesk.verification.sms.port import TextKind
from rightsdesk.verification.spending.tables import AlarmRow, TextDayRow, TillRow

KEPT: Final = timedelta(days=40)  # the page shows thirty
TOLD_AGAIN: Final = timedelta(hours=6)  # an alarm that comes and goes is one message, not sixty an hour

_ADD: Final = upsert(
    TextDayRow,
    lambda row: row.on_conflict_do_update(
        index_elements=["agency", "day", "kind", "what"],
        set_={
            "number": col(TextDayRow.number) + row.excluded.number,
            "cost": col(TextDayRow.cost) + row.excluded.cost,
        },
    ),
)
_HOLD: Final = upsert(
    TillRow,
    lambda row: row.on_conflict_do_update(index_elements=["id"], set_={"held_at": row.excluded.held_at}),
)


@dataclass(frozen=True, slots=True)
class DaySum:
    """One thing that happened to messages of a kind on a day: how often, and what it cost."""

    day: date
    kind: TextKind
    what: str
    number: int
    cost: int


@dataclass(frozen=True, slots=True)
class Days:
    """What happened to the messages of one agency, by its own days."""

    session: Session
    agency: UUID
    zone: tzinfo

    def add(self, now: datetime, kind: TextKind, what: str, number: int = 1, cost: int = 0) -> None:
        """Count something on the agency's day."""
        row = {"agency": self.agency, "day": now.astimezone(self.zone).date(), "kind": kind, "what": what}
        run(self.session, _ADD.on(self.session), row | {"number": number, "cost": cost})

    def since(self, first: date) -> Sequence[DaySum]:
        """Return everything that was counted from this day on."""
        columns = (col(TextDayRow.day), col(TextDayRow.kind), col(TextDayRow.what))
        wanted = columns_of(*columns, col(TextDayRow.number), col(TextDayRow.cost)).where(
            col(TextDayRow.agency) == self.agency, col(TextDayRow.day) >= first
        )
        rows = self.session.connection().execute(wanted.order_by(*columns)).all()
        return [DaySum(day, TextKind(kind), what, number, cost) for day, kind, what, number, cost in rows]

    def sweep(self, now: datetime) -> int:
        """Remove days older than forty; return how many sums went."""
        old = delete(TextDayRow).where(
            col(TextDayRow.agency) == self.agency, col(TextDayRow.day) <= (now - KEPT).astimezone(self.zone).date()
        )
        return self.session.exec(old.execution_options(synchronize_session=False)).rowcount


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that stands: what, and since when."""

    what: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Alarms:
    """The alarms of one agency, or of the portal as a whole."""

    session: Session
    agency: UUID

    def standing(self) -> Sequence[Alarm]:
        """Return what stands, oldest first."""
        wanted = columns_of(col(AlarmRow.what), col(AlarmRow.since)).where(
            col(AlarmRow.agency) == self.agency, col(AlarmRow.ended_at).is_(None)
        )
        rows = self.session.connection().execute(wanted.order_by(col(AlarmRow.since), col(AlarmRow.what)))
        return [Alarm(*row) for row in rows]

    def keep(self, what: str, now: datetime, *, holds: bool) -> bool:
        """Let an alarm stand or end; true for the one caller who shall tell somebody that it stands."""
        if holds:
            return self._begin(what, now)
        over = update(AlarmRow).where(*self._one(what), col(AlarmRow.ended_at).is_(None)).values(ended_at=now)
        self.session.connection().execute(over)
        return False

    def _begin(self, what: str, now: datetime) -> bool:
        row = {"agency": self.agency, "what": what, "since": now, "told_at": now}
        first = insert_into(self.session, AlarmRow).values(row).on_conflict_do_nothing()
        connection = self.session.connection()
        if connection.execute(first.returning(col(AlarmRow.what))).first() is not None:
            return True
        ended = (*self._one(what), col(AlarmRow.ended_at).is_not(None))
        connection.execute(update(AlarmRow).where(*ended).values(since=now, ended_at=None))
        long_ago = col(AlarmRow.told_at) <= now - TOLD_AGAIN
        fresh = (*self._one(what), col(AlarmRow.since) == now, long_ago)
        return connection.execute(update(AlarmRow).where(*fresh).values(told_at=now)).rowcount == 1

    def _one(self, what: str) -> tuple[ColumnElement[bool], ...]:
        return (col(AlarmRow.agency) == self.agency, col(AlarmRow.what) == what)


def hold_till(session: Session, now: datetime) -> None:
    """Let one worker at a time look at what was spent and spend more, over all agencies and processes."""
    run(session, _HOLD.on(session), {"id": 1, "held_at": now})


def standing_everywhere(session: Session) -> Sequence[tuple[UUID, str, datetime]]:
    """Return every alarm that stands: agency, what, since when."""
    wanted = columns_of(col(AlarmRow.agency), col(AlarmRow.what), col(AlarmRow.since))
    rows = session.connection().execute(wanted.where(col(AlarmRow.ended_at).is_(None)).order_by(col(AlarmRow.since)))
    return [(agency, what, since) for agency, what, since in rows]
