"""The rulebook and the agencies' calendars that the tests of the law share."""

from datetime import UTC, date, datetime
from typing import Final

from rightsdesk.requests.law.clocks import Calendar
from rightsdesk.requests.law.rulebook import Rulebook, load

BOOK: Final[Rulebook] = load()
NEW_YORK: Final = Calendar("America/New_York")
CHICAGO: Final = Calendar("America/Chicago")
LOS_ANGELES: Final = Calendar("America/Los_Angeles")
BERLIN: Final = Calendar("Europe/Berlin")
LONDON: Final = Calendar("Europe/London")


def noon(year: int, month: int, day: int) -> datetime:
    """Return noon UTC, which is the same day in every zone the tests use."""
    return datetime(year, month, day, 12, tzinfo=UTC)


def day(text: str) -> date:
    """Return the date that ISO text names."""
    return date.fromisoformat(text)
