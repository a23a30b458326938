"""Every SQL statement that loads or changes a case; the desk's lists stand in ``inbox``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, delete, select, update
from sqlmodel.sql.expression import SelectOfScalar

from rightsdesk.requests.cases import counting
from rightsdesk.requests.cases.case import Asked, Case, Clock, Kind
from rightsdesk.requests.cases.due import store as due
from rightsdesk.requests.cases.errors import MovedOn, NoSuchCase
from rightsdesk.requests.cases.rows.store import (
    ABOUT,
    BESIDE,
    FILED_BY,
    FILED_EARLIER,
    LINKED,
    NUMBERED,
    OPEN,
    PLAIN,
    REFERENCED,
    SENT,
    SENT_OR_OPEN,
    Rows,
)
from rightsdesk.requests.cases.tables import CaseRow, ClockRow, DecisionRow, ElementRow, NoticeRow
from rightsdesk.requests.ledger.dialects import run
from rightsdesk.requests.ledger.vault import AgencyVault

BESIDE_AT_MOST: Final = 50  # other cases that a page names


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a filing meets: the cases that the same sending made, and the open ones that ask the same kind of thing."""

    sent: tuple[Case, ...]
    alike: tuple[Case, ...]


_TOLD_OF = columns_of(col(CaseRow.reference), col(CaseRow.subject)).where(
    col(CaseRow.id) == bindparam("case"), col(CaseRow.agency) == bindparam("agency")
)
# "Is true" keeps SQLite from the index of what is open, which is in another order: all of it would be sorted.
_NEXT_PEOPLE = (
    columns_of(col(CaseRow.subject))
    .where(col(CaseRow.agency) == bindparam("agency"), col(CaseRow.subject) > bindparam("after"))
    .where(col(CaseRow.is_open).is_(True))
    .distinct()
    .order_by(col(CaseRow.subject))
    .limit(bindparam("many"))
)
_CLOCKS = (
    columns_of(col(ClockRow.rule), col(ClockRow.due_on), col(ClockRow.is_policy), col(ClockRow.source))
    .where(col(ClockRow.case) == bindparam("case"))
    .order_by(col(ClockRow.due_on), col(ClockRow.rule))
)


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases one agency owns. Nobody else's can be reached from here."""

    session: Session
    agency: UUID
    vault: AgencyVault

    @property
    def rows(self) -> Rows:
        """Return the rows they lie in."""
        return Rows(self.session, self.agency, self.vault)

    def add(self, case: Case, clocks: Sequence[Clock]) -> None:
        """Enter a new case with its elements and the date of each law."""
        self.rows.enter(case, clocks)
        counting.moved(self.session, self.agency, None, case)

    def save(self, before: Case, after: Case) -> Case:
        """Store a moved case and return it.

        Raises:
            MovedOn: somebody saved another version since ``before`` was read.
        """
        changed = {name: getattr(after, name) for name in PLAIN if getattr(after, name) != getattr(before, name)}
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
        return _only(self.rows.read(REFERENCED, reference=reference))

    def beside(self, reference: str) -> tuple[Case, Sequence[Case]]:
        """Return the case of this reference, and the other unanswered ones about the same data subject.

        Those that ask to see the data come first, then the newest; 51 at most, so that whoever names 50 knows of more.

        Raises:
            NoSuchCase: unknown, or another agency's: the same words.
        """
        found = self.rows.read(BESIDE, reference=reference, many=1 + BESIDE_AT_MOST + 1)
        return _only([case for case in found if case.reference == reference]), found[1:]

    def numbered(self, case: UUID) -> Case:
        """Return the case of this id.

        Raises:
            NoSuchCase: unknown, or another agency's.
        """
        return _only(self.rows.read(NUMBERED, id=case))

    def told_of(self, case: UUID) -> tuple[str, UUID]:
        """Return the reference and the data subject of the case of this id, without opening it.

        Raises:
            NoSuchCase: unknown, or another agency's.
        """
        row = run(self.session, _TOLD_OF, {"case": case, "agency": self.agency}).one_or_none()
        if row is None:
            raise NoSuchCase("We cannot find that request.")
        return row.reference, row.subject

    def of(self, requester: UUID, reference: str) -> Case:
        """Return a case of this requester.

        Raises:
            NoSuchCase: unknown, another agency's or another person's.
        """
        case = self.find(reference)
        if case.requester != requester:
            raise NoSuchCase("We cannot find that request.")
        return case

    def filed_by(self, requester: UUID, many: int, before: Case | None = None) -> Sequence[Case]:
        """Return what a requester has asked, newest first: the first so many, or those filed before this one."""
        if before is None:
            return self.rows.read(FILED_BY, requester=requester, many=many)
        place = {"filed_at": before.filed_at, "after": before.id}
        return self.rows.read(FILED_EARLIER, requester=requester, many=many, **place)

    def open_from(self, requester: UUID, subject: UUID, kind: Kind) -> Sequence[Case]:
        """Return the open cases of one kind that a requester filed about a data subject, newest first."""
        return self.rows.read(OPEN, requester=requester, subject=subject, kind=kind)

    def about(self, subject: UUID) -> Sequence[Case]:
        """Return every case about a data subject, newest first."""
        return self.rows.read(ABOUT, subject=subject)

    def sent_once(self, once: str) -> Sequence[Case]:
        """Return the cases that one sending of the form made: twice the same key files once."""
        return self._with_linked(self.rows.read(SENT, once=once))

    def earlier(self, once: str, requester: UUID, subject: UUID, kind: Kind) -> Earlier:
        """Return at once what ``sent_once`` and ``open_from`` return."""
        asked = {"requester": requester, "subject": subject, "kind": kind}
        found = self.rows.read(SENT_OR_OPEN, once=once, **asked)
        sent = [case for case in found if case.once == once]
        alike = [case for case in found if case.is_open and all(getattr(case, name) == asked[name] for name in asked)]
        return Earlier(tuple(self._with_linked(sent)), tuple(alike))

    def touching(self, people: Sequence[UUID]) -> Sequence[UUID]:
        """Return the ids of the open cases about or by any of these people."""
        wanted = select(CaseRow.id).where(CaseRow.agency == self.agency, col(CaseRow.is_open))
        by = wanted.where(col(CaseRow.subject).in_(people) | col(CaseRow.requester).in_(people))
        return self.session.exec(by.order_by(col(CaseRow.id))).all()

    def clocks(self, case: UUID) -> Sequence[Clock]:
        """Return the date of each law, soonest first."""
        return [
            Clock(row.rule, row.due_on, row.is_policy, row.source) for row in run(self.session, _CLOCKS, {"case": case})
        ]

    def due_to_take_effect(self, now: datetime, limit: int = 200) -> Sequence[UUID]:
        """Return the cases of this agency whose hold is over and whose letter can leave."""
        return self.session.exec(due.leaving(self.agency, now).limit(limit)).all()

    def due_to_erase(self, now: datetime, limit: int = 200) -> Sequence[UUID]:
        """Return the erasures of this agency whose waiting is over and which nothing is known to hold back."""
        return self.session.exec(due.erasing(self.agency, now).where(col(CaseRow.blocked) == "").limit(limit)).all()

    def held_back(self, now: datetime) -> Sequence[UUID]:
        """Return the erasures whose waiting is over and which something held back when they were looked at last."""
        return self.session.exec(due.erasing(self.agency, now).where(col(CaseRow.blocked) != "")).all()

    def people_of_open_cases(self, after: UUID, limit: int) -> Sequence[UUID]:
        """Return the next data subjects of open cases behind this one, each once, in order; empty at the end."""
        return run(self.session, _NEXT_PEOPLE, {"agency": self.agency, "after": after, "many": limit}).scalars().all()

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
                text=self.rows.seal(case.subject, f"case_decisions:{row}:text", text),
                confirmed_by=case.confirmed_by,
            )
        )
        self.session.flush()

    def keep_letter(self, case: Case, text: str) -> None:
        """Keep the letter that leaves, sealed with the standing decision; what nobody decided has none."""
        standing = self.session.exec(self._standing(case.id)).first()
        if standing is not None:
            standing.letter = self.rows.seal(case.subject, f"case_decisions:{standing.id}:letter", text)
            self.session.add(standing)
            self.session.flush()

    def letter_of(self, case: Case) -> str | None:
        """Return the last letter that left for a case, or nothing; nothing too when its words were erased."""
        wanted = self._standing(case.id).where(col(DecisionRow.letter).is_not(None))
        row = self.session.exec(wanted).first()
        return (
            None if row is None else self.rows.open(case.subject, f"case_decisions:{row.id}:letter", row.letter) or None
        )

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
        self.rows.enter_clocks(case, clocks)

    def mark_undone(self, case: UUID, staff: UUID, now: datetime) -> None:
        """Keep the standing decision of a case, marked as taken back."""
        self.session.exec(
            update(DecisionRow)
            .where(col(DecisionRow.case) == case, col(DecisionRow.agency) == self.agency)
            .where(col(DecisionRow.undone_at).is_(None))
            .values(undone_by=staff, undone_at=now)
        )

    def _with_linked(self, first: list[Case]) -> list[Case]:
        return [*first, *self.rows.read(LINKED, linked=[case.id for case in first])] if first else []

    def _save_element(self, case: Case, one: Asked) -> None:
        changed = update(ElementRow).where(col(ElementRow.id) == one.id).values(**self.rows.columns_of(case, one))
        self.session.exec(changed)


def _only(found: list[Case]) -> Case:
    if not found:
        raise NoSuchCase("We cannot find that request.")
    return found[0]
