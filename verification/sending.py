"""What the worker does to send a code: find whose number it is, ask the limits, write it down, and only then send."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from rightsdesk.verification.challenges import TRIES
from rightsdesk.verification.delivery.noting import Parcel, end_of, note_end
from rightsdesk.verification.errands import Errand, Reason, message_of, refusal, row_of
from rightsdesk.verification.errors import TextThrottled
from rightsdesk.verification.means import Means, Unit, public
from rightsdesk.verification.numbers_on_file import Holder, reachable
from rightsdesk.verification.protocols import NUMBER, Event
from rightsdesk.verification.sms.port import Call, Sent, Text, TextKind, Texts
from rightsdesk.verification.sms.store import CALLS, WARNING
from rightsdesk.verification.sms.tables import SendState, TextSendRow
from rightsdesk.verification.sms.words import segments
from rightsdesk.verification.spending.ceilings import Channel
from rightsdesk.verification.spending.figures import HELD, KINDS
from rightsdesk.verification.spending.store import hold_till
from rightsdesk.verification.store import Seen


class Outcome(StrEnum):
    """What became of a job to send a code."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"
    SETTLED = "settled"  # an earlier run of the same job ended it


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome, with whom and why.

    The worker marks ``contact`` unusable when ``why`` is "bad_number" and tells the operator when it is "sender_wrong",
    "account", "country_closed", "filtered" or "breaker".
    """

    outcome: Outcome
    why: str = ""
    contact: UUID | None = None


_OUTCOMES: Final = {
    SendState.ACCEPTED: Outcome.ACCEPTED,
    SendState.REFUSED: Outcome.REFUSED,
    SendState.THROTTLED: Outcome.REFUSED,
    SendState.UNKNOWN: Outcome.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class _Plan:
    """A text, or a call, that is written down as attempted and may now leave."""

    challenge: str
    counter: int
    holder: Holder
    message: Text | Call
    parcel: Parcel


def send_code(unit: Unit, texts: Texts, challenge: str, counter: int, now: datetime) -> Delivery:
    """Send the n-th code of a challenge, at most once, and return what became of it.

    ``unit`` opens a transaction that commits when it is left without an exception; the carrier is called between two of
    them, so that a slow carrier holds no lock and a crash leaves an attempt behind, never a second text.

    Raises:
        TextThrottled: the carrier is busy; the queue may run this again, twice at most while the code lives.
    """
    with unit() as means:
        plan = _prepare(means, challenge, counter, now)
    if isinstance(plan, Delivery):
        return plan
    sent = texts.call(plan.message) if isinstance(plan.message, Call) else texts.send(plan.message)
    with unit() as means:
        delivery, busy = _conclude(means, plan, sent, now)
    if busy:
        raise TextThrottled
    return delivery


def tell_locked(unit: Unit, texts: Texts, challenge: str, words: Callable[[UUID], str], now: datetime) -> None:
    """Tell whoever holds the number of a challenge that codes for it are locked, at most once (F-02).

    ``words`` says it to a person in their language. It is written down before it is sent, as a code is. Somebody who
    replied STOP is not told.

    Raises:
        TextThrottled: the carrier is busy; the queue may run this again, twice at most.
    """
    with unit() as means:
        holder, to = _warned(means, challenge, now) or (None, "")
    if holder is None:
        return
    body = words(holder.person)
    end = end_of(texts.send(Text(to, body, TextKind.NOTICE, now)))
    with unit() as means:
        means.sends.conclude(challenge, WARNING, end)
        cost = means.terms.prices.of(Channel.TEXT, segments(body))
        note_end(means, Parcel(TextKind.NOTICE, means.seal.index(NUMBER, to), cost), end, now)
        busy = end.state is SendState.THROTTLED and means.sends.calls(challenge, WARNING) < CALLS
    if busy:
        raise TextThrottled


def _warned(means: Means, challenge: str, now: datetime) -> tuple[Holder, str] | None:
    """Write the warning down and return whom it goes to; None when there is nobody to warn, or an earlier run did."""
    seen = means.codes.seen(challenge)
    able = reachable(means.texted(seen, now)) if seen else ()
    number = means.holders.number_of(able[0].contact) if able else ""
    if seen is None or not able or means.sends.opted_out(means.number_keys(number), TextKind.NOTICE):
        return None
    if _claimed(means, row_of(means, Errand(seen, WARNING, able, number, Channel.TEXT), now)):
        return able[0], number
    means.sends.lose(challenge, WARNING)
    return None


def _prepare(means: Means, challenge: str, counter: int, now: datetime) -> _Plan | Delivery:
    state = means.sends.state(challenge, counter)
    if state is not None and state is not SendState.THROTTLED:
        return _settled(means, challenge, counter)
    seen = means.codes.seen(challenge)
    until = _alive_until(seen, counter, now)
    if seen is None or until is None:
        return _not_sent(means, challenge, Reason.DEAD)
    able = reachable(means.texted(seen, now))
    if not able:
        return _not_sent(means, challenge, Reason.NOBODY)
    number = means.holders.number_of(able[0].contact)
    errand = Errand(seen, counter, able, number, means.codes.channel(challenge, counter))
    hold_till(means.codes.session, now)
    reason = refusal(means, errand, now)
    if reason:
        means.days.add(now, KINDS[errand.channel], f"{HELD}{reason}")
        return _not_sent(means, challenge, reason, able[0])
    row = row_of(means, errand, now)
    if not _claimed(means, row):
        return Delivery(Outcome.SETTLED)
    parcel = Parcel(KINDS[row.channel], means.seal.index(NUMBER, errand.number), row.cost, row.contact)
    return _Plan(challenge, counter, able[0], message_of(means, errand, until, now), parcel)


def _alive_until(seen: Seen | None, counter: int, now: datetime) -> datetime | None:
    """Return when the code stops working, or None if sending it would be of no use."""
    if seen is None or seen.used_at or seen.tries >= TRIES:
        return None
    until = seen.opened("").lives_until(counter)
    return until if until and until > now else None


def _settled(means: Means, challenge: str, counter: int) -> Delivery:
    """End a repeated job: an attempt without an answer may have reached the phone, so it becomes unknown."""
    if not means.sends.lose(challenge, counter):
        return Delivery(Outcome.SETTLED)
    means.note("code_sent", challenge, ("counter", str(counter)), ("state", SendState.UNKNOWN))
    return Delivery(Outcome.UNKNOWN)


def _claimed(means: Means, row: TextSendRow) -> bool:
    """Write the attempt down: a new one, or a throttled one taken up again."""
    return means.sends.claim(row) or means.sends.retake(row.challenge, row.counter, row.attempted_at)


def _not_sent(means: Means, challenge: str, reason: Reason, holder: Holder | None = None) -> Delivery:
    means.note("code_refused", challenge, ("reason", reason))
    return Delivery(Outcome.NOT_SENT, reason, holder.contact if holder else None)


def _conclude(means: Means, plan: _Plan, sent: Sent, now: datetime) -> tuple[Delivery, bool]:
    """Write down what the carrier said; true with it if the carrier is only busy and may be asked again."""
    end = end_of(sent)
    means.sends.conclude(plan.challenge, plan.counter, end)
    note_end(means, plan.parcel, end, now)
    told = (("state", end.state), ("reason", end.reason), ("carrier_code", end.code))
    facts = (("challenge", public(plan.challenge)), ("counter", str(plan.counter)), *told)
    kind = "code_refused" if end.state in (SendState.REFUSED, SendState.THROTTLED) else "code_sent"
    means.record(Event(kind, "system", subject=plan.holder.person, facts=facts))
    busy = end.state is SendState.THROTTLED and means.sends.calls(plan.challenge, plan.counter) < CALLS
    return Delivery(_OUTCOMES[end.state], end.reason, plan.holder.contact), busy
