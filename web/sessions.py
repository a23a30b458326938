"""Who sits at this browser, for how long that holds, and what they have answered so far."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import Row, bindparam
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, delete, or_, select, update

from rightsdesk.requests.ledger.dialects import run
from rightsdesk.requests.ledger.errors import LedgerProblem
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.verification.assurance import Proof, ProofKind
from rightsdesk.web.drafts import Draft, draft_of, ids_of, plain
from rightsdesk.web.seats import NOBODY, REQUESTER, STAFF, Seat
from rightsdesk.web.tables import SavedDraftRow, SessionRow

__all__ = ["REQUESTER", "STAFF", "Draft", "Seat", "SessionOver", "Sessions", "hashed", "sweep"]

REQUESTER_IDLE: Final = timedelta(minutes=15)
REQUESTER_TOTAL: Final = timedelta(minutes=60)
STAFF_IDLE: Final = timedelta(minutes=60)
STAFF_TOTAL: Final = timedelta(hours=8)
HALF_SIGNED_IN: Final = timedelta(minutes=10)  # between the password and the second factor
INVITED: Final = timedelta(minutes=30)  # between a link and the password: somebody looks for words they can keep
DRAFT_KEPT: Final = timedelta(hours=24)
SEEN_EVERY: Final = timedelta(minutes=1)
_AT_ONCE: Final = {REQUESTER: 3, STAFF: 2}
_TOKEN_BYTES: Final = 32


# Columns and built once: every request of a session asks this.
_COLUMNS: Final = columns_of(
    col(SessionRow.id),
    col(SessionRow.agency),
    col(SessionRow.kind),
    col(SessionRow.person),
    col(SessionRow.staff),
    col(SessionRow.begun_at),
    col(SessionRow.seen_at),
    col(SessionRow.rest),
)
_ONE: Final = _COLUMNS.where(col(SessionRow.id) == bindparam("wanted"))
_OF_STAFF: Final = _COLUMNS.where(
    col(SessionRow.agency) == bindparam("agency"), col(SessionRow.staff) == bindparam("staff")
).order_by(col(SessionRow.seen_at).desc(), col(SessionRow.id))
_STORE: Final = update(SessionRow).where(col(SessionRow.id) == bindparam("b_id"))
_FORGET: Final = delete(SavedDraftRow).where(
    col(SavedDraftRow.agency) == bindparam("agency"), col(SavedDraftRow.person) == bindparam("person")
)


class SessionOver(Exception):
    """The session was ended while something was being done in it: all of that is undone."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions at one agency. Times are aware UTC; ``draw`` gives random bytes."""

    tx: Session
    agency: UUID
    vault: AgencyVault
    now: datetime
    draw: Callable[[int], bytes]
    kind: str = REQUESTER

    def on(self, tx: Session) -> Self:
        """Return the same for another unit of work."""
        return replace(self, tx=tx)

    def open(self, token: str) -> Seat:
        """Return the living session of this cookie, or a new seat: a planted id is never adopted."""
        row = self.tx.connection().execute(_ONE, {"wanted": hashed(token)}).one_or_none() if token else None
        if row is None or row.kind != self.kind:
            return self.fresh()
        if row.agency != self.agency:
            return replace(self.fresh(), is_elsewhere=True)
        seat = self._seat(row, token)
        return self._alive(seat) if seat else self.fresh()

    def fresh(self) -> Seat:
        """Return a seat for a browser nobody knows yet."""
        token = self.draw(_TOKEN_BYTES).hex()
        return Seat(hashed(token), token)

    def store(self, seat: Seat) -> Seat:
        """Keep the seat under the id it has; a requester's answers are also kept for a day beyond the session."""
        seat = replace(seat, kind=self.kind if seat.person or seat.staff else NOBODY)
        if not seat.is_stored:
            seat = replace(seat, is_stored=True, begun_at=seat.begun_at or self.now, seen_at=self.now)
            self.tx.add(SessionRow(id=seat.id, **self._columns(seat)))
        else:
            run(self.tx, _STORE, {"b_id": seat.id, **self._columns(seat)})
        self._save_draft(seat)
        self.tx.flush()
        return seat

    def renew(self, seat: Seat) -> Seat:
        """Keep the seat under a new id: at every change of what is proved, so that an older cookie opens nothing.

        Raises:
            SessionOver: a member of staff whose session was ended meanwhile: a code being checked revives nothing.
        """
        if not self._drop(seat) and seat.is_stored and seat.staff:
            raise SessionOver
        token = self.draw(_TOKEN_BYTES).hex()
        seat = replace(seat, id=hashed(token), token=token, is_stored=False, begun_at=self.now)
        if seat.person and seat.draft.is_empty:
            draft = self._saved_draft(seat.person)
            seat = replace(seat, draft=draft) if draft else seat
        self._make_room(seat)
        return self.store(seat)

    def end(self, seat: Seat) -> Seat:
        """Forget the session and the answers kept with it, and return an empty seat."""
        self._drop(seat)
        if seat.person:
            self._forget_draft(seat.person)
        return self.fresh()

    def keep_late(self, seat: Seat) -> None:
        """Keep the answers of a session that has ended, for its person's next one; the session stays ended."""
        self._save_draft(seat)
        self.tx.flush()

    def of_staff(self, staff: UUID) -> Sequence[Seat]:
        """Return the living sessions of a member of staff, the one used last first; nobody can sit down on them."""
        rows = self.tx.connection().execute(_OF_STAFF, {"agency": self.agency, "staff": staff})
        seats = [seat for row in rows if (seat := self._seat(row, ""))]
        return [seat for seat in seats if self._alive(seat).staff]

    def end_one(self, staff: UUID, mark: str) -> bool:
        """End the session of this member of staff that has this mark; say whether there was one."""
        gone = [seat for seat in self.of_staff(staff) if seat.mark == mark]
        return any(self._drop(seat) for seat in gone)

    def end_all(self, *, person: UUID | None = None, staff: UUID | None = None, besides: str = "") -> int:
        """End all sessions of a requester or of a member of staff, but for the id ``besides``; return how many."""
        whose = col(SessionRow.person) == person if person else col(SessionRow.staff) == staff
        if person is None and staff is None:
            return 0
        mine = delete(SessionRow).where(col(SessionRow.agency) == self.agency, whose, col(SessionRow.id) != besides)
        return self.tx.exec(mine).rowcount

    def touch(self, seat: Seat) -> None:
        """Remember that the session was used, so that it does not fall idle."""
        self.tx.exec(update(SessionRow).where(col(SessionRow.id) == seat.id).values(seen_at=self.now))

    def _alive(self, seat: Seat) -> Seat:
        idle = self.now - (seat.seen_at or self.now)
        if self.kind == STAFF:
            return self._alive_staff(seat, idle)
        age = self.now - (seat.proved_at or seat.begun_at or self.now)
        if idle < REQUESTER_IDLE and age < REQUESTER_TOTAL:
            return seat
        return replace(self.fresh(), lapsed=seat if seat.is_proved else None)

    def _alive_staff(self, seat: Seat, idle: timedelta) -> Seat:
        age = self.now - (seat.password_at or seat.begun_at or self.now)
        half = HALF_SIGNED_IN if seat.password_at else INVITED
        if age >= STAFF_TOTAL or (seat.second_at is None and age >= half):
            return self.fresh()
        # After an idle hour the second factor alone leads back in: the password was shown today. Until then nothing
        # counts as use of the session, else the next look at a page would find it alive again.
        return seat if idle < STAFF_IDLE else replace(seat, second_at=None, seen_at=None)

    def _drop(self, seat: Seat) -> int:
        return self.tx.exec(delete(SessionRow).where(col(SessionRow.id) == seat.id)).rowcount

    def _make_room(self, seat: Seat) -> None:
        for older in self._others(seat)[_AT_ONCE[self.kind] - 1 :]:
            self.tx.exec(delete(SessionRow).where(col(SessionRow.id) == older))

    def _others(self, seat: Seat) -> Sequence[str]:
        if seat.staff:
            # Who knows the password alone must not end what was begun with both factors.
            alike = [one for one in self.of_staff(seat.staff) if (one.second_at is None) == (seat.second_at is None)]
            return [one.id for one in alike]
        mine = select(SessionRow.id).where(SessionRow.agency == self.agency, SessionRow.person == seat.person)
        newest = mine.order_by(col(SessionRow.seen_at).desc(), col(SessionRow.id))
        return self.tx.exec(newest).all() if seat.person else ()

    def _columns(self, seat: Seat) -> dict[str, Any]:
        rest = json.dumps({name: plain(getattr(seat, name)) for name in _REST})
        return {
            "agency": self.agency,
            "kind": self.kind,
            "person": seat.person,
            "staff": seat.staff,
            "begun_at": seat.begun_at,
            "seen_at": self.now,
            "rest": self.vault.seal_agency(f"sessions:{seat.id}:rest", rest),
        }

    def _seat(self, row: Row[*tuple[Any, ...]], token: str) -> Seat | None:
        try:
            rest = json.loads(self.vault.unseal_agency(f"sessions:{row.id}:rest", row.rest))
        except LedgerProblem:
            return None  # the keys were changed under it: the person proves themselves once more
        return Seat(
            row.id,
            token,
            row.kind if row.person or row.staff else NOBODY,
            is_stored=True,
            begun_at=row.begun_at,
            seen_at=row.seen_at,
            person=row.person,
            staff=row.staff,
            **{name: _READ[name](rest[name]) for name in _REST if rest.get(name) is not None},
        )

    def _save_draft(self, seat: Seat) -> None:
        if seat.person is None or self.kind != REQUESTER:
            return
        self._forget_draft(seat.person)
        if not seat.draft.is_empty:
            place = f"saved_drafts:{seat.person}:draft"
            sealed = self.vault.seal_agency(place, json.dumps(plain(seat.draft)))
            self.tx.add(SavedDraftRow(agency=self.agency, person=seat.person, saved_at=self.now, draft=sealed))

    def _saved_draft(self, person: UUID) -> Draft | None:
        row = self.tx.exec(_kept_draft(self.agency, person)).first()
        if row is None or self.now - row.saved_at > DRAFT_KEPT:
            return None
        try:
            return draft_of(json.loads(self.vault.unseal_agency(f"saved_drafts:{person}:draft", row.draft)))
        except LedgerProblem:
            return None

    def _forget_draft(self, person: UUID) -> None:
        run(self.tx, _FORGET, {"agency": self.agency, "person": person})


def hashed(token: str) -> str:
    """Return the name a session is stored under: 64 hex characters."""
    return sha256(token.encode()).hexdigest()


def sweep(tx: Session, now: datetime) -> int:
    """Remove what is over in all agencies: sessions past every limit and answers older than a day; return how many."""
    over = delete(SessionRow).where(
        or_(
            col(SessionRow.seen_at) < now - STAFF_TOTAL,
            (col(SessionRow.kind) != STAFF) & (col(SessionRow.seen_at) < now - REQUESTER_TOTAL),
        )
    )
    drafts = delete(SavedDraftRow).where(col(SavedDraftRow.saved_at) < now - DRAFT_KEPT)
    return tx.exec(over).rowcount + tx.exec(drafts).rowcount


def _kept_draft(agency: UUID, person: UUID) -> Any:
    return select(SavedDraftRow).where(SavedDraftRow.agency == agency, SavedDraftRow.person == person)


_READ: Final[dict[str, Callable[[Any], Any]]] = {
    "challenge": str,
    "purpose": str,
    "number_ending": str,
    "candidates": ids_of,
    "proved_at": datetime.fromisoformat,
    "proved_by": ProofKind,
    "also_proved": lambda proofs: tuple(Proof(ProofKind(kind), datetime.fromisoformat(at)) for kind, at in proofs),
    "rests_on": UUID,
    "password_at": datetime.fromisoformat,
    "second_at": datetime.fromisoformat,
    "second_by": ProofKind,
    "device": str,
    "worked_at": datetime.fromisoformat,
    "draft": draft_of,
    "onward": str,
    "grant": str,
}
_REST: Final = tuple(_READ)
