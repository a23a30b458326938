"""The built-in directory: the agency's record and the accounts of its sign-on vendor, as one system of record."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from rightsdesk.requests.agencies.catalogue import CATALOGUE, WHOLE_ACCOUNT
from rightsdesk.requests.fulfilment.errors import CannotWrite
from rightsdesk.requests.fulfilment.systems.holdings import KEPT, Holdings
from rightsdesk.requests.fulfilment.systems.port import Holding
from rightsdesk.requests.people.authority import Band
from rightsdesk.requests.people.fields.store import CHANNELS, COLUMNS, Fields
from rightsdesk.requests.people.roster.phones import e164
from rightsdesk.requests.people.store import People

GRADES: Final = frozenset({"PK", "TK", "KG", *(f"{grade:02}" for grade in range(1, 13))})
_ADDRESS: Final = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")
NAME: Final = "The district's directory"


@dataclass(frozen=True, slots=True)
class Directory:
    """The built-in directory of one agency. It answers ``System`` and the ``LiveValues`` of a docket."""

    people: People
    fields: Fields
    holdings: Holdings
    draw: Callable[[int], bytes]

    @property
    def name(self) -> str:
        """Return the name of the system."""
        return NAME

    def collect(self, subject: UUID) -> Sequence[Holding]:
        """Return everything held about a student, the record first; what the student deleted is left out."""
        named = [element for element in CATALOGUE if element not in (*KEPT, WHOLE_ACCOUNT)]
        values = self.fields.values(subject, named)
        record = [Holding(element, (("value", value),)) for element, value in values.items() if value]
        return [*record, *self.holdings.of(subject)]

    def read(self, subject: UUID, element: str) -> str:
        """Return the live value of an element as text; for a category, how many records it has."""
        if element in KEPT:
            number = self.holdings.visible(subject, element)
            return str(number) if number else ""
        return "" if element == WHOLE_ACCOUNT else self.fields.read(subject, element)

    def values(self, subject: UUID, elements: Sequence[str]) -> dict[str, str]:
        """Return what ``read`` returns for each of these elements, with one look at the fields of the record."""
        fields = [element for element in elements if element not in (*KEPT, WHOLE_ACCOUNT)]
        held = self.fields.values(subject, fields) if fields else {}
        return {element: held[element] if element in held else self.read(subject, element) for element in elements}

    def write(self, subject: UUID, element: str, value: str, reference: str, now: datetime) -> str:
        """Write a corrected value, lay it over the roster so that no import undoes it, and return it as it is kept.

        Raises:
            CannotWrite: the value is not one the directory can hold.
        """
        value = value.strip()
        if element == "grade":
            value = _grade(value)
            self.fields.write_grade(subject, value)
        elif element == "school":
            value = self._write_school(subject, value)
        elif element in CHANNELS:
            value = self._reachable(subject, element, value, now)
            self.fields.write_contact(subject, element, value, now, self._fresh())
        if element in COLUMNS:
            self.fields.write_name(subject, element, value)
        self.fields.lay_over(self._fresh(), subject, element, value, reference, now)
        return value

    def count(self, subject: UUID, element: str) -> int:
        """Return how many records an erasure of this element would touch, and change nothing."""
        held = len(self.records(subject, (element,), None))
        if element == WHOLE_ACCOUNT:
            return held + self.fields.count_person(subject)
        return held if element in KEPT else self.fields.count(subject, element)

    def erase(self, subject: UUID, element: str, case: UUID | None, now: datetime) -> int:
        """Remove an element for good and return how many records went; twice is once.

        With a ``case`` only what that case had hidden goes: what was added since stays.
        """
        return self.remove(subject, element, self.records(subject, (element,), case), now)

    def remove(self, subject: UUID, element: str, records: Sequence[UUID], now: datetime) -> int:
        """Remove these records of an element, and the element itself where it is a field; return how many went."""
        gone = self.holdings.erase(records)
        if element == WHOLE_ACCOUNT:
            return gone + self.fields.erase_person(subject, now)
        return gone if element in KEPT else gone + self.fields.erase(subject, element, now)

    def hide(self, subject: UUID, elements: Sequence[str], case: UUID, now: datetime) -> None:
        """Take what a student deleted out of sight at once."""
        self.holdings.hide(subject, elements, case, now)

    def restore(self, case: UUID) -> None:
        """Bring back what a case had hidden."""
        self.holdings.restore(case)

    def records(
        self, subject: UUID, elements: Sequence[str], case: UUID | None, until: datetime | None = None
    ) -> Sequence[UUID]:
        """Return the ids of the keys that an erasure of these elements must destroy; ``case`` as in ``erase``.

        With ``until`` only what was there at that instant.
        """
        kinds = KEPT if WHOLE_ACCOUNT in elements else [element for element in elements if element in KEPT]
        chosen = None if WHOLE_ACCOUNT in elements else case
        return [number for kind in kinds for number in self.holdings.numbers(subject, kind, chosen, until)]

    def _write_school(self, subject: UUID, name: str) -> str:
        school = self.fields.school_named(name)
        if school is None:
            raise CannotWrite("No school of this agency has this name, or more than one.")
        self.fields.write_school(subject, school)
        return self.fields.school_name(school)

    def _reachable(self, subject: UUID, element: str, value: str, now: datetime) -> str:
        if element == "email":
            if not _ADDRESS.fullmatch(value):
                raise CannotWrite("This is not an e-mail address.")
            return value
        number = e164(value, self.people.agency.region)
        if not number:
            raise CannotWrite("This is not a phone number that can be read.")
        if self.people.student(subject, self.people.agency.today(now)).band not in {Band.TEEN, Band.ADULT}:
            raise CannotWrite("A number is kept only for students known to be 13 or older.")
        return number

    def _fresh(self) -> UUID:
        return UUID(bytes=self.draw(16), version=4)


def _grade(value: str) -> str:
    typed = value.strip().upper()
    grade = {"K": "KG", "KINDERGARTEN": "KG", "0": "KG"}.get(typed, typed.zfill(2) if typed.isdecimal() else typed)
    if grade not in GRADES:
        raise CannotWrite("A grade is K or a number from 1 to 12.")
    return grade
