"""Every SQL statement that leads from a number or a username to the people on record, and back to the number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, Row, Select, bindparam, exists
from sqlalchemy import select as columns_of
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select, update

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.ledger.dialects import run
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.authority import Band
from rightsdesk.requests.people.errors import NotOnFile
from rightsdesk.requests.people.person import Holder
from rightsdesk.requests.people.store import People, place
from rightsdesk.requests.people.tables import ContactRow, PersonIndexRow, PersonRow, RestrictionRow

PURPOSE: Final = "number"
NAMES: Final = ("username", "email")  # what a student signs in with
TEXT: Final = "text"
STUDENT: Final = "student"
GUARDIAN: Final = "guardian"
RESTRICTED: Final = "restricted"


@dataclass(frozen=True, slots=True)
class Unusable:
    """A number on record that the carrier calls none, by its last two digits."""

    id: UUID
    person: UUID
    ending: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Numbers:
    """The phone numbers one agency has on record."""

    session: Session
    agency: Agency
    vault: AgencyVault

    def holders(self, indexes: Sequence[str], today: date) -> Sequence[Holder]:
        """Return everybody who has this number for texts, with what decides whether it proves them."""
        bound = {"agency": self.agency.id, "indexes": list(indexes), "today": today}
        # The same point may stand in the index twice, under an older key and a newer one.
        found = {row.contact: row for row in run(self.session, _HOLDERS, bound)}
        return [self._holder(row, today) for row in found.values()]

    def student_named(self, names: Sequence[str]) -> UUID | None:
        """Return the one active student who has a username or address with one of these blind indexes.

        None where several have it: nobody can say which of them is meant.
        """
        found = run(self.session, _NAMED, {"agency": self.agency.id, "names": list(names)}).scalars().all()
        return found[0] if len(found) == 1 else None

    def of_person(self, person: UUID, today: date) -> Sequence[Holder]:
        """Return each number for texts of one person, as ``holders`` does."""
        rows = run(self.session, _OF_PERSON, {"agency": self.agency.id, "person": person, "today": today}).all()
        return [self._holder(row, today) for row in rows]

    def sharers(self, person: UUID) -> Sequence[UUID]:
        """Return everybody else who has a number of this person: whoever holds that phone may be either."""
        mine, theirs = aliased(PersonIndexRow), aliased(PersonIndexRow)
        wanted = (
            select(theirs.person)
            .join(mine, (col(mine.value) == theirs.value) & (col(mine.purpose) == theirs.purpose))
            .where(mine.agency == self.agency.id, theirs.agency == self.agency.id, mine.purpose == PURPOSE)
            .where(mine.person == person, theirs.person != person)
        )
        return self.session.exec(wanted.distinct()).all()

    def number(self, contact: UUID) -> str:
        """Return the E.164 number of a contact point.

        Raises:
            NotOnFile: another agency's, or unknown.
        """
        row = self.session.get(ContactRow, contact)
        if row is None or row.agency != self.agency.id:
            raise NotOnFile("This agency's record has no such number.")
        return self.vault.unseal(row.person, "identity", place("contacts", row.id, "value"), row.value)

    def vouch(self, contact: UUID, staff: UUID, document: str, now: datetime) -> None:
        """Note that staff saw the person whose number this is: no doubt about its age or its newness is left.

        It cannot be taken back; the next time somebody is seen takes its place. No number of a document is kept.
        """
        seen = {"vouched_at": now, "vouched_by": staff, "vouched_with": document}
        self.session.exec(
            update(ContactRow)
            .where(col(ContactRow.agency) == self.agency.id, col(ContactRow.id) == contact)
            .values(confirmed_at=now, replaced_at=None, **seen)
        )

    def unusable(self) -> Sequence[Unusable]:
        """Return the numbers that the carrier calls none and nobody has mended, oldest first."""
        newer = aliased(ContactRow)
        mended = exists().where(
            col(newer.person) == col(ContactRow.person),
            col(newer.channel) == col(ContactRow.channel),
            col(newer.is_usable),
        )
        point = (col(ContactRow.id), col(ContactRow.person), col(ContactRow.value), col(ContactRow.unusable_at))
        mine = (col(ContactRow.agency) == self.agency.id, col(ContactRow.unusable_at).is_not(None), ~mended)
        rows = self.session.connection().execute(columns_of(*point).where(*mine).order_by(col(ContactRow.unusable_at)))
        return [
            Unusable(row.id, row.person, self._ending(row.id, row.person, row.value), row.unusable_at) for row in rows
        ]

    def count_unusable(self) -> int:
        """Return how many those are."""
        return len(self.unusable())

    def settle_unusable(self, contact: UUID) -> bool:
        """Take such a number off the list: somebody saw to it. False when it is not on it."""
        mine = (col(ContactRow.agency) == self.agency.id, col(ContactRow.id) == contact)
        off = update(ContactRow).where(*mine, col(ContactRow.unusable_at).is_not(None)).values(unusable_at=None)
        return self.session.exec(off).rowcount == 1

    def mark_unusable(self, contact: UUID, now: datetime) -> None:
        """Stop using a contact point that the carrier calls no number; the agency repairs its record."""
        self.session.exec(
            update(ContactRow)
            .where(col(ContactRow.agency) == self.agency.id, col(ContactRow.id) == contact)
            .values(is_usable=False, unusable_at=now)
        )

    def _holder(self, row: Row[*tuple[Any, ...]], today: date) -> Holder:
        return Holder(
            person=row.person,
            contact=row.contact,
            is_student=row.is_student,
            may_text=row.is_active and (not row.is_student or self.is_old_enough(row.person, today)),
            confirmed_at=row.confirmed_at,
            replaced_at=row.replaced_at,
            standing=STUDENT if row.is_student else RESTRICTED if row.is_held else GUARDIAN,
        )

    def _ending(self, contact: UUID, person: UUID, value: bytes) -> str:
        try:
            return self.vault.unseal(person, "identity", place("contacts", contact, "value"), value)[-2:]
        except KeyGone:  # erased for good: there is nothing left to mend
            return ""

    def is_old_enough(self, student: UUID, today: date) -> bool:
        """Say whether a student may be texted and sign in: unknown age means under 13."""
        # Nobody guesses a child into a phone bill.
        people = People(self.session, self.agency, self.vault)
        return people.student(student, today).band in {Band.TEEN, Band.ADULT}


_ORDERS: Final = (
    exists()
    .where(col(RestrictionRow.agency) == bindparam("agency"), col(RestrictionRow.guardian) == col(PersonRow.id))
    .where(col(RestrictionRow.lifted_at).is_(None))
)
_TODAY: Final = bindparam("today", type_=Date())
_STANDING: Final = _ORDERS.where(
    col(RestrictionRow.begins) <= _TODAY, or_(col(RestrictionRow.ends).is_(None), col(RestrictionRow.ends) > _TODAY)
)
_POINTS: Final[Select[*tuple[Any, ...]]] = (
    columns_of(
        col(ContactRow.id).label("contact"),
        col(ContactRow.person),
        col(ContactRow.confirmed_at),
        col(ContactRow.replaced_at),
        col(PersonRow.is_student),
        col(PersonRow.is_active),
        _STANDING.label("is_held"),
    )
    .join(PersonRow, col(PersonRow.id) == ContactRow.person)
    .where(col(ContactRow.channel) == TEXT, col(ContactRow.is_usable))
    # A guardian under an order counts beyond the roster: the phone did not leave with the record.
    .where(or_(col(PersonRow.is_active), _ORDERS), col(PersonRow.erased_at).is_(None))
    .order_by(col(ContactRow.id))
)
_HOLDERS: Final = (
    _POINTS.join(PersonIndexRow, col(PersonIndexRow.contact) == ContactRow.id)
    .where(col(PersonIndexRow.agency) == bindparam("agency"), col(PersonIndexRow.purpose) == PURPOSE)
    .where(col(PersonIndexRow.value).in_(bindparam("indexes", expanding=True)))
)
_OF_PERSON: Final = _POINTS.where(
    col(ContactRow.agency) == bindparam("agency"), col(ContactRow.person) == bindparam("person")
)
_NAMED: Final = (
    columns_of(col(PersonRow.id))
    .join(PersonIndexRow, col(PersonIndexRow.person) == PersonRow.id)
    .where(col(PersonIndexRow.agency) == bindparam("agency"), col(PersonIndexRow.purpose).in_(NAMES))
    .where(col(PersonIndexRow.value).in_(bindparam("names", expanding=True)))
    .where(col(PersonRow.is_student), col(PersonRow.is_active), col(PersonRow.erased_at).is_(None))
    .distinct()
)
