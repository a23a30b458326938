"""Every SQL statement that compares staged people with those on record, before anything is changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, select, true
from sqlmodel import Session

from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.people.roster.columns import table
from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.outcome import Change
from rightsdesk.requests.people.roster.records import Standing
from rightsdesk.requests.people.roster.staging.kept import MAIN_PRINT
from rightsdesk.requests.people.roster.staging.store import GOOD, portions_of
from rightsdesk.requests.people.roster.tables import StagedPersonRow, StagedRoleRow
from rightsdesk.requests.people.tables import OverlayRow, PersonRow, SourceRecordRow

_PEOPLE: Final = table(PersonRow)
_RECORDS: Final = table(SourceRecordRow)
_OVERLAYS: Final = table(OverlayRow)
_STAGED_PEOPLE: Final = table(StagedPersonRow)
_STAGED_ROLES: Final = table(StagedRoleRow)
_SCHOOLS: Final = table(SchoolRow)

# Of several places somebody's school is one that is a school, not a district or a department.
SCHOOLS_FIRST: Final = ((_SCHOOLS.c.kind == "school").desc(), _SCHOOLS.c.id)


class Differing(NamedTuple):
    """A staged person who is new (``person`` is None), changed or back, and the school that the package names first."""

    source_key: str
    print: str
    sealed: bytes
    person: UUID | None
    is_student: bool | None
    school: UUID | None


class OpenOverlay(NamedTuple):
    """A correction that the source has not taken over yet, beside what the source says now (None: nothing)."""

    id: UUID
    person: UUID
    element: str
    value: bytes
    sealed: bytes | None


class ChangedParts(NamedTuple):
    """How many people differ, and how many of them in more than their grade, students and others apart."""

    change: Change
    students: Change
    others: Change


@dataclass(frozen=True, slots=True)
class Comparing:
    """The people of one agency whom one source speaks of, beside those of one run."""

    session: Session
    scope: Scope

    def unchanged(self, prints: Mapping[str, str]) -> set[str]:
        """Return which of these records, prints by source key, stand on file as they are and under no correction."""
        record = _RECORDS
        corrected = exists().where(_OVERLAYS.c.person == record.c.person, _OVERLAYS.c.agreed_at.is_(None))
        mine = select(record.c.source_key, record.c.print).where(
            record.c.source == self.scope.source, record.c.is_active, ~corrected
        )
        tx = self.session.connection()
        return {
            key
            for some in portions_of(prints)
            for key, known in tx.execute(mine.where(record.c.source_key.in_(some)))
            if known == prints[key]
        }

    def counts(self) -> ChangedParts:
        """Return how many people are new, differ and are gone, before anything is changed."""
        parts = [self._counts(None), self._counts(True), self._counts(False)]
        return ChangedParts(*parts)

    def pages(self, limit: int) -> Iterator[Sequence[Differing]]:
        """Yield, of each ``limit`` staged people, those who are new, changed or back; erased people never are.

        They come in the order of their keys, in which their records lie too: written in another order, a million of
        them would touch a page each. Where a page ends is asked first: PostgreSQL guesses that next to nobody is new,
        and would compare everybody for each page.
        """
        after = ""
        while (last := self._last(after, limit)) is not None:
            if differing := self._between(after, last):
                yield differing
            after = last

    def _last(self, after: str, limit: int) -> str | None:
        staged = _STAGED_PEOPLE
        mine = select(staged.c.source_key).where(staged.c.run == self.scope.run, staged.c.source_key > after)
        page = mine.order_by(staged.c.source_key).limit(limit).subquery()
        last: str | None = self.session.connection().execute(select(func.max(page.c.source_key))).scalar_one()
        return last

    def _between(self, after: str, last: str) -> Sequence[Differing]:
        staged, person = _STAGED_PEOPLE, _PEOPLE
        columns = (
            staged.c.source_key,
            staged.c.print,
            staged.c.sealed,
            _RECORDS.c.person,
            person.c.is_student,
            self._school(),
        )
        # The records are bounded too: PostgreSQL took stock of them before the first page was written, thinks that this
        # source has next to none, and would pair each row of the page with all of them.
        here, theirs = ((one.c.source_key > after) & (one.c.source_key <= last) for one in (staged, _RECORDS))
        wanted = self._compared(select(*columns), theirs).where(self._differs(), here).order_by(staged.c.source_key)
        return [Differing(*row) for row in self.session.connection().execute(wanted)]

    def _school(self) -> ScalarSelect[Any]:
        """Return the school of a staged person: written with them, for a row that grows later needs a new page."""
        role = _STAGED_ROLES
        return (
            select(_SCHOOLS.c.id)
            .join(role, _SCHOOLS.c.sourced_id == role.c.org)
            .where(_SCHOOLS.c.agency == self.scope.agency)
            .where(role.c.run == self.scope.run, role.c.source_key == _STAGED_PEOPLE.c.source_key)
            .order_by(role.c.is_primary.desc(), *SCHOOLS_FIRST)
            .limit(1)
            .correlate(_STAGED_PEOPLE)
            .scalar_subquery()
        )

    def open_overlays(self) -> Sequence[OpenOverlay]:
        """Return corrections that still stand over the roster, with the staged row of whom they are about."""
        staged, record = _STAGED_PEOPLE, _RECORDS
        mine = (record.c.person == _OVERLAYS.c.person) & (record.c.source == self.scope.source) & (record.c.print != "")
        theirs = (staged.c.source_key == record.c.source_key) & (staged.c.run == self.scope.run)
        wanted = (
            select(_OVERLAYS.c.id, _OVERLAYS.c.person, _OVERLAYS.c.element, _OVERLAYS.c.value, staged.c.sealed)
            .join(record, mine, isouter=True)
            .join(staged, theirs & (staged.c.state == GOOD), isouter=True)
            .where(_OVERLAYS.c.agency == self.scope.agency, _OVERLAYS.c.agreed_at.is_(None))
        )
        return [OpenOverlay(*row) for row in self.session.connection().execute(wanted)]

    def _counts(self, students: bool | None) -> Change:  # noqa: FBT001 - None means everybody
        of_kind = true() if students is None else _PEOPLE.c.is_student == students
        known = _RECORDS.c.person.is_not(None)
        count = select(func.count())
        is_student = _STAGED_PEOPLE.c.standing.op("&")(int(Standing.STUDENT)) != 0
        kind_of_new = true() if students is None else (is_student if students else ~is_student)
        back = known & (~_RECORDS.c.is_active)
        new = self._compared(count).where((~known & kind_of_new) | (back & of_kind))
        # For the limits a change of grade is none: the whole school moves up once a year.
        differs = self._differs() if students is None else self._differs_in_more_than_grade()
        changed = self._compared(count).where(known & _RECORDS.c.is_active, differs, of_kind)
        gone = count.select_from(_RECORDS).join(_PEOPLE, _PEOPLE.c.id == _RECORDS.c.person)
        speaks = (_RECORDS.c.source == self.scope.source) & (_RECORDS.c.print != "")
        live = gone.where(speaks, _RECORDS.c.is_active, of_kind)
        wanted = (new, changed, gone.where(self.is_gone(), of_kind), live)
        return Change(*(self.session.connection().execute(one).scalar_one() for one in wanted))

    def _compared(self, wanted: Select[Any], *which: ColumnElement[bool]) -> Select[Any]:
        staged, record = _STAGED_PEOPLE, _RECORDS
        same = (record.c.source == self.scope.source) & (record.c.source_key == staged.c.source_key)
        return (
            wanted.select_from(staged)
            .join(record, and_(same, *which), isouter=True)
            .join(_PEOPLE, _PEOPLE.c.id == record.c.person, isouter=True)
            .where(staged.c.run == self.scope.run, staged.c.state == GOOD, _PEOPLE.c.erased_at.is_(None))
        )

    def _differs(self) -> ColumnElement[bool]:
        record = _RECORDS
        return record.c.person.is_(None) | (record.c.print != _STAGED_PEOPLE.c.print) | ~record.c.is_active

    def _differs_in_more_than_grade(self) -> ColumnElement[bool]:
        old, new = _RECORDS.c.print, _STAGED_PEOPLE.c.print
        return func.substr(old, 1, MAIN_PRINT) != func.substr(new, 1, MAIN_PRINT)

    def is_gone(self) -> ColumnElement[bool]:
        """Return the condition that a record is on file and no longer in the source."""
        if self.scope.keeps_everybody or not self.scope.has_people:
            return ~true()
        record, staged = _RECORDS, _STAGED_PEOPLE.alias()
        is_present = exists().where(staged.c.source_key == record.c.source_key, staged.c.run == self.scope.run)
        speaks = (record.c.source == self.scope.source) & (record.c.print != "") & record.c.is_active
        return speaks & ~is_present
