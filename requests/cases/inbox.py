"""The lists of the desk: keyset pages of saved views, their counts, and search by reference, name or student number."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import CompoundSelect, Select
from sqlalchemy import Row as Found

from rightsdesk.requests.cases import counting, references, views
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.states import UNANSWERED, State
from rightsdesk.requests.cases.views import NEWEST_FIRST, PAGE, View
from rightsdesk.requests.ledger.dialects import run
from rightsdesk.requests.people.names import words_of
from rightsdesk.requests.people.store import Sealed

__all__ = ["PAGE", "Inbox", "Page", "Row", "View", "mark"]

_ALWAYS_LATER: Final = datetime(9999, 1, 1, tzinfo=UTC)
_WEEK: Final = timedelta(days=7)
# Where the columns of a row lie, see ``views``: asked for by name one after the other, they would cost twice as much.
_CASE: Final = slice(0, 6)  # id, reference, kind, state, requester, subject
_NAMED: Final = ((4, slice(6, 10)), (5, slice(10, 14)))  # requester and subject: who, and the parts of the name
_WORK: Final = slice(14, 20)  # school, due_on, claimed_by, decided_by, confirmed_by, effective_at
_HELD: Final = frozenset({State.APPROVED, State.PARTLY_APPROVED, State.DENIED})

Bound: TypeAlias = dict[str, object]


class Row(NamedTuple):
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


@dataclass(frozen=True, slots=True)
class Inbox:
    """The lists of one agency's desk, read inside one unit of work; nothing by or about ``hidden`` people is listed."""

    docket: Docket
    hidden: frozenset[UUID] = frozenset()

    def rows(self, view: str, staff: UUID, today: date, after: str = "") -> Page:
        """Return a page of a view; unknown views are empty. Open cases come soonest due first, others newest first."""
        kind = views.kind_of(view)
        wanted = views.shown(views.rows_of(kind, is_later=bool(after)), self.hidden)
        return self._page(wanted, self._bound(view, staff, today, after), newest_first=kind in NEWEST_FIRST)

    def unseen(self, view: str, staff: UUID, today: date, known: Collection[str], after: str = "") -> int:
        """Return how many rows of a page of a view nobody saw yet; no name is opened for it.

        What only moved up from the next page is not new.
        """
        wanted = views.shown(views.references_of(views.kind_of(view), is_later=bool(after)), self.hidden)
        found = self._read(wanted, self._bound(view, staff, today, after)).scalars().all()
        places = [place for place, reference in enumerate(found[:PAGE]) if reference in known]
        seen = found[: max(places, default=-1) + 1] if len(found) > PAGE else found
        return sum(reference not in known for reference in seen)

    def among(self, wanted: Collection[str]) -> frozenset[str]:
        """Return which of these references name a case that may be shown here."""
        return frozenset(self._read(views.shown(views.AMONG, self.hidden), {"references": tuple(wanted)}).scalars())

    def search(self, typed: str) -> Page:
        """Return the cases that a reference, a name or a student number finds, within this agency only (F-44)."""
        reference = references.read(typed)
        if reference:
            return self._page(views.shown(views.ONE, self.hidden), {"reference": reference}, newest_first=True)
        people = self._people(typed)
        if not people:
            return Page((), "")
        return self._page(views.found_by(self.hidden), {"people": people}, newest_first=True)

    def counts(self, staff: UUID, today: date) -> dict[str, int]:
        """Return the number beside each view: stored counters, and two short index ranges that move with the day."""
        mine = f"{View.MINE}:{staff.hex}"
        found = self._read(views.COUNTS, {"today": today, "week": today + _WEEK, "mine": mine}).all()
        numbers = dict.fromkeys(map(str, View), 0) | dict(map(tuple, found))
        for view in self._hidden_views(today):
            numbers[view] = numbers.get(view, 0) - 1
        numbers[View.MINE] = numbers.pop(mine, 0)
        return {view: number for view, number in numbers.items() if not view.startswith("mine:")}

    def _hidden_views(self, today: date) -> list[str]:
        # A number without its row would tell that one of the family asked.
        if not self.hidden:
            return []
        rows = self._read(views.FAMILY, {"people": tuple(self.hidden)}).all()
        return [view for row in rows for view in (*counting.views_of(row), *_views_of_the_day(row, today))]

    def _bound(self, view: str, staff: UUID, today: date, after: str) -> Bound:
        kind = views.kind_of(view)
        start, number = _read_mark(after, newest_first=kind in NEWEST_FIRST)
        language = view.removeprefix(views.LANGUAGE)
        days: Bound = {"today": today, "week": today + _WEEK}
        return {"staff": staff, "language": language, "start": start, "number": number, **days}

    def _read(self, wanted: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]], bound: Bound) -> Any:
        return run(self.docket.session, wanted, {"agency": self.docket.agency.id, **bound})

    def _people(self, typed: str) -> Sequence[UUID]:
        people = self.docket.people
        number = people.found_by("student_number", self.docket.vault.indexes("student_number", typed.strip()))
        sets = [set(people.found_by("name", self.docket.vault.indexes("name", word))) for word in words_of(typed)]
        named = set.intersection(*sets) if sets else set[UUID]()
        return sorted(named | set(number))[:200]

    def _page(
        self,
        wanted: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]],
        bound: Bound,
        *,
        newest_first: bool,
    ) -> Page:
        found = self._read(wanted, bound).all()
        shown = found[:PAGE]
        sealed = [Sealed(row[who], *row[name]) for row in shown for who, name in _NAMED]
        names = iter(self.docket.people.names(sealed))
        last = shown[-1] if len(found) > PAGE else None
        after = "" if last is None else mark(last.filed_at if newest_first else last.due_on, last.id)
        return Page(tuple(_row(row, next(names), next(names)) for row in shown), after)


def mark(start: date | datetime, case: UUID) -> str:
    """Return the mark of a row, behind which the next page starts.

    ``start`` is the day the case is due, or, in lists that come newest first, when it was filed.
    """
    return f"{start.isoformat()}~{case.hex}"


def _row(row: Found[Any], requester_name: str, subject_name: str) -> Row:
    is_held = row.took_effect_at is None and row.state in _HELD
    names = (requester_name, subject_name)
    return Row._make((*row[_CASE], *names, *row[_WORK], is_held, row.language, row.version))


def _views_of_the_day(row: Found[Any], today: date) -> list[str]:
    if row.state not in UNANSWERED:
        return []
    ranges = ((View.LATE, row.due_on <= today), (View.WEEK, today <= row.due_on <= today + _WEEK))
    return [view for view, holds in ranges if holds]


def _read_mark(typed: str, *, newest_first: bool) -> tuple[date, UUID]:
    start, _, number = typed.partition("~")
    beginning: tuple[date, UUID] = (_ALWAYS_LATER if newest_first else date.min), UUID(int=0)
    try:
        last, row = (datetime if newest_first else date).fromisoformat(start), UUID(number)
    except ValueError:  # a mark somebody wrote by hand: begin at the beginning
        return beginning
    return beginning if isinstance(last, datetime) and last.tzinfo is None else (last, row)
