"""A family adds a photo or a PDF: kept sealed, cleaned, and never longer than needed."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from time import monotonic

import anyio.from_thread
import pytest
from family_given import (
    Phone,
    assert_told,
    field_value,
    given_families,
    given_phone,
    wait,
)
from given import MARIGOLD
from PIL import Image
from sqlmodel import select

from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.evidence import listed, opened
from rightsdesk.requests.cases.tables import CaseRow
from rightsdesk.web.duties import sweep_sessions
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import DraftFileRow

ELENAS_PHONE = "(212) 555-0142"
FIX = {"elements": ["name.family"], "correction.name.family": "Delgado", "details": "Está mal en la lista."}


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal with families."""
    return given_families(tmp_path)


@pytest.fixture
def elena(portal: Portal) -> Phone:
    """Return the phone of a mother of one, who has shown who she is."""
    phone = given_phone(portal)
    phone.prove(ELENAS_PHONE)
    return phone


def cases(portal: Portal) -> list[Case]:
    """Return every case, oldest first."""
    with portal.storage.read() as tx:
        docket = portal.docket(tx, MARIGOLD, portal.now())
        return [docket.cases.numbered(one) for one in tx.exec(select(CaseRow.id).order_by(CaseRow.filed_at)).all()]


def photo() -> bytes:
    """Return a photo that knows where it was taken."""
    picture, written = Image.new("RGB", (40, 30), "teal"), BytesIO()
    exif = picture.getexif()
    exif[0x010F] = "SecretCamera"
    picture.save(written, "JPEG", exif=exif, comment=b"SecretComment")
    return written.getvalue()


def test_a_photo_travels_sealed_and_without_what_its_camera_knew(elena: Phone, portal: Portal) -> None:
    elena.send("/marigold/ask", {"kind": "correction"})
    page = elena.send("/marigold/details", FIX, evidence=("me.gif", photo(), "image/gif"))
    assert "Photo or PDF" in page
    with portal.storage.read() as tx:
        (row,) = tx.exec(select(DraftFileRow)).all()
        assert b"JFIF" not in row.content
    elena.send("/marigold/check", {"once": field_value(page, "once")})
    (case,) = cases(portal)
    with portal.storage.read() as tx:
        docket = portal.docket(tx, MARIGOLD, portal.now())
        (kept,) = listed(docket, case)
        content = opened(docket, case, kept.id).content
        assert tx.exec(select(DraftFileRow)).all() == []
    assert kept.kind == "jpg"
    assert b"Secret" not in content
    assert Image.open(BytesIO(content)).size == (40, 30)


def test_a_photo_of_few_bytes_and_very_many_pixels_is_refused_with_what_to_do(elena: Phone) -> None:
    written = BytesIO()
    Image.new("L", (5000, 5000)).save(written, "PNG")
    elena.send("/marigold/ask", {"kind": "correction"})
    page = elena.send("/marigold/details", FIX, evidence=("a.png", written.getvalue(), "image/png"))
    assert elena.status == 422
    assert_told(page, "This photo is too large. Take it again with fewer pixels", "evidence")


def test_while_a_photo_waits_to_be_cleaned_others_can_write(elena: Phone, portal: Portal) -> None:
    elena.send("/marigold/ask", {"kind": "correction"})
    with ThreadPoolExecutor(1) as pool:
        with (
            anyio.from_thread.start_blocking_portal() as loop,
            loop.wrap_async_context_manager(portal.turns.cleaning()),
        ):
            sent = pool.submit(elena.send, "/marigold/details", FIX, evidence=("me.jpg", photo(), "image/jpeg"))
            with pytest.raises(TimeoutError):
                sent.result(timeout=0.5)
            began = monotonic()
            with portal.storage.write():
                assert monotonic() - began < 0.5
        assert "Photo or PDF" in sent.result(timeout=20)


def test_a_file_of_a_request_that_was_never_sent_is_gone_after_a_day(elena: Phone, portal: Portal) -> None:
    elena.send("/marigold/ask", {"kind": "correction"})
    elena.send("/marigold/details", FIX, evidence=("me.jpg", photo(), "image/jpeg"))
    for hours, left in ((23, 1), (2, 0)):
        wait(portal, hours=hours)
        sweep_sessions(portal, ())
        with portal.storage.read() as tx:
            assert len(tx.exec(select(DraftFileRow)).all()) == left


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"GIF89a", "Add a photo (JPG or PNG) or a PDF"),
        (b"\xff\xd8\xffnot a picture", "We cannot open this file. Add another one"),
        (b"%PDF-" + b"0" * (10 * 1024 * 1024), "This file is too big. Use 10 MB or less"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(elena: Phone, content: bytes, words: str) -> None:
    elena.send("/marigold/ask", {"kind": "correction"})
    page = elena.send("/marigold/details", FIX, evidence=("a.jpg", content, "image/jpeg"))
    assert elena.status == 422
    assert page.count(words) == 2
    assert "Delgado" in page
