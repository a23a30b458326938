"""A text code: how it is made, how long it lives, and what a typed code is worth."""

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

import pyotp

from rightsdesk.verification.numbers_on_file import Holder

LIFETIME: Final = timedelta(minutes=10)
TRIES: Final = 5
VALID_CODES: Final = 2  # texts overtake each other on the way: the last two sent both work
SECRET_BYTES: Final = 20  # 160 bits; pyotp refuses less than 112
ID_BYTES: Final = 32

Draw: TypeAlias = Callable[[int], bytes]


class Purpose(StrEnum):
    """What a code may open. A grant is for one person and one purpose, never a general sign-in."""

    FILE_REQUEST = "file_request"
    SEE_REQUESTS = "see_requests"
    OPEN_PACKAGE = "open_package"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a purpose


class Answer(StrEnum):
    """What a typed code is worth."""

    CORRECT = "correct"
    WRONG = "wrong"
    EXPIRED = "expired"
    SPENT = "spent"
    CLOSED_TODAY = "closed_today"
    LOCKED = "locked"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer, and what the page has to say about it.

    ``left`` is the number of tries left; ``again_at`` when the next try or code is possible; ``stopped_at`` when the
    code stopped working. ``holders`` is filled for a right code only: whose number it is, for
    ``judge_number`` to weigh. ``meant`` are those of them whom what was typed stands for: one student where it was a
    username, all of them where it was the number.
    """

    answer: Answer
    left: int = 0
    again_at: datetime | None = None
    stopped_at: datetime | None = None
    holders: tuple[Holder, ...] = ()
    meant: tuple[Holder, ...] = ()


@dataclass(frozen=True, slots=True)
class Challenge:
    """A proof we asked for. ``secret`` is base32 and is stored sealed; no code is ever stored.

    ``sent`` says when each text went out, oldest first; the n-th carries HOTP counter n.
    """

    secret: str
    sent: tuple[datetime, ...]
    tries: int = 0

    def code(self) -> str:
        """Return the newest six-digit code, to be texted and forgotten."""
        return self.code_of(len(self.sent))

    def code_of(self, counter: int) -> str:
        """Return the six digits of the n-th text; the first is 1."""
        return pyotp.HOTP(self.secret).at(counter)

    def lives_until(self, counter: int) -> datetime | None:
        """Return when the n-th code stops working, or None if newer texts have killed it or it was never sent."""
        if not max(0, len(self.sent) - VALID_CODES) < counter <= len(self.sent):
            return None
        return self.sent[counter - 1] + LIFETIME

    def judge(self, typed: str, now: datetime) -> Answer:
        """Say what a typed code is worth; the store counts the try before it asks."""
        if self.tries > TRIES:
            return Answer.SPENT
        newest = list(enumerate(self.sent, start=1))[-VALID_CODES:]
        live = [n for n, at in newest if now < at + LIFETIME]
        if not live:
            return Answer.EXPIRED
        hotp = pyotp.HOTP(self.secret)
        # Constant time, and every live code is compared: the answer's delay must not tell how close it was.
        hits = [hmac.compare_digest(hotp.at(n), typed) for n in live]
        return Answer.CORRECT if any(hits) else Answer.WRONG


def challenge(now: datetime, draw: Draw) -> Challenge:
    """Return a new challenge whose first code is sent now (NIST SP 800-63B-4 section 3.1.3.2)."""
    return Challenge(base64.b32encode(draw(SECRET_BYTES)).decode(), (now,))
