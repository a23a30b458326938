"""Every SQL statement that reads whole cases or enters a new one: built once, for all agencies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, insert, or_, select
from sqlmodel import Session, col

from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.cases.case import Asked, Case, Clock, Delivery, Kind
from rightsdesk.requests.cases.states import UNANSWERED, State
from rightsdesk.requests.cases.tables import CaseRow, ClockRow, ElementRow
from rightsdesk.requests.ledger.dialects import run
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.ledger.vault import AgencyVault

Wanted: TypeAlias = Select[*tuple[Any, ...]]
Lying: TypeAlias = Row[*tuple[Any, ...]]

SCOPE: Final = "case"
_CODED: Final = {"kind": Kind, "state": State, "owner": Owner, "delivery": Delivery}
PLAIN: Final = tuple(field.name for field in fields(Case) if field.name not in {"details", "elements"})
_SEALED: Final = ("filed", "proposed", "accepted", "text")
_ASKED: Final = tuple(field.name for field in fields(Asked) if field.name not in _SEALED)

_NEWEST_FIRST: Final = (col(CaseRow.filed_at).desc(), col(CaseRow.id))
_CASES: Final = (
    select(*(col(getattr(CaseRow, name)) for name in (*PLAIN, "details")))
    .where(col(CaseRow.agency) == bindparam("agency"))
    .order_by(*_NEWEST_FIRST)
)
_ELEMENTS: Final = (
    select(*(col(getattr(ElementRow, name)) for name in ("case", *_ASKED, *_SEALED)))
    .where(col(ElementRow.case).in_(bindparam("cases", expanding=True)))
    .order_by(col(ElementRow.case), col(ElementRow.element))
)
_ENTER: Final = insert(CaseRow)
_ENTER_ELEMENT: Final = insert(ElementRow)
_ENTER_CLOCK: Final = insert(ClockRow)


def _where(*conditions: ColumnElement[bool]) -> Wanted:
    return _CASES.where(*conditions)


def _is(name: str) -> ColumnElement[bool]:
    return col(getattr(CaseRow, name)) == bindparam(name)


_ASKED_BY: Final = and_(_is("requester"), _is("subject"), _is("kind"), col(CaseRow.is_open))
REFERENCED: Final = _where(_is("reference"))
NUMBERED: Final = _where(_is("id"))
# A page at a time: what one family can ask is not bounded, what is opened for a page is.
FILED_BY: Final = _where(_is("requester")).limit(bindparam("many"))
FILED_EARLIER: Final = FILED_BY.where(
    or_(
        col(CaseRow.filed_at) < bindparam("filed_at"),
        and_(col(CaseRow.filed_at) == bindparam("filed_at"), col(CaseRow.id) > bindparam("after")),
    )
)
ABOUT: Final = _where(_is("subject"))
_WHOSE: Final = select(col(CaseRow.subject)).where(col(CaseRow.agency) == bindparam("agency"), _is("reference"))
BESIDE: Final = (
    _where(
        col(CaseRow.subject) == _WHOSE.correlate(None).scalar_subquery(),
        or_(_is("reference"), col(CaseRow.state).in_(sorted(UNANSWERED))),
    )
    .order_by(None)
    # The case itself, then who asked to see the data, for whom a deletion waits: neither may fall off the end.
    .order_by(_is("reference").desc(), (col(CaseRow.kind) == Kind.ACCESS).desc(), *_NEWEST_FIRST)
    .limit(bindparam("many"))
)
OPEN: Final = _where(_ASKED_BY)
SENT: Final = _where(_is("once"))
LINKED: Final = _where(col(CaseRow.linked).in_(bindparam("linked", expanding=True)))
SENT_OR_OPEN: Final = _where(or_(_is("once"), _ASKED_BY))


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one agency's cases."""

    session: Session
    agency: UUID
    vault: AgencyVault

    def read(self, wanted: Wanted, **bound: object) -> list[Case]:
        """Return the cases of a statement above, in its order, each with its elements by name: two statements."""
        found = run(self.session, wanted, {"agency": self.agency, **bound}).all()
        asked: dict[UUID, list[Lying]] = {row.id: [] for row in found}
        if found:
            for row in run(self.session, _ELEMENTS, {"cases": list(asked)}):
                asked[row.case].append(row)
        # What lies there as it did when it was opened is not opened again.
        return [self.vault.kept(_name(row, asked[row.id]), partial(self._value, row, asked[row.id])) for row in found]

    def enter(self, case: Case, clocks: Iterable[Clock]) -> None:
        """Enter a new case with its elements and the date of each law: three statements."""
        plain = {name: getattr(case, name) for name in PLAIN}
        details = self.seal(case.subject, f"cases:{case.id}:details", case.details)
        run(self.session, _ENTER, {**plain, "agency": self.agency, "is_open": case.is_open, "details": details})
        elements = [self._entry(case, one) for one in case.elements]
        if elements:
            run(self.session, _ENTER_ELEMENT, elements)
        self.enter_clocks(case.id, clocks)

    def enter_clocks(self, case: UUID, clocks: Iterable[Clock]) -> None:
        """Enter the date of each law."""
        rows = [
            {"case": case, "rule": one.rule, "due_on": one.due_on, "is_policy": one.is_policy, "source": one.source}
            for one in clocks
        ]
        if rows:
            run(self.session, _ENTER_CLOCK, rows)

    def columns_of(self, case: Case, one: Asked) -> dict[str, object]:
        """Return an element as its row holds it, words sealed."""
        sealed = {
            name: self.seal(case.subject, f"case_elements:{one.id}:{name}", getattr(one, name)) for name in _SEALED
        }
        return {name: getattr(one, name) for name in _ASKED} | sealed

    def seal(self, subject: UUID, place: str, text: str) -> bytes | None:
        """Return words sealed for their place, nothing for none."""
        return self.vault.seal(subject, SCOPE, place, text) if text else None

    def open(self, subject: UUID, place: str, sealed: bytes | None) -> str:
        """Return the words; none when they were erased by their retention: the case stays."""
        if sealed is None:
            return ""
        try:
            return self.vault.unseal(subject, SCOPE, place, sealed)
        except KeyGone:
            return ""

    def _entry(self, case: Case, one: Asked) -> dict[str, object]:
        return {"agency": self.agency, "case": case.id, "ended_at": None, **self.columns_of(case, one)}

    def _value(self, row: Lying, asked: Sequence[Lying]) -> Case:
        elements = tuple(self._asked(one, row.subject) for one in asked)
        plain = dict(zip(PLAIN, row, strict=False))  # the details come last
        plain |= {name: word(plain[name]) for name, word in _CODED.items()}
        details = self.open(row.subject, f"cases:{row.id}:details", row.details)
        return Case(**plain, details=details, elements=elements)

    def _asked(self, row: Lying, subject: UUID) -> Asked:
        plain: dict[str, Any] = {name: getattr(row, name) for name in _ASKED}
        for name in _SEALED:
            plain[name] = self.open(subject, f"case_elements:{row.id}:{name}", getattr(row, name))
        return Asked(**plain)


def _name(row: Lying, asked: Sequence[Lying]) -> tuple[object, ...]:
    return (*row, *map(tuple, asked))
