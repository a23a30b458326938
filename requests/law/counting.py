"""Counts days, working days, school days and months on one agency's own calendar."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rightsdesk.requests.law.errors import NaiveInstant
from rightsdesk.requests.law.terms import Unit

_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """An agency's days: its IANA zone, the holidays it lists, and when its schools are closed (both days included).

    A school recess belongs in ``closed``, not in ``holidays``: business days run through it, school days do not.
    """

    zone: str
    holidays: frozenset[date] = frozenset()
    closed: tuple[tuple[date, date], ...] = ()

    def day_of(self, instant: datetime) -> date:
        """Return the date on the agency's wall at this instant (R0).

        Raises:
            NaiveInstant: the instant has no zone of its own.
        """
        if instant.tzinfo is None:
            raise NaiveInstant(f"{instant.isoformat()} has no time zone.")
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def is_working(self, day: date) -> bool:
        """Say whether it is Monday to Friday and no listed holiday (R2)."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def is_school_day(self, day: date) -> bool:
        """Say whether school is in session (R2b)."""
        return self.is_working(day) and not any(first <= day <= last for first, last in self.closed)

    def rolled(self, day: date) -> date:
        """Return this day, or the next working day when it is none (R4; Reg. 1182/71 art 3(4))."""
        while not self.is_working(day):
            day += _DAY
        return day

    def after(self, start: date, number: int, unit: Unit) -> date:
        """Return the last day of a period; the start day is not counted (R1 to R3).

        Raises:
            ValueError: ``unit`` is no unit of whole days.
        """
        if unit is Unit.CALENDAR_DAYS:
            return start + timedelta(days=number)
        if unit is Unit.MONTHS:
            return months_after(start, number)
        if unit not in {Unit.BUSINESS_DAYS, Unit.SCHOOL_DAYS}:
            raise ValueError(f"{unit} is not counted in days.")
        counts = self.is_working if unit is Unit.BUSINESS_DAYS else self.is_school_day
        day = start
        while number > 0:
            day += _DAY
            number -= counts(day)
        return day


def months_after(start: date, months: int) -> date:
    """Return the same day number some months later, or that month's last day (R3; CJEU C-171/03).

    31 January plus one month is 28 February, or 29 in a leap year.
    """
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
