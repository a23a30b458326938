"""Every SQL statement that renews the blind index: new entries beside the old, then the old ones go."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, delete, func, select, update

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.names import words_of
from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import (
    ContactRow,
    PersonIndexRow,
    PersonRow,
    SourceRecordRow,
    TombstoneRow,
)

BATCH: Final = 500
_IDENTITY: Final = "identity"
_NAMES: Final = ("given", "family", "preferred_given", "preferred_family")
_PURPOSES: Final = {"mail": "email"}


@dataclass(frozen=True, slots=True)
class Indexing:
    """The blind index of one agency's people."""

    session: Session
    agency: Agency
    vault: AgencyVault

    def people_after(self, last: UUID | None) -> Sequence[UUID]:
        """Return the ids of the next people to renew, in order; empty at the end."""
        wanted = select(PersonRow.id).where(PersonRow.agency == self.agency.id)
        if last is not None:
            wanted = wanted.where(col(PersonRow.id) > last)
        return self.session.exec(wanted.order_by(col(PersonRow.id)).limit(BATCH)).all()

    def renew(self, people: Sequence[UUID]) -> int:
        """Enter these people under the newest key, drop their older entries, and return how many were entered."""
        self.vault.warm(people, _IDENTITY)
        fresh = [entry for person in people for entry in self._entries(person)]
        self.session.exec(delete(PersonIndexRow).where(col(PersonIndexRow.person).in_(people)))
        self.session.add_all(fresh)
        self.session.flush()
        self._renew_records(people)
        return len(fresh)

    def lingering(self, key: str) -> int:
        """Return how many rows stand under an older index key: what they name is erased and cannot be keyed anew."""
        wanted = select(func.count()).select_from(TombstoneRow).where(TombstoneRow.agency == self.agency.id)
        older = wanted.where(col(TombstoneRow.source_key).not_like(f"{key}:%"))
        records = select(func.count()).select_from(SourceRecordRow).join(PersonRow)
        mine = records.where(
            col(PersonRow.agency) == self.agency.id, col(SourceRecordRow.source_key).not_like(f"{key}:%")
        )
        return self.session.exec(older).one() + self.session.exec(mine).one()

    def _entries(self, person: UUID) -> Iterator[PersonIndexRow]:
        row = self.session.get_one(PersonRow, person)
        names = " ".join(self._open(person, place("people", person, name), getattr(row, name)) for name in _NAMES)
        for word in words_of(names):
            yield self._entry(person, "name", word)
        for column in ("student_number", "username"):
            value = self._open(person, place("people", person, column), getattr(row, column))
            if value:
                yield self._entry(person, column, value.casefold() if column == "username" else value)
        points = select(ContactRow).where(ContactRow.person == person, ContactRow.agency == self.agency.id)
        for point in self.session.exec(points).all():
            value = self._open(person, place("contacts", point.id, "value"), point.value)
            purpose = _PURPOSES.get(point.channel, "number")
            if value:
                yield self._entry(person, purpose, value.casefold() if purpose == "email" else value, point.id)

    def _renew_records(self, people: Sequence[UUID]) -> None:
        rows = self.session.exec(select(SourceRecordRow).where(col(SourceRecordRow.person).in_(people))).all()
        for row in rows:
            written = self._open(row.person, place("roster_records", row.person, "sourced_id"), row.sourced_id)
            if not written:
                continue
            new, old = self.vault.index("source", written), row.source_key
            mine = col(TombstoneRow.source_key) == old
            self.session.exec(
                update(TombstoneRow).where(col(TombstoneRow.agency) == self.agency.id, mine).values(source_key=new)
            )
            self.session.exec(
                update(SourceRecordRow)
                .where(col(SourceRecordRow.source) == row.source, col(SourceRecordRow.source_key) == old)
                .values(source_key=new)
            )

    def _entry(self, person: UUID, purpose: str, value: str, contact: UUID | None = None) -> PersonIndexRow:
        return PersonIndexRow(
            agency=self.agency.id,
            purpose=purpose,
            value=self.vault.index(purpose, value),
            person=person,
            contact=contact,
        )

    def _open(self, person: UUID, where: str, sealed: bytes | None) -> str:
        if not sealed:
            return ""
        try:
            return self.vault.unseal(person, _IDENTITY, where, sealed)
        except KeyGone:  # erased: nothing to enter
            return ""
