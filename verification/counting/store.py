"""Every statement that counts wrong answers, for one agency; each count is one UPDATE, so no two can share a try."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Row, and_, bindparam, case, delete, null, or_, true, update
from sqlalchemy import select as columns_of
from sqlmodel import Session, col

from rightsdesk.verification.attempts import Budget, Count, DayEnd
from rightsdesk.verification.columns import UtcDateTime
from rightsdesk.verification.dialects import Upsert, run, upsert
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
        bound = {"touched_at": now, "window_wrong": 0, "day_wrong": 0, "failures": 0}
        one = {"agency": self.agency, "kind": kind, "key": keys[0]}
        held = Count(*run(self.session, _HOLD.on(self.session), bound | one).one())
        return self._gathered(kind, keys) if len(keys) > 1 else held

    def seen(self, kind: Counted, keys: Sequence[str]) -> Count:
        """Return the count as it stands and hold nobody up: for a page that only shows it."""
        return _together(run(self.session, columns_of(*_COUNT).where(*self._one(kind, keys)), {}).all())

    def reserve(self, kind: Counted, keys: Sequence[str], budget: Budget, now: datetime) -> Count | None:
        """Count one answer as wrong before it is looked at; None if the budget leaves none."""
        today, until = now.astimezone(self.zone).date(), now + budget.pause
        moments = {"b_now": now, "b_since": now - budget.window.per, "b_until": until, "b_today": today}
        if len(keys) > 1:  # what stands under the older keys is spent too
            self.hold(kind, keys, now)
        first = {"agency": self.agency, "kind": kind, "key": keys[0], "touched_at": now, **_FIRST}
        first |= {"window_start": now, "day": today, "blocked_until": until if _is_full(budget) else None}
        row = run(self.session, _reserving(budget).on(self.session), first | moments).one_or_none()
        return Count(*row) if row else None

    def give_back(self, kind: Counted, keys: Sequence[str]) -> None:
        """Take one reservation back: the answer was not looked at, or was right."""
        run(self.session, _GIVE_BACK, self._bound(kind, keys))

    def succeed(self, kind: Counted, keys: Sequence[str]) -> None:
        """Take the reservation back after a right answer and forget the failures before it."""
        run(self.session, _SUCCEED, self._bound(kind, keys))

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

    def _gathered(self, kind: Counted, keys: Sequence[str]) -> Count:
        """Add what stands under older keys to the count held under the newest, so that the older keys can retire.

        Both may stand: a code asked for before the keys were renewed is answered under the older key alone.
        """
        whole = (*_COUNT, col(CountRow.window_start))
        older = delete(CountRow).where(*self._one(kind, keys[1:])).returning(*whole)
        rows = run(self.session, columns_of(*whole).where(*self._one(kind, keys[:1])), {}).all()
        if gone := run(self.session, older, {}).all():
            rows = [*rows, *gone]
            start = max((row.window_start for row in rows if row.window_start), default=None)
            self._change(kind, keys[:1], asdict(_together(rows)) | {"window_start": start})
        return _together(rows)

    def _bound(self, kind: Counted, keys: Sequence[str]) -> dict[str, object]:
        return {"b_agency": self.agency, "b_kind": kind, "b_key": keys[0]}

    def _one(self, kind: Counted, keys: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
        return (col(CountRow.agency) == self.agency, col(CountRow.kind) == kind, col(CountRow.key).in_(keys))


_HOLD: Final = upsert(
    CountRow,
    lambda row: row.on_conflict_do_update(
        index_elements=["agency", "kind", "key"], set_={"touched_at": row.excluded.touched_at}
    ).returning(*_COUNT),
)
_MINE: Final = update(CountRow).where(
    col(CountRow.agency) == bindparam("b_agency"),
    col(CountRow.kind) == bindparam("b_kind"),
    col(CountRow.key) == bindparam("b_key"),
)
_FIRST: Final = {"window_wrong": 1, "day_wrong": 1, "failures": 1}
_NOW: Final = bindparam("b_now", type_=UtcDateTime())
_TODAY: Final = bindparam("b_today", type_=Date())
_TAKEN_BACK: Final[dict[str, object]] = {
    "window_wrong": col(CountRow.window_wrong) - 1,
    "day_wrong": col(CountRow.day_wrong) - 1,
    "blocked_until": null(),
}
_GIVE_BACK: Final = _MINE.values(**_TAKEN_BACK, failures=col(CountRow.failures) - 1)
_SUCCEED: Final = _MINE.values(**_TAKEN_BACK, failures=0)


def _together(rows: Sequence[Row[*tuple[Any, ...]]]) -> Count:
    """Return the counts of one value as one; what two windows or days saw is summed, which errs against the guesser."""
    return Count(
        window_wrong=sum(row.window_wrong for row in rows),
        blocked_until=max((row.blocked_until for row in rows if row.blocked_until), default=None),
        day=max((row.day for row in rows if row.day), default=None),
        day_wrong=sum(row.day_wrong for row in rows),
        failures=sum(row.failures for row in rows),
    )


@cache  # there are four budgets, and each check asks twice
def _reserving(budget: Budget) -> Upsert:
    """Return what enters the first answer of a key, or counts one more where the budget leaves one."""
    return upsert(
        CountRow,
        lambda row: row.on_conflict_do_update(
            index_elements=["agency", "kind", "key"], set_=_counted(budget), where=and_(*_left(budget))
        ).returning(*_COUNT),
    )


def _is_full(budget: Budget) -> bool:
    """Say whether a single answer already starts a pause."""
    return budget.window.count <= 1 or (budget.day_end is DayEnd.PAUSE and budget.day <= 1)


def _left(budget: Budget) -> tuple[ColumnElement[bool], ...]:
    day = {
        DayEnd.TOMORROW: or_(col(CountRow.day).is_(None), col(CountRow.day) != _TODAY, _below_day(budget)),
        DayEnd.PAUSE: true(),  # a full day only starts pauses: see below
        DayEnd.STAFF: _below_day(budget),
    }
    unpaused = or_(col(CountRow.blocked_until).is_(None), col(CountRow.blocked_until) <= _NOW)
    return (day[budget.day_end], unpaused, col(CountRow.failures) < budget.total)


def _below_day(budget: Budget) -> ColumnElement[bool]:
    return col(CountRow.day_wrong) < budget.day


def _counted(budget: Budget) -> dict[str, object]:
    since = bindparam("b_since", type_=UtcDateTime())
    fresh = or_(col(CountRow.window_start).is_(None), col(CountRow.window_start) <= since)
    in_window = case((fresh, 1), else_=col(CountRow.window_wrong) + 1)
    on_day = case((col(CountRow.day) == _TODAY, col(CountRow.day_wrong) + 1), else_=1)
    full = in_window >= budget.window.count
    if budget.day_end is DayEnd.PAUSE:
        full = or_(full, on_day >= budget.day)
    return {
        "window_start": case((fresh, _NOW), else_=col(CountRow.window_start)),
        "window_wrong": in_window,
        "blocked_until": case((full, bindparam("b_until", type_=UtcDateTime())), else_=null()),
        "day": _TODAY,
        "day_wrong": on_day,
        "failures": col(CountRow.failures) + 1,
        "touched_at": _NOW,
    }
