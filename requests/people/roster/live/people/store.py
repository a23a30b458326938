"""Every SQL statement by which an import changes organisations and people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, case, delete, exists, func, insert, null, select, true, update
from sqlmodel import Session, col

from rightsdesk.requests.agencies.tables import SchoolRow
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
        wanted = select(TombstoneRow.source_key, TombstoneRow.element).where(TombstoneRow.agency == self.scope.agency)
        found: dict[str, set[str]] = {}
        for key, element in self.session.execute(wanted):
            found.setdefault(key, set()).add(element)
        return {key: frozenset(elements) for key, elements in found.items()}

    def schools(self) -> dict[str, SchoolRow]:
        """Return the agency's organisations by the id the roster gives them."""
        wanted = select(SchoolRow).where(col(SchoolRow.agency) == self.scope.agency)
        return {row.sourced_id: row for row in self.session.execute(wanted).scalars()}

    def put_school(self, row: SchoolRow) -> None:
        """Keep a new or changed organisation."""
        self.session.add(row)

    def counts(self) -> ChangedParts:
        """Return how many people are new, differ and are gone, before anything is changed."""
        parts = [self._counts(None), self._counts(True), self._counts(False)]
        return ChangedParts(*parts)

    def page(self, after: int, limit: int) -> Sequence[Differing]:
        """Return the next staged people who are new, changed or back; erased people never are."""
        staged, person = StagedPersonRow, PersonRow
        columns = (staged.id, staged.source_key, staged.print, staged.sealed, SourceRecordRow.person, person.is_student)
        wanted = (
            self._compared(select(*columns))
            .where(self._differs(), col(person.erased_at).is_(None), col(staged.id) > after)
            .order_by(col(staged.id))
            .limit(limit)
        )
        return [Differing(*row) for row in self.session.execute(wanted)]

    def add(self, people: Sequence[Columns], records: Sequence[Columns]) -> None:
        """Enter new people and what they are called by the source."""
        add_rows(self.session, PersonRow, people)
        add_rows(self.session, SourceRecordRow, records)

    def change(self, rows: Sequence[Columns]) -> None:
        """Change people; each row holds ``b_id`` and every column to be set, the same ones in all rows."""
        if not rows:
            return
        names = [name for name in rows[0] if name != "b_id"]
        statement = update(PersonRow).where(
            col(PersonRow.agency) == self.scope.agency, col(PersonRow.id) == bindparam("b_id")
        )
        self.session.connection().execute(statement.values({name: bindparam(name) for name in names}), list(rows))

    def seen(self, rows: Sequence[Columns]) -> None:
        """Note the new prints of records; each row holds ``b_key`` and ``b_print``."""
        if not rows:
            return
        statement = update(SourceRecordRow).where(
            col(SourceRecordRow.source) == self.scope.source, col(SourceRecordRow.source_key) == bindparam("b_key")
        )
        values = {"print": bindparam("b_print"), "is_active": True, "last_changed": self.scope.now}
        self.session.connection().execute(statement.values(values), list(rows))

    def reindex(self, people: Sequence[UUID], rows: Sequence[Columns]) -> None:
        """Replace the entries by which these people are found; numbers and addresses have their own."""
        old = delete(PersonIndexRow).where(
            col(PersonIndexRow.person) == bindparam("b_person"), col(PersonIndexRow.contact).is_(None)
        )
        if people:
            self.session.connection().execute(old, [{"b_person": one} for one in people])
        add_rows(self.session, PersonIndexRow, rows)

    def settle_roles(self, keep_school: Iterable[UUID]) -> None:
        """Give those who were changed by this run their affiliations and their school."""
        touched = self._touched()
        complete = touched.where(col(StagedPersonRow.standing).op("&")(int(Standing.INCOMPLETE)) == 0)
        tx = self.session.connection()
        tx.execute(delete(AffiliationRow).where(col(AffiliationRow.person).in_(complete)))
        tx.execute(
            insert(AffiliationRow).from_select(
                ["person", "school", "role", "is_primary", "begins", "ends"], self._affiliations()
            )
        )
        school = (
            select(AffiliationRow.school)
            .join(SchoolRow, col(SchoolRow.id) == col(AffiliationRow.school))
            .where(col(AffiliationRow.person) == col(PersonRow.id))
            .order_by(
                col(AffiliationRow.is_primary).desc(), (col(SchoolRow.kind) == "school").desc(), col(SchoolRow.id)
            )
            .limit(1)
            .scalar_subquery()
        )
        mine = update(PersonRow).where(
            col(PersonRow.agency) == self.scope.agency,
            col(PersonRow.id).in_(touched),
            col(PersonRow.id).not_in(tuple(keep_school)),
        )
        tx.execute(mine.values(school=school))

    def tombstone(self) -> list[UUID]:
        """Mark those who are no longer in the source as gone, and return them."""
        gone = [*self.session.execute(select(SourceRecordRow.person).where(self._is_gone())).scalars()]
        tx = self.session.connection()
        one = bindparam("b_person")
        people = update(PersonRow).where(col(PersonRow.agency) == self.scope.agency, col(PersonRow.id) == one)
        records = update(SourceRecordRow).where(
            col(SourceRecordRow.source) == self.scope.source, col(SourceRecordRow.person) == one
        )
        if gone:
            bound = [{"b_person": person} for person in gone]
            tx.execute(people.values(is_active=False, gone_at=self.scope.now), bound)
            tx.execute(records.values(is_active=False, last_changed=self.scope.now), bound)
        return gone

    def open_overlays(self) -> Sequence[OpenOverlay]:
        """Return corrections that still stand over the roster, with the staged row of whom they are about."""
        staged, record = StagedPersonRow, SourceRecordRow
        mine = (col(record.person) == col(OverlayRow.person)) & (record.source == self.scope.source)
        theirs = (col(staged.source_key) == col(record.source_key)) & (staged.run == self.scope.run)
        wanted = (
            select(OverlayRow.id, OverlayRow.person, OverlayRow.element, OverlayRow.value, staged.sealed)
            .join(record, mine, isouter=True)
            .join(staged, theirs & (staged.state == GOOD), isouter=True)
            .where(OverlayRow.agency == self.scope.agency, col(OverlayRow.agreed_at).is_(None))
        )
        return [OpenOverlay(*row) for row in self.session.execute(wanted)]

    def agree(self, overlay: UUID) -> None:
        """Note that the source now says what was corrected: from here on it may change it again."""
        mine = update(OverlayRow).where(col(OverlayRow.agency) == self.scope.agency, col(OverlayRow.id) == overlay)
        self.session.connection().execute(mine.values(agreed_at=self.scope.now))

    def _counts(self, students: bool | None) -> Change:  # noqa: FBT001 - None means everybody
        of_kind = true() if students is None else col(PersonRow.is_student) == students
        known = col(SourceRecordRow.person).is_not(None)
        count = select(func.count())
        is_student = col(StagedPersonRow.standing).op("&")(int(Standing.STUDENT)) != 0
        kind_of_new = true() if students is None else (is_student if students else ~is_student)
        back = known & (~col(SourceRecordRow.is_active))
        new = self._compared(count).where((~known & kind_of_new) | (back & of_kind))
        # For the limits a change of grade is none: the whole school moves up once a year.
        differs = self._differs() if students is None else self._differs_in_more_than_grade()
        changed = self._compared(count).where(known & col(SourceRecordRow.is_active), differs, of_kind)
        gone = count.select_from(SourceRecordRow).join(PersonRow, col(PersonRow.id) == col(SourceRecordRow.person))
        live = gone.where(SourceRecordRow.source == self.scope.source, col(SourceRecordRow.is_active), of_kind)
        wanted = (new, changed, gone.where(self._is_gone(), of_kind), live)
        return Change(*(self.session.execute(one).scalar_one() for one in wanted))

    def _compared(self, wanted: Select[tuple[object, ...]]) -> Select[tuple[object, ...]]:
        staged, record = StagedPersonRow, SourceRecordRow
        same = (col(record.source) == self.scope.source) & (col(record.source_key) == col(staged.source_key))
        return (
            wanted.select_from(staged)
            .join(record, same, isouter=True)
            .join(PersonRow, col(PersonRow.id) == col(record.person), isouter=True)
            .where(staged.run == self.scope.run, staged.state == GOOD, col(PersonRow.erased_at).is_(None))
        )

    def _differs(self) -> ColumnElement[bool]:
        record = SourceRecordRow
        return col(record.person).is_(None) | (col(record.print) != col(StagedPersonRow.print)) | ~col(record.is_active)

    def _differs_in_more_than_grade(self) -> ColumnElement[bool]:
        old, new = col(SourceRecordRow.print), col(StagedPersonRow.print)
        return func.substr(old, 1, MAIN_PRINT) != func.substr(new, 1, MAIN_PRINT)

    def _is_gone(self) -> ColumnElement[bool]:
        if self.scope.keeps_everybody or not self.scope.has_people:
            return ~true()
        present = select(StagedPersonRow.source_key).where(StagedPersonRow.run == self.scope.run)
        record = SourceRecordRow
        return (
            (col(record.source) == self.scope.source) & col(record.is_active) & col(record.source_key).not_in(present)
        )

    def _touched(self) -> Select[tuple[UUID]]:
        record = SourceRecordRow
        same = col(StagedPersonRow.source_key) == col(record.source_key)
        return (
            select(record.person)
            .join(StagedPersonRow, same & (StagedPersonRow.run == self.scope.run) & (StagedPersonRow.state == GOOD))
            .where(record.source == self.scope.source, record.last_changed == self.scope.now)
        )

    def _affiliations(self) -> Select[tuple[object, ...]]:
        record, staged = SourceRecordRow, StagedRoleRow
        there = exists().where(
            col(AffiliationRow.person) == col(record.person),
            col(AffiliationRow.school) == col(SchoolRow.id),
            col(AffiliationRow.role) == col(staged.role),
        )
        mine = (col(record.source) == self.scope.source) & (col(record.source_key) == col(staged.source_key))
        primary = func.max(case((col(staged.is_primary), 1), else_=0)) == 1
        # Held twice, once without an end: it has no end.
        ends = case((func.count(col(staged.ends)) < func.count(), null()), else_=func.max(staged.ends))
        return (
            select(record.person, SchoolRow.id, staged.role, primary, func.min(staged.begins), ends)
            .select_from(staged)
            .join(record, mine)
            .join(SchoolRow, (col(SchoolRow.agency) == self.scope.agency) & (col(SchoolRow.sourced_id) == staged.org))
            .where(staged.run == self.scope.run, record.last_changed == self.scope.now, ~there)
            .group_by(record.person, col(SchoolRow.id), staged.role)
        )
