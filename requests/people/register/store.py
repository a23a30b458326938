"""Every SQL statement behind the office's page of a person: number, age band, links, endings of numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, exists, literal
from sqlalchemy import select as columns_of
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.ledger.dialects import run
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.authority import Band, band
from rightsdesk.requests.people.errors import NotOnFile
from rightsdesk.requests.people.names import words_of
from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import ContactRow, GuardianshipRow, PersonIndexRow, PersonRow, SourceRecordRow

_IDENTITY = "identity"
_REACHING = ("number", "email")  # purposes of the blind entries that belong to a contact point

_mine, _other = aliased(PersonIndexRow), aliased(PersonIndexRow)
_SHARED: Final = exists().where(
    col(_mine.agency) == bindparam("agency"),
    col(_mine.contact) == col(ContactRow.id),
    col(_mine.purpose).in_([literal(purpose) for purpose in _REACHING]),
    col(_other.agency) == col(_mine.agency),
    col(_other.purpose).in_([literal(purpose) for purpose in _REACHING]),  # without it no index leads to a value
    col(_other.value) == col(_mine.value),
    col(_other.person) != col(_mine.person),
)
_REACHED: Final = (
    columns_of(
        col(ContactRow.id),
        col(ContactRow.person),
        col(ContactRow.channel),
        col(ContactRow.value),
        col(ContactRow.confirmed_at),
        col(ContactRow.replaced_at),
        col(ContactRow.vouched_at),
        col(ContactRow.vouched_by),
        col(ContactRow.vouched_with),
        _SHARED.label("is_shared"),
    )
    .where(col(ContactRow.agency) == bindparam("agency"))
    .where(col(ContactRow.person).in_(bindparam("people", expanding=True)), col(ContactRow.is_usable))
    .order_by(col(ContactRow.added_at).desc(), col(ContactRow.id))
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What heads a person's page. The birth date never leaves; only the band does."""

    person: UUID
    student_number: str
    band: Band
    first_seen: datetime
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tie:
    """One guardianship with where it comes from: ``judged_by`` is the member of staff who confirmed or refused it."""

    guardian: UUID
    student: UUID
    relation: str
    grade: str
    is_active: bool
    judged_by: UUID | None


@dataclass(frozen=True, slots=True)
class Reached:
    """A number or address by its end alone: two digits are enough to recognise it, too few to use it.

    ``vouched_by`` is the member of staff who saw the person last, ``vouched_with`` the kind of paper that was shown.
    """

    id: UUID
    person: UUID
    channel: str
    ending: str
    confirmed_at: datetime | None
    replaced_at: datetime | None
    is_shared: bool
    vouched_at: datetime | None = None
    vouched_by: UUID | None = None
    vouched_with: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """One agency's people as its office reads them."""

    session: Session
    agency: Agency
    vault: AgencyVault

    def entry(self, person: UUID, today: date) -> Entry:
        """Return what heads a person's page.

        Raises:
            NotOnFile: not this agency's, or unknown.
        """
        row = self.session.get(PersonRow, person)
        if row is None or row.agency != self.agency.id:
            raise NotOnFile("Nobody on this agency's record has this id.")
        birth = self._open(row.id, place("people", row.id, "birth_date"), row.birth_date)
        number = self._open(row.id, place("people", row.id, "student_number"), row.student_number)
        years = band(date.fromisoformat(birth) if birth else None, today)
        return Entry(row.id, number, years, row.first_seen, row.gone_at)

    def found(self, typed: str, limit: int = 50) -> Sequence[UUID]:
        """Return the people whose name has all these words, in any spelling of case and accent, or this number."""
        by_number = self._having("student_number", typed.strip())
        sets = [self._having("name", word) for word in words_of(typed)]
        return sorted(by_number | (set.intersection(*sets) if sets else set()))[:limit]

    def mailed(self, address: str) -> frozenset[UUID]:
        """Return the people on whose record this e-mail address stands, in any spelling of case."""
        return frozenset(self._having("email", address.strip().casefold()))

    def sourced(self, sourced_id: str) -> UUID:
        """Return the person whom the roster names by this id.

        Raises:
            NotOnFile: no record of this agency has it, or several sources name different people so.
        """
        keys = self.vault.indexes("source", sourced_id.strip())
        wanted = (
            select(SourceRecordRow.person)
            .join(PersonRow, col(PersonRow.id) == col(SourceRecordRow.person))
            .where(PersonRow.agency == self.agency.id, col(SourceRecordRow.source_key).in_(keys))
        )
        found = self.session.exec(wanted.distinct()).all()
        if len(found) != 1:
            raise NotOnFile("Nobody on this agency's record has this id.")
        return found[0]

    def ties(self, student: UUID) -> Sequence[Tie]:
        """Return every guardianship of a student, oldest first, ended ones too."""
        return self._ties(col(GuardianshipRow.student) == student)

    def children(self, guardian: UUID) -> Sequence[Tie]:
        """Return every guardianship that a guardian has, oldest first, ended ones too."""
        return self._ties(col(GuardianshipRow.guardian) == guardian)

    def reached_at(self, people: Iterable[UUID]) -> Sequence[Reached]:
        """Return the usable numbers and addresses of these people by their end, newest first."""
        rows = run(self.session, _REACHED, {"agency": self.agency.id, "people": tuple(people)}).all()
        return [self._reached(row) for row in rows]

    def _having(self, purpose: str, value: str) -> set[UUID]:
        wanted = select(PersonIndexRow.person).where(
            PersonIndexRow.agency == self.agency.id,
            PersonIndexRow.purpose == purpose,
            col(PersonIndexRow.value).in_(self.vault.indexes(purpose, value)),
        )
        return set(self.session.exec(wanted.distinct()).all())

    def _reached(self, row: Row[*tuple[Any, ...]]) -> Reached:
        where = place("contacts", row.id, "value")
        value = self.vault.kept((where, row.value), lambda: self._open(row.person, where, row.value))
        ending = value[-2:] if row.channel != "mail" else "@" + value.rpartition("@")[2]
        return Reached(
            row.id,
            row.person,
            row.channel,
            ending,
            row.confirmed_at,
            row.replaced_at,
            row.is_shared,
            row.vouched_at,
            row.vouched_by,
            row.vouched_with or "",
        )

    def _ties(self, condition: object) -> Sequence[Tie]:
        wanted = select(GuardianshipRow).where(GuardianshipRow.agency == self.agency.id, condition)  # type: ignore[arg-type]  # a column condition
        rows = self.session.exec(wanted.order_by(col(GuardianshipRow.since), col(GuardianshipRow.id))).all()
        return [
            Tie(row.guardian, row.student, row.relation, row.authority, row.is_active, row.judged_by) for row in rows
        ]

    def _open(self, person: UUID, where: str, sealed: bytes | None) -> str:
        if sealed is None:
            return ""
        try:
            return self.vault.unseal(person, _IDENTITY, where, sealed)
        except KeyGone:  # erased for good: there is nothing left to read
            return ""
