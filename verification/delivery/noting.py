"""What is written down of a message once the carrier has answered, and once it reports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from rightsdesk.verification.delivery.reports import Delivered, Reply, Report, Word
from rightsdesk.verification.delivery.tables import MessageRow
from rightsdesk.verification.means import Means
from rightsdesk.verification.protocols import Event
from rightsdesk.verification.sms.port import Accepted, RefusedClass, Sent, TextKind, Unknown
from rightsdesk.verification.sms.store import SendEnd
from rightsdesk.verification.sms.tables import SendState
from rightsdesk.verification.sms.twilio_classes import class_of
from rightsdesk.verification.spending.figures import LEFT, REFUSED, REPORTED

_PAID: Final = frozenset({SendState.ACCEPTED, SendState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message: its kind, the newest blind index of its number, what it costs, and where on record it went."""

    kind: TextKind
    number: str
    cost: int
    contact: UUID | None = None
    about: UUID | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What a report was about. ``why`` is empty unless it ended badly; ``about`` is the notice it carried."""

    kind: TextKind
    state: Delivered
    contact: UUID | None
    about: UUID | None
    why: RefusedClass | None


def end_of(sent: Sent) -> SendEnd:
    """Return the carrier's answer as it is written down."""
    if isinstance(sent, Accepted):
        return SendEnd(SendState.ACCEPTED, sid=sent.sid)
    if isinstance(sent, Unknown):
        return SendEnd(SendState.UNKNOWN)
    state = SendState.THROTTLED if sent.why is RefusedClass.THROTTLED else SendState.REFUSED
    return SendEnd(state, reason=sent.why, code=str(sent.code))


def note_end(means: Means, parcel: Parcel, end: SendEnd, now: datetime) -> None:
    """Count the answer on the agency's day, remember the message for its reports, and keep a STOP.

    What may have left is paid for, and only that.
    """
    if end.state in _PAID:
        means.days.add(now, parcel.kind, LEFT, cost=parcel.cost)
    means.days.add(now, parcel.kind, f"{REFUSED}{end.reason}" if end.reason else end.state)
    if end.sid:
        means.messages.note(_row(means, parcel, end.sid, now))
    if end.reason == RefusedClass.OPTED_OUT:
        stop(means, parcel.kind, parcel.number, now)


def stop(means: Means, kind: TextKind, number: str, now: datetime) -> None:
    """Remember that the owner of a number, by its newest blind index, wants no more of this kind."""
    means.sends.opt_out(number, now, *_together(means, kind))


def take_report(means: Means, report: Report, now: datetime) -> Taken | None:
    """Move a message on to what the carrier reports; None where it is there already, further, or not ours.

    It changes what is known of the delivery alone, and never a proof.
    """
    why = class_of(0, report.code) if report.code else None
    told = means.messages.move(report, why or "", now)
    if told is None:
        return None
    if report.state.is_end:
        means.days.add(now, told.kind, f"{REPORTED}{report.state}")
        if why:
            means.days.add(now, told.kind, f"{REFUSED}{why}")
        facts = (("message", report.sid[:2] + report.sid[2:].lower()), ("state", report.state), ("reason", why or ""))
        means.record(Event("code_delivered", "system", facts=(*facts, ("carrier_code", str(report.code)))))
    if why is RefusedClass.OPTED_OUT:
        stop(means, told.kind, told.number, now)
    return Taken(told.kind, report.state, told.contact, told.about, why)


def take_word(means: Means, word: Word, kind: TextKind, now: datetime) -> None:
    """Keep a STOP of somebody this agency wrote to, or forget one after START; ``kind`` is what that sender sends."""
    keys = means.number_keys(word.number)
    if word.reply is Reply.START:
        means.sends.opt_in(keys, *_together(means, kind))
    elif means.messages.sent_to(keys):
        stop(means, kind, keys[0], now)


def _together(means: Means, kind: TextKind) -> tuple[TextKind, ...]:
    # Codes and notices that leave under one sender stop together: the carrier lets neither through.
    alone = kind is TextKind.CALL or means.terms.notices_apart
    return (kind,) if alone else (TextKind.CODE, TextKind.NOTICE)


def _row(means: Means, parcel: Parcel, sid: str, now: datetime) -> MessageRow:
    return MessageRow(
        sid=sid,
        agency=means.sends.agency,
        kind=parcel.kind,
        number=parcel.number,
        contact=parcel.contact,
        about=parcel.about,
        state=Delivered.ACCEPTED,
        sent_at=now,
    )
