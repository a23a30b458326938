"""Every SQL statement that leads from a phone number to the people on record, and back to the number itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.authority import Band
from rightsdesk.requests.people.errors import NotOnFile
from rightsdesk.requests.people.person import Holder
from rightsdesk.requests.people.store import People, place
from rightsdesk.requests.people.tables import ContactRow, PersonIndexRow, PersonRow, RestrictionRow

PURPOSE: Final = "number"
TEXT: Final = "text"
STUDENT: Final = "student"
GUARDIAN: Final = "guardian"
RESTRICTED: Final = "restricted"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The phone numbers one agency has on record."""

    session: Session
    agency: Agency
    vault: AgencyVault

    def holders(self, indexes: Sequence[str], today: date) -> Sequence[Holder]:
        """Return everybody who has this number for texts, with what decides whether it proves them."""
        wanted = (
            select(ContactRow, PersonRow)
            .join(PersonIndexRow, col(PersonIndexRow.contact) == ContactRow.id)
            .join(PersonRow, col(PersonRow.id) == ContactRow.person)
            .where(PersonIndexRow.agency == self.agency.id, PersonIndexRow.purpose == PURPOSE)
            .where(col(PersonIndexRow.value).in_(indexes), ContactRow.channel == TEXT, col(ContactRow.is_usable))
            # A guardian under an order counts beyond the roster: the phone did not leave with the record.
            .where(or_(col(PersonRow.is_active), self._ordered()), col(PersonRow.erased_at).is_(None))
            .order_by(col(ContactRow.id))
        )
        found = {contact.id: (contact, person) for contact, person in self.session.exec(wanted).all()}
        return [self._holder(contact, person, today) for contact, person in found.values()]

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

    def _holder(self, contact: ContactRow, person: PersonRow, today: date) -> Holder:
        return Holder(
            person=person.id,
            contact=contact.id,
            is_student=person.is_student,
            may_text=self._may_text(person, today),
            confirmed_at=contact.confirmed_at,
            replaced_at=contact.replaced_at,
            standing=self._standing(person, today),
        )

    def _ordered(self) -> ColumnElement[bool]:
        orders = select(RestrictionRow.guardian)
        return col(PersonRow.id).in_(
            orders.where(RestrictionRow.agency == self.agency.id, col(RestrictionRow.lifted_at).is_(None))
        )

    def _people(self) -> People:
        return People(self.session, self.agency, self.vault)

    def _may_text(self, person: PersonRow, today: date) -> bool:
        # Unknown age means under 13 for texting and sign-in: nobody guesses a child into a phone bill.
        if not person.is_active:
            return False
        return not person.is_student or self._people().student(person.id, today).band in {Band.TEEN, Band.ADULT}

    def _standing(self, person: PersonRow, today: date) -> str:
        if person.is_student:
            return STUDENT
        orders = self._people().restrictions(person.id)
        held = any(
            not one.is_lifted and one.begins <= today and (one.ends is None or today < one.ends) for one in orders
        )
        return RESTRICTED if held else GUARDIAN
