"""Says what a letter must hold: the union of what the governing laws demand, each under its own law."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rightsdesk.requests.law.precedence import Governing
from rightsdesk.requests.law.rows import Jurisdiction, Rule
from rightsdesk.requests.law.rulebook import Rulebook
from rightsdesk.requests.law.terms import Unit

__all__ = ["Notice", "Outcome", "notice_codes"]


class Outcome(StrEnum):
    """What a letter tells: the first three are decisions; ``APPROVE`` belongs to the letter that says it is done."""

    APPROVE = "approve"
    DENY = "deny"
    PARTIAL = "partial"
    EXTEND = "extend"
    LATE = "late"
    REFER = "refer"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something this letter must say (``must``) or should say, under which law, and where that is written.

    ``only_if_so`` ones (a fee, an extension, a referral, a retention law) are printed only when it happened.
    """

    law: str
    code: str
    must: bool
    citation: str
    only_if_so: bool = False


def notice_codes(governed: Governing, outcome: Outcome, rulebook: Rulebook) -> tuple[Notice, ...]:
    """Return the notices of a letter, grouped by law, each code once, in the order of print.

    A code that several laws share stands in the first group and is a must if any law makes it one. A refusal always
    gives its reason, also where no law asks for it (34 CFR 99.20(c) does not; several states do).
    """
    found = list(_stated(governed, outcome, rulebook))
    found += _always(governed, outcome, rulebook)
    firsts: dict[str, Notice] = {}
    for notice in found:
        firsts.setdefault(notice.code, notice)
    musts = {notice.code for notice in found if notice.must}
    laws = list(dict.fromkeys(notice.law for notice in found))
    printed = [notice.code for notice in rulebook.notices]
    return tuple(
        Notice(one.law, one.code, one.code in musts, one.citation, rulebook.notice(one.code).only_if_so)
        for one in sorted(firsts.values(), key=lambda one: (laws.index(one.law), printed.index(one.code)))
    )


def _stated(governed: Governing, outcome: Outcome, rulebook: Rulebook) -> Iterator[Notice]:
    for rule in _speaking(governed, outcome):
        law = rulebook.law(rule.law)
        must, should = _lists(rule, law, outcome)
        yield from (Notice(law.short, code, must=True, citation=rule.citation) for code in must)
        yield from (Notice(law.short, code, must=False, citation=rule.citation) for code in should)


def _speaking(governed: Governing, outcome: Outcome) -> tuple[Rule, ...]:
    if outcome is Outcome.LATE:  # a date that is only policy breaks no law
        return governed.rules
    if outcome is Outcome.EXTEND:
        explained = Unit.WRITTEN_EXPLANATION
        return tuple(rule for rule in governed.rules if rule.extendable or rule.extension_unit is explained)
    if governed.discretionary:
        return (*governed.contract, *governed.no_right)
    return (*governed.rules, *governed.contract)


def _lists(rule: Rule, law: Jurisdiction, outcome: Outcome) -> tuple[tuple[str, ...], tuple[str, ...]]:
    match outcome:
        case Outcome.APPROVE:
            return rule.approval_must_state, rule.approval_should_state
        case Outcome.DENY | Outcome.PARTIAL:
            return rule.refusal_must_state, rule.refusal_should_state
        case Outcome.EXTEND:
            return law.extension_must_state, law.extension_should_state
        case Outcome.LATE:
            return law.late_must_state, law.late_should_state
        case Outcome.REFER:
            return law.referral_must_state, law.referral_should_state


_ALWAYS: Final = {
    Outcome.DENY: ("REASON",),
    Outcome.PARTIAL: ("REASON", "PARTIAL_RELEASE"),
    Outcome.EXTEND: ("EXTENSION_REASON",),
    Outcome.REFER: ("REFERRED_TO_AGENCY",),
}


def _always(governed: Governing, outcome: Outcome, rulebook: Rulebook) -> Iterator[Notice]:
    rule = next(iter(_speaking(governed, outcome)), None)
    law, citation = (rulebook.law(rule.law).short, rule.citation) if rule else ("", "")
    return (Notice(law, code, must=True, citation=citation) for code in _ALWAYS.get(outcome, ()))
