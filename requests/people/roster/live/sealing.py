"""From a staged row to the columns of the record: every personal value under its owner's own key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from rightsdesk.requests.ledger.bulk import Values
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.names import words_of
from rightsdesk.requests.people.roster.live.overlays import Overlays
from rightsdesk.requests.people.roster.staging.kept import NOT_SAID, Kept

IDENTITY: Final = "identity"
SEALED: Final = ("given", "family", "preferred_given", "preferred_family", "student_number", "email", "username")
BIRTH: Final = "birth_date"
SOURCED_ID: Final = "sourced_id"  # lies beside the record of the source, not in the person's own row


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody on record or about to be, and what the roster says of them."""

    person: UUID
    kept: Kept
    was_student: bool = False


def corrected(one: Known, over: Overlays) -> Known:
    """Return what will be stored: the roster's word, and over it what the agency corrected."""
    if one.person not in over.standing:
        return one

    def over_it(field: str, said: str) -> str:
        return over.over(one.person, field, said)

    kept = one.kept
    return replace(
        one,
        kept=kept._replace(
            given=over_it("given", kept.given),
            family=over_it("family", kept.family),
            # Names are shown by the preferred one first: the roster's would hide the one that was corrected.
            preferred_given=over_it("preferred_given", kept.preferred_given),
            preferred_family=over_it("preferred_family", kept.preferred_family),
            student_number=over_it("student_number", kept.student_number),
            email=over_it("email", kept.email),
            username=over_it("username", kept.username),
            grade=over_it("grade", kept.grade),
        ),
    )


def sealed_values(vault: AgencyVault, people: Sequence[Known], *names: str) -> list[list[bytes | None]]:
    """Return these values of each person sealed, in the order of the names; None where nothing is said."""
    said = [[_value(one.kept, name) for name in names] for one in people]
    rows = [(one.person, _places(one.person, names, values)) for one, values in zip(people, said, strict=True)]
    sealed = (value for each in vault.seal_each(IDENTITY, rows) for value in each)
    return [[next(sealed) if value else None for value in values] for values in said]


def is_student(one: Known) -> bool:
    """Say whether this is a student: a lost row about their roles must not make a student into something else."""
    return one.kept.is_student or (one.kept.is_incomplete and one.was_student)


def index_rows(vault: AgencyVault, people: Sequence[Known]) -> Values:
    """Return the blind entries by which people are found, as purpose, value and person.

    They are the words of the name, the student number and the sign-in name.
    """
    entries: dict[str, list[tuple[UUID, str]]] = {"name": [], "student_number": [], "username": []}
    for one in people:
        for purpose, value in _entries(one.kept):
            entries[purpose].append((one.person, value))
    keyed = {purpose: vault.index_many(purpose, (value for _, value in found)) for purpose, found in entries.items()}
    return [(purpose, keyed[purpose][value], person) for purpose, found in entries.items() for person, value in found]


def _entries(kept: Kept) -> Iterator[tuple[str, str]]:
    for word in words_of(f"{kept.given} {kept.family} {kept.preferred_given} {kept.preferred_family}"):
        yield "name", word
    if kept.student_number:
        yield "student_number", kept.student_number
    if kept.username:
        yield "username", kept.username.casefold()


def _places(person: UUID, names: Sequence[str], values: Sequence[str]) -> list[tuple[str, str]]:
    mine, record = f"people:{person}:", f"roster_records:{person}:"
    return [
        ((record if name == SOURCED_ID else mine) + name, value)
        for name, value in zip(names, values, strict=True)
        if value
    ]


def _value(kept: Kept, name: str) -> str:
    if name == BIRTH:
        return "" if kept.born == NOT_SAID else kept.born
    value: str = getattr(kept, name)
    return value
