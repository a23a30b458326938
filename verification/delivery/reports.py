"""What the carrier reports about a message, and which report may follow which."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# Twilio signs names and values run together, so only what is known to be sent is read, and each name once.
# Source: https://www.twilio.com/docs/messaging/guides/webhook-request
KNOWN: Final = frozenset(
    {
        *("AccountSid", "ApiVersion", "ApplicationSid", "ChannelInstallSid", "ChannelPrefix", "ChannelToAddress"),
        *("ChannelStatusMessage", "ErrorCode", "ErrorMessage", "EventType", "From", "MessageSid", "MessageStatus"),
        *("MessagingServiceSid", "RawDlrDoneDate", "SmsMessageSid", "SmsSid", "SmsStatus", "StructuredMessage", "To"),
        *("Body", "NumMedia", "NumSegments", "OptOutType", "ReferralNumMedia"),
        *("FromCity", "FromState", "FromZip", "FromCountry", "ToCity", "ToState", "ToZip", "ToCountry"),
    }
)
LARGEST: Final = 8 * 1024  # bytes of a report
_SID: Final = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}")
_CODE: Final = re.compile(r"[0-9]{0,6}")
_STOPS: Final = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
_STARTS: Final = frozenset({"START", "UNSTOP", "YES"})


class Delivered(StrEnum):
    """How far a message got, in this order; the last three end it."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"

    @property
    def is_end(self) -> bool:
        """Say whether nothing more is reported after it."""
        return self in _ENDS


_ENDS: Final = frozenset({Delivered.DELIVERED, Delivered.UNDELIVERED, Delivered.FAILED})
_ORDER: Final = tuple(Delivered)
_STATES: Final = frozenset(one.value for one in Delivered)


class Reply(StrEnum):
    """What the owner of a phone answered."""

    STOP = "stop"
    START = "start"


@dataclass(frozen=True, slots=True)
class Report:
    """How far one message got; ``code`` is the carrier's own number of an error, 0 without one."""

    sid: str
    state: Delivered
    code: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """STOP or START from a phone: E.164 numbers, and the messaging service that took it, if one did."""

    sid: str
    reply: Reply
    number: str
    sender: str
    service: str

    def __repr__(self) -> str:
        """Return no number: a trace must hold none."""
        return f"Word({self.reply.value!r})"


def before(state: Delivered) -> tuple[Delivered, ...]:
    """Return the states that a message may come from: it never goes back, and an end stands."""
    if state.is_end:
        return tuple(one for one in _ORDER if not one.is_end)
    return _ORDER[: _ORDER.index(state)]


def is_reported(sid: str) -> bool:
    """Say whether the carrier reports about a message with this id; senders for tests and calls have others."""
    return _SID.fullmatch(sid) is not None


def read(fields: Mapping[str, str]) -> Report | Word | None:
    """Return what these fields say, or None where it is nothing we can use."""
    sid, status = fields.get("MessageSid", ""), fields.get("MessageStatus") or fields.get("SmsStatus", "")
    if not is_reported(sid):
        return None
    if status in {"received", "receiving"}:
        return _word(sid, fields)
    code = fields.get("ErrorCode", "")
    if status not in _STATES or not _CODE.fullmatch(code):
        return None
    return Report(sid, Delivered(status), int(code or 0))


def _word(sid: str, fields: Mapping[str, str]) -> Word | None:
    said = (fields.get("OptOutType") or fields.get("Body", "")).strip().upper()
    reply = Reply.STOP if said in _STOPS else Reply.START if said in _STARTS else None
    if reply is None:
        return None
    return Word(sid, reply, fields.get("From", ""), fields.get("To", ""), fields.get("MessagingServiceSid", ""))
