"""Texts for demos and tests: one JSON object a line; refused where the public address is not loopback."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from rightsdesk.verification.sms.port import Accepted, Call, Sent, Text, TextKind


@dataclass(frozen=True, slots=True)
class FileTexts:
    """Appends each text to a file that only its owner can read."""

    path: Path

    def send(self, text: Text) -> Sent:
        """Append {"to", "body", "at", "kind"} in one write, so that threads cannot mix their lines; accept it."""
        self._append({"to": text.to, "body": text.body, "at": text.at.isoformat(), "kind": text.kind.value})
        return Accepted("file")

    def call(self, call: Call) -> Sent:
        """Append what a voice would say, in the same form; accept it."""
        body = " ".join(call.says.pieces)
        self._append({"to": call.to, "body": body, "at": call.at.isoformat(), "kind": TextKind.CALL.value})
        return Accepted("file")

    def _append(self, line: dict[str, str]) -> None:
        wanted = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(wanted, json.dumps(line, ensure_ascii=False).encode() + b"\n")
        finally:
            os.close(wanted)
