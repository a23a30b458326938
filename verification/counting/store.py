"""Every statement that counts wrong answers, for one agency; each count is one UPDATE, so no two can share a try."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, case, delete, literal, null, or_, true, update
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, select

from rightsdesk.verification.attempts import Budget, Count, DayEnd
from rightsdesk.verification.columns import UtcDateTime
from rightsdesk.verification.dialects import insert_into
from rightsdesk.verification.tables import Counted, CountRow

_KEPT: Final = timedelta(hours=48)  # a calendar day of any zone is over by then
_COUNT: Final = (
    col(CountRow.window_wrong),
    col(CountRow.blocked_until),
    col(CountRow.day),
    col(CountRow.day_wrong),
    col(CountRow.failures),
)


@dataclass(frozen=True, slots=True)
class Counts:
    """The wrong answers counted at one agency; ``zone`` is the agency's, it says when a day is over.

    ``keys`` are the blind indexes of one value under every live key, newest first: rotation hands out no new tries.
    """

    session: Session
    agency: UUID
    zone: tzinfo

    def hold(self, kind: Counted, keys: Sequence[str], now: datetime) -> Count:
        """Return the count, and keep others waiting for it until this transaction ends."""
        known = select(CountRow.key).where(*self._one(kind, keys))
        key = self.session.exec(known).first() or keys[0]
        if key != keys[0]:  # counted under an older key: the count moves on, so that the older key can retire
            self._change(kind, (key,), {"key": keys[0]})
            key = keys[0]
        wanted = (
            insert_into(self.session, CountRow)
            .values(agency=self.agency, kind=kind, key=key, touched_at=now, window_wrong=0, day_wrong=0, failures=0)
            .on_conflict_do_update(index_elements=["agency", "kind", "key"], set_={"touched_at": now})
            .returning(*_COUNT)
        )
        return Count(*self.session.connection().execute(wanted).one())

    def seen(self, kind: Counted, keys: Sequence[str]) -> Count:
        """Return the count as it stands and hold nobody up: for a page that only shows it."""
        row = self.session.connection().execute(columns_of(*_COUNT).where(*self._one(kind, keys))).first()
        return Count(*row) if row else Count()

    def reserve(self, kind: Counted, keys: Sequence[str], budget: Budget, now: datetime) -> Count | None:
        """Count one answer as wrong before it is looked at; None if the budget leaves none."""
        self.hold(kind, keys, now)
        today = now.astimezone(self.zone).date()
        wanted = (
            update(CountRow)
            .where(*self._one(kind, keys), *_left(budget, now, today))
            .values(**_counted(budget, now, today))
            .returning(*_COUNT)
            .execution_options(synchronize_session=False)
        )
        row = self.session.exec(wanted).one_or_none()
        return Count(*row) if row else None

    def give_back(self, kind: Counted, keys: Sequence[str]) -> None:
        """Take one reservation back: the answer was not looked at, or was right."""
        self._change(kind, keys, _taken_back())

    def succeed(self, kind: Counted, keys: Sequence[str]) -> None:
        """Take the reservation back after a right answer and forget the failures before it."""
        self._change(kind, keys, _taken_back() | {"failures": literal(0)})

    def unlock(self, kind: Counted, keys: Sequence[str]) -> None:
        """Forget every count: staff vouched, or the owner proved themselves in another way."""
        nothing = {"failures": 0, "day_wrong": 0, "window_wrong": 0, "blocked_until": None, "window_start": None}
        self._change(kind, keys, nothing)

    def sweep(self, now: datetime) -> int:
        """Remove counts without open failures that nobody touched for 48 hours; return how many."""
        idle = (col(CountRow.agency) == self.agency, col(CountRow.touched_at) <= now - _KEPT)
        over = or_(col(CountRow.failures) == 0, col(CountRow.kind) == Counted.ADDRESS)
        gone = delete(CountRow).where(*idle, over)
        return self.session.exec(gone.execution_options(synchronize_session=False)).rowcount

    def _change(self, kind: Counted, keys: Sequence[str], values: Mapping[str, object]) -> None:
        wanted = update(CountRow).where(*self._one(kind, keys)).values(**values)
        self.session.exec(wanted.execution_options(synchronize_session=False))

    def _one(self, kind: Counted, keys: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
        return (col(CountRow.agency) == self.agency, col(CountRow.kind) == kind, col(CountRow.key).in_(keys))


def _left(budget: Budget, now: datetime, today: date) -> tuple[ColumnElement[bool], ...]:
    day = {
        DayEnd.TOMORROW: or_(col(CountRow.day).is_(None), col(CountRow.day) != today, _below_day(budget)),
        DayEnd.PAUSE: true(),  # a full day only starts pauses: see below
        DayEnd.STAFF: _below_day(budget),
    }
    unpaused = or_(col(CountRow.blocked_until).is_(None), col(CountRow.blocked_until) <= now)
    return (day[budget.day_end], unpaused, col(CountRow.failures) < budget.total)


def _below_day(budget: Budget) -> ColumnElement[bool]:
    return col(CountRow.day_wrong) < budget.day


def _counted(budget: Budget, now: datetime, today: date) -> dict[str, object]:
    fresh = or_(col(CountRow.window_start).is_(None), col(CountRow.window_start) <= now - budget.window.per)
    in_window = case((fresh, 1), else_=col(CountRow.window_wrong) + 1)
    on_day = case((col(CountRow.day) == today, col(CountRow.day_wrong) + 1), else_=1)
    full = in_window >= budget.window.count
    if budget.day_end is DayEnd.PAUSE:
        full = or_(full, on_day >= budget.day)
    at = literal(now, UtcDateTime())
    return {
        "window_start": case((fresh, at), else_=col(CountRow.window_start)),
        "window_wrong": in_window,
        "blocked_until": case((full, literal(now + budget.pause, UtcDateTime())), else_=null()),
        "day": literal(today),
        "day_wrong": on_day,
        "failures": col(CountRow.failures) + 1,
        "touched_at": at,
    }


def _taken_back() -> dict[str, object]:
    return {
        "window_wrong": col(CountRow.window_wrong) - 1,
        "day_wrong": col(CountRow.day_wrong) - 1,
        "failures": col(CountRow.failures) - 1,
        "blocked_until": null(),
    }
