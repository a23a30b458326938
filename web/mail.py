"""Mail to families and staff: written to a file, shown on the console, or handed to the agency's mail server."""

import json
import os
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path
from typing import Final, Protocol, TextIO
from urllib.parse import unquote, urlsplit

TIMEOUT: Final = 20.0
_NEVER: Final = 500  # replies from here on are the same at another try


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail: address, subject, plain text, why it is sent (a code), and the instant."""

    to: str
    subject: str
    body: str
    kind: str
    at: datetime
    key: str = ""  # the same letter sent twice has the same one, so that a mail program shows it once

    def __repr__(self) -> str:
        """Return nothing of the content: a trace must hold no address."""
        return f"Letter(kind={self.kind!r})"


class MailRefused(Exception):
    """The mail server did not take the letter; the words hold no address.

    ``is_final``: to that address it takes none, now or later (RFC 5321 section 4.2.1: a reply that begins with 5).
    """

    def __init__(self, words: str, *, is_final: bool = False) -> None:
        super().__init__(words)
        self.is_final = is_final


class Post(Protocol):
    """Something that sends mail."""

    def send(self, letter: Letter) -> None:
        """Send one letter.

        Raises:
            MailRefused: it was not taken.
        """


def send_each(post: Post, letters: Sequence[Letter]) -> None:
    """Send these letters to one owner; one that is refused holds up none of the others.

    Raises:
        MailRefused: one may be taken later, or none was. When all are sent again, those that were taken have the key
            they had; for an address that is no more they are not sent again.
    """
    refused: list[MailRefused] = []
    for letter in letters:
        try:
            post.send(letter)
        except MailRefused as problem:
            refused.append(problem)
    for one in refused:
        if not one.is_final or len(refused) == len(letters):
            raise one


@dataclass(frozen=True, slots=True)
class FilePost:
    """Appends each letter to a file, one JSON object a line, for tests and demos."""

    path: Path

    def send(self, letter: Letter) -> None:
        """Append the letter."""
        line = {
            "to": letter.to,
            "subject": letter.subject,
            "body": letter.body,
            "at": letter.at.isoformat(),
            "kind": letter.kind,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(opened, "ab", buffering=0) as out:
            # One write, so that threads cannot mix their lines.
            out.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")


@dataclass(frozen=True, slots=True)
class ConsolePost:
    """Shows each letter to the developer."""

    stream: TextIO

    def send(self, letter: Letter) -> None:
        """Write the letter."""
        self.stream.write(f"\n--- mail to {letter.to} ({letter.kind})\n{letter.subject}\n\n{letter.body}\n---\n")
        self.stream.flush()


@dataclass(frozen=True, slots=True)
class SmtpPost:
    """Hands each letter to a mail server; ``smtps://`` encrypts at once, ``smtp://`` when the server offers it."""

    address: str = field(repr=False)
    sender: str

    def send(self, letter: Letter) -> None:
        """Send the letter in a connection of its own.

        Raises:
            MailRefused: the server cannot be reached, or it refused.
        """
        try:
            with self._connected() as server:
                self._introduce(server)
                server.send_message(written(letter, self.sender))
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # The server's own words may repeat the address; a ValueError is an address that is not one.
            raise MailRefused(type(error).__name__, is_final=_is_final(error)) from None

    def _connected(self) -> smtplib.SMTP:
        parts = urlsplit(self.address)
        host = parts.hostname or "localhost"
        # Without a name of ours smtplib asks the network for one, and waits.
        ours = self.sender.rpartition("@")[2]
        if parts.scheme == "smtps":
            tls = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, parts.port or 465, ours, timeout=TIMEOUT, context=tls)
        return smtplib.SMTP(host, parts.port or 25, ours, timeout=TIMEOUT)

    def _introduce(self, server: smtplib.SMTP) -> None:
        parts = urlsplit(self.address)
        server.ehlo()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))


def _is_final(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= _NEVER for code, _ in error.recipients.values())
    return isinstance(error, ValueError)


def written(letter: Letter, sender: str) -> EmailMessage:
    """Return the letter as a message that says it was sent by a machine (RFC 3834).

    Raises:
        ValueError: the address is not one address alone; a comma in it would make two recipients.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = letter.to
    if [one.addr_spec for one in message["To"].addresses] != [letter.to]:
        raise ValueError
    message["Subject"] = letter.subject
    message["Date"] = letter.at
    if letter.key:
        message["Message-ID"] = f"<{letter.key}@{parseaddr(sender)[1].rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message
