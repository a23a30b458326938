"""Large bodies: nobody's is read before it is known who sends it, and no more than two lie here at a time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, cast

import anyio
import anyio.from_thread
import pytest
from family_given import Phone, given_families, given_phone
from given import PUBLIC_URL
from starlette.types import Message

from rightsdesk.web import serving
from rightsdesk.web.app import app_of
from rightsdesk.web.portal import Portal
from rightsdesk.web.turns import UPLOADS

Header: TypeAlias = tuple[bytes, bytes]
LARGE = 8 * 1024 * 1024
HEAD = b'--x\r\nContent-Disposition: form-data; name="evidence"; filename="a.jpg"\r\n\r\n'
TAIL = b"\r\n--x--\r\n"


@dataclass(slots=True)
class Sender:
    """Sends one large form in pieces and counts how many were taken; ``looks`` sees each moment between two."""

    path: str
    cookie: str = ""
    looks: Callable[[], None] = lambda: None
    taken: int = 0
    answers: list[Message] = field(default_factory=list)

    def send_to(self, portal: Portal) -> int:
        """Send the form and return the status of the answer."""
        anyio.run(app_of(portal), self._scope(), self._receive, self._send)
        return int(self.answers[0]["status"])

    def _scope(self) -> dict[str, object]:
        headers = [
            (b"host", PUBLIC_URL.partition("//")[2].encode()),
            (b"sec-fetch-site", b"same-origin"),
            (b"content-type", b"multipart/form-data; boundary=x"),
            (b"content-length", str(len(HEAD) + LARGE + len(TAIL)).encode()),
            (b"cookie", self.cookie.encode()),
        ]
        told = {"type": "http", "method": "POST", "path": self.path, "raw_path": self.path.encode(), "scheme": "https"}
        return told | {"headers": headers, "query_string": b"", "client": ("127.0.0.1", 1), "root_path": ""}

    async def _receive(self) -> Message:
        pieces = (HEAD, *[bytes(LARGE // 8)] * 8, TAIL)
        self.looks()
        piece, self.taken = pieces[self.taken], self.taken + 1
        return {"type": "http.request", "body": piece, "more_body": self.taken < len(pieces)}

    async def _send(self, message: Message) -> None:
        self.answers.append(message)


class Dripping(Sender):
    """Begins a small form and never ends it."""

    def _scope(self) -> dict[str, object]:
        told = super()._scope()
        return told | {"headers": [one for one in cast("list[Header]", told["headers"]) if one[0] != b"content-length"]}

    async def _receive(self) -> Message:
        if self.taken:
            await anyio.sleep_forever()
        self.taken += 1
        return {"type": "http.request", "body": HEAD, "more_body": True}


class Leaving(Dripping):
    """Loses its connection in the middle of a form."""

    async def _receive(self) -> Message:
        return await super()._receive() if not self.taken else {"type": "http.disconnect"}


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal with families."""
    return given_families(tmp_path)


@pytest.fixture
def elena(portal: Portal) -> Phone:
    """Return the phone of a mother who wants something fixed."""
    phone = given_phone(portal)
    phone.prove("(212) 555-0142")
    phone.send("/marigold/ask", {"kind": "correction"})
    return phone


def cookie_of(phone: Phone) -> str:
    """Return the session of this phone as its browser sends it."""
    return "; ".join(f"{one.name}={one.value}" for one in phone.browser.cookies.jar)


@pytest.mark.parametrize("path", ["/marigold/details", "/office/marigold/roster", "/desk/marigold/enter"])
def test_nothing_is_read_from_a_stranger_who_sends_a_large_form(portal: Portal, path: str) -> None:
    sender = Sender(path)
    assert sender.send_to(portal) == 303
    assert sender.taken == 0


def test_a_family_cannot_send_the_office_anything_large(portal: Portal, elena: Phone) -> None:
    sender = Sender("/office/marigold/roster", cookie_of(elena))
    assert sender.send_to(portal) == 303
    assert sender.taken == 0


def test_a_page_without_a_file_takes_no_large_form_from_anybody(portal: Portal) -> None:
    sender = Sender("/desk/marigold/sign-in")
    assert sender.send_to(portal) == 413
    assert sender.taken == 0


def test_nobody_holds_a_line_by_sending_a_form_that_never_ends(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "FORM_ARRIVES", 0.05)
    with anyio.from_thread.start_blocking_portal() as loop:
        sender = Dripping("/marigold/phone")
        sent = loop.start_task_soon(app_of(portal), sender._scope(), sender._receive, sender._send)
        try:
            sent.result(timeout=10)
        finally:
            sent.cancel()
    assert sender.answers[0]["status"] == 503


def test_a_phone_that_loses_its_connection_is_no_failure_of_ours(
    portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    assert Leaving("/marigold/phone").send_to(portal) == 400
    assert [one.name for one in caplog.records if one.levelname == "ERROR"] == []


def test_a_large_file_waits_on_the_disk_without_a_name(portal: Portal, elena: Phone) -> None:
    folder = portal.settings.data / "arriving"
    seen: list[str] = []

    def look() -> None:
        if folder.exists():
            assert list(folder.iterdir()) == []
            opened = [str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
            seen.extend(one for one in opened if one.startswith(str(folder)))

    sender = Sender("/marigold/details", cookie_of(elena), look)
    assert sender.send_to(portal) == 422
    assert seen
    assert all(one.endswith("(deleted)") for one in seen)
    assert folder.stat().st_mode & 0o077 == 0


def test_a_third_large_upload_waits_until_one_is_done(portal: Portal, elena: Phone) -> None:
    sender = Sender("/marigold/details", cookie_of(elena))
    with ThreadPoolExecutor(1) as pool, anyio.from_thread.start_blocking_portal() as loop:
        with ExitStack() as held:
            for _ in range(UPLOADS):
                held.enter_context(loop.wrap_async_context_manager(portal.turns.upload()))
            sent = pool.submit(sender.send_to, portal)
            with pytest.raises(TimeoutError):
                sent.result(timeout=0.5)
            assert sender.taken == 0
        assert sent.result(timeout=20) == 422
