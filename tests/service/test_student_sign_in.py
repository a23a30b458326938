"""Students sign in with a username and a password that the portal keeps, and nobody can guess who has one."""

from dataclasses import replace
from pathlib import Path

import pytest
from alike_given import given_stranger, next_day
from family_given import given_phone, wait, words_of
from given import MARIGOLD, PUBLIC_URL
from reset_given import (
    AVA,
    GOOD,
    KAI,
    NOBODY,
    OTHER,
    PATH,
    SIGN_IN,
    ZOE,
    do_jobs,
    given_school,
    granted,
    letters,
    told_ledger,
)
from sqlmodel import col, update
from starlette.testclient import TestClient

from rightsdesk.verification.directories.port import Kind
from rightsdesk.verification.directories.store import Directories
from rightsdesk.verification.directories.terms import Terms
from rightsdesk.verification.passwords import Match, Passwords
from rightsdesk.verification.students.store import StudentPasswords
from rightsdesk.verification.tables import Counted, CountRow
from rightsdesk.web.app import app_of
from rightsdesk.web.portal import Portal


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    portal = given_school(tmp_path)
    granted(portal).send(PATH, {"password": GOOD})
    return portal


def tried(portal: Portal, typed: str, name: str = AVA.username) -> str:
    return words_of(given_phone(portal).send(SIGN_IN, {"username": name, "password": typed}))


@pytest.mark.parametrize("name", [AVA.username, AVA.email.upper()], ids=["name", "mail"])
def test_a_student_signs_in_and_may_ask(portal: Portal, name: str) -> None:
    phone = given_phone(portal)
    page = phone.open("/marigold/phone")
    assert f'href="{SIGN_IN}"' in page
    phone.send(SIGN_IN, {"username": name, "password": GOOD})
    assert phone.path == "/marigold/ask"
    assert told_ledger(portal, "signed_in") == [{"proof": "password"}]


def test_it_leads_on_to_where_the_student_wanted_to_go(portal: Portal) -> None:
    phone = given_phone(portal)
    page = phone.open("/marigold/phone?next=/marigold/requests")
    assert f'href="{SIGN_IN}?next=/marigold/requests"' in page
    phone.send(SIGN_IN, {"username": AVA.username, "password": GOOD, "next": "/marigold/requests"})
    assert phone.path == "/marigold/requests"
    phone.send(SIGN_IN, {"username": AVA.username, "password": GOOD, "next": "//evil.example"})
    assert phone.path == "/marigold/ask"


def test_a_password_alone_opens_no_package_and_the_session_gets_a_new_id(portal: Portal) -> None:
    phone = given_phone(portal)
    phone.send("/marigold/phone", {"phone": "(646) 555-0199"})
    before = dict(phone.browser.cookies)
    phone.send(SIGN_IN, {"username": AVA.username, "password": GOOD})
    assert dict(phone.browser.cookies) != before


@pytest.mark.parametrize(("name", "typed"), [(AVA.username, OTHER), (NOBODY, GOOD), (ZOE.username, GOOD), ("", GOOD)])
def test_whatever_is_wrong_nobody_is_let_in(portal: Portal, name: str, typed: str) -> None:
    phone = given_phone(portal)
    page = words_of(phone.send(SIGN_IN, {"username": name, "password": typed}))
    assert phone.status == 422
    assert ("Enter your school username" if not name else "That username or password is not right") in page
    phone.open("/marigold/requests")
    assert phone.path.startswith("/marigold/phone")


def test_after_five_wrong_ones_a_name_waits_fifteen_minutes_known_or_not(portal: Portal) -> None:
    for name in (AVA.username, NOBODY):
        for _ in range(5):
            assert "not right" in tried(portal, OTHER, name)
        assert "too many wrong tries" in tried(portal, GOOD, name)
    wait(portal, minutes=15)
    phone = given_phone(portal)
    phone.send(SIGN_IN, {"username": AVA.username, "password": GOOD})
    assert phone.path == "/marigold/ask"


def test_a_hundred_wrong_ones_lock_a_name_until_a_reset(portal: Portal) -> None:
    for _ in range(20):
        for _ in range(5):
            tried(portal, OTHER)
        wait(portal, hours=6)
    assert "cannot sign in with a password now" in tried(portal, GOOD)
    wait(portal, days=30)
    assert "cannot sign in with a password now" in tried(portal, GOOD)
    granted(portal).send(PATH, {"password": OTHER})
    phone = given_phone(portal)
    phone.send(SIGN_IN, {"username": AVA.username, "password": OTHER})
    assert phone.path == "/marigold/ask"


def test_asking_for_codes_locks_nobody_out_of_signing_in(portal: Portal) -> None:
    phone = given_phone(portal)
    for _ in range(12):
        phone.send(PATH, {"username": AVA.username})
        for code in ("000000", "000001", "000002"):
            phone.send(PATH, {"code": code})
        wait(portal, minutes=20)
    phone.send(SIGN_IN, {"username": AVA.username, "password": GOOD})
    assert phone.path == "/marigold/ask"


def test_a_right_password_of_a_child_opens_nothing_and_says_who_can_help(portal: Portal) -> None:
    with portal.storage.write() as tx:
        kept = StudentPasswords(tx, MARIGOLD.id)
        kept.keep(KAI.enrolled.id, portal.passwords.hashed(GOOD), portal.now())
    phone = given_phone(portal)
    assert "A grown-up at school" in words_of(phone.send(SIGN_IN, {"username": KAI.username, "password": GOOD}))
    phone.open("/marigold/requests")
    assert phone.path.startswith("/marigold/phone")


def test_where_passwords_are_kept_elsewhere_it_is_not_offered(portal: Portal) -> None:
    with portal.storage.write() as tx:
        said = Terms(Kind.ELSEWHERE, "https://passwords.marigold.example")
        Directories(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).keep(said, portal.now())
    phone = given_phone(portal)
    assert SIGN_IN not in phone.open("/marigold/phone")
    for fields in (None, {"username": AVA.username, "password": GOOD}):
        phone.send(SIGN_IN, fields) if fields else phone.open(SIGN_IN)
        assert phone.path == "/marigold/phone"


def test_known_and_unknown_names_cost_the_same(portal: Portal) -> None:
    def visit(name: str) -> list[tuple[object, list[str]]]:
        who, seen = given_stranger(portal), []
        for _ in range(6):
            told = who.send(SIGN_IN, {"username": name, "password": OTHER})
            seen.append((told.body.replace(name, "NAME"), who.statements))
        return seen

    visit("first.of.all")
    next_day(portal)
    assert visit(AVA.username) == visit(NOBODY) == visit(KAI.username)


class Turning(Passwords):
    """Passwords during whose comparison, 32 ms long, somebody chooses another one."""

    portal: Portal

    def compare(self, stored: str | None, password: str) -> Match:
        """Say what the password is worth, by what was stored when it was sent; by then another one is."""
        with self.portal.storage.write() as tx:
            kept = StudentPasswords(tx, MARIGOLD.id)
            kept.keep(AVA.enrolled.id, self.hashed(OTHER), self.portal.now())
        return super().compare(stored, password)


def test_a_password_that_is_replaced_while_it_is_looked_at_opens_nothing(portal: Portal) -> None:
    """Whoever knows the old one and never stops sending it is not let in at the moment of the change either."""
    turning = Turning(b"another pepper", portal.draw)
    turning.portal = portal
    with portal.storage.write() as tx:
        StudentPasswords(tx, MARIGOLD.id).keep(AVA.enrolled.id, turning.hashed(GOOD), portal.now())
    phone = given_phone(replace(portal, passwords=turning))
    assert "not right" in words_of(phone.send(SIGN_IN, {"username": AVA.username, "password": GOOD}))
    phone.open("/marigold/requests")
    assert phone.path.startswith("/marigold/phone")


def test_wrong_passwords_of_one_place_shut_nobody_out_of_the_desk(portal: Portal) -> None:
    """A school's pupils and its office share one address."""
    headers = {"sec-fetch-site": "same-origin"}
    school = TestClient(app_of(portal), PUBLIC_URL, headers=headers, client=("203.0.113.9", 50000))
    for number in range(21):
        told = school.post(SIGN_IN, data={"username": f"name{number}", "password": OTHER}).text
    assert "too many wrong tries" in words_of(told)
    desk = school.post("/desk/marigold/sign-in", data={"username": "rosa@marigold.example", "password": OTHER}).text
    assert "too often" not in desk
    assert "not right" in desk


def test_the_owner_of_a_locked_name_is_told_once_and_nobody_of_one_that_nobody_has(portal: Portal) -> None:
    do_jobs(portal, "password_mail")
    Path(portal.settings.mail.place).unlink()
    for name in (AVA.username, NOBODY):
        tried(portal, OTHER, name)
    with portal.storage.write() as tx:
        tx.exec(update(CountRow).where(col(CountRow.kind) == Counted.PASSWORD).values(failures=99))
    for name in (AVA.username, NOBODY):
        assert "not right" in tried(portal, OTHER, name)
        assert "you cannot sign in with a password now" in tried(portal, GOOD, name)
    assert do_jobs(portal, "name_locked") == 2
    (letter,) = letters(portal)
    assert letter["to"] == AVA.email
    assert "Somebody typed too many wrong passwords" in letter["body"]
    assert f"{PUBLIC_URL}/marigold/password" in letter["body"]
