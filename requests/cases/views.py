"""What stands in each view of the desk, and the statements that read a page of it, each built once."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    Uuid,
    and_,
    bindparam,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    type_coerce,
    union,
    union_all,
)
from sqlalchemy.orm import aliased
from sqlmodel import col

from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.cases.states import UNANSWERED, UNDECIDED, State
from rightsdesk.requests.cases.tables import ANSWERED, CLOSED, ERASURES, FOREIGN, CaseCountRow, CaseRow
from rightsdesk.requests.ledger.columns import SeenUuid, UtcDateTime
from rightsdesk.requests.people.tables import PersonRow

PAGE: Final = 50
Condition: TypeAlias = ColumnElement[bool]
Listed: TypeAlias = Select[*tuple[Any, ...]]


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


NEWEST_FIRST: Final = frozenset({View.DECIDED, View.CLOSED})
LANGUAGE: Final = "lang:"
_ENGLISH: Final = "lang:en"

_AGENCY: Final = bindparam("agency", type_=Uuid())
_TODAY: Final = bindparam("today", type_=Date())
_requester, _subject = aliased(PersonRow), aliased(PersonRow)
_NAMES: Final = ("given", "family", "preferred_given", "preferred_family")


def _of_the_agency(table: Any, key: Any) -> Condition:
    found: Condition = (col(table.id) == key) & (col(table.agency) == col(CaseRow.agency))
    return found


# The names come with the rows: a page is one question, and only what was not opened before is opened.
_COLUMNS: Final[Listed] = (
    select(
        type_coerce(col(CaseRow.id), SeenUuid()).label("id"),
        col(CaseRow.reference),
        col(CaseRow.kind),
        col(CaseRow.state),
        type_coerce(col(CaseRow.requester), SeenUuid()).label("requester"),
        type_coerce(col(CaseRow.subject), SeenUuid()).label("subject"),
        *(col(getattr(_requester, one)).label(f"requester_{one}") for one in _NAMES),
        *(col(getattr(_subject, one)).label(f"subject_{one}") for one in _NAMES),
        func.coalesce(col(SchoolRow.name), "").label("school"),
        col(CaseRow.due_on),
        type_coerce(col(CaseRow.claimed_by), SeenUuid()).label("claimed_by"),
        type_coerce(col(CaseRow.decided_by), SeenUuid()).label("decided_by"),
        type_coerce(col(CaseRow.confirmed_by), SeenUuid()).label("confirmed_by"),
        col(CaseRow.effective_at),
        col(CaseRow.took_effect_at),
        col(CaseRow.language),
        col(CaseRow.version),
        col(CaseRow.filed_at),
    )
    .join_from(CaseRow, _requester, _of_the_agency(_requester, col(CaseRow.requester)), isouter=True)
    .join(_subject, _of_the_agency(_subject, col(CaseRow.subject)), isouter=True)
    .join(SchoolRow, _of_the_agency(SchoolRow, col(CaseRow.school)), isouter=True)
    .where(col(CaseRow.agency) == _AGENCY)
)
_REFERENCES: Final = select(col(CaseRow.reference)).where(col(CaseRow.agency) == _AGENCY)
_STANDING: Final = select(
    col(CaseRow.id),
    col(CaseRow.state),
    col(CaseRow.kind),
    col(CaseRow.language),
    col(CaseRow.due_on),
    type_coerce(col(CaseRow.claimed_by), SeenUuid()).label("claimed_by"),
).where(col(CaseRow.agency) == _AGENCY)


def _one_of(states: Iterable[State]) -> Condition:
    # One bound value each: a list that grows would be written anew at each call.
    return or_(*(col(CaseRow.state) == literal(str(state)) for state in sorted(states)))


def _written(words: str) -> Condition:
    return and_(text(f"cases.{words}"))


# The bare column, and words instead of bound values: SQLite matches a partial index by its very text.
_OPEN: Final = and_(col(CaseRow.is_open))
_UNDECIDED: Final = _OPEN & _one_of(UNDECIDED)
_UNANSWERED: Final = _OPEN & _one_of(UNANSWERED)
_LATE: Final = _UNANSWERED & (col(CaseRow.due_on) <= _TODAY)
_WEEK: Final = _UNANSWERED & col(CaseRow.due_on).between(_TODAY, bindparam("week", type_=Date()))
_SPOKEN: Final = col(CaseRow.language) == bindparam("language")
_CONDITIONS: Final[dict[str, Condition]] = {
    View.DECISION: _UNDECIDED,
    View.LATE: _LATE,
    View.WEEK: _WEEK,
    View.WAITING: _OPEN & _one_of([State.WAITING_ON_FAMILY]),
    View.DECIDED: _written(ANSWERED),
    View.MINE: _UNDECIDED & (col(CaseRow.claimed_by) == bindparam("staff", type_=Uuid())),
    View.DELETIONS: _OPEN & _written(ERASURES) & _one_of({*UNDECIDED, State.AWAITING_SECOND_APPROVAL}),
    View.SECOND: _OPEN & _one_of([State.AWAITING_SECOND_APPROVAL]),
    View.PROOF: _OPEN & _one_of([State.AWAITING_PROOF]),
    View.CLOSED: _written(CLOSED),
    LANGUAGE: _UNDECIDED & _written(FOREIGN) & _SPOKEN,
    _ENGLISH: _UNDECIDED & _SPOKEN,
}


def kind_of(view: str) -> str:
    """Return the view as the statements know it: all foreign languages are one."""
    return LANGUAGE if view.startswith(LANGUAGE) and view != _ENGLISH else view


@lru_cache(maxsize=64)
def rows_of(kind: str, *, is_later: bool) -> Listed:
    """Return what reads a page of a view and the first row after it; ``is_later`` begins behind a mark."""
    return _page(_COLUMNS, kind, is_later=is_later)


@lru_cache(maxsize=64)
def references_of(kind: str, *, is_later: bool) -> Listed:
    """Return what reads the references of a page alone."""
    return _page(_REFERENCES, kind, is_later=is_later)


def shown(wanted: Listed, hidden: Collection[UUID]) -> Listed:
    """Return the same without what is by or about these people."""
    if not hidden:
        return wanted
    return wanted.where(col(CaseRow.subject).not_in(hidden), col(CaseRow.requester).not_in(hidden))


def _page(wanted: Listed, kind: str, *, is_later: bool) -> Listed:
    key = col(CaseRow.filed_at) if kind in NEWEST_FIRST else col(CaseRow.due_on)
    wanted = wanted.where(_CONDITIONS.get(kind, false())).limit(PAGE + 1)
    if is_later:
        # A row value seeks in the index; the same condition written with OR scans (35 against 243 microseconds).
        row = tuple_(key, col(CaseRow.id))
        start = bindparam("start", type_=UtcDateTime() if kind in NEWEST_FIRST else Date())
        mark = tuple_(start, bindparam("number", type_=Uuid()))
        wanted = wanted.where(row < mark if kind in NEWEST_FIRST else row > mark)
    if kind in NEWEST_FIRST:
        return wanted.order_by(key.desc(), col(CaseRow.id).desc())
    return wanted.order_by(key, col(CaseRow.id))


ONE: Final = _COLUMNS.where(col(CaseRow.reference) == bindparam("reference"))
AMONG: Final = _REFERENCES.where(col(CaseRow.reference).in_(bindparam("references", expanding=True)))
_PEOPLE: Final = bindparam("people", expanding=True, type_=Uuid())


def _by_or_about(wanted: Listed) -> CompoundSelect[*tuple[Any, ...]]:
    # Each half seeks in an index of its own: with OR, SQLite reads every case of the agency instead.
    return union(*(wanted.where(whose.in_(_PEOPLE)) for whose in (col(CaseRow.subject), col(CaseRow.requester))))


FAMILY: Final = _by_or_about(_STANDING)


def found_by(hidden: Collection[UUID]) -> CompoundSelect[*tuple[Any, ...]]:
    """Return what reads the newest cases by or about some people."""
    found = _by_or_about(shown(_COLUMNS, hidden))
    return found.order_by(found.selected_columns.filed_at.desc(), found.selected_columns.id.desc()).limit(PAGE + 1)


# The stored numbers, and two short ranges of an index that move with the day.
COUNTS: Final[CompoundSelect[*tuple[Any, ...]]] = union_all(
    select(col(CaseCountRow.view), col(CaseCountRow.number)).where(
        col(CaseCountRow.agency) == _AGENCY,
        or_(col(CaseCountRow.view).not_like("mine:%"), col(CaseCountRow.view) == bindparam("mine")),
    ),
    *(
        select(literal_column(f"'{view}'"), func.count()).where(col(CaseRow.agency) == _AGENCY, condition)
        for view, condition in ((View.LATE, _LATE), (View.WEEK, _WEEK))
    ),
)
