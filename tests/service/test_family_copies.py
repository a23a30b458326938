"""The copy that was made: behind a proof that is fresh and strong enough, and five times at most."""

import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from family_given import Phone, asked, code_in, given_families, given_phone, texts, wait, words_of
from following_given import ELENAS_PHONE, Desk, given_desk
from given import MARIGOLD

from rightsdesk.verification.assurance import ProofKind
from rightsdesk.web.portal import Portal
from rightsdesk.web.sessions import Sessions


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal with families and an approver."""
    return given_desk(given_families(tmp_path))


@pytest.fixture
def elena(portal: Portal) -> Phone:
    """Return the phone of a mother who has shown who she is."""
    phone = given_phone(portal)
    phone.prove(ELENAS_PHONE)
    return phone


def test_the_copy_comes_after_a_fresh_code_and_five_times_at_most(elena: Phone, portal: Portal) -> None:
    reference = asked(elena, "access")
    Desk(portal, reference).give()
    page = words_of(elena.open(f"/marigold/requests/{reference}"))
    assert "Your copy is ready" in page
    assert (
        "You can get it until December 7, 2026, up to 5 times. To keep it safe, we text you a new code first." in page
    )
    elena.send(f"/marigold/requests/{reference}/package")
    assert elena.path == "/marigold/code"
    page = words_of(elena.send("/marigold/code", {"code": code_in(texts(portal)[-1])}))
    assert elena.path == f"/marigold/requests/{reference}"
    assert "Get the copy" in page
    for left in ("up to 4 times", "up to 3 times", "up to 2 times", "1 more time", ""):
        elena.send(f"/marigold/requests/{reference}/package")
        assert elena.answer is not None
        assert zipfile.is_zipfile(BytesIO(elena.answer.content))
        page = words_of(elena.open(f"/marigold/requests/{reference}"))
        assert left in page
    assert "The copy is no longer on this page. You can ask again at any time." in page
    assert "Your copy is ready" not in page


def test_a_copy_is_not_for_the_code_of_another_phone(elena: Phone, portal: Portal) -> None:
    reference = asked(elena, "access")
    Desk(portal, reference).give()
    elena.send(f"/marigold/requests/{reference}/package")
    elena.send("/marigold/code", {"code": "000000"})
    assert elena.status == 422
    elena.send(f"/marigold/requests/{reference}/package")
    assert elena.path == "/marigold/code"


def test_a_copy_is_not_for_a_password_alone(elena: Phone, portal: Portal) -> None:
    reference = asked(elena, "access")
    Desk(portal, reference).give()
    elena.send(f"/marigold/requests/{reference}/package")
    elena.send("/marigold/code", {"code": code_in(texts(portal)[-1])})
    with portal.storage.write() as tx:
        sessions = Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), portal.now(), portal.draw)
        seat = sessions.open(elena.browser.cookies["__Host-rightsdesk"])
        sessions.store(replace(seat, proved_by=ProofKind.PASSWORD))
    wait(portal, minutes=1)
    elena.send(f"/marigold/requests/{reference}/package")
    assert elena.path == "/marigold/code"
    elena.send("/marigold/code", {"code": code_in(texts(portal)[-1])})
    elena.send(f"/marigold/requests/{reference}/package")
    assert elena.answer is not None
    assert zipfile.is_zipfile(BytesIO(elena.answer.content))
