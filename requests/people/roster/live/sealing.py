"""From a staged row to the columns of the record: every personal value under its owner's own key."""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from rightsdesk.requests.ledger.vault import AgencyVault, Clear
from rightsdesk.requests.people.names import words_of
from rightsdesk.requests.people.roster.live.overlays import Overlays
from rightsdesk.requests.people.roster.staging.kept import NOT_SAID, Kept
from rightsdesk.requests.people.roster.staging.store import Columns
from rightsdesk.requests.people.store import place

IDENTITY: Final = "identity"
_SEALED: Final = (
    "given",
    "family",
    "preferred_given",
    "preferred_family",
    "student_number",
    "email",
    "username",
)


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


def clear_values(one: Known, *columns: str) -> list[Clear]:
    """Return the personal values of a person that are not empty, each for its own place."""
    return [
        Clear(one.person, IDENTITY, place("people", one.person, name), value)
        for name in columns or _SEALED
        if (value := _value(one.kept, name))
    ]


def sealed_columns(vault: AgencyVault, people: list[Known], *, with_birth: bool) -> list[Columns]:
    """Return the sealed columns of each person in their order, None where nothing is said."""
    names = (*_SEALED, "birth_date") if with_birth else _SEALED
    sealed = iter(vault.seal_many(value for one in people for value in clear_values(one, *names)))
    return [{name: next(sealed) if _value(one.kept, name) else None for name in names} for one in people]


def plain_columns(one: Known) -> Columns:
    """Return the columns that are not sealed."""
    # A lost row about their roles must not make a student into something else.
    is_student = one.kept.is_student or (one.kept.is_incomplete and one.was_student)
    return {"is_student": is_student, "is_enabled": one.kept.is_enabled, "is_active": True, "grade": one.kept.grade}


def index_rows(vault: AgencyVault, agency: UUID, one: Known) -> list[Columns]:
    """Return the blind entries by which a person is found: words of the name, student number, sign-in name."""
    kept = one.kept
    names = f"{kept.given} {kept.family} {kept.preferred_given} {kept.preferred_family}"
    entries = [("name", word) for word in words_of(names)]
    if kept.student_number:
        entries.append(("student_number", kept.student_number))
    if kept.username:
        entries.append(("username", kept.username.casefold()))
    return [
        {
            "agency": agency,
            "purpose": purpose,
            "value": vault.index(purpose, value),
            "person": one.person,
            "contact": None,
        }
        for purpose, value in entries
    ]


def _value(kept: Kept, column: str) -> str:
    if column == "birth_date":
        return "" if kept.born == NOT_SAID else kept.born
    value: str = getattr(kept, column)
    return value
