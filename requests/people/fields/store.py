"""Every SQL statement that reads, corrects or erases single fields of a person's record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, delete, select, update

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.catalogue import WHOLE_ACCOUNT
from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.ledger.dialects import run
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.ledger.vault import AgencyVault, Sealed
from rightsdesk.requests.people.errors import NotOnFile
from rightsdesk.requests.people.names import words_of
from rightsdesk.requests.people.roster.staging.store import ASIDE, ERASED, withhold
from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import (
    AffiliationRow,
    ContactRow,
    GuardianshipRow,
    OverlayRow,
    PersonIndexRow,
    PersonRow,
    SourceRecordRow,
    TombstoneRow,
)

_IDENTITY: Final = "identity"
COLUMNS: Final = {
    "name.given": "given",
    "name.family": "family",
    "email": "email",
    "username": "username",
    "student_number": "student_number",
}
CHANNELS: Final = {"mobile": "text", "email": "mail"}
_PURPOSES: Final = {"mobile": "number", "email": "email", "username": "username"}
# A number is erased wherever it stands: rosters often repeat a child's mobile as the number to call.
_ERASED_CHANNELS: Final = {"mobile": ("text", "voice"), "email": ("mail",)}
_EVERY_CHANNEL: Final = ("text", "voice", "mail")
_NAMES: Final = ("given", "family", "preferred_given", "preferred_family")
_PERSONAL: Final = (*_NAMES, "email", "username", "student_number", "birth_date")
_HELD: Final = columns_of(
    col(PersonRow.id),
    col(PersonRow.grade),
    col(PersonRow.school),
    *(col(getattr(PersonRow, name)) for name in COLUMNS.values()),
).where(col(PersonRow.id) == bindparam("person"), col(PersonRow.agency) == bindparam("agency"))


@dataclass(frozen=True, slots=True)
class Fields:
    """The records of one agency's people, field by field."""

    session: Session
    agency: Agency
    vault: AgencyVault

    def read(self, person: UUID, element: str) -> str:
        """Return the live value of an element as text, empty when nothing is held.

        Raises:
            NotOnFile: not this agency's, or unknown.
        """
        return self.values(person, (element,))[element]

    def values(self, person: UUID, elements: Iterable[str]) -> dict[str, str]:
        """Return the live values of elements, in their order, with one look at the person's row.

        Raises:
            NotOnFile: not this agency's, or unknown.
        """
        row = run(self.session, _HELD, {"person": person, "agency": self.agency.id}).one_or_none()
        if row is None:
            raise NotOnFile("Nobody on this agency's record has this id.")
        return {element: self._value(row, element) for element in elements}

    def school_name(self, school: UUID | None) -> str:
        """Return the name of a school of this agency, or nothing."""
        row = self.session.get(SchoolRow, school) if school else None
        return row.name if row is not None and row.agency == self.agency.id else ""

    def school_named(self, name: str) -> UUID | None:
        """Return the one school of this agency with this name in any case; nothing when there is none, or more."""
        schools = select(SchoolRow.id, SchoolRow.name).where(
            SchoolRow.agency == self.agency.id, SchoolRow.kind == "school", col(SchoolRow.is_active)
        )
        wanted = name.strip().casefold()
        found = [key for key, known in self.session.exec(schools).all() if known.casefold() == wanted]
        return found[0] if len(found) == 1 else None

    def write_name(self, person: UUID, element: str, value: str) -> None:
        """Write a sealed field of the record and its entries in the blind index."""
        row = self._row(person)
        column = COLUMNS[element]
        setattr(row, column, self.vault.seal(person, _IDENTITY, place("people", person, column), value))
        # A preferred name of the source would hide the corrected one wherever names are shown.
        if element in {"name.given", "name.family"}:
            setattr(row, f"preferred_{column}", None)
            self._index_names(row)
        self.session.add(row)

    def write_grade(self, person: UUID, grade: str) -> None:
        """Write the grade level."""
        row = self._row(person)
        row.grade = grade
        self.session.add(row)

    def write_school(self, person: UUID, school: UUID) -> None:
        """Move a student to another school of the agency."""
        row = self._row(person)
        was, row.school = row.school, school
        self.session.add(row)
        self.session.exec(
            delete(AffiliationRow).where(col(AffiliationRow.person) == person, col(AffiliationRow.school) == was)
        )
        if self.session.get(AffiliationRow, (person, school, "student")) is None:
            self.session.add(AffiliationRow(person=person, school=school, role="student", is_primary=True))

    def write_contact(self, person: UUID, element: str, value: str, now: datetime, contact: UUID) -> None:
        """Replace a number or address; ``contact`` is the id of the new point. A new number starts its cool-down."""
        channel = CHANNELS[element]
        self._drop_contacts(person, channel)
        sealed = self.vault.seal(person, _IDENTITY, place("contacts", contact, "value"), value)
        self.session.add(
            ContactRow(
                id=contact,
                agency=self.agency.id,
                person=person,
                channel=channel,
                value=sealed,
                replaced_at=now,
                added_at=now,
            )
        )
        purpose = _PURPOSES[element]
        self._enter(person, purpose, (value if purpose == "number" else value.casefold(),), contact)

    def lay_over(self, overlay: UUID, person: UUID, element: str, value: str, reference: str, now: datetime) -> None:
        """Keep an accepted correction over the roster until the source says the same."""
        self.session.exec(
            delete(OverlayRow).where(col(OverlayRow.person) == person, col(OverlayRow.element) == element)
        )
        self.session.add(
            OverlayRow(
                id=overlay,
                agency=self.agency.id,
                person=person,
                element=element,
                value=self.vault.seal(person, _IDENTITY, place("overlays", overlay, "value"), value),
                case_reference=reference,
                made_at=now,
            )
        )
        self.session.flush()

    def erase(self, person: UUID, element: str, now: datetime) -> int:
        """Remove one field for good, with a keyed tombstone so that no import brings it back; return what went."""
        row = self._row(person)
        gone = self.count(person, element)
        if element in COLUMNS:
            setattr(row, COLUMNS[element], None)
            self.session.add(row)
        for channel in _ERASED_CHANNELS.get(element, ()):
            self._drop_contacts(person, channel)
        if element in _PURPOSES:
            self._drop_index(person, _PURPOSES[element])
        self.session.exec(
            delete(OverlayRow).where(col(OverlayRow.person) == person, col(OverlayRow.element) == element)
        )
        self._bury(person, element, now)
        return gone

    def count(self, person: UUID, element: str) -> int:
        """Return how many records ``erase`` would remove: an address in two places is two."""
        column = COLUMNS.get(element, "")
        in_row = int(bool(column) and getattr(self._row(person), column) is not None)
        return in_row + sum(len(self._points(person, channel)) for channel in _ERASED_CHANNELS.get(element, ()))

    def erase_person(self, person: UUID, now: datetime) -> int:
        """Remove everything that names a person; the id stays for the ledger. The key goes after the commit."""
        row = self._row(person)
        gone = self.count_person(person)
        for column in _PERSONAL:
            setattr(row, column, None)
        row.grade, row.language, row.school, row.is_active, row.is_enabled = "", "", None, False, False
        row.erased_at = row.erased_at or now
        self.session.add(row)
        for channel in _EVERY_CHANNEL:
            self._drop_contacts(person, channel)
        self._drop_index(person)
        for table in (OverlayRow, AffiliationRow):
            self.session.exec(delete(table).where(col(table.person) == person))
        self.session.exec(
            update(GuardianshipRow)
            .where((col(GuardianshipRow.student) == person) | (col(GuardianshipRow.guardian) == person))
            .where(col(GuardianshipRow.is_active))
            .values(is_active=False, ended_at=now)
        )
        self._bury(person, WHOLE_ACCOUNT, now)
        return gone

    def count_person(self, person: UUID) -> int:
        """Return how many records ``erase_person`` would remove: fields that are filled, numbers and addresses."""
        row = self._row(person)
        filled = sum(getattr(row, column) is not None for column in _PERSONAL)
        return filled + sum(len(self._points(person, channel)) for channel in _EVERY_CHANNEL)

    def source_keys(self, person: UUID) -> Sequence[str]:
        """Return the keyed names under which rosters speak of a person: what a tombstone is made of."""
        wanted = select(SourceRecordRow.source_key).where(SourceRecordRow.person == person)
        return self.session.exec(wanted.order_by(col(SourceRecordRow.source_key))).all()

    def bury(self, key: str, element: str, now: datetime) -> None:
        """Set a tombstone: no import brings this element of this record back. Twice is once."""
        self.session.exec(
            delete(TombstoneRow)
            .where(col(TombstoneRow.agency) == self.agency.id, col(TombstoneRow.source_key) == key)
            .where(col(TombstoneRow.element) == element)
        )
        self.session.add(TombstoneRow(agency=self.agency.id, source_key=key, element=element, erased_at=now))
        self.session.flush()

    def forget(self, person: UUID) -> None:
        """Destroy the key under which a person's names and numbers were sealed."""
        self.vault.destroy(person, _IDENTITY)

    def _row(self, person: UUID) -> PersonRow:
        row = self.session.get(PersonRow, person)
        if row is None or row.agency != self.agency.id:
            raise NotOnFile("Nobody on this agency's record has this id.")
        return row

    def _value(self, row: Row[*tuple[Any, ...]], element: str) -> str:
        if element in COLUMNS:
            return self._open(row, COLUMNS[element])
        if element == "grade":
            return str(row.grade)
        return self.school_name(row.school) if element == "school" else self._contact(row.id, CHANNELS.get(element, ""))

    def _open(self, row: PersonRow | Row[*tuple[Any, ...]], column: str) -> str:
        sealed = getattr(row, column)
        try:
            return self.vault.unseal(row.id, _IDENTITY, place("people", row.id, column), sealed) if sealed else ""
        except KeyGone:  # erased for good: nothing is held
            return ""

    def _contact(self, person: UUID, channel: str) -> str:
        rows = self.session.exec(
            select(ContactRow)
            .where(ContactRow.agency == self.agency.id, ContactRow.person == person, ContactRow.channel == channel)
            .order_by(col(ContactRow.added_at).desc(), col(ContactRow.id))
        ).all()
        # An import empties a point instead of removing it: behind an empty one there may be a number.
        sealed = [Sealed(person, _IDENTITY, place("contacts", row.id, "value"), row.value) for row in rows]
        return next(filter(None, self.vault.unseal_many(sealed)), "")

    def _index_names(self, row: PersonRow) -> None:
        self._drop_index(row.id, "name")
        self._enter(row.id, "name", words_of(" ".join(self._open(row, column) for column in _NAMES)))

    def _enter(self, person: UUID, purpose: str, values: Sequence[str], contact: UUID | None = None) -> None:
        self.session.add_all(
            PersonIndexRow(
                agency=self.agency.id,
                purpose=purpose,
                value=self.vault.index(purpose, value),
                person=person,
                contact=contact,
            )
            for value in values
        )

    def _drop_index(self, person: UUID, purpose: str = "") -> None:
        entries = delete(PersonIndexRow).where(col(PersonIndexRow.person) == person)
        self.session.exec(entries.where(col(PersonIndexRow.purpose) == purpose) if purpose else entries)

    def _drop_contacts(self, person: UUID, channel: str) -> None:
        points = self._points(person, channel)
        self.session.exec(delete(PersonIndexRow).where(col(PersonIndexRow.contact).in_(points)))
        self.session.exec(delete(ContactRow).where(col(ContactRow.id).in_(points)))

    def _points(self, person: UUID, channel: str) -> Sequence[UUID]:
        wanted = select(ContactRow.id).where(ContactRow.agency == self.agency.id, ContactRow.person == person)
        return self.session.exec(wanted.where(ContactRow.channel == channel)).all()

    def _bury(self, person: UUID, element: str, now: datetime) -> None:
        keys = self.source_keys(person)
        for key in keys:
            self.bury(key, element, now)
        withhold(self.session, keys, ERASED if element == WHOLE_ACCOUNT else ASIDE)
