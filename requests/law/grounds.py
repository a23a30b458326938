"""Says which coded reasons can refuse a request, and why the others cannot."""

from collections.abc import Collection
from dataclasses import dataclass

from rightsdesk.requests.law.errors import GroundDoesNotFit
from rightsdesk.requests.law.precedence import Governing
from rightsdesk.requests.law.rows import Ground, Rule
from rightsdesk.requests.law.rulebook import Rulebook
from rightsdesk.requests.law.terms import GroundKind


@dataclass(frozen=True, slots=True)
class GroundChoice:
    """A ground as the desk offers it; ``why_not`` is empty when it fits."""

    ground: Ground
    fits: bool
    why_not: str


def ground_choices(governed: Governing, rulebook: Rulebook) -> tuple[GroundChoice, ...]:
    """Return every ground, in the order of the rulebook, with the reason why it cannot be used here."""
    reasons = ((ground, _why_not(ground, governed, rulebook)) for ground in rulebook.grounds)
    return tuple(GroundChoice(ground, not why_not, why_not) for ground, why_not in reasons)


def check_ground(code: str, governed: Governing, rulebook: Rulebook) -> Ground:
    """Return the ground when a refusal may rest on it.

    Raises:
        GroundDoesNotFit: a law that grants this right does not know the ground, or it ends no request.
        UnknownLaw: there is no ground with this code.
    """
    ground = rulebook.ground(code)
    why_not = _why_not(ground, governed, rulebook)
    if why_not:
        raise GroundDoesNotFit(why_not)
    return ground


def shown(code: str, rulebook: Rulebook) -> Ground:
    """Return the ground a family is told: an order on file always reads as NO_AUTHORITY.

    Raises:
        UnknownLaw: there is no ground with this code.
    """
    return rulebook.shown(code)


def _why_not(ground: Ground, governed: Governing, rulebook: Rulebook) -> str:
    match ground.kind:
        case GroundKind.STANDING | GroundKind.FACT:
            return ""
        case GroundKind.ROUTING:
            return "This passes the request on or makes it wait. It does not end it."
        case GroundKind.NO_RIGHT:
            return _names("These laws give this right: ", governed.rules, rulebook)
        case GroundKind.LAW:
            return _not_in_law(ground.code, governed, rulebook)


def _not_in_law(code: str, governed: Governing, rulebook: Rulebook) -> str:
    if not governed.discretionary:
        strangers = [rule for rule in governed.rules if code not in rule.refusal_grounds]
        return _names("These laws do not know this ground: ", strangers, rulebook)
    # No law gives the right to this person: one law that speaks of it is enough.
    known = any(code in rule.refusal_grounds for rule in (*governed.no_right, *governed.of_others))
    return "" if known else "No law here knows this ground."


def _names(lead: str, rules: Collection[Rule], rulebook: Rulebook) -> str:
    if not rules:
        return ""
    return f"{lead}{', '.join(rulebook.law(rule.law).short for rule in rules)}."
