"""Every statement about sent texts and opt-outs, for one agency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, func, or_, update
from sqlmodel import Session, col, select

from rightsdesk.verification.attempts import BREAKER_WINDOW, FAULT_PAUSE, TYPING_TIME, Nth, breaker_open
from rightsdesk.verification.columns import UtcDateTime
from rightsdesk.verification.dialects import insert_into, run
from rightsdesk.verification.sms.port import RefusedClass
from rightsdesk.verification.sms.tables import OptOutRow, SendState, TextSendRow

CALLS: Final = 3  # a throttled text is retried at most twice
KEPT: Final = timedelta(hours=24)
WARNING: Final = 0  # the counter of the text that says codes are locked; codes count from 1
# What may have reached a phone and cost money.
_OUT: Final = (SendState.ATTEMPTED, SendState.ACCEPTED, SendState.UNKNOWN)
_FAULTS: Final = (RefusedClass.SENDER_WRONG, RefusedClass.ACCOUNT)

_ANSWERED: Final = (
    update(TextSendRow)
    .where(col(TextSendRow.agency) == bindparam("b_agency"), col(TextSendRow.challenge) == bindparam("b_challenge"))
    .values(answered_at=bindparam("b_now", type_=UtcDateTime()))
)


@dataclass(frozen=True, slots=True)
class SendEnd:
    """How a text ended: its state, the carrier's id, and the class and number of a refusal."""

    state: SendState
    sid: str | None = None
    reason: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Sends:
    """The texts one agency's families were sent."""

    session: Session
    agency: UUID

    def state(self, challenge: str, counter: int) -> SendState | None:
        """Return what became of a text so far, or None if it was never attempted."""
        wanted = select(TextSendRow.state).where(*self._one(challenge, counter))
        found = self.session.exec(wanted).first()
        return SendState(found) if found else None

    def claim(self, row: TextSendRow) -> bool:
        """Write a text down before the carrier is called; false if somebody else already did."""
        wanted = insert_into(self.session, TextSendRow).values(row.model_dump()).on_conflict_do_nothing()
        # An insert's row count is not kept on every database; what it returns is.
        return self.session.connection().execute(wanted.returning(col(TextSendRow.counter))).first() is not None

    def retake(self, challenge: str, counter: int, now: datetime) -> bool:
        """Take a throttled text up again; false after two repetitions, or if somebody else did."""
        which = (*self._one(challenge, counter), col(TextSendRow.state) == SendState.THROTTLED)
        again = {"state": SendState.ATTEMPTED, "calls": col(TextSendRow.calls) + 1, "attempted_at": now}
        return self._change((*which, col(TextSendRow.calls) < CALLS), again) == 1

    def conclude(self, challenge: str, counter: int, end: SendEnd) -> None:
        """Write down what the carrier said; an answer that comes late still beats ``unknown``."""
        which = col(TextSendRow.state).in_((SendState.ATTEMPTED, SendState.UNKNOWN))
        said = {"state": end.state, "sid": end.sid, "reason": end.reason}
        self._change((*self._one(challenge, counter), which), said)

    def lose(self, challenge: str, counter: int) -> bool:
        """Mark an attempt whose worker died as unknown; true if there was one."""
        which = (*self._one(challenge, counter), col(TextSendRow.state) == SendState.ATTEMPTED)
        return self._change(which, {"state": SendState.UNKNOWN}) == 1

    def contact(self, challenge: str) -> UUID | None:
        """Return the contact point that got the newest code of a challenge, or None if none was sent."""
        mine = (TextSendRow.agency == self.agency, TextSendRow.challenge == challenge, TextSendRow.counter != WARNING)
        wanted = select(TextSendRow.contact).where(*mine).order_by(col(TextSendRow.counter).desc())
        return self.session.exec(wanted.limit(1)).first()

    def calls(self, challenge: str, counter: int) -> int:
        """Return how often the carrier was called for a text."""
        return self.session.exec(select(TextSendRow.calls).where(*self._one(challenge, counter))).first() or 0

    def answered(self, challenge: str, now: datetime) -> None:
        """Count every text of a challenge as arrived: its owner typed a code."""
        run(self.session, _ANSWERED, {"b_agency": self.agency, "b_challenge": challenge, "b_now": now})

    def of_person(self, people: Sequence[UUID], numbers: Sequence[str]) -> Nth:
        """Return a reader of the n-th newest text to these people, or to this number whoever held it then."""
        return self._nth(or_(col(TextSendRow.person).in_(people), col(TextSendRow.number).in_(numbers)))

    def of_prefix(self, prefixes: Sequence[str]) -> Nth:
        """Return a reader of the n-th newest text to a range of a thousand numbers."""
        return self._nth(col(TextSendRow.prefix).in_(prefixes))

    def of_agency(self) -> Nth:
        """Return a reader of the n-th newest text of this agency."""
        return self._nth()

    def of_portal(self) -> Nth:
        """Return a reader of the n-th newest text of any agency: the one count that is not an agency's own."""
        newest = select(TextSendRow.attempted_at).where(col(TextSendRow.state).in_(_OUT))
        newest = newest.order_by(col(TextSendRow.attempted_at).desc())
        return lambda n: self.session.exec(newest.offset(n - 1).limit(1)).first()

    def breaker(self, now: datetime) -> bool:
        """Say whether texts stand still: too few codes come back, or the carrier refuses our own account."""
        return self._pumped(now) or self._faulty(now)

    def said_reason(self, reason: str, since: datetime) -> bool:
        """Say whether a text was refused for a reason since then."""
        wanted = select(TextSendRow.counter).where(
            TextSendRow.agency == self.agency, TextSendRow.reason == reason, TextSendRow.attempted_at > since
        )
        return self.session.exec(wanted.limit(1)).first() is not None

    def opted_out(self, numbers: Sequence[str]) -> bool:
        """Say whether the number's owner replied STOP."""
        wanted = select(OptOutRow.number).where(OptOutRow.agency == self.agency, col(OptOutRow.number).in_(numbers))
        return self.session.exec(wanted.limit(1)).first() is not None

    def opt_out(self, number: str, now: datetime) -> None:
        """Remember a STOP under the number's newest blind index."""
        row = {"agency": self.agency, "number": number, "since": now}
        self.session.connection().execute(insert_into(self.session, OptOutRow).on_conflict_do_nothing(), [row])

    def opt_in(self, numbers: Sequence[str]) -> None:
        """Forget a STOP: START was accepted."""
        wanted = delete(OptOutRow).where(col(OptOutRow.agency) == self.agency, col(OptOutRow.number).in_(numbers))
        self.session.exec(wanted.execution_options(synchronize_session=False))

    def sweep(self, now: datetime) -> int:
        """Remove what was sent more than 24 hours ago; return how many. Opt-outs stay."""
        old = delete(TextSendRow).where(
            col(TextSendRow.agency) == self.agency, col(TextSendRow.attempted_at) <= now - KEPT
        )
        return self.session.exec(old.execution_options(synchronize_session=False)).rowcount

    def _pumped(self, now: datetime) -> bool:
        entered = func.count(col(TextSendRow.answered_at))
        had_time = or_(col(TextSendRow.answered_at).is_not(None), col(TextSendRow.attempted_at) <= now - TYPING_TIME)
        wanted = select(func.count(), entered).where(
            TextSendRow.agency == self.agency,
            TextSendRow.counter != WARNING,  # nobody answers a warning
            TextSendRow.attempted_at > now - BREAKER_WINDOW,
            col(TextSendRow.state).in_(_OUT),
            had_time,
        )
        return breaker_open(*self.session.exec(wanted).one())

    def _faulty(self, now: datetime) -> bool:
        return any(self.said_reason(fault, now - FAULT_PAUSE) for fault in _FAULTS)

    def _nth(self, *which: ColumnElement[bool]) -> Nth:
        own = (col(TextSendRow.agency) == self.agency, col(TextSendRow.state).in_(_OUT))
        newest = select(TextSendRow.attempted_at).where(*own, *which).order_by(col(TextSendRow.attempted_at).desc())
        return lambda n: self.session.exec(newest.offset(n - 1).limit(1)).first()

    def _change(self, which: Sequence[ColumnElement[bool]], values: Mapping[str, object]) -> int:
        wanted = update(TextSendRow).where(*which).values(**values)
        return self.session.exec(wanted.execution_options(synchronize_session=False)).rowcount

    def _one(self, challenge: str, counter: int) -> tuple[ColumnElement[bool], ...]:
        own = col(TextSendRow.agency) == self.agency
        return (own, col(TextSendRow.challenge) == challenge, col(TextSendRow.counter) == counter)
