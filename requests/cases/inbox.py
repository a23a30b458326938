"""The desk's lists: columns, not entities, and keyset pages that cost the same at a thousand cases and a million."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, false, func, select, tuple_, union
from sqlalchemy import Row as Found
from sqlmodel import col

from rightsdesk.requests.agencies.store import Schools
from rightsdesk.requests.cases import counting, references
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.states import UNANSWERED, UNDECIDED, State
from rightsdesk.requests.cases.tables import CaseRow
from rightsdesk.requests.people.names import words_of

PAGE: Final = 50
_ALWAYS_LATER: Final = datetime(9999, 1, 1, tzinfo=UTC)


class View(StrEnum):
    """A saved view of the desk; ``lang:xx`` views exist beside them."""

    DECISION = "decision"
    LATE = "late"
    WEEK = "week"
    WAITING = "waiting"
    DECIDED = "decided"
    MINE = "mine"
    DELETIONS = "deletions"
    SECOND = "second"
    PROOF = "proof"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list. ``effective_at`` is when a held decision leaves."""

    id: UUID
    reference: str
    kind: str
    state: str
    requester: UUID
    subject: UUID
    requester_name: str
    subject_name: str
    school: str
    due_on: date
    claimed_by: UUID | None
    decided_by: UUID | None
    confirmed_by: UUID | None
    effective_at: datetime | None
    is_held: bool
    language: str
    version: int


@dataclass(frozen=True, slots=True)
class Page:
    """Fifty rows at most, and where the next page starts; ``next`` is empty on the last one."""

    rows: tuple[Row, ...]
    next: str


Condition: TypeAlias = ColumnElement[bool]
Listed: TypeAlias = Select[*tuple[Any, ...]]
_ANSWERED: Final = (State.APPROVED, State.PARTLY_APPROVED, State.DENIED, State.FULFILLING, State.FULFILLED)
_CLOSED: Final = (State.WITHDRAWN, State.EXPIRED_UNVERIFIED, State.DUPLICATE)
_COLUMNS: Final = select(
    col(CaseRow.id),
    col(CaseRow.reference),
    col(CaseRow.kind),
    col(CaseRow.state),
    col(CaseRow.requester),
    col(CaseRow.subject),
    col(CaseRow.school),
    col(CaseRow.due_on),
    col(CaseRow.claimed_by),
    col(CaseRow.decided_by),
    col(CaseRow.confirmed_by),
    col(CaseRow.effective_at),
    col(CaseRow.took_effect_at),
    col(CaseRow.language),
    col(CaseRow.version),
    col(CaseRow.filed_at),
)


@dataclass(frozen=True, slots=True)
class Inbox:
    """The lists of one agency's desk, read inside one unit of work; nothing by or about ``hidden`` people is listed."""

    docket: Docket
    hidden: frozenset[UUID] = frozenset()

    def rows(self, view: str, staff: UUID, today: date, after: str = "") -> Page:
        """Return a page of a view; unknown views are empty. Open cases come soonest due first, others newest first."""
        wanted = self._listed().where(_condition(view, staff, today))
        newest_first = view in {View.DECIDED, View.CLOSED}
        return self._page(_from(wanted, after, newest_first=newest_first), newest_first=newest_first)

    def unseen(self, view: str, staff: UUID, today: date, known: Collection[str], after: str = "") -> int:
        """Return how many rows of a page of a view nobody saw yet; no name is opened for it.

        What only moved up from the next page is not new.
        """
        newest_first = view in {View.DECIDED, View.CLOSED}
        wanted = self._shown(self._references().where(_condition(view, staff, today)))
        found = self._strings(_from(wanted, after, newest_first=newest_first).limit(PAGE + 1))
        places = [place for place, reference in enumerate(found[:PAGE]) if reference in known]
        shown = found[: max(places, default=-1) + 1] if len(found) > PAGE else found
        return sum(reference not in known for reference in shown)

    def among(self, references: Collection[str]) -> frozenset[str]:
        """Return which of these references name a case that may be shown here."""
        return frozenset(self._strings(self._shown(self._references().where(col(CaseRow.reference).in_(references)))))

    def search(self, typed: str) -> Page:
        """Return the cases that a reference, a name or a student number finds, within this agency only (F-44)."""
        reference = references.read(typed)
        wanted = self._listed()
        if reference:
            return self._page(wanted.where(col(CaseRow.reference) == reference), newest_first=True)
        people = self._people(typed)
        if not people:
            return Page((), "")
        found = _by_or_about(wanted, people)
        newest = (found.selected_columns.filed_at.desc(), found.selected_columns.id.desc())
        return self._page(found.order_by(*newest), newest_first=True)

    def counts(self, staff: UUID, today: date) -> dict[str, int]:
        """Return the number beside each view: stored counters, and two short index ranges that move with the day."""
        kept = counting.counts(self.docket.session, self.docket.agency.id)
        numbers = {str(view): kept.get(view, 0) for view in View}
        numbers |= {view: number for view, number in kept.items() if view.startswith("lang:")}
        numbers[View.MINE] = kept.get(f"mine:{staff.hex}", 0)
        for view in (View.LATE, View.WEEK):
            wanted = select(func.count()).where(
                col(CaseRow.agency) == self.docket.agency.id, _condition(view, staff, today)
            )
            numbers[view] = self.docket.session.connection().execute(wanted).scalar_one()
        return {view: number - self._hidden_in(view, staff, today) for view, number in numbers.items()}

    def _hidden_in(self, view: str, staff: UUID, today: date) -> int:
        # A number without its row would tell that one of the family asked.
        if not self.hidden:
            return 0
        mine = select(col(CaseRow.id)).where(col(CaseRow.agency) == self.docket.agency.id)
        theirs = _by_or_about(mine.where(_condition(view, staff, today)), self.hidden).subquery()
        return self.docket.session.connection().execute(select(func.count()).select_from(theirs)).scalar_one()

    def _listed(self) -> Listed:
        return self._shown(_COLUMNS.where(col(CaseRow.agency) == self.docket.agency.id))

    def _references(self) -> Listed:
        return select(col(CaseRow.reference)).where(col(CaseRow.agency) == self.docket.agency.id)

    def _strings(self, wanted: Listed) -> Sequence[str]:
        return self.docket.session.connection().execute(wanted).scalars().all()

    def _shown(self, wanted: Listed) -> Listed:
        if not self.hidden:
            return wanted
        return wanted.where(col(CaseRow.subject).not_in(self.hidden), col(CaseRow.requester).not_in(self.hidden))

    def _people(self, typed: str) -> Sequence[UUID]:
        people = self.docket.people
        number = people.found_by("student_number", self.docket.vault.indexes("student_number", typed.strip()))
        sets = [set(people.found_by("name", self.docket.vault.indexes("name", word))) for word in words_of(typed)]
        named = set.intersection(*sets) if sets else set[UUID]()
        return sorted(named | set(number))[:200]

    def _page(self, wanted: Listed | CompoundSelect[*tuple[Any, ...]], *, newest_first: bool) -> Page:
        found = self.docket.session.connection().execute(wanted.limit(PAGE + 1)).all()
        shown = found[:PAGE]
        people = self.docket.people.persons({number for row in shown for number in (row.requester, row.subject)})
        names = {number: person.name for number, person in people.items()}
        schools = Schools(self.docket.session, self.docket.agency.id).names({row.school for row in shown if row.school})
        last = shown[-1] if len(found) > PAGE else None
        after = "" if last is None else mark(last.filed_at if newest_first else last.due_on, last.id)
        return Page(tuple(_row(row, names, schools) for row in shown), after)


def mark(start: date | datetime, case: UUID) -> str:
    """Return the mark of a row, behind which the next page starts.

    ``start`` is the day the case is due, or, in lists that come newest first, when it was filed.
    """
    return f"{start.isoformat()}~{case.hex}"


def _row(row: Found[Any], names: Mapping[UUID, str], schools: Mapping[UUID, str]) -> Row:
    return Row(
        id=row.id,
        reference=row.reference,
        kind=row.kind,
        state=row.state,
        requester=row.requester,
        subject=row.subject,
        requester_name=names.get(row.requester, ""),
        subject_name=names.get(row.subject, ""),
        school=schools.get(row.school, ""),
        due_on=row.due_on,
        claimed_by=row.claimed_by,
        decided_by=row.decided_by,
        confirmed_by=row.confirmed_by,
        effective_at=row.effective_at,
        is_held=row.took_effect_at is None and row.state in _HELD,
        language=row.language,
        version=row.version,
    )


_HELD: Final = frozenset({State.APPROVED, State.PARTLY_APPROVED, State.DENIED})


def _condition(view: str, staff: UUID, today: date) -> Condition:
    # The bare column: SQLite matches a partial index by its very words, and ``IS 1`` is not among them.
    is_open = col(CaseRow.is_open)
    undecided = is_open & col(CaseRow.state).in_(sorted(UNDECIDED))
    waiting_for_us = is_open & col(CaseRow.state).in_(sorted(UNANSWERED))
    conditions: dict[str, Condition] = {
        View.DECISION: undecided,
        View.LATE: waiting_for_us & (col(CaseRow.due_on) <= today),
        View.WEEK: waiting_for_us & col(CaseRow.due_on).between(today, today + timedelta(days=7)),
        View.WAITING: is_open & (col(CaseRow.state) == State.WAITING_ON_FAMILY),
        View.DECIDED: col(CaseRow.state).in_(_ANSWERED),
        View.MINE: undecided & (col(CaseRow.claimed_by) == staff),
        View.DELETIONS: is_open
        & (col(CaseRow.kind) == "erasure")
        & col(CaseRow.state).in_(sorted({*UNDECIDED, State.AWAITING_SECOND_APPROVAL})),
        View.SECOND: is_open & (col(CaseRow.state) == State.AWAITING_SECOND_APPROVAL),
        View.PROOF: is_open & (col(CaseRow.state) == State.AWAITING_PROOF),
        View.CLOSED: col(CaseRow.state).in_(_CLOSED),
    }
    if view.startswith("lang:"):
        return undecided & (col(CaseRow.language) == view.removeprefix("lang:"))
    return conditions.get(view, false())


def _by_or_about(wanted: Listed, people: Collection[UUID]) -> CompoundSelect[*tuple[Any, ...]]:
    # Each half seeks in an index of its own: with OR, SQLite reads every case of the agency instead.
    return union(*(wanted.where(whose.in_(people)) for whose in (col(CaseRow.subject), col(CaseRow.requester))))


def _from(wanted: Listed, after: str, *, newest_first: bool) -> Listed:
    key = col(CaseRow.filed_at) if newest_first else col(CaseRow.due_on)
    if after:
        start, number = _read_mark(after, newest_first=newest_first)
        # A row value seeks in the index; the same condition written with OR scans (35 against 243 microseconds).
        place = tuple_(key, col(CaseRow.id))
        wanted = wanted.where(place < tuple_(start, number) if newest_first else place > tuple_(start, number))
    if newest_first:
        return wanted.order_by(key.desc(), col(CaseRow.id).desc())
    return wanted.order_by(key, col(CaseRow.id))


def _read_mark(typed: str, *, newest_first: bool) -> tuple[date, UUID]:
    start, _, number = typed.partition("~")
    beginning: tuple[date, UUID] = (_ALWAYS_LATER if newest_first else date.min), UUID(int=0)
    try:
        last, row = (datetime if newest_first else date).fromisoformat(start), UUID(number)
    except ValueError:  # a mark somebody wrote by hand: begin at the beginning
        return beginning
    return beginning if isinstance(last, datetime) and last.tzinfo is None else (last, row)
