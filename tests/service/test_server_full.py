"""The database server's disk is full while a family sends: it is told in words, and nothing is kept by half."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from databases import url_of
from family_given import Phone, field_value, given_families, given_phone
from faults_given import work_until_done
from given import MARIGOLD
from PIL import Image
from psycopg.errors import DiskFull
from servers_given import Server, own_server
from sqlmodel import func, select

from rightsdesk.requests.cases.tables import CaseCountRow, CaseRow, ElementRow, EvidenceRow, NoticeRow
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.ledger.verify import verify
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import DraftFileRow, JobRow

pytestmark = pytest.mark.server

TABLES: Final = (CaseRow, ElementRow, EvidenceRow, NoticeRow, JobRow, AuditEventRow, CaseCountRow, DraftFileRow)


@dataclass(frozen=True, slots=True)
class Sending:
    """Elena's phone while she asks for a correction with a photo, and the server that it all lies on."""

    server: Server
    portal: Portal
    database: str
    phone: Phone

    def counted(self) -> list[int]:
        """Return how many rows there are of whatever a request leaves."""
        with self.portal.storage.read() as tx:
            return [tx.exec(select(func.count()).select_from(table)).one() for table in TABLES]

    def add_photo(self, picture: bytes) -> str:
        """Send the second page, with the photo, and return what comes back."""
        fields: dict[str, object] = {"elements": "name.family", "correction.name.family": "Delgado"}
        return self.phone.send("/marigold/details", fields, evidence=("passport.png", picture, "image/png"))

    def refused(self, page: str, log: pytest.LogCaptureFixture) -> None:
        """Be sure that the page says that it cannot, and that a full disk was why."""
        assert self.phone.status == 503
        assert "Nothing was done by half" in page
        (error,) = [record.exc_info[1] for record in log.records if record.msg == "unanswered" and record.exc_info]
        assert isinstance(getattr(error, "orig", None), DiskFull), error
        log.clear()


@pytest.fixture
def sending(tmp_path: Path) -> Iterator[Sending]:
    with own_server(tmp_path) as server:
        portal = given_families(tmp_path)
        phone = given_phone(portal)
        phone.prove("(212) 555-0142")
        phone.send("/marigold/ask", {"kind": "correction"})
        database = url_of(tmp_path, "rightsdesk").replace("+psycopg", "")
        yield Sending(server, portal, database, phone)
        portal.storage.close()


def photo() -> bytes:
    """Return a picture that no compression makes small."""
    written = BytesIO()
    Image.frombytes("RGB", (400, 400), os.urandom(480_000)).save(written, "PNG")
    return written.getvalue()


def test_what_the_server_has_no_room_for_is_refused_in_words_and_goes_on_once_there_is(
    sending: Sending, caplog: pytest.LogCaptureFixture
) -> None:
    before, picture = sending.counted(), photo()
    with sending.server.full(sending.database, "draft_files"):
        sending.refused(sending.add_photo(picture), caplog)
        assert sending.counted() == before
    once = field_value(sending.add_photo(picture), "once")
    before = sending.counted()
    with sending.server.full(sending.database, "case_evidence"):
        for _ in range(2):
            sending.refused(sending.phone.send("/marigold/check", {"once": once}), caplog)
            assert sending.counted() == before
        sending.phone.open("/marigold/requests")
        assert sending.phone.status == 200, "what is only read needs no room"
    assert "Request sent" in sending.phone.send("/marigold/check", {"once": once})
    assert sending.counted()[:3] == [1, 1, 1]
    work_until_done(sending.portal)
    with sending.portal.storage.read() as tx:
        assert set(tx.exec(select(NoticeRow.state)).all()) == {"sent"}
        assert verify(tx, MARIGOLD.id, sending.portal.checkpoints).ok
