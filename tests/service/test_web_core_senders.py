"""Texts and mail leave by the way that was set, and only by that."""

import io
import json
import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from given import given_settings

from rightsdesk.verification.sms.console_texts import ConsoleTexts
from rightsdesk.verification.sms.port import Accepted, Call, Sent, Text, TextKind
from rightsdesk.verification.sms.spoken import spoken_code
from rightsdesk.verification.sms.twilio_texts import TwilioTexts
from rightsdesk.web.mail import ConsolePost, FilePost, Letter, MailRefused, SmtpPost
from rightsdesk.web.senders import ByKind, post_of, texts_of
from rightsdesk.web.settings import Carrier, Outlet

NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
LETTER = Letter("maria@example.org", "Su solicitud está aquí", "Línea uno\nLínea dos\n", "receipt", NOON)
TEXT = Text("+12125550142", "Your code is 123456", TextKind.CODE, NOON)


class Inbox(Message):
    """Keeps what a mail server took."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[tuple[str, str, str]] = []

    def handle_message(self, message: object) -> None:
        """Keep subject, body and recipient."""
        self.taken.append((str(message["subject"]), message.get_payload(decode=True).decode(), message["to"]))  # type: ignore[index,attr-defined]  # an EmailMessage, untyped there


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def test_a_file_gets_one_object_a_line(tmp_path: Path) -> None:
    post = post_of(given_settings(tmp_path))
    assert isinstance(post, FilePost)
    for _ in range(2):
        post.send(LETTER)
    lines = [json.loads(line) for line in post.path.read_text("utf-8").splitlines()]
    assert [set(line) for line in lines] == [{"to", "subject", "body", "at", "kind"}] * 2
    assert lines[0]["subject"] == LETTER.subject


def test_a_mail_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    post = FilePost(tmp_path / "mail.jsonl")
    post.send(LETTER)
    assert post.path.stat().st_mode & 0o077 == 0


def test_a_developer_reads_mail_on_the_console() -> None:
    stream = io.StringIO()
    ConsolePost(stream).send(LETTER)
    assert LETTER.subject in stream.getvalue()


def test_a_mail_server_gets_the_letter_whole() -> None:
    inbox = Inbox()
    server = Controller(inbox, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        SmtpPost(f"smtp://127.0.0.1:{server.port}", "office@example.org").send(LETTER)
    finally:
        server.stop()
    ((subject, body, to),) = inbox.taken
    assert to == LETTER.to
    assert body.replace("\r\n", "\n") == LETTER.body
    assert "solicitud" in subject or subject.startswith("=?utf-8?")


def test_a_mail_server_that_is_away_is_told_by_type_without_an_address() -> None:
    with pytest.raises(MailRefused) as refused:
        SmtpPost(f"smtp://127.0.0.1:{free_port()}", "office@example.org").send(LETTER)
    assert "maria" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert not refused.value.is_final


class Refusing(Inbox):
    """A mail server that answers every recipient so."""

    def __init__(self, answer: str) -> None:
        super().__init__()
        self.answer = answer

    async def handle_RCPT(self, *_: object) -> str:  # noqa: N802 - the interface
        """Refuse."""
        return self.answer


@pytest.mark.parametrize(
    ("answer", "is_final"),
    [("550 5.1.1 No such user", True), ("554 5.7.1 Not wanted", True), ("450 4.2.0 Greylisted, come back", False)],
)
def test_an_address_that_is_no_more_is_told_from_one_that_may_take_it_later(answer: str, *, is_final: bool) -> None:
    server = Controller(Refusing(answer), hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        with pytest.raises(MailRefused) as refused:
            SmtpPost(f"smtp://127.0.0.1:{server.port}", "office@example.org").send(LETTER)
    finally:
        server.stop()
    assert refused.value.is_final is is_final


@pytest.mark.parametrize(
    "to",
    ["a@example.org\nBcc: b@example.org", "a,b@example.org", "a@example.org, b@example.org", "A <b@example.org>", ""],
)
def test_a_letter_goes_to_one_address_or_to_nobody(to: str) -> None:
    inbox = Inbox()
    server = Controller(inbox, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        with pytest.raises(MailRefused):
            SmtpPost(f"smtp://127.0.0.1:{server.port}", "office@example.org").send(replace(LETTER, to=to))
    finally:
        server.stop()
    assert inbox.taken == []


def test_a_letter_and_the_settings_show_no_address_in_a_trace() -> None:
    assert "maria" not in repr(LETTER)
    assert "secret" not in repr(SmtpPost("smtp://me:secret@mail.example.org", "office@example.org"))


def test_codes_and_notices_leave_under_their_own_numbers(tmp_path: Path) -> None:
    carrier = Carrier("AC1", "token", "+12125550100", notices_sender="+12125550101")
    settings = replace(given_settings(tmp_path), sms=Outlet("twilio"), carrier=carrier)
    texts = texts_of(settings)
    assert isinstance(texts, ByKind)
    assert isinstance(texts.codes, TwilioTexts)
    service = texts_of(replace(settings, carrier=replace(carrier, notices_sender="", notices_service="MG1")))
    assert isinstance(service, ByKind)
    assert service.notices is not service.codes
    together = texts_of(replace(settings, carrier=replace(carrier, notices_sender="")))
    assert isinstance(together, ByKind)
    assert together.notices is together.codes
    assert isinstance(texts_of(replace(settings, sms=Outlet("console"), carrier=None)), ConsoleTexts)


def test_a_notice_never_leaves_under_the_number_of_the_codes() -> None:
    class Named:
        def __init__(self, name: str) -> None:
            self.name = name

        def send(self, text: Text) -> Sent:
            return Accepted(f"{self.name} {text.kind}")

        def call(self, call: Call) -> Sent:
            return Accepted(f"{self.name} {call!r}")

    texts = ByKind(Named("codes"), Named("notices"), Named("calls"))
    assert texts.send(TEXT) == Accepted("codes code")
    assert texts.call(Call(TEXT.to, spoken_code("482100", "en"), NOON)) == Accepted("calls Call()")
    assert texts.send(replace(TEXT, kind=TextKind.NOTICE)) == Accepted("notices notice")
