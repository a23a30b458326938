"""Every SQL statement that loads or changes a case; the desk's lists stand in ``inbox``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import inspect
from sqlmodel import Session, col, delete, select, update
from sqlmodel.sql.expression import SelectOfScalar

from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.cases import counting
from rightsdesk.requests.cases.case import Asked, Case, Clock, Delivery, Kind
from rightsdesk.requests.cases.due import store as due
from rightsdesk.requests.cases.errors import MovedOn, NoSuchCase
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import CaseRow, ClockRow, DecisionRow, ElementRow, NoticeRow
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.ledger.vault import AgencyVault

SCOPE: Final = "case"
_OPENED: Final = {"details", "elements"}
_CODED: Final = {"kind": Kind, "state": State, "owner": Owner, "delivery": Delivery}
_PLAIN: Final = tuple(field.name for field in fields(Case) if field.name not in _OPENED)
_SEALED: Final = ("filed", "proposed", "accepted", "text")
_ASKED_PLAIN: Final = ("id", "element", "outcome", "ground", "result", "attempts", "last_error")


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases one agency owns. Nobody else's can be reached from here."""

    session: Session
    agency: UUID
    vault: AgencyVault

    def add(self, case: Case, clocks: Sequence[Clock]) -> None:
        """Enter a new case with its elements and the date of each law."""
        self.session.add(
            CaseRow(
                agency=self.agency,
                is_open=case.is_open,
                details=self._seal(case.subject, f"cases:{case.id}:details", case.details),
                **{name: getattr(case, name) for name in _PLAIN},
            )
        )
        self.session.flush()
        self.session.add_all(self._element_row(case, one) for one in case.elements)
        self.session.add_all(self._clock_rows(case.id, clocks))
        counting.moved(self.session, self.agency, None, case)

    def save(self, before: Case, after: Case) -> Case:
        """Store a moved case and return it.

        Raises:
            MovedOn: somebody saved another version since ``before`` was read.
        """
        changed = {name: getattr(after, name) for name in _PLAIN if getattr(after, name) != getattr(before, name)}
        done = self.session.exec(
            update(CaseRow)
            .where(col(CaseRow.id) == before.id, col(CaseRow.agency) == self.agency)
            .where(col(CaseRow.version) == before.version)
            .values(**changed, is_open=after.is_open)
        )
        if done.rowcount != 1:
            raise MovedOn("Somebody changed this request a moment ago.", before.version)
        for old, new in zip(before.elements, after.elements, strict=True):
            if old != new:
                self._save_element(after, new)
        counting.moved(self.session, self.agency, before, after)
        return after

    def find(self, reference: str) -> Case:
        """Return the case of this reference.

        Raises:
            NoSuchCase: unknown, or another agency's: the same words.
        """
        return self._one(col(CaseRow.reference) == reference)

    def numbered(self, case: UUID) -> Case:
        """Return the case of this id.

        Raises:
            NoSuchCase: unknown, or another agency's.
        """
        return self._one(col(CaseRow.id) == case)

    def of(self, requester: UUID, reference: str) -> Case:
        """Return a case of this requester.

        Raises:
            NoSuchCase: unknown, another agency's or another person's.
        """
        case = self.find(reference)
        if case.requester != requester:
            raise NoSuchCase("We cannot find that request.")
        return case

    def filed_by(self, requester: UUID) -> Sequence[Case]:
        """Return what a requester has asked, newest first."""
        return self._many(col(CaseRow.requester) == requester)

    def open_from(self, requester: UUID, subject: UUID, kind: Kind) -> Sequence[Case]:
        """Return the open cases of one kind that a requester filed about a data subject, newest first."""
        asked = (col(CaseRow.requester) == requester) & (col(CaseRow.subject) == subject)
        return self._many(asked & (col(CaseRow.kind) == kind) & col(CaseRow.is_open))

    def about(self, subject: UUID) -> Sequence[Case]:
        """Return every case about a data subject, newest first."""
        return self._many(col(CaseRow.subject) == subject)

    def sent_once(self, once: str) -> Sequence[Case]:
        """Return the cases that one sending of the form made: twice the same key files once."""
        first = self._many(col(CaseRow.once) == once)
        return [*first, *self._many(col(CaseRow.linked).in_([case.id for case in first]))] if first else []

    def touching(self, people: Sequence[UUID]) -> Sequence[UUID]:
        """Return the ids of the open cases about or by any of these people."""
        wanted = select(CaseRow.id).where(CaseRow.agency == self.agency, col(CaseRow.is_open))
        by = wanted.where(col(CaseRow.subject).in_(people) | col(CaseRow.requester).in_(people))
        return self.session.exec(by.order_by(col(CaseRow.id))).all()

    def clocks(self, case: UUID) -> Sequence[Clock]:
        """Return the date of each law, soonest first."""
        wanted = select(ClockRow).where(ClockRow.case == case).order_by(col(ClockRow.due_on), col(ClockRow.rule))
        return [Clock(row.rule, row.due_on, row.is_policy, row.source) for row in self.session.exec(wanted)]

    def due_to_take_effect(self, now: datetime, limit: int = 200) -> Sequence[UUID]:
        """Return the cases of this agency whose hold is over and whose letter can leave."""
        return self.session.exec(due.leaving(self.agency, now).limit(limit)).all()

    def due_to_erase(self, now: datetime, limit: int = 200) -> Sequence[UUID]:
        """Return the erasures of this agency whose waiting is over and which nothing is known to hold back."""
        return self.session.exec(due.erasing(self.agency, now).where(col(CaseRow.blocked) == "").limit(limit)).all()

    def held_back(self, now: datetime) -> Sequence[UUID]:
        """Return the erasures whose waiting is over and which something held back when they were looked at last."""
        return self.session.exec(due.erasing(self.agency, now).where(col(CaseRow.blocked) != "")).all()

    def people_of_open_cases(self) -> Sequence[UUID]:
        """Return the data subjects of the open cases, each once."""
        wanted = select(CaseRow.subject).where(CaseRow.agency == self.agency, col(CaseRow.is_open))
        return self.session.exec(wanted.distinct()).all()

    def was_told(self, case: UUID, kind: str) -> bool:
        """Say whether a notice of this kind was entered for a case."""
        wanted = select(NoticeRow.id).where(NoticeRow.agency == self.agency, NoticeRow.case == case)
        return self.session.exec(wanted.where(NoticeRow.kind == kind)).first() is not None

    def add_decision(self, row: UUID, case: Case, answer: tuple[str, str], now: datetime) -> None:
        """Keep the ruling that was just made on a case, with its ground and words; nothing for one that nobody made."""
        ground, text = answer
        if case.decided_by is None:
            return
        self.session.add(
            DecisionRow(
                id=row,
                agency=self.agency,
                case=case.id,
                by=case.decided_by,
                at=now,
                outcome=case.outcome,
                ground=ground,
                text=self._seal(case.subject, f"case_decisions:{row}:text", text),
                confirmed_by=case.confirmed_by,
            )
        )
        self.session.flush()

    def keep_letter(self, case: Case, text: str) -> None:
        """Keep the letter that leaves, sealed with the standing decision; what nobody decided has none."""
        standing = self.session.exec(self._standing(case.id)).first()
        if standing is not None:
            standing.letter = self._seal(case.subject, f"case_decisions:{standing.id}:letter", text)
            self.session.add(standing)
            self.session.flush()

    def letter_of(self, case: Case) -> str | None:
        """Return the last letter that left for a case, or nothing; nothing too when its words were erased."""
        wanted = self._standing(case.id).where(col(DecisionRow.letter).is_not(None))
        row = self.session.exec(wanted).first()
        return None if row is None else self._open(case.subject, f"case_decisions:{row.id}:letter", row.letter) or None

    def _standing(self, case: UUID) -> SelectOfScalar[DecisionRow]:
        return (
            select(DecisionRow)
            .where(DecisionRow.case == case, DecisionRow.agency == self.agency, col(DecisionRow.undone_at).is_(None))
            .order_by(col(DecisionRow.at).desc(), col(DecisionRow.id))
            .execution_options(populate_existing=True)
        )

    def set_clocks(self, case: UUID, clocks: Sequence[Clock]) -> None:
        """Put other dates in the place of a case's dates."""
        self.session.exec(delete(ClockRow).where(col(ClockRow.case) == case))
        self.session.add_all(self._clock_rows(case, clocks))
        self.session.flush()

    def mark_undone(self, case: UUID, staff: UUID, now: datetime) -> None:
        """Keep the standing decision of a case, marked as taken back."""
        self.session.exec(
            update(DecisionRow)
            .where(col(DecisionRow.case) == case, col(DecisionRow.agency) == self.agency)
            .where(col(DecisionRow.undone_at).is_(None))
            .values(undone_by=staff, undone_at=now)
        )

    def _clock_rows(self, case: UUID, clocks: Sequence[Clock]) -> Iterator[ClockRow]:
        for one in clocks:
            yield ClockRow(case=case, rule=one.rule, due_on=one.due_on, is_policy=one.is_policy, source=one.source)

    def _one(self, condition: object) -> Case:
        row = self.session.exec(select(CaseRow).where(CaseRow.agency == self.agency, condition)).first()  # type: ignore[arg-type]  # a column condition
        if row is None:
            raise NoSuchCase("We cannot find that request.")
        return self._value(row)

    def _many(self, condition: object) -> Sequence[Case]:
        rows = self.session.exec(
            select(CaseRow)
            .where(CaseRow.agency == self.agency, condition)  # type: ignore[arg-type]  # a column condition
            .order_by(col(CaseRow.filed_at).desc(), col(CaseRow.id))
        ).all()
        return [self._value(row) for row in rows]

    def _value(self, row: CaseRow) -> Case:
        # Updates go past the identity map, so a row read earlier in this unit of work may be old.
        if not inspect(row).modified:
            self.session.refresh(row)
        elements = self.session.exec(
            select(ElementRow)
            .where(ElementRow.case == row.id)
            .order_by(col(ElementRow.element))
            .execution_options(populate_existing=True)
        ).all()
        plain = {name: getattr(row, name) for name in _PLAIN}
        plain |= {name: word(plain[name]) for name, word in _CODED.items()}
        return Case(
            **plain,
            details=self._open(row.subject, f"cases:{row.id}:details", row.details),
            elements=tuple(self._asked(row.subject, one) for one in elements),
        )

    def _asked(self, subject: UUID, row: ElementRow) -> Asked:
        def opened(column: str, sealed: bytes | None) -> str:
            return self._open(subject, f"case_elements:{row.id}:{column}", sealed)

        return Asked(
            id=row.id,
            element=row.element,
            filed=opened("filed", row.filed),
            proposed=opened("proposed", row.proposed),
            accepted=opened("accepted", row.accepted),
            outcome=row.outcome,
            ground=row.ground,
            text=opened("text", row.text),
            result=row.result,
            attempts=row.attempts,
            last_error=row.last_error,
        )

    def _element_row(self, case: Case, one: Asked) -> ElementRow:
        row = ElementRow(id=one.id, agency=self.agency, case=case.id, element=one.element)
        for name, value in self._element_values(case, one).items():
            setattr(row, name, value)
        return row

    def _save_element(self, case: Case, one: Asked) -> None:
        self.session.exec(
            update(ElementRow).where(col(ElementRow.id) == one.id).values(**self._element_values(case, one))
        )

    def _element_values(self, case: Case, one: Asked) -> dict[str, object]:
        sealed = {
            name: self._seal(case.subject, f"case_elements:{one.id}:{name}", getattr(one, name)) for name in _SEALED
        }
        return {name: getattr(one, name) for name in _ASKED_PLAIN} | sealed

    def _seal(self, subject: UUID, place: str, text: str) -> bytes | None:
        return self.vault.seal(subject, SCOPE, place, text) if text else None

    def _open(self, subject: UUID, place: str, sealed: bytes | None) -> str:
        if sealed is None:
            return ""
        try:
            return self.vault.unseal(subject, SCOPE, place, sealed)
        except KeyGone:  # erased by its retention: the case stays, its words are gone
            return ""
