"""Every SQL statement by which an import changes organisations and people."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Select,
    Update,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    null,
    select,
    update,
)
from sqlmodel import select as select_rows

from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.ledger.bulk import Values, add_many
from rightsdesk.requests.ledger.dialects import count_anew, drop_indexes, make_indexes
from rightsdesk.requests.people.roster.columns import table
from rightsdesk.requests.people.roster.live.comparing.store import SCHOOLS_FIRST, Comparing
from rightsdesk.requests.people.roster.records import Standing
from rightsdesk.requests.people.roster.staging.store import GOOD, Columns
from rightsdesk.requests.people.roster.tables import StagedPersonRow, StagedRoleRow
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

_PEOPLE: Final = table(PersonRow)
_ENTRIES: Final = table(PersonIndexRow)
_RECORDS: Final = table(SourceRecordRow)
_AFFILIATIONS: Final = table(AffiliationRow)
_OVERLAYS: Final = table(OverlayRow)
_TOMBSTONES: Final = table(TombstoneRow)
_SCHOOLS: Final = table(SchoolRow)
_STAGED_PEOPLE: Final = table(StagedPersonRow)
_STAGED_ROLES: Final = table(StagedRoleRow)
_LOOKUPS: Final = {"ix_people_index_lookup", "ix_guardianships_guardian"}  # what comes in no order
_SEARCHED: Final = [
    one for lying in (_ENTRIES, table(GuardianshipRow)) for one in lying.indexes if one.name in _LOOKUPS
]
_LAST_ENTRY: Final = select(func.max(_ENTRIES.c.id))

PEOPLE: Final = (
    "id",
    "is_student",
    "is_enabled",
    "grade",
    "school",
    "given",
    "family",
    "preferred_given",
    "preferred_family",
    "student_number",
    "email",
    "username",
    "birth_date",
)
RECORDS: Final = ("source_key", "person", "sourced_id", "print")


@dataclass(frozen=True, slots=True)
class LivePeople(Comparing):
    """The same people, to be changed."""

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

    @contextmanager
    def searched_later(self) -> Iterator[None]:
        """Enter people while the block runs: where most of all are new, how they are found is put in order at its end.

        Whoever reads meanwhile sees the record as it was, and finds people in it.
        """
        here = select(func.count()).select_from(_STAGED_PEOPLE).where(_STAGED_PEOPLE.c.run == self.scope.run)
        tx = self.session.connection()
        if self.scope.is_first and tx.execute(here).scalar_one() > (tx.execute(_LAST_ENTRY).scalar() or 0):
            drop_indexes(self.session, *_SEARCHED)
        yield
        make_indexes(self.session, *_SEARCHED)

    def add(self, people: Values, records: Values) -> None:
        """Enter new people, columns as in ``PEOPLE``, and what the source calls them, columns as in ``RECORDS``."""
        now = self.scope.now
        mine = {"agency": self.scope.agency, "is_active": True, "language": "", "first_seen": now}
        add_many(self.session, _PEOPLE, PEOPLE, people, mine)
        theirs = {"source": self.scope.source, "is_active": True, "first_seen": now, "last_changed": now}
        add_many(self.session, _RECORDS, RECORDS, records, theirs)

    def settle(self) -> None:
        """Let the database take stock of people, records and how they are found; call it when they are written."""
        count_anew(self.session, _PEOPLE, _RECORDS, _ENTRIES, table(ContactRow))

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

    def forget(self, people: Sequence[UUID]) -> None:
        """Drop the entries by which these people are found; numbers and addresses keep theirs."""
        old = delete(_ENTRIES).where(_ENTRIES.c.person == bindparam("b_person"), _ENTRIES.c.contact.is_(None))
        if people:
            self.session.connection().execute(old, [{"b_person": one} for one in people])

    def enter(self, entries: Values) -> None:
        """Enter people into the blind index; each entry is a purpose, a keyed value and a person."""
        add_many(self.session, _ENTRIES, ("purpose", "value", "person"), entries, {"agency": self.scope.agency})

    def settle_roles(self, keep_school: Iterable[UUID], *, all_new: bool) -> None:
        """Give those who were changed by this run their affiliations and their school.

        ``all_new``: nobody was on record before, so there is nothing to take back, and each has the school written with
        them.
        """
        tx = self.session.connection()
        if not all_new:
            complete = self._touched().where(_STAGED_PEOPLE.c.standing.op("&")(int(Standing.INCOMPLETE)) == 0)
            tx.execute(delete(_AFFILIATIONS).where(_AFFILIATIONS.c.person.in_(complete)))
        columns = ["person", "school", "role", "is_primary", "begins", "ends"]
        tx.execute(insert(_AFFILIATIONS).from_select(columns, self._affiliations()))
        if not all_new:
            tx.execute(self._settled_schools(keep_school))

    def _settled_schools(self, keep: Iterable[UUID]) -> Update:
        school = (
            select(_AFFILIATIONS.c.school)
            .join(_SCHOOLS, _SCHOOLS.c.id == _AFFILIATIONS.c.school)
            .where(_AFFILIATIONS.c.person == _PEOPLE.c.id)
            .order_by(_AFFILIATIONS.c.is_primary.desc(), *SCHOOLS_FIRST)
            .limit(1)
            .scalar_subquery()
        )
        mine = update(_PEOPLE).where(
            _PEOPLE.c.agency == self.scope.agency,
            _PEOPLE.c.id.in_(self._touched()),
            _PEOPLE.c.id.not_in(tuple(keep)),
            _PEOPLE.c.school.is_distinct_from(school),
        )
        return mine.values(school=school)

    def tombstone(self) -> list[UUID]:
        """Mark those who are no longer in the source as gone, and return them."""
        tx, gone_now = self.session.connection(), self.is_gone()
        missing = [*tx.execute(select(_RECORDS.c.person).where(gone_now)).scalars()]
        other = _RECORDS.alias()
        elsewhere = exists().where(other.c.person == _RECORDS.c.person, other.c.source != self.scope.source)
        speaks = elsewhere.where(other.c.is_active, other.c.print != "")
        gone = [*tx.execute(select(_RECORDS.c.person).where(gone_now, ~speaks)).scalars()]
        one: BindParameter[UUID] = bindparam("b_person")
        people = update(_PEOPLE).where(_PEOPLE.c.agency == self.scope.agency, _PEOPLE.c.id == one)
        records = update(_RECORDS).where(_RECORDS.c.source == self.scope.source, _RECORDS.c.person == one)
        if gone:
            tx.execute(people.values(is_active=False, gone_at=self.scope.now), [{"b_person": one} for one in gone])
        if missing:
            bound = [{"b_person": person} for person in missing]
            tx.execute(records.values(is_active=False, last_changed=self.scope.now), bound)
        return gone

    def agree(self, overlay: UUID) -> None:
        """Note that the source now says what was corrected: from here on it may change it again."""
        mine = update(_OVERLAYS).where(_OVERLAYS.c.agency == self.scope.agency, _OVERLAYS.c.id == overlay)
        self.session.connection().execute(mine.values(agreed_at=self.scope.now))

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
