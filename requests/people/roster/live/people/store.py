"""Every SQL statement by which an import changes organisations and people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    null,
    select,
    true,
    update,
)
from sqlmodel import Session
from sqlmodel import select as select_rows

from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.people.roster.columns import table
from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.outcome import Change
from rightsdesk.requests.people.roster.records import Standing
from rightsdesk.requests.people.roster.staging.kept import MAIN_PRINT
from rightsdesk.requests.people.roster.staging.store import GOOD, Columns, add_rows
from rightsdesk.requests.people.roster.tables import StagedPersonRow, StagedRoleRow
from rightsdesk.requests.people.tables import (
    AffiliationRow,
    OverlayRow,
    PersonIndexRow,
    PersonRow,
    SourceRecordRow,
    TombstoneRow,
)

_PEOPLE: Final = table(PersonRow)
_ENTRIES: Final = table(PersonIndexRow)
_RECORDS: Final = table(SourceRecordRow)
_AFFILIATIONS: Final = table(AffiliationRow)
_OVERLAYS: Final = table(OverlayRow)
_TOMBSTONES: Final = table(TombstoneRow)
_SCHOOLS: Final = table(SchoolRow)
_STAGED_PEOPLE: Final = table(StagedPersonRow)
_STAGED_ROLES: Final = table(StagedRoleRow)


class Differing(NamedTuple):
    """A staged person who is new (``person`` is None), changed or back."""

    id: int
    source_key: str
    print: str
    sealed: bytes
    person: UUID | None
    is_student: bool | None


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
class LivePeople:
    """The people of one agency whom one source speaks of."""

    session: Session
    scope: Scope

    def tombstones(self) -> dict[str, frozenset[str]]:
        """Return what was erased and must not come back: elements by source key."""
        wanted = select(_TOMBSTONES.c.source_key, _TOMBSTONES.c.element).where(
            _TOMBSTONES.c.agency == self.scope.agency
        )
        found: dict[str, set[str]] = {}
        for key, element in self.session.connection().execute(wanted):
            found.setdefault(key, set()).add(element)
        return {key: frozenset(elements) for key, elements in found.items()}

    def schools(self) -> dict[str, SchoolRow]:
        """Return the agency's organisations by the id the roster gives them."""
        wanted = select_rows(SchoolRow).where(SchoolRow.agency == self.scope.agency)
        return {row.sourced_id: row for row in self.session.exec(wanted)}

    def put_school(self, row: SchoolRow) -> None:
        """Keep a new or changed organisation."""
        self.session.add(row)

    def counts(self) -> ChangedParts:
        """Return how many people are new, differ and are gone, before anything is changed."""
        parts = [self._counts(None), self._counts(True), self._counts(False)]
        return ChangedParts(*parts)

    def page(self, after: int, limit: int) -> Sequence[Differing]:
        """Return the next staged people who are new, changed or back; erased people never are."""
        staged, person = _STAGED_PEOPLE, _PEOPLE
        columns = (
            staged.c.id,
            staged.c.source_key,
            staged.c.print,
            staged.c.sealed,
            _RECORDS.c.person,
            person.c.is_student,
        )
        wanted = (
            self._compared(select(*columns))
            .where(self._differs(), person.c.erased_at.is_(None), staged.c.id > after)
            .order_by(staged.c.id)
            .limit(limit)
        )
        return [Differing(*row) for row in self.session.connection().execute(wanted)]

    def add(self, people: Sequence[Columns], records: Sequence[Columns]) -> None:
        """Enter new people and what they are called by the source."""
        add_rows(self.session, PersonRow, people)
        add_rows(self.session, SourceRecordRow, records)

    def change(self, rows: Sequence[Columns]) -> None:
        """Change people; each row holds ``b_id`` and every column to be set, the same ones in all rows."""
        if not rows:
            return
        names = [name for name in rows[0] if name != "b_id"]
        statement = update(_PEOPLE).where(_PEOPLE.c.agency == self.scope.agency, _PEOPLE.c.id == bindparam("b_id"))
        self.session.connection().execute(statement.values({name: bindparam(name) for name in names}), list(rows))

    def seen(self, rows: Sequence[Columns]) -> None:
        """Note the new prints of records; each row holds ``b_key`` and ``b_print``."""
        if not rows:
            return
        statement = update(_RECORDS).where(
            _RECORDS.c.source == self.scope.source, _RECORDS.c.source_key == bindparam("b_key")
        )
        values = {"print": bindparam("b_print"), "is_active": True, "last_changed": self.scope.now}
        self.session.connection().execute(statement.values(values), list(rows))

    def reindex(self, people: Sequence[UUID], rows: Sequence[Columns]) -> None:
        """Replace the entries by which these people are found; numbers and addresses have their own."""
        old = delete(_ENTRIES).where(_ENTRIES.c.person == bindparam("b_person"), _ENTRIES.c.contact.is_(None))
        if people:
            self.session.connection().execute(old, [{"b_person": one} for one in people])
        add_rows(self.session, PersonIndexRow, rows)

    def settle_roles(self, keep_school: Iterable[UUID]) -> None:
        """Give those who were changed by this run their affiliations and their school."""
        touched = self._touched()
        complete = touched.where(_STAGED_PEOPLE.c.standing.op("&")(int(Standing.INCOMPLETE)) == 0)
        tx = self.session.connection()
        tx.execute(delete(_AFFILIATIONS).where(_AFFILIATIONS.c.person.in_(complete)))
        tx.execute(
            insert(_AFFILIATIONS).from_select(
                ["person", "school", "role", "is_primary", "begins", "ends"], self._affiliations()
            )
        )
        school = (
            select(_AFFILIATIONS.c.school)
            .join(_SCHOOLS, _SCHOOLS.c.id == _AFFILIATIONS.c.school)
            .where(_AFFILIATIONS.c.person == _PEOPLE.c.id)
            .order_by(_AFFILIATIONS.c.is_primary.desc(), (_SCHOOLS.c.kind == "school").desc(), _SCHOOLS.c.id)
            .limit(1)
            .scalar_subquery()
        )
        mine = update(_PEOPLE).where(
            _PEOPLE.c.agency == self.scope.agency,
            _PEOPLE.c.id.in_(touched),
            _PEOPLE.c.id.not_in(tuple(keep_school)),
        )
        tx.execute(mine.values(school=school))

    def tombstone(self) -> list[UUID]:
        """Mark those who are no longer in the source as gone, and return them."""
        tx = self.session.connection()
        missing = [*tx.execute(select(_RECORDS.c.person).where(self._is_gone())).scalars()]
        other = _RECORDS.alias()
        elsewhere = exists().where(other.c.person == _RECORDS.c.person, other.c.source != self.scope.source)
        speaks = elsewhere.where(other.c.is_active, other.c.print != "")
        gone = [*tx.execute(select(_RECORDS.c.person).where(self._is_gone(), ~speaks)).scalars()]
        one: BindParameter[UUID] = bindparam("b_person")
        people = update(_PEOPLE).where(_PEOPLE.c.agency == self.scope.agency, _PEOPLE.c.id == one)
        records = update(_RECORDS).where(_RECORDS.c.source == self.scope.source, _RECORDS.c.person == one)
        if gone:
            tx.execute(people.values(is_active=False, gone_at=self.scope.now), [{"b_person": one} for one in gone])
        if missing:
            bound = [{"b_person": person} for person in missing]
            tx.execute(records.values(is_active=False, last_changed=self.scope.now), bound)
        return gone

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

    def agree(self, overlay: UUID) -> None:
        """Note that the source now says what was corrected: from here on it may change it again."""
        mine = update(_OVERLAYS).where(_OVERLAYS.c.agency == self.scope.agency, _OVERLAYS.c.id == overlay)
        self.session.connection().execute(mine.values(agreed_at=self.scope.now))

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
        wanted = (new, changed, gone.where(self._is_gone(), of_kind), live)
        return Change(*(self.session.connection().execute(one).scalar_one() for one in wanted))

    def _compared(self, wanted: Select[Any]) -> Select[Any]:
        staged, record = _STAGED_PEOPLE, _RECORDS
        same = (record.c.source == self.scope.source) & (record.c.source_key == staged.c.source_key)
        return (
            wanted.select_from(staged)
            .join(record, same, isouter=True)
            .join(_PEOPLE, _PEOPLE.c.id == record.c.person, isouter=True)
            .where(staged.c.run == self.scope.run, staged.c.state == GOOD, _PEOPLE.c.erased_at.is_(None))
        )

    def _differs(self) -> ColumnElement[bool]:
        record = _RECORDS
        return record.c.person.is_(None) | (record.c.print != _STAGED_PEOPLE.c.print) | ~record.c.is_active

    def _differs_in_more_than_grade(self) -> ColumnElement[bool]:
        old, new = _RECORDS.c.print, _STAGED_PEOPLE.c.print
        return func.substr(old, 1, MAIN_PRINT) != func.substr(new, 1, MAIN_PRINT)

    def _is_gone(self) -> ColumnElement[bool]:
        if self.scope.keeps_everybody or not self.scope.has_people:
            return ~true()
        present = select(_STAGED_PEOPLE.c.source_key).where(_STAGED_PEOPLE.c.run == self.scope.run)
        record = _RECORDS
        speaks = (record.c.source == self.scope.source) & (record.c.print != "") & record.c.is_active
        return speaks & record.c.source_key.not_in(present)

    def _touched(self) -> Select[Any]:
        record = _RECORDS
        same = _STAGED_PEOPLE.c.source_key == record.c.source_key
        return (
            select(record.c.person)
            .join(_STAGED_PEOPLE, same & (_STAGED_PEOPLE.c.run == self.scope.run) & (_STAGED_PEOPLE.c.state == GOOD))
            .where(record.c.source == self.scope.source, record.c.last_changed == self.scope.now)
        )

    def _affiliations(self) -> Select[Any]:
        record, staged = _RECORDS, _STAGED_ROLES
        there = exists().where(
            _AFFILIATIONS.c.person == record.c.person,
            _AFFILIATIONS.c.school == _SCHOOLS.c.id,
            _AFFILIATIONS.c.role == staged.c.role,
        )
        mine = (record.c.source == self.scope.source) & (record.c.source_key == staged.c.source_key)
        primary = func.max(case((staged.c.is_primary, 1), else_=0)) == 1
        # Held twice, once without an end: it has no end.
        ends = case((func.count(staged.c.ends) < func.count(), null()), else_=func.max(staged.c.ends))
        return (
            select(record.c.person, _SCHOOLS.c.id, staged.c.role, primary, func.min(staged.c.begins), ends)
            .select_from(staged)
            .join(record, mine)
            .join(_SCHOOLS, (_SCHOOLS.c.agency == self.scope.agency) & (_SCHOOLS.c.sourced_id == staged.c.org))
            .where(staged.c.run == self.scope.run, record.c.last_changed == self.scope.now, ~there)
            .group_by(record.c.person, _SCHOOLS.c.id, staged.c.role)
        )
