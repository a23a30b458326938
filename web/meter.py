"""What is counted while the portal works: kinds and ends, never anybody. Nothing is, unless somebody asked for it."""

from dataclasses import dataclass
from typing import Final, Protocol

from rightsdesk.verification.sms.port import Accepted, Call, Refused, Sent, Text, Texts
from rightsdesk.web.mail import Letter, MailRefused, Post

TEXT: Final = "text"
CALL: Final = "call"
MAIL: Final = "mail"


class Meter(Protocol):
    """Counts what happened. Every word it is given comes from a closed list of this program, seconds are spans."""

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answered request by the template of its path."""

    def job(self, kind: str, end: str, seconds: float) -> None:
        """Count a job that a worker of this process ended: "done", "later" or "failed"."""

    def message(self, channel: str, state: str, why: str) -> None:
        """Count a text, a call or a mail by what became of it: "accepted", "refused" (and why), "unknown"."""

    def sign_in(self, provider: str, end: str) -> None:
        """Count a school sign-in that ended by the kind of its provider: "done", or why not."""


class NoMeter:
    """Counts nothing."""

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Forget it."""

    def job(self, kind: str, end: str, seconds: float) -> None:
        """Forget it."""

    def message(self, channel: str, state: str, why: str) -> None:
        """Forget it."""

    def sign_in(self, provider: str, end: str) -> None:
        """Forget it."""


@dataclass(frozen=True, slots=True)
class CountedTexts:
    """Sends texts and calls, and counts what became of them."""

    texts: Texts
    meter: Meter

    def send(self, text: Text) -> Sent:
        """Send one text."""
        return self._counted(TEXT, self.texts.send(text))

    def call(self, call: Call) -> Sent:
        """Call once."""
        return self._counted(CALL, self.texts.call(call))

    def _counted(self, channel: str, sent: Sent) -> Sent:
        if isinstance(sent, Refused):
            self.meter.message(channel, "refused", sent.why)
        else:
            self.meter.message(channel, "accepted" if isinstance(sent, Accepted) else "unknown", "")
        return sent


@dataclass(frozen=True, slots=True)
class CountedPost:
    """Sends mail and counts what became of it."""

    post: Post
    meter: Meter

    def send(self, letter: Letter) -> None:
        """Send one letter.

        Raises:
            MailRefused: it was not taken.
        """
        try:
            self.post.send(letter)
        except MailRefused:
            self.meter.message(MAIL, "refused", "")
            raise
        self.meter.message(MAIL, "accepted", "")
