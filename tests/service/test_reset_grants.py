"""The right to choose a new password: one session's, used once, for ten minutes; and what a crash leaves of it."""

from dataclasses import replace
from pathlib import Path

import pytest
from alike_given import at_once
from family_given import given_phone, wait, words_of
from given import given_browser
from reset_given import (
    AVA,
    GOOD,
    OTHER,
    PATH,
    asked,
    code_of,
    do_jobs,
    given_school,
    granted,
    is_password,
    letters,
    stages,
    told_ledger,
)

from rightsdesk.verification.passwords import Passwords
from rightsdesk.web.later import Later
from rightsdesk.web.portal import Portal

NOTICES = ("password_mail", "text_password")


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    return given_school(tmp_path)


def test_a_grant_is_used_once(portal: Portal) -> None:
    phone = granted(portal)
    phone.send(PATH, {"password": GOOD})
    page = phone.send(PATH, {"password": OTHER})
    assert "Your password is changed" in words_of(page), "the page it ended with"
    assert is_password(portal, AVA, GOOD)
    assert stages(portal) == ["changed"]


def test_two_forms_at_the_same_moment_change_it_once(portal: Portal) -> None:
    phone = granted(portal)
    browsers = [given_browser(portal) for _ in range(8)]
    for browser in browsers:
        browser.cookies.update(dict(phone.browser.cookies))
    typed = [f"{GOOD} number {at}" for at in range(8)]
    pairs = list(zip(browsers, typed, strict=True))
    at_once([lambda b=b, t=t: b.post(PATH, data={"password": t}).status_code for b, t in pairs])
    assert sum(is_password(portal, AVA, one) for one in typed) == 1
    assert len(told_ledger(portal, "password_changed")) == 1
    assert [one["reason"] for one in told_ledger(portal, "password_reset")].count("attempted") == 1


def test_of_two_grants_of_one_student_the_second_is_void_after_the_first_was_used(portal: Portal) -> None:
    first = granted(portal)
    wait(portal, minutes=1)
    second = granted(portal)
    first.send(PATH, {"password": GOOD})
    page = second.send(PATH, {"password": OTHER})
    assert "it was used already" in words_of(page)
    assert is_password(portal, AVA, GOOD)


def test_a_grant_ends_after_ten_minutes(portal: Portal) -> None:
    phone = granted(portal)
    wait(portal, minutes=10)
    page = phone.send(PATH, {"password": GOOD})
    assert phone.status == 422
    assert "open for too long" in words_of(page)
    assert not is_password(portal, AVA, GOOD)


def test_the_session_before_the_code_cannot_use_the_grant(portal: Portal) -> None:
    phone = asked(portal, AVA.username)
    old = dict(phone.browser.cookies)
    phone.send(PATH, {"code": code_of(portal)})
    assert dict(phone.browser.cookies) != old, "the session's id changes with the proof"
    thief = given_phone(portal)
    thief.browser.cookies.update(old)
    assert "What is your school username?" in words_of(thief.send(PATH, {"password": GOOD}))
    assert not is_password(portal, AVA, GOOD)


@pytest.mark.parametrize(
    "fields", [{"password": GOOD}, {"code": "123456"}, {"student_number": "50051"}, {"again": "1"}]
)
def test_no_step_can_be_skipped(portal: Portal, fields: dict[str, str]) -> None:
    page = given_phone(portal).send(PATH, fields)
    assert "What is your school username?" in words_of(page)
    phone = asked(portal, AVA.username)
    if "code" not in fields:
        page = phone.send(PATH, fields | {"username": AVA.username})
        assert "Enter the code we texted you" in words_of(page)
    assert stages(portal) == []


def test_a_code_for_a_password_signs_nobody_in_and_a_code_to_sign_in_changes_no_password(portal: Portal) -> None:
    phone = asked(portal, AVA.username)
    phone.send("/marigold/code", {"code": code_of(portal)})
    assert phone.path == PATH
    phone.open("/marigold/requests")
    assert phone.path.startswith("/marigold/phone")
    other = given_phone(portal)
    other.send("/marigold/phone", {"phone": AVA.enrolled.phone})
    wait(portal, minutes=1)
    page = other.send(PATH, {"code": code_of(portal)})
    assert "What is your school username?" in words_of(page)
    assert stages(portal) == []


class Killed(Passwords):
    """Stands for a process that comes to no end of asking the directory."""

    def hashed(self, password: str, salt: bytes | None = None) -> str:
        """Fail."""
        del password, salt
        raise RuntimeError


def test_a_try_whose_process_died_is_settled_as_one_that_may_have_changed_it(portal: Portal) -> None:
    signed_in = given_phone(portal)
    signed_in.prove(AVA.enrolled.phone)
    wait(portal, minutes=5)
    phone = granted(portal)

    dying = given_phone(replace(portal, passwords=Killed(b"pepper", portal.draw)))
    dying.browser.cookies.update(dict(phone.browser.cookies))
    dying.send(PATH, {"password": GOOD})
    assert dying.status == 500
    assert stages(portal) == ["attempted"]
    with pytest.raises(Later):
        do_jobs(portal, "password_settle")
    wait(portal, minutes=2)
    do_jobs(portal, "password_settle")
    assert stages(portal) == ["unsure"]
    do_jobs(portal, "password_settle")
    assert do_jobs(portal, *NOTICES) == 3
    assert "may be changed" in next(one["body"] for one in letters(portal) if one["to"] == AVA.email)
    signed_in.open("/marigold/requests")
    assert signed_in.path.startswith("/marigold/phone")


def test_a_settled_try_is_not_settled_again(portal: Portal) -> None:
    granted(portal).send(PATH, {"password": GOOD})
    wait(portal, minutes=2)
    do_jobs(portal, "password_settle")
    assert stages(portal) == ["changed"]
    assert len(told_ledger(portal, "password_changed")) == 1
