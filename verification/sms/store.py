"""Every statement about sent texts and opt-outs, for one agency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, func, or_, update
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, select

from rightsdesk.verification.attempts import (
    BREAKER_SENDS,
    BREAKER_WINDOW,
    FAULT_PAUSE,
    PREFIX_BREAKER_SENDS,
    TYPING_TIME,
    Nth,
    breaker_open,
)
from rightsdesk.verification.columns import UtcDateTime
from rightsdesk.verification.dialects import insert_into, run
from rightsdesk.verification.sms.port import RefusedClass, TextKind
from rightsdesk.verification.sms.tables import OptOutRow, SendState, TextSendRow
from rightsdesk.verification.spending.ceilings import Channel

CALLS: Final = 3  # a throttled text is retried at most twice
KEPT: Final = timedelta(hours=24)
SPENT_IN: Final = KEPT  # a ceiling is one of 24 hours
WARNING: Final = 0  # the counter of the text that says codes are locked; codes count from 1
# What may have reached a phone and cost money.
_OUT: Final = (SendState.ATTEMPTED, SendState.ACCEPTED, SendState.UNKNOWN)
_FAULTS: Final = (RefusedClass.SENDER_WRONG, RefusedClass.ACCOUNT)

_ANSWERED: Final = (
    update(TextSendRow)
    .where(col(TextSendRow.agency) == bindparam("b_agency"), col(TextSendRow.challenge) == bindparam("b_challenge"))
    .where(
        col(TextSendRow.answered_at).is_(None), col(TextSendRow.state).in_(_OUT), col(TextSendRow.counter) != WARNING
    )
    .values(answered_at=bindparam("b_now", type_=UtcDateTime()))
    .returning(col(TextSendRow.channel))
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

    def answered(self, challenge: str, now: datetime) -> Sequence[Channel]:
        """Count every text and call of a challenge as arrived: its owner typed a code. Return how each travelled."""
        bound = {"b_agency": self.agency, "b_challenge": challenge, "b_now": now}
        return [Channel(one) for one in run(self.session, _ANSWERED, bound).scalars()]

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

    def pumped(self, now: datetime) -> bool:
        """Say whether too few of this agency's codes come back."""
        return self._converts_badly(now, BREAKER_SENDS)

    def pumped_prefix(self, prefixes: Sequence[str], now: datetime) -> bool:
        """Say whether too few codes come back from a range of a thousand numbers."""
        return self._converts_badly(now, PREFIX_BREAKER_SENDS, col(TextSendRow.prefix).in_(prefixes))

    def pumped_prefixes(self, now: datetime) -> bool:
        """Say whether any range of a thousand numbers stands still."""
        sent, entered = func.count(), func.count(col(TextSendRow.answered_at))
        wanted = columns_of(sent, entered).where(*self._had_time(now)).group_by(col(TextSendRow.prefix))
        rows = self.session.connection().execute(wanted.having(sent >= PREFIX_BREAKER_SENDS)).all()
        return any(breaker_open(*row, PREFIX_BREAKER_SENDS) for row in rows)

    def fault(self, now: datetime) -> RefusedClass | None:
        """Return for what the carrier refuses our own account or sender, or None while it does not."""
        return next((fault for fault in _FAULTS if self.said_reason(fault, now - FAULT_PAUSE)), None)

    def spent(self, now: datetime) -> int:
        """Return what this agency's codes of the last 24 hours cost, in millionths."""
        return self._spent(now, col(TextSendRow.agency) == self.agency)

    def spent_by_all(self, now: datetime) -> int:
        """Return what the codes of every agency cost in the last 24 hours, in millionths."""
        return self._spent(now)

    def said_reason(self, reason: str, since: datetime) -> bool:
        """Say whether a text was refused for a reason since then."""
        wanted = select(TextSendRow.counter).where(
            TextSendRow.agency == self.agency, TextSendRow.reason == reason, TextSendRow.attempted_at > since
        )
        return self.session.exec(wanted.limit(1)).first() is not None

    def opted_out(self, numbers: Sequence[str], kind: TextKind = TextKind.CODE) -> bool:
        """Say whether the number's owner wants nothing of this kind."""
        wanted = select(OptOutRow.number).where(
            OptOutRow.agency == self.agency, col(OptOutRow.number).in_(numbers), OptOutRow.kind == kind
        )
        return self.session.exec(wanted.limit(1)).first() is not None

    def opt_out(self, number: str, now: datetime, *kinds: TextKind) -> None:
        """Remember under the number's newest blind index that its owner wants nothing of these kinds."""
        rows = [{"agency": self.agency, "number": number, "since": now, "kind": one} for one in kinds]
        self.session.connection().execute(insert_into(self.session, OptOutRow).on_conflict_do_nothing(), rows)

    def opt_in(self, numbers: Sequence[str], *kinds: TextKind) -> None:
        """Forget that: the owner wants these kinds again."""
        wanted = delete(OptOutRow).where(
            col(OptOutRow.agency) == self.agency, col(OptOutRow.number).in_(numbers), col(OptOutRow.kind).in_(kinds)
        )
        self.session.exec(wanted.execution_options(synchronize_session=False))

    def opt_outs(self) -> dict[TextKind, int]:
        """Return how many numbers want nothing of each kind."""
        wanted = columns_of(col(OptOutRow.kind), func.count()).where(col(OptOutRow.agency) == self.agency)
        rows = self.session.connection().execute(wanted.group_by(col(OptOutRow.kind)))
        return {TextKind(kind): number for kind, number in rows}

    def sweep(self, now: datetime) -> int:
        """Remove what was sent more than 24 hours ago; return how many. Opt-outs stay."""
        old = delete(TextSendRow).where(
            col(TextSendRow.agency) == self.agency, col(TextSendRow.attempted_at) <= now - KEPT
        )
        return self.session.exec(old.execution_options(synchronize_session=False)).rowcount

    def _converts_badly(self, now: datetime, least: int, *which: ColumnElement[bool]) -> bool:
        entered = func.count(col(TextSendRow.answered_at))
        wanted = columns_of(func.count(), entered).where(*self._had_time(now), *which)
        return breaker_open(*self.session.connection().execute(wanted).one(), least)

    def _had_time(self, now: datetime) -> tuple[ColumnElement[bool], ...]:
        had_time = or_(col(TextSendRow.answered_at).is_not(None), col(TextSendRow.attempted_at) <= now - TYPING_TIME)
        return (
            col(TextSendRow.agency) == self.agency,
            col(TextSendRow.counter) != WARNING,  # nobody answers a warning
            col(TextSendRow.attempted_at) > now - BREAKER_WINDOW,
            col(TextSendRow.state).in_(_OUT),
            had_time,
        )

    def _spent(self, now: datetime, *which: ColumnElement[bool]) -> int:
        recent = (col(TextSendRow.attempted_at) > now - SPENT_IN, col(TextSendRow.state).in_(_OUT))
        wanted = columns_of(func.coalesce(func.sum(col(TextSendRow.cost)), 0)).where(*recent, *which)
        return int(self.session.connection().execute(wanted).scalar_one())

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


def spent_everywhere(session: Session, now: datetime) -> dict[UUID, int]:
    """Return what the codes of each agency cost in the last 24 hours, in millionths; nothing for one without any."""
    recent = (col(TextSendRow.attempted_at) > now - SPENT_IN, col(TextSendRow.state).in_(_OUT))
    wanted = columns_of(col(TextSendRow.agency), func.sum(col(TextSendRow.cost))).where(*recent)
    rows = session.connection().execute(wanted.group_by(col(TextSendRow.agency)))
    return {agency: int(cost) for agency, cost in rows}
