"""Does a phone number, once proven, prove a person?

Numbers are given to other people: of 259 numbers on offer, 171 still opened a former owner's accounts
(Princeton, 2021).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

CONFIRMED_FOR: Final = timedelta(days=180)
COOL_DOWN: Final = timedelta(days=7)
STUDENT: Final = "student"
RESTRICTED: Final = "restricted"
_ALONE: Final = frozenset({STUDENT, RESTRICTED})


@dataclass(frozen=True, slots=True)
class Holder:
    """One person's contact point with the number that was asked for.

    ``may_text`` is false under 13, at unknown age, and where the agency's record forbids it. ``standing`` names in
    whose right the person would act ("parent", "student", "restricted", …).
    """

    person: UUID
    contact: UUID
    may_text: bool
    confirmed_at: datetime | None
    replaced_at: datetime | None
    standing: str


class Sufficiency(StrEnum):
    """What a proven number is worth."""

    NOBODY = "nobody"
    ONE = "one"
    WHO = "who"
    SECOND_PROOF = "second_proof"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the number is worth, and whom it may stand for (in a stable order).

    ``people`` of a second proof are those whom a student number can show; with none, no number opens anything.
    """

    sufficiency: Sufficiency
    people: tuple[UUID, ...] = ()


def reachable(holders: Sequence[Holder]) -> tuple[Holder, ...]:
    """Return the holders who may be texted, in a stable order."""
    return tuple(sorted((one for one in holders if one.may_text), key=lambda one: (one.person.int, one.contact.int)))


def judge_number(holders: Sequence[Holder], now: datetime) -> Verdict:
    """Say whom a proven number stands for, or what else must be shown (NIST SP 800-63B-4 section 3.1.3.3)."""
    able = reachable(holders)
    people = tuple(dict.fromkeys(one.person for one in able))
    if not people:
        return Verdict(Sufficiency.NOBODY)
    if _is_between_unequals(holders):
        return Verdict(Sufficiency.SECOND_PROOF, _own_numbers(able, {one.standing for one in holders}))
    if any(_doubtful(one, now) for one in able):
        return Verdict(Sufficiency.SECOND_PROOF, people)
    return Verdict(Sufficiency.ONE if len(people) == 1 else Sufficiency.WHO, people)


def is_kept_back(holders: Sequence[Holder], person: UUID) -> bool:
    """Say whether somebody else has the number whom an order keeps away: then nothing that rests on it opens anything.

    Whoever holds the phone may be that somebody, with this person's password or passkey.
    """
    return any(one.person != person and one.standing == RESTRICTED for one in holders)


def _is_between_unequals(holders: Sequence[Holder]) -> bool:
    # Everybody on the number counts here, textable or not: a restricted guardian holds the same phone. Only guardians
    # without any order are equals: each student has a record of their own, and each order is about other children.
    standings = {one.standing for one in holders}
    return len({one.person for one in holders}) > 1 and (len(standings) > 1 or not standings.isdisjoint(_ALONE))


def _own_numbers(able: Sequence[Holder], standings: set[str]) -> tuple[UUID, ...]:
    # A child knows the child's number, and so does a guardian whom an order keeps away: among people of different
    # standing it shows the student alone, and where one of them is restricted nobody.
    if RESTRICTED in standings:
        return ()
    return tuple(dict.fromkeys(one.person for one in able if one.standing == STUDENT))


def _doubtful(holder: Holder, now: datetime) -> bool:
    stale = holder.confirmed_at is None or now - holder.confirmed_at > CONFIRMED_FOR
    fresh = holder.replaced_at is not None and now - holder.replaced_at < COOL_DOWN
    return stale or fresh
