"""A username under which too much was typed wrong: the office, which spoke with its owner, opens it again."""

from dataclasses import replace
from pathlib import Path

import pytest
from family_given import given_phone, texts, wait, words_of
from given import MARIGOLD, given_browser
from reset_given import ADMIN, AVA, GOOD, OTHER, PATH, SIGN_IN, asked, given_school, granted, told_ledger
from starlette.testclient import TestClient

from rightsdesk.verification.attempts import NUMBER_BUDGET, PASSWORD_BUDGET
from rightsdesk.verification.challenges import Purpose
from rightsdesk.verification.students.signing_in import name_keys
from rightsdesk.verification.tables import Counted
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import means
from rightsdesk.web.resets.changing import student_means
from rightsdesk.web.sessions import STAFF, Sessions

OFFICE = f"/office/marigold/people/{AVA.enrolled.id}"
OFFER = "Let it be used again"


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    return given_school(tmp_path)


def office_of(portal: Portal) -> TestClient:
    """Return the browser of an administrator who just signed in; it follows redirects."""
    now = portal.now()
    with portal.storage.write() as tx:
        seats = Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), now, portal.draw, STAFF)
        token = seats.store(replace(seats.fresh(), kind=STAFF, staff=ADMIN, password_at=now, second_at=now)).token
    browser = given_browser(portal)
    browser.follow_redirects = True
    browser.cookies.set("__Host-rightsdesk-desk", token)
    return browser


def lock(portal: Portal, kind: Counted, name: str) -> None:
    """Count a hundred wrong answers, ten a day."""
    with portal.storage.write() as tx:
        tools = means(portal, tx, MARIGOLD, portal.now())
        students = student_means(portal.docket(tx, MARIGOLD, portal.now()), portal.passwords, portal.now())
        is_code = kind is Counted.NUMBER
        keys = tools.typed_keys(Purpose.RESET_PASSWORD, name) if is_code else name_keys(students, name)
        for _ in range(100):
            wait(portal, hours=3)
            tools.counts.reserve(kind, keys, NUMBER_BUDGET if is_code else PASSWORD_BUDGET, portal.now())
    wait(portal, days=2)


@pytest.mark.parametrize("name", [AVA.username, AVA.email], ids=["name", "mail"])
def test_the_office_lets_a_username_get_codes_again(portal: Portal, name: str) -> None:
    lock(portal, Counted.NUMBER, name)
    assert "You cannot use a code now" in words_of(asked(portal, name).answer.text)  # type: ignore[union-attr]  # it answered
    assert texts(portal) == []
    rosa = office_of(portal)
    assert OFFER in rosa.get(OFFICE).text
    after = rosa.post(f"{OFFICE}/codes").text
    assert "Codes and passwords work again for this student." in after
    assert OFFER not in after
    assert told_ledger(portal, "code_unlocked")[-1] == {"reason": "username"}
    wait(portal, minutes=10)
    assert "Choose a new password" in words_of(granted(portal, name).answer.text)  # type: ignore[union-attr]  # it answered


def test_the_office_lets_a_student_sign_in_again(portal: Portal) -> None:
    granted(portal).send(PATH, {"password": GOOD})
    lock(portal, Counted.PASSWORD, AVA.username)
    phone = given_phone(portal)
    page = phone.send(SIGN_IN, {"username": AVA.username, "password": GOOD})
    assert "cannot sign in with a password now" in words_of(page)
    rosa = office_of(portal)
    assert OFFER in rosa.get(OFFICE).text
    rosa.post(f"{OFFICE}/codes")
    assert "not right" in words_of(phone.send(SIGN_IN, {"username": AVA.username, "password": OTHER}))
    phone.send(SIGN_IN, {"username": AVA.username, "password": GOOD})
    assert phone.path == "/marigold/ask"


def test_nothing_is_offered_where_nothing_is_shut_nor_written_down(portal: Portal) -> None:
    rosa = office_of(portal)
    assert OFFER not in rosa.get(OFFICE).text
    rosa.post(f"{OFFICE}/codes")
    assert {"reason": "username"} not in told_ledger(portal, "code_unlocked")
