"""Texts for demos and tests: one JSON object a line; refused where the public address is not loopback."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from rightsdesk.verification.sms.port import Accepted, Sent, Text


@dataclass(frozen=True, slots=True)
class FileTexts:
    """Appends each text to a file that only its owner can read."""

    path: Path

    def send(self, text: Text) -> Sent:
        """Append {"to", "body", "at", "kind"} in one write, so that threads cannot mix their lines; accept it."""
        line = {"to": text.to, "body": text.body, "at": text.at.isoformat(), "kind": text.kind.value}
        wanted = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(wanted, json.dumps(line, ensure_ascii=False).encode() + b"\n")
        finally:
            os.close(wanted)
        return Accepted("file")
