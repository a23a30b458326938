"""The door to the carrier: what a text is, and the three things that can become of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeAlias

from rightsdesk.verification.sms.spoken import Spoken


class TextKind(StrEnum):
    """Why something is sent; each kind may go out under a number of its own."""

    CODE = "code"
    CALL = "call"
    NOTICE = "notice"


class RefusedClass(StrEnum):
    """Why the carrier refused: classes, because single codes are split over time."""

    BAD_NUMBER = "bad_number"
    COUNTRY_CLOSED = "country_closed"
    OPTED_OUT = "opted_out"
    SENDER_WRONG = "sender_wrong"
    THROTTLED = "throttled"
    ACCOUNT = "account"
    UNREACHABLE = "unreachable"
    FILTERED = "filtered"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Text:
    """One message: E.164 number, body, kind, the instant it is sent, and how long it is worth delivering."""

    to: str
    body: str
    kind: TextKind
    at: datetime
    validity: timedelta = timedelta(hours=4)

    def __repr__(self) -> str:
        """Return nothing of the content: a trace must hold no number and no code."""
        return f"Text(kind={self.kind.value!r})"


@dataclass(frozen=True, slots=True)
class Call:
    """One call that reads a code out: E.164 number, what is said, and the instant."""

    to: str
    says: Spoken
    at: datetime

    def __repr__(self) -> str:
        """Return nothing of the content: a trace must hold no number and no code."""
        return "Call()"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier took it; ``sid`` is the carrier's id of the message."""

    sid: str


@dataclass(frozen=True, slots=True)
class Refused:
    """An error answer arrived: nothing was sent. ``code`` is the carrier's own number, 0 if it gave none."""

    why: RefusedClass
    code: int = 0


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer arrived: it may have been sent, so it is never sent again by itself."""


Sent: TypeAlias = Accepted | Refused | Unknown


class Texts(Protocol):
    """Something that sends texts, and calls."""

    def send(self, text: Text) -> Sent:
        """Send one text and say what became of it; never raises for what a carrier can do."""

    def call(self, call: Call) -> Sent:
        """Call once and say what became of it, likewise; whether somebody answers is not known yet."""
