"""Every SQL statement that renews the blind index: new entries beside the old, then the old ones go."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Delete
from sqlmodel import Session, col, delete, func, select, update
from sqlmodel.sql.expression import SelectOfScalar

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.names import words_of
from rightsdesk.requests.people.roster.merging.claims import PURPOSE as SAME_PERSON
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
        """Enter these people under the newest key beside their older entries; return how many were entered.

        Twice is once: what an interrupted renewal entered is entered anew.
        """
        self.vault.warm(people, _IDENTITY)
        fresh = [entry for person in people for entry in self._entries(person)]
        self.session.exec(self._made_here(people).where(col(PersonIndexRow.value).like(f"{self._newest()}:%")))
        self.session.add_all(fresh)
        self.session.flush()
        self._renew_records(people)
        return len(fresh)

    def drop_older(self, people: Sequence[UUID]) -> None:
        """Drop the entries of these people under older keys; call it when everybody stands under the newest."""
        self.session.exec(self._made_here(people).where(col(PersonIndexRow.value).not_like(f"{self._newest()}:%")))

    def is_behind(self) -> bool:
        """Say whether a renewal stopped half-way: an import would take those it did not reach for strangers."""
        behind = self._records().where(col(PersonRow.erased_at).is_(None)).limit(1)
        return self.session.exec(behind).first() is not None

    def lingering(self, key: str) -> int:
        """Return how many rows stand under an older index key: erased people, and what only a roster says anew."""
        older = f"{key}:%"
        tombstones = select(func.count()).select_from(TombstoneRow).where(TombstoneRow.agency == self.agency.id)
        entries = select(func.count()).select_from(PersonIndexRow).where(PersonIndexRow.agency == self.agency.id)
        counts = (
            tombstones.where(col(TombstoneRow.source_key).not_like(older)),
            entries.where(col(PersonIndexRow.value).not_like(older)),
            select(func.count()).select_from(self._records(key).subquery()),
        )
        return sum(self.session.exec(one).one() for one in counts)

    def _records(self, key: str = "") -> SelectOfScalar[str]:
        """Return the records of this agency under an older key than this one, by default than the newest."""
        wanted = select(SourceRecordRow.source_key).join(PersonRow).where(col(PersonRow.agency) == self.agency.id)
        return wanted.where(col(SourceRecordRow.source_key).not_like(f"{key or self._newest()}:%"))

    def _made_here(self, people: Sequence[UUID]) -> Delete:
        # By what a roster once said somebody is known again; only the next roster says it anew, under the newest key.
        mine = delete(PersonIndexRow).where(col(PersonIndexRow.person).in_(people))
        return mine.where(col(PersonIndexRow.purpose) != SAME_PERSON)

    def _newest(self) -> str:
        return self.vault.index("source", "").partition(":")[0]

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
            if new == old:
                continue
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
