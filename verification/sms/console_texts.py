"""Texts for a developer's terminal; refused by the settings where the public address is not loopback."""

from dataclasses import dataclass
from typing import TextIO

from rightsdesk.verification.sms.port import Accepted, Call, Sent, Text


@dataclass(frozen=True, slots=True)
class ConsoleTexts:
    """Writes each text to a stream."""

    stream: TextIO

    def send(self, text: Text) -> Sent:
        """Write the text and accept it."""
        self.stream.write(f"\n--- text to {text.to} ({text.kind})\n{text.body}\n---\n")
        self.stream.flush()
        return Accepted("console")

    def call(self, call: Call) -> Sent:
        """Write what a voice would say and accept it."""
        self.stream.write(f"\n--- call to {call.to}\n{' '.join(call.says.pieces)}\n---\n")
        self.stream.flush()
        return Accepted("console")
