"""Every SQL statement about people, links and contact points outside the roster import."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, bindparam
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, select, update

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.ledger.dialects import run
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.authority import (
    Authority,
    Restriction,
    Student,
    band,
    guardian_authority,
    own_authority,
)
from rightsdesk.requests.people.errors import NotOnFile
from rightsdesk.requests.people.facts import store as facts
from rightsdesk.requests.people.facts.store import StudentFacts
from rightsdesk.requests.people.person import Asking, Person
from rightsdesk.requests.people.tables import (
    ContactRow,
    GuardianshipRow,
    PersonIndexRow,
    PersonRow,
    RestrictionRow,
)

_IDENTITY = "identity"
# Columns and built once: the desk asks this for a hundred people a page.
_SHOWN = columns_of(
    col(PersonRow.id),
    col(PersonRow.is_student),
    col(PersonRow.is_active),
    col(PersonRow.given),
    col(PersonRow.family),
    col(PersonRow.preferred_given),
    col(PersonRow.preferred_family),
    col(PersonRow.grade),
    col(PersonRow.school),
    col(PersonRow.language),
    col(PersonRow.frozen_at),
    col(PersonRow.erased_at),
).where(col(PersonRow.agency) == bindparam("agency"), col(PersonRow.id).in_(bindparam("people", expanding=True)))

_LINKED = columns_of(col(GuardianshipRow.student)).where(
    col(GuardianshipRow.agency) == bindparam("agency"), col(GuardianshipRow.guardian) == bindparam("guardian")
)
_POINTS = (
    columns_of(col(ContactRow.id), col(ContactRow.value))
    .where(col(ContactRow.agency) == bindparam("agency"), col(ContactRow.person) == bindparam("person"))
    .where(col(ContactRow.channel) == bindparam("channel"), col(ContactRow.is_usable))
    .order_by(col(ContactRow.added_at).desc(), col(ContactRow.id))
)


class Sealed(NamedTuple):
    """The sealed parts of a person's name, as a list reads them beside other columns."""

    person: UUID
    given: bytes | None
    family: bytes | None
    preferred_given: bytes | None
    preferred_family: bytes | None


def place(table: str, row: UUID, column: str) -> str:
    """Return where a sealed value stands; it is the associated data, so a value cannot be moved elsewhere."""
    return f"{table}:{row}:{column}"


@dataclass(frozen=True, slots=True)
class People:
    """The people one agency has on record. Nobody else's can be reached from here."""

    session: Session
    agency: Agency
    vault: AgencyVault

    def person(self, person: UUID) -> Person:
        """Return one person, names open.

        Raises:
            NotOnFile: not this agency's, or unknown.
        """
        row = self.session.get(PersonRow, person)
        if row is None or row.agency != self.agency.id:
            raise NotOnFile("Nobody on this agency's record has this id.")
        return self._value(row)

    def persons(self, people: Iterable[UUID]) -> dict[UUID, Person]:
        """Return the people asked for that are this agency's, by id, with one query and one look for keys."""
        rows = run(self.session, _SHOWN, {"agency": self.agency.id, "people": tuple(set(people))}).all()
        waiting = {row.id for row in rows}

        def opened(row: Row[*tuple[Any, ...]]) -> Person:
            self.vault.warm(waiting, _IDENTITY)  # the keys of all, with the first that is opened
            waiting.clear()
            return self._value(row)

        return {row.id: self.vault.kept(tuple(row), partial(opened, row)) for row in rows}

    def names(self, people: Sequence[Sealed]) -> list[str]:
        """Return the whole name of each, in their order; what was opened before and did not change is not again."""
        waiting = {one.person for one in people}

        def opened(one: Sealed) -> str:
            self.vault.warm(waiting, _IDENTITY)  # the keys of all, with the first that is opened
            waiting.clear()
            return self._name(one)

        return self.vault.kept_each(people, opened)

    def student(self, student: UUID, today: date) -> Student:
        """Return what the rules need to know of a student: band and freeze, never the birth date.

        Raises:
            NotOnFile: not a student of this agency.
        """
        known = facts.of_student(self.session, self.agency.id, student)
        if known is None:
            raise NotOnFile("No student on this agency's record has this id.")
        return self._student(student, known, today)

    def authority(self, requester: UUID, student: UUID, kind: str, today: date) -> Authority:
        """Say whether this person may ask this kind of thing about this student now.

        Raises:
            NotOnFile: not a student of this agency.
        """
        return self.asking(requester, student, kind, today).authority

    def asking(self, requester: UUID, student: UUID, kind: str, today: date) -> Asking:
        """Return the same, with the student's school and how the requester is told: one look at the record.

        Raises:
            NotOnFile: not a student of this agency.
        """
        known = facts.of_both(self.session, self.agency.id, requester, student)
        if known is None:
            raise NotOnFile("No student on this agency's record has this id.")
        subject = self._student(student, known.student, today)
        if requester == student:
            held = own_authority(subject, offered=kind in self.agency.student_kinds)
        else:
            suffices = self.agency.roster_suffices
            held = guardian_authority(subject, known.link, known.restrictions, today, roster_suffices=suffices)
        return Asking(held, known.student.school, known.channels, known.link, known.restrictions)

    def channels(self, person: UUID) -> frozenset[str]:
        """Return the channels, "text" and "mail", on which a person can be told something."""
        return facts.channels(self.session, self.agency.id, person)

    def students_for(self, requester: UUID, kinds: Sequence[str], today: date) -> Sequence[Person]:
        """Return the students about whom this person may ask something of these kinds now, by given name.

        Themselves when old enough.
        """
        found = self.persons([requester, *self._linked(requester)])
        able = [one for one in found.values() if one.is_student and self.may_ask(requester, one.id, kinds, today)]
        return sorted(able, key=lambda one: (one.given, one.family, one.id))

    def ids_for(self, requester: UUID, kinds: Sequence[str], today: date) -> Sequence[UUID]:
        """Return the ids of the same students, in no order, without opening a name."""
        candidates = dict.fromkeys([requester, *self._linked(requester)])
        return [one for one in candidates if self.may_ask(requester, one, kinds, today)]

    def may_ask(self, requester: UUID, student: UUID, kinds: Sequence[str], today: date) -> bool:
        """Say whether this person may ask something of these kinds about this student now; of no student: nothing."""
        # What a guardian may ask does not differ between the kinds; what an agency offers to its students does.
        asked = kinds if requester == student else kinds[:1]
        try:
            return any(self.authority(requester, student, kind, today).holds for kind in asked)
        except NotOnFile:
            return False

    def _linked(self, requester: UUID) -> Sequence[UUID]:
        return run(self.session, _LINKED, {"agency": self.agency.id, "guardian": requester}).scalars().all()

    def restrictions(self, guardian: UUID) -> Sequence[Restriction]:
        """Return what the agency has set against this person, lifted ones too."""
        rows = self.session.exec(
            select(RestrictionRow).where(RestrictionRow.agency == self.agency.id, RestrictionRow.guardian == guardian)
        ).all()
        return [
            Restriction(row.id, row.guardian, row.student, row.kind, row.begins, row.ends, row.lifted_at is not None)
            for row in rows
        ]

    def found_by(self, purpose: str, indexes: Sequence[str]) -> Sequence[UUID]:
        """Return the people who stand in the blind index under any of these entries."""
        wanted = select(PersonIndexRow.person).where(
            PersonIndexRow.agency == self.agency.id,
            PersonIndexRow.purpose == purpose,
            col(PersonIndexRow.value).in_(indexes),
        )
        return self.session.exec(wanted.distinct()).all()

    def contacts(self, person: UUID, channel: str) -> Sequence[tuple[UUID, str]]:
        """Return id and open value of the usable contact points of a person on a channel, newest first."""
        rows = run(self.session, _POINTS, {"agency": self.agency.id, "person": person, "channel": channel}).all()
        return [(row.id, self._open(person, place("contacts", row.id, "value"), row.value)) for row in rows]

    def confirm_number(self, person: UUID, indexes: Sequence[str], now: datetime) -> None:
        """Note that a code sent to this number was rightly answered: it is confirmed anew."""
        entries = select(PersonIndexRow.contact).where(
            PersonIndexRow.person == person,
            PersonIndexRow.purpose == "number",
            col(PersonIndexRow.value).in_(indexes),
        )
        self.session.exec(
            update(ContactRow)
            .where(col(ContactRow.agency) == self.agency.id, col(ContactRow.id).in_(entries))
            .values(confirmed_at=now)
        )

    def freeze(self, student: UUID, at: datetime | None) -> None:
        """Stop, or with None allow again, everything that is asked or released about this student (F-16)."""
        row = self.session.get_one(PersonRow, student)
        row.frozen_at = at
        self.session.add(row)

    def _student(self, student: UUID, known: StudentFacts, today: date) -> Student:
        written = self._open(student, place("people", student, "birth_date"), known.birth_date)
        age = band(date.fromisoformat(written) if written else None, today)
        return Student(student, age, known.frozen_at is not None)

    def _value(self, row: PersonRow | Row[*tuple[Any, ...]]) -> Person:
        given = row.preferred_given or row.given
        family = row.preferred_family or row.family
        return Person(
            id=row.id,
            is_student=row.is_student,
            is_active=row.is_active,
            given=self._open(
                row.id, place("people", row.id, "preferred_given" if row.preferred_given else "given"), given
            ),
            family=self._open(
                row.id, place("people", row.id, "preferred_family" if row.preferred_family else "family"), family
            ),
            grade=row.grade,
            school=row.school,
            language=row.language,
            frozen_at=row.frozen_at,
            erased_at=row.erased_at,
        )

    def _name(self, one: Sealed) -> str:
        given = self._part(one.person, ("preferred_given", one.preferred_given), ("given", one.given))
        family = self._part(one.person, ("preferred_family", one.preferred_family), ("family", one.family))
        return f"{given} {family}".strip()

    def _part(self, person: UUID, *parts: tuple[str, bytes | None]) -> str:
        column, sealed = next((part for part in parts if part[1]), ("", None))
        return self._open(person, place("people", person, column), sealed)

    def _open(self, person: UUID, where: str, sealed: bytes | None) -> str:
        if sealed is None:
            return ""
        try:
            return self.vault.unseal(person, _IDENTITY, where, sealed)
        except KeyGone:  # erased for good: there is nothing left to read
            return ""
