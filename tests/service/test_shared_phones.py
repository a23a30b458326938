"""A phone that a guardian under an order has in hand: nothing that was set up on it before the order opens anything."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import family_given
import pytest
from family_given import LUIS, ROSA, Enrolled, Phone, asked, code_in, given_phone, person_id, texts, wait, words_of
from following_given import Desk, given_desk
from given import MARIGOLD, PUBLIC_URL
from passkeys_given import Device
from reset_given import AVA, GOOD, PATH, SIGN_IN, given_school, granted

from rightsdesk.requests.people.tables import RestrictionRow
from rightsdesk.web.portal import Portal

COSTAS = "(212) 555-0146"
HERE: dict[str, Any] = {"host": "testserver", "origin": PUBLIC_URL}
REX = Enrolled(person_id(901), "Rex", "Okonjo", AVA.enrolled.phone)


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal with families, with students who have passwords, and with an approver."""
    return given_desk(given_school(tmp_path))


def restrict(portal: Portal, guardian: UUID) -> None:
    """Enter an order as a roster or a command would: no page ends what is open."""
    with portal.storage.write() as tx:
        order = {"kind": "court_order", "begins": date(2026, 1, 1), "set_by": uuid4(), "set_at": portal.now()}
        tx.add(RestrictionRow(id=uuid4(), agency=MARIGOLD.id, guardian=guardian, student=None, **order))


def share(portal: Portal, who: Enrolled) -> None:
    with portal.storage.write() as tx:
        family_given._enter(tx, portal.vault.agency(MARIGOLD.id), who, person_id(990), portal)


def test_a_fresh_code_to_a_phone_that_a_kept_away_guardian_holds_opens_no_copy(portal: Portal) -> None:
    """He knows the child's password, and the child's code comes to the phone in his hand."""
    granted(portal).send(PATH, {"password": GOOD})
    share(portal, REX)
    restrict(portal, REX.id)
    phone = given_phone(portal)
    phone.send(SIGN_IN, {"username": AVA.username, "password": GOOD})
    reference = asked(phone, "access")
    Desk(portal, reference).give()
    phone.send(f"/marigold/requests/{reference}/package")
    phone.send("/marigold/code", {"code": code_in(texts(portal)[-1])})
    phone.send(f"/marigold/requests/{reference}/package")
    assert phone.answer is not None
    assert phone.answer.headers["content-type"].startswith("text/html")


def test_whoever_knows_a_password_reads_no_digit_of_the_number_on_file(portal: Portal) -> None:
    granted(portal).send(PATH, {"password": GOOD})
    phone = given_phone(portal)
    phone.send(SIGN_IN, {"username": AVA.username, "password": GOOD})
    reference = asked(phone, "access")
    Desk(portal, reference).give()
    page = words_of(phone.send(f"/marigold/requests/{reference}/package"))
    assert phone.path == "/marigold/code"
    assert "51" not in page[page.index("We sent") : page.index("The code works")]


def test_beside_a_password_a_number_nobody_confirmed_for_long_needs_the_student_number_too(portal: Portal) -> None:
    granted(portal).send(PATH, {"password": GOOD})
    wait(portal, days=200)
    phone = given_phone(portal)
    phone.send(SIGN_IN, {"username": AVA.username, "password": GOOD})
    reference = asked(phone, "access")
    Desk(portal, reference).give()
    phone.send(f"/marigold/requests/{reference}/package")
    phone.send("/marigold/code", {"code": code_in(texts(portal)[-1])})
    assert phone.path == "/marigold/second-proof"
    phone.send("/marigold/second-proof", {"student_number": AVA.enrolled.number})
    assert phone.path == f"/marigold/requests/{reference}"
    phone.send(f"/marigold/requests/{reference}/package")
    assert phone.answer is not None
    assert phone.answer.headers["content-type"] == "application/zip"


def test_a_passkey_on_a_phone_that_a_kept_away_guardian_holds_opens_nothing(portal: Portal) -> None:
    """The mother set it up on the phone that both used; the order leaves it in the father's hand."""
    device, rosa = Device(), given_phone(portal)
    rosa.prove(COSTAS)
    rosa.send("/marigold/who", {"who": str(ROSA)})
    made = device.make(rosa.browser.post("/marigold/passkeys/ask").json(), **HERE)
    rosa.send("/marigold/passkeys", {"do": "add", "answer": made})
    assert shown(portal, device).path == "/marigold/ask"
    restrict(portal, LUIS)
    assert shown(portal, device).path == "/marigold/passkey"


def shown(portal: Portal, device: Device) -> Phone:
    phone = given_phone(portal)
    answer = device.show(phone.browser.post("/marigold/passkey/ask").json(), **HERE)
    phone.send("/marigold/passkey", {"answer": answer})
    return phone
