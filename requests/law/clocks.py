"""Says when an answer is due: each law's own date from the events of the case, and the earliest of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from rightsdesk.requests.law.counting import Calendar, months_after
from rightsdesk.requests.law.errors import NoClock
from rightsdesk.requests.law.rows import Rule
from rightsdesk.requests.law.rulebook import Rulebook
from rightsdesk.requests.law.terms import Cap, ExtensionFrom, Pause, Roll, Unit

__all__ = ["PROMPTLY", "Calendar", "Due", "Events", "Told", "due", "earliest"]

# EDPB guidance 01/2022 lets an EU clock stop only for a question asked without undue delay; the days are our reading.
PROMPTLY: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """The day the person was told of an extension, and the law it was taken under; no law means any that has one."""

    on: date
    law: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """What happened since receipt, as days in the agency's zone. A date is counted anew from these each time."""

    identity_requested: date | None = None
    identity_received: date | None = None
    clarification_requested: date | None = None
    clarification_received: date | None = None
    extended: tuple[Told, ...] = ()
    acknowledged: date | None = None
    hold_started: date | None = None
    hold_lifted: date | None = None
    meeting: date | None = None
    state_lea_rule: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """One law's date: the last local day, or the UTC instant for a clock of hours; where it is written.

    ``policy`` is true when the number is the portal's and not the law's; screens must say so.
    """

    rule_id: str
    on: date
    at: datetime | None
    policy: bool
    source: str


def due(rule: Rule, received_at: datetime, calendar: Calendar, events: Events, rulebook: Rulebook) -> Due:
    """Return the last day on which an answer under this rule is in time.

    ``received_at`` is the instant of the rule's trigger. The order is trigger, start shift, count, extension, paused
    days, roll, cap.

    Raises:
        NoClock: the rule has no number and no policy.
        NaiveInstant: ``received_at`` has no time zone.
    """
    number, unit = _limit(rule)
    received = calendar.day_of(received_at)
    if unit is Unit.HOURS:
        at = received_at.astimezone(UTC) + timedelta(hours=number)
        return Due(rule.id, at.astimezone(ZoneInfo(calendar.zone)).date(), at, rule.is_policy, rule.citation)
    clock = _Clock(rule, received, calendar, events)
    on = _capped(rule, clock.last_day(), received_at, calendar, events, rulebook)
    return Due(rule.id, max(on, received), None, rule.is_policy, rule.citation)


def earliest(dues: Iterable[Due]) -> Due:
    """Return the date that comes first (R11); on the same day a law's own number wins over a policy.

    Raises:
        NoClock: there is no date at all.
    """
    known = list(dues)
    if not known:
        raise NoClock("No law and no policy sets a date.")
    return min(known, key=lambda one: (one.on, one.policy))


def _limit(rule: Rule) -> tuple[int, Unit]:
    if rule.has_number:
        return rule.deadline, rule.unit
    if rule.has_clock:
        return rule.policy_deadline, rule.policy_unit
    raise NoClock(f"{rule.id} sets no date, by law or by policy.")


@dataclass(frozen=True, slots=True)
class _Clock:
    """One rule at work on one case."""

    rule: Rule
    received: date
    calendar: Calendar
    events: Events

    def last_day(self) -> date:
        first = self._first_end()
        unextended = self._settled(first)
        extended = self._extended(unextended)
        if extended is None:
            return unextended
        return self._settled(extended)

    def _start(self) -> date:
        # R6: the UK month begins with the identity information, but only if the agency asked for it.
        late = self.events.identity_received if self.events.identity_requested else None
        if self.rule.pause_identity is Pause.STARTS_WHEN_IDENTITY_RECEIVED and late is not None:
            return max(self.received, late)
        return self.received

    def _first_end(self) -> date:
        return self.calendar.after(self._start(), *_limit(self.rule))

    def _settled(self, unrolled: date) -> date:
        # Roll last: a rolled first month must never feed the extension.
        day = unrolled + len(self._paused_days()) * _DAY
        return self.calendar.rolled(day) if self.rule.roll is Roll.NEXT_WORKING_DAY else day

    def _paused_days(self) -> set[date]:
        events = self.events
        asked = (
            (self.rule.pause_identity, events.identity_requested, events.identity_received),
            (self.rule.pause_clarification, events.clarification_requested, events.clarification_received),
        )
        return {day for how, ask, answer in asked if ask and answer for day in self._pause(how, ask, answer)}

    def _pause(self, how: Pause, ask: date, answer: date) -> set[date]:
        if how is Pause.EXCLUDE_DAYS_INCLUSIVE and ask <= self._first_end():  # R7
            return _days(max(ask, self._start()), answer + _DAY)
        prompt = ask - self.received <= PROMPTLY
        if how is Pause.SUSPEND_ELAPSED_IF_ASKED_PROMPTLY and prompt:  # R8
            return _days(max(ask, self.received), answer)
        return set()

    def _extended(self, unextended: date) -> date | None:
        """Return the end of the extension, or nothing when it was told too late to count (R5)."""
        rule, events = self.rule, self.events
        told = [one.on for one in events.extended if one.law in {"", rule.law}]
        match rule.extension_from:
            case ExtensionFrom.ACKNOWLEDGEMENT:
                return self._from_event(events.acknowledged, events.acknowledged, unextended)
            case ExtensionFrom.HOLD_LIFTED:
                return self._from_event(events.hold_lifted, events.hold_started or self.received, unextended)
            case _ if rule.extendable and told and min(told) <= unextended:
                return self._further(unextended)
            case _:
                return None

    def _from_event(self, counted_from: date | None, begun: date | None, unextended: date) -> date | None:
        if counted_from is None or begun is None or begun > unextended:
            return None
        return self.calendar.after(counted_from, self.rule.extension, self.rule.extension_unit)

    def _further(self, unextended: date) -> date:
        rule, start = self.rule, self._start()
        if rule.extension_from is ExtensionFrom.ORIGINAL_DUE:
            return self.calendar.after(unextended, rule.extension, rule.extension_unit)
        from_start = months_after(start, rule.deadline + rule.extension)
        if rule.extension_from is ExtensionFrom.START_OR_FIRST_END:
            return min(from_start, months_after(self._first_end(), rule.extension))
        return from_start


def _days(first: date, end: date) -> set[date]:
    return {first + number * _DAY for number in range(max((end - first).days, 0))}


def _capped(
    rule: Rule, day: date, received_at: datetime, calendar: Calendar, events: Events, rulebook: Rulebook
) -> date:
    received = calendar.day_of(received_at)
    if rule.cap is Cap.DAY_BEFORE_MEETING and events.meeting and events.meeting >= received:
        return min(day, events.meeting - _DAY)
    if rule.cap is Cap.STATE_LEA_DEADLINE and events.state_lea_rule:
        state = rulebook.rule(events.state_lea_rule)
        return min(day, due(state, received_at, calendar, replace(events, state_lea_rule=""), rulebook).on)
    return day
