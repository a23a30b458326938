"""Says which laws govern a request, which dates and grounds follow, and what its letter must hold."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rightsdesk.requests.law.clocks import Calendar, Due, Events, due
from rightsdesk.requests.law.rows import Rule
from rightsdesk.requests.law.rulebook import Rulebook
from rightsdesk.requests.law.terms import (
    ALWAYS_TAKEN,
    OUTSIDE_THE_PORTAL,
    STARTED_BY_THE_PERSON,
    TAKEN_WHERE_GRANTED,
    Reach,
    RequesterKind,
    Right,
    Unit,
)

__all__ = ["DISCRETION", "Governing", "due_dates", "governing", "reaching", "rights_taken"]

DISCRETION: Final = "agency.discretion"
_DISCRETION_DAYS: Final = 45


@dataclass(frozen=True, slots=True)
class Governing:
    """What the agency's laws say about one right for one person.

    ``rules`` give the right to this person. ``contract`` binds the operator to the agency: it adds a date and notices,
    never a ground. ``no_right`` says in so many words that nobody has it. ``of_others`` gives it to other people
    than this one, so it is the agency's discretion to help.
    """

    right: Right
    rules: tuple[Rule, ...]
    contract: tuple[Rule, ...] = ()
    no_right: tuple[Rule, ...] = ()
    of_others: tuple[Rule, ...] = ()

    @property
    def laws(self) -> tuple[str, ...]:
        """Return the codes of the laws that give the right, in the agency's order."""
        return tuple(rule.law for rule in self.rules)

    @property
    def discretionary(self) -> bool:
        """Say whether no law gives the right, so that the agency may choose to act or not."""
        return not self.rules


def governing(
    rulebook: Rulebook, laws: Sequence[str], right: Right, requester_kind: RequesterKind | Collection[RequesterKind]
) -> Governing:
    """Return which rules of the agency's laws bear on this right for this person.

    Args:
        rulebook: the law.
        laws: codes of the laws that reach this agency and this kind of data.
        right: what is asked.
        requester_kind: what the person is in the words of the laws; one person may be several kinds at once.

    Raises:
        UnknownLaw: a code in ``laws`` is not in the rulebook.
    """
    kinds = {requester_kind} if isinstance(requester_kind, RequesterKind) else set(requester_kind)
    rules = [rule for code in laws for rule in rulebook.law(code).rules if rule.right is right]
    decided = [rule for rule in rules if rule.decider not in OUTSIDE_THE_PORTAL]
    giving = [rule for rule in decided if rule.unit is not Unit.NO_RIGHT and not rule.binds_operator_only]
    return Governing(
        right,
        rules=tuple(rule for rule in giving if kinds.intersection(rule.requesters)),
        contract=tuple(rule for rule in decided if rule.binds_operator_only),
        no_right=tuple(rule for rule in decided if rule.unit is Unit.NO_RIGHT),
        of_others=tuple(rule for rule in giving if not kinds.intersection(rule.requesters)),
    )


def reaching(rulebook: Rulebook, laws: Sequence[str], data: Collection[Reach]) -> tuple[str, ...]:
    """Return those of the agency's laws that reach an element of this kind, in the agency's order.

    A directory entry of a student of 15 is ``{EDUCATION_RECORD, HELD_BY_OPERATOR}``: a law about surveys gives no
    right to it, and must not take a ground away from the laws that do.

    Raises:
        UnknownLaw: a code in ``laws`` is not in the rulebook.
    """
    return tuple(code for code in laws if rulebook.law(code).reaches in {Reach.ANY, *data})


def due_dates(
    governed: Governing,
    received_at: datetime,
    calendar: Calendar,
    events: Events,
    rulebook: Rulebook,
    agency_days: int = _DISCRETION_DAYS,
) -> tuple[Due, ...]:
    """Return every law's own date for a request, soonest first; the first one is the case's due date.

    Governing and contract rows come with their dates. Where no governing law sets one, the policy date of the rows
    that deny the right is added, or the agency's own, at most 45 calendar days, labelled policy. An agency may shorten
    a policy, never lengthen it.

    Raises:
        NaiveInstant: ``received_at`` has no time zone.
    """

    def dates(rules: Iterable[Rule]) -> list[Due]:
        timed = (rule for rule in rules if rule.has_clock and rule.starts in STARTED_BY_THE_PERSON)
        return [due(rule, received_at, calendar, events, rulebook) for rule in timed]

    by_law = dates(governed.rules)
    fallback: list[Due] = []
    if not by_law:
        fallback = dates(governed.no_right) or [_discretion(received_at, calendar, _DISCRETION_DAYS)]
    if agency_days < _DISCRETION_DAYS:
        fallback.append(_discretion(received_at, calendar, agency_days))
    every = [*by_law, *dates(governed.contract), *fallback]
    return tuple(sorted(every, key=lambda one: (one.on, one.policy)))


def rights_taken(
    rulebook: Rulebook, laws: Sequence[str], requester_kind: RequesterKind | Collection[RequesterKind]
) -> tuple[Right, ...]:
    """Return what the form offers: access, correction and erasure always, other rights where a law grants them.

    Raises:
        UnknownLaw: a code in ``laws`` is not in the rulebook.
    """
    granted = [right for right in TAKEN_WHERE_GRANTED if governing(rulebook, laws, right, requester_kind).rules]
    return (*ALWAYS_TAKEN, *granted)


def _discretion(received_at: datetime, calendar: Calendar, days: int) -> Due:
    on = calendar.after(calendar.day_of(received_at), days, Unit.CALENDAR_DAYS)
    return Due(DISCRETION, on, None, policy=True, source="The agency's own policy; no law sets a date.")
