"""Runs a file of worked due dates against the rulebook, so that an agency's counsel can check the counting."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rightsdesk.requests.law.clocks import Calendar, Due, Events, Told, due, earliest
from rightsdesk.requests.law.errors import ExamplesUnreadable, LawProblem
from rightsdesk.requests.law.rulebook import Rulebook

_COLUMNS: Final = ("case", "rule_id", "received_at", "agency_tz", "events", "holidays_assumed", "due_date")
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """One worked date: what the file expects and what the rulebook gives, both as ISO dates or instants."""

    case: str
    expected: str
    got: str

    @property
    def ok(self) -> bool:
        """Say whether they are the same."""
        return self.expected == self.got

    def line(self) -> str:
        """Return the line to print, such as ``F01 ok 2027-01-07``."""
        return f"{self.case} ok {self.got}" if self.ok else f"{self.case} FAIL expected {self.expected} got {self.got}"


def check_examples(path: Path, rulebook: Rulebook) -> Iterator[ExampleResult]:
    """Return one result for each row, in the order of the file.

    Raises:
        ExamplesUnreadable: the file or a row cannot be read; the words name the line and the column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, strict=True)
            _need_columns(table.fieldnames or ())
            for row in table:
                yield _result(_Row(table.line_num, row), rulebook)
    except (OSError, UnicodeError) as unreadable:
        raise ExamplesUnreadable(f"{path.name} cannot be read as UTF-8 text.") from unreadable
    except csv.Error as broken:
        raise ExamplesUnreadable(f"{path.name} is not a CSV file: {broken}.") from broken


def _need_columns(names: Sequence[str]) -> None:
    missing = [name for name in _COLUMNS if name not in names]
    if missing:
        raise ExamplesUnreadable(f"Line 1: these columns are missing: {', '.join(missing)}.")


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the file; every refusal names the line and the column."""

    line: int
    cells: Mapping[str | None, str | None]

    def read(self, column: str, turn: Callable[[str], Read]) -> Read:
        text = self.cells.get(column)
        if text is None or None in self.cells:
            raise ExamplesUnreadable(f"Line {self.line}: it has not as many cells as the first line.")
        try:
            return turn(text.strip())
        except (ValueError, LawProblem) as wrong:
            raise ExamplesUnreadable(f"Line {self.line}, column {column}: {text!r} cannot be read. {wrong}") from wrong


def _result(row: _Row, rulebook: Rulebook) -> ExampleResult:
    events, closed = row.read("events", _events)
    zone = row.read("agency_tz", _zone)
    calendar = Calendar(zone.key, row.read("holidays_assumed", _holidays), closed)
    received_at = row.read("received_at", _instant)

    def first(rule_ids: str) -> Due:
        rules = [rulebook.rule(rule_id.strip()) for rule_id in rule_ids.split("+")]
        return earliest(due(rule, received_at, calendar, events, rulebook) for rule in rules)

    found = row.read("rule_id", first)
    expected = row.read("due_date", _expected)
    return ExampleResult(row.read("case", str), _written(expected, zone), _written(found.at or found.on, zone))


def _written(when: date | datetime, zone: ZoneInfo) -> str:
    return when.astimezone(zone).isoformat() if isinstance(when, datetime) else when.isoformat()


def _expected(text: str) -> date | datetime:
    return _instant(text) if "T" in text else date.fromisoformat(text)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("An instant needs its zone, like 2026-11-23T10:00:00-05:00.")
    return instant


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError) as unknown:  # a folder of the database is an OSError
        raise ValueError("It is no time zone, like America/Chicago.") from unknown


def _holidays(text: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(day.strip()) for day in text.split(";") if day.strip())


def _events(text: str) -> tuple[Events, tuple[tuple[date, date], ...]]:
    events = Events()
    closed: list[tuple[date, date]] = []
    for pair in filter(None, (part.strip() for part in text.split(";"))):
        name, given, value = pair.partition("=")
        if name == "closed":
            first, _, last = value.partition("/")
            closed.append((date.fromisoformat(first), date.fromisoformat(last or first)))
        elif given and name in _EVENTS:
            events = _EVENTS[name](events, value)
        else:
            raise ValueError(f"There is no event {name!r}.")
    return events, tuple(closed)


_EVENTS: Final[dict[str, Callable[[Events, str], Events]]] = {
    "identity_requested": lambda events, day: replace(events, identity_requested=date.fromisoformat(day)),
    "identity_received": lambda events, day: replace(events, identity_received=date.fromisoformat(day)),
    "clarification_requested": lambda events, day: replace(events, clarification_requested=date.fromisoformat(day)),
    "clarification_received": lambda events, day: replace(events, clarification_received=date.fromisoformat(day)),
    "extended": lambda events, day: replace(events, extended=(*events.extended, Told(date.fromisoformat(day)))),
    "acknowledged": lambda events, day: replace(events, acknowledged=date.fromisoformat(day)),
    "hold_started": lambda events, day: replace(events, hold_started=date.fromisoformat(day)),
    "hold_lifted": lambda events, day: replace(events, hold_lifted=date.fromisoformat(day)),
    "meeting": lambda events, day: replace(events, meeting=date.fromisoformat(day)),
    "state_lea_rule": lambda events, rule_id: replace(events, state_lea_rule=rule_id),
}
