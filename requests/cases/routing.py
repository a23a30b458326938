"""Who answers: the owner of each element is computed, never chosen by the requester (F-21 to F-23)."""

from collections.abc import Iterable
from dataclasses import dataclass

from rightsdesk.requests.agencies.catalogue import CATALOGUE, Correctable, Element, Erasure, Owner, visible
from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.cases.errors import BadFiling


@dataclass(frozen=True, slots=True)
class Wanted:
    """One element a requester names. ``proposed`` is what it should say, for a correction."""

    element: str
    proposed: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """The elements of a request that one owner answers."""

    owner: Owner
    wanted: tuple[Wanted, ...]


def shares(kind: Kind, wanted: Iterable[Wanted], *, own_record: bool) -> tuple[Share, ...]:
    """Return the request split by owner, the agency's share first.

    A request to see covers every element. What a student added is the student's own to delete; asked by a parent it
    is the agency's to decide (F-23).

    Raises:
        BadFiling: nothing is named, an element is unknown, or this kind cannot be asked of it.
    """
    named = tuple(Wanted(one.id) for one in visible()) if kind is Kind.ACCESS else tuple(wanted)
    if not named:
        raise BadFiling("Tick at least one thing.")
    split: dict[Owner, list[Wanted]] = {}
    for one in _once_each(named):
        split.setdefault(_owner(kind, _element(kind, one), own_record=own_record), []).append(one)
    return tuple(Share(owner, tuple(split[owner])) for owner in Owner if owner in split)


def _once_each(named: Iterable[Wanted]) -> tuple[Wanted, ...]:
    seen: dict[str, Wanted] = {}
    for one in named:
        if seen.setdefault(one.element, one).proposed.strip() != one.proposed.strip():
            raise BadFiling("You asked for two different things in one place. Write one of them.")
    return tuple(seen.values())


def _element(kind: Kind, wanted: Wanted) -> Element:
    element = CATALOGUE.get(wanted.element)
    if element is None:
        raise BadFiling("One of the things you ticked is not known here.")
    if kind is Kind.CORRECTION and element.correctable is not Correctable.REVIEWED:
        raise BadFiling("One of the things you ticked cannot be changed on this page.")
    if kind is Kind.CORRECTION and not wanted.proposed.strip():
        raise BadFiling("Write what it should say.")
    if kind is Kind.ERASURE and element.erasure is not Erasure.DELETE:
        raise BadFiling("One of the things you ticked must be kept by law.")
    return element


def _owner(kind: Kind, element: Element, *, own_record: bool) -> Owner:
    if element.owner is Owner.SELF and not (kind is Kind.ERASURE and own_record):
        return Owner.AGENCY
    return element.owner
