"""Which records of a package are one person, and whose they are: values in, values out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Place(StrEnum):
    """Where the record stands that speaks for a person on file: nowhere in this package, usable, or unusable."""

    MISSING = "missing"
    GOOD = "good"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class Claimant:
    """One record of the package. ``leads`` is whom it speaks for on file, ``known`` who else it may be."""

    key: str
    line: int
    leads: UUID | None = None
    known: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a group: ``followers`` go under ``leader``, who becomes the person ``joins`` if there is one.

    ``aside`` stay what they were; ``doubtful`` may be several people on file, so they are nobody of them.
    """

    leader: str = ""
    followers: tuple[str, ...] = ()
    joins: UUID | None = None
    aside: tuple[str, ...] = ()
    doubtful: tuple[Claimant, ...] = ()


def grouped(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Return the records that are tied to each other, directly or over others."""
    root: dict[str, str] = {}

    def find(key: str) -> str:
        while root.setdefault(key, key) != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    for one, other in pairs:
        root[find(other)] = find(one)
    found: dict[str, list[str]] = {}
    for key in root:
        found.setdefault(find(key), []).append(key)
    return [tuple(keys) for keys in found.values()]


def judge(group: Sequence[Claimant], places: Mapping[UUID, Place]) -> Verdict:
    """Say whose records these are. Two people on file are never made one: a case, a restriction hangs on each."""
    rows = sorted(group, key=lambda one: (one.leads is None, one.line))
    owners = {one.leads for one in rows if one.leads}
    others = tuple(one for one in rows if one.leads is None)
    if len(owners) > 1:
        return Verdict(doubtful=others)
    if owners:
        sure = [one.key for one in others if one.known <= owners]
        return Verdict(rows[0].key, tuple(sure), doubtful=tuple(one for one in others if one.known - owners))
    return _newcomers(rows, places)


def _newcomers(rows: Sequence[Claimant], places: Mapping[UUID, Place]) -> Verdict:
    known = frozenset[UUID]().union(*(one.known for one in rows))
    followers = tuple(one.key for one in rows[1:])
    if len(known) > 1:
        return Verdict(rows[0].key, followers, doubtful=tuple(rows))
    place = next((places.get(one, Place.MISSING) for one in known), Place.GOOD)
    if place is Place.ASIDE:
        return Verdict(aside=tuple(one.key for one in rows))
    # Where the person's own record is here too and says otherwise, they are two.
    return Verdict(rows[0].key, followers, next(iter(known)) if place is Place.MISSING else None)
