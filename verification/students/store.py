"""Every statement about the passwords of one agency's students and about the grants to change them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, update
from sqlalchemy import select as columns_of
from sqlmodel import Session, col

from rightsdesk.verification.dialects import insert_into, run
from rightsdesk.verification.students.tables import ResetRow, Stage, StudentPasswordRow

KEPT: Final = timedelta(hours=24)
_NOBODY: Final = UUID(int=0)
_RESET: Final = (
    col(ResetRow.id),
    col(ResetRow.person),
    col(ResetRow.contact),
    col(ResetRow.stage),
    col(ResetRow.tries),
    col(ResetRow.taken_at),
)


@dataclass(frozen=True, slots=True)
class StudentPasswords:
    """The passwords of one agency's students in the built-in directory."""

    session: Session
    agency: UUID

    def of(self, person: UUID | None) -> str | None:
        """Return the stored hash; the same look is taken for nobody, who has none."""
        wanted = columns_of(col(StudentPasswordRow.password)).where(*self._one(person or _NOBODY))
        found: str | None = run(self.session, wanted, {}).scalar_one_or_none()
        return found

    def keep(self, person: UUID, hashed: str, now: datetime) -> None:
        """Keep the hash of a password that its owner chose, in place of any before."""
        fresh = {"password": hashed, "set_at": now}
        row = insert_into(self.session, StudentPasswordRow).values(person=person, agency=self.agency, **fresh)
        run(self.session, row.on_conflict_do_update(index_elements=["person"], set_=fresh), {})

    def stands(self, person: UUID, hashed: str) -> bool:
        """Say whether this hash is still theirs, and let a change of it wait until this transaction is over."""
        mine = (*self._one(person), col(StudentPasswordRow.password) == hashed)
        return run(self.session, update(StudentPasswordRow).where(*mine).values(password=hashed), {}).rowcount == 1

    def rehash(self, person: UUID, hashed: str) -> None:
        """Keep the same password under newer rules; when it was set stays as it is."""
        run(self.session, update(StudentPasswordRow).where(*self._one(person)).values(password=hashed), {})

    def remove(self, person: UUID) -> None:
        """Forget somebody's password."""
        run(self.session, delete(StudentPasswordRow).where(*self._one(person)), {})

    def _one(self, person: UUID) -> tuple[ColumnElement[bool], ...]:
        return (col(StudentPasswordRow.agency) == self.agency, col(StudentPasswordRow.person) == person)


@dataclass(frozen=True, slots=True)
class Reset:
    """A grant as it lies in the store; ``tries`` counts how often the directory was asked, and fences each end.

    ``contact`` is the number that its code went to.
    """

    id: UUID
    person: UUID
    contact: UUID
    stage: Stage
    tries: int
    taken_at: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """What a session keeps of its grant: the hash of its 256 bits, and the session by the hash it is stored under."""

    grant: str
    session: str


@dataclass(frozen=True, slots=True)
class Resets:
    """The grants of one agency's students."""

    session: Session
    agency: UUID

    def add(self, row: ResetRow) -> None:
        """Remember a new grant."""
        self.session.add(row)
        self.session.flush()

    def open(self, held: Held, now: datetime) -> Reset | None:
        """Return the grant of this session while it can be used, and None after that."""
        return self._read(columns_of(*_RESET).where(*self._usable(held, now)))

    def take(self, held: Held, now: datetime) -> Reset | None:
        """Use the grant: the directory is about to be asked. It is given to exactly one caller."""
        taken = {"stage": Stage.ATTEMPTED, "tries": col(ResetRow.tries) + 1, "taken_at": now}
        return self._read(update(ResetRow).where(*self._usable(held, now)).values(**taken).returning(*_RESET))

    def give_back(self, reset: Reset) -> bool:
        """Let the grant be used again: the directory changed nothing. False when somebody ended this try before."""
        return self._end(reset, {"stage": Stage.GRANTED}) == 1

    def conclude(self, reset: Reset, stage: Stage) -> bool:
        """Write down how a try ended; true for exactly one caller. The person's other grants are void then."""
        if self._end(reset, {"stage": stage}) != 1:
            return False
        others = (col(ResetRow.person) == reset.person, col(ResetRow.stage) == Stage.GRANTED)
        run(self.session, delete(ResetRow).where(self._own(), *others), {})
        return True

    def numbered(self, number: UUID) -> Reset | None:
        """Return a grant by its number, for the worker; None if it was swept."""
        return self._read(columns_of(*_RESET).where(self._own(), col(ResetRow.id) == number))

    def claim_text(self, number: UUID, now: datetime) -> bool:
        """Write down that the notice is about to be texted; false if it was before."""
        unsent = (col(ResetRow.id) == number, col(ResetRow.texted_at).is_(None))
        return run(self.session, update(ResetRow).where(self._own(), *unsent).values(texted_at=now), {}).rowcount == 1

    def unclaim_text(self, number: UUID) -> None:
        """Let the notice be texted again: the carrier refused for now, so nothing was sent."""
        run(self.session, update(ResetRow).where(self._own(), col(ResetRow.id) == number).values(texted_at=None), {})

    def sweep(self, now: datetime) -> int:
        """Remove grants that ended 24 hours ago; return how many."""
        return run(
            self.session, delete(ResetRow).where(self._own(), col(ResetRow.expires_at) <= now - KEPT), {}
        ).rowcount

    def _end(self, reset: Reset, values: Mapping[str, object]) -> int:
        mine = (col(ResetRow.id) == reset.id, col(ResetRow.tries) == reset.tries)
        held = (self._own(), *mine, col(ResetRow.stage) == Stage.ATTEMPTED)
        return run(self.session, update(ResetRow).where(*held).values(**values), {}).rowcount

    def _usable(self, held: Held, now: datetime) -> tuple[ColumnElement[bool], ...]:
        mine = (col(ResetRow.grant) == held.grant, col(ResetRow.session) == held.session)
        return (self._own(), *mine, col(ResetRow.stage) == Stage.GRANTED, col(ResetRow.expires_at) > now)

    def _own(self) -> ColumnElement[bool]:
        return col(ResetRow.agency) == self.agency

    def _read(self, wanted: Any) -> Reset | None:
        row: Row[*tuple[Any, ...]] | None = run(self.session, wanted, {}).one_or_none()
        return Reset(*row) if row else None
