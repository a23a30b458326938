"""A directory that is away while a student chooses a password: told in words, the old one works, nothing is lost."""

from pathlib import Path

import pytest
from directories_given import OLD, free_port, running_scim, running_slapd
from family_given import Phone, given_phone, wait, words_of
from given import MARIGOLD
from reset_given import AVA, GOOD, PATH, do_jobs, given_school, granted, letters, stages, told_ledger

from rightsdesk.verification.directories.store import Directories
from rightsdesk.verification.directories.terms import Terms
from rightsdesk.web.portal import Portal

NAME = AVA.username.title()  # as the roster spells it


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    return given_school(tmp_path)


def uses(portal: Portal, terms: Terms) -> None:
    with portal.storage.write() as tx:
        Directories(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).keep(terms, portal.now())


def signed_in(portal: Portal) -> Phone:
    """Return a browser of the student that is signed in, and whose text no longer holds up the next one."""
    phone = given_phone(portal)
    phone.prove(AVA.enrolled.phone)
    wait(portal, minutes=5)
    return phone


def assert_told_and_nothing_done(portal: Portal, phone: Phone, before: Phone) -> None:
    page = phone.send(PATH, {"password": GOOD})
    assert phone.status == 503
    assert "The school system is not answering" in words_of(page)
    assert "Your old password still works. Nothing was changed." in words_of(page)
    assert GOOD not in page
    phone.language = "es"
    assert "Su contraseña anterior todavía sirve" in words_of(phone.send(PATH, {"password": GOOD}))
    phone.language = "en"
    assert stages(portal) == ["granted"], "the right to choose is still there"
    noted = [(one["reason"], one.get("about")) for one in told_ledger(portal, "password_reset")]
    assert noted[-1] == ("not_changed", "unreachable")
    assert told_ledger(portal, "password_changed") == []
    before.open("/marigold/requests")
    assert before.path == "/marigold/requests", "who was signed in still is"
    wait(portal, minutes=2)
    do_jobs(portal, "password_settle", "password_mail", "text_password")
    assert letters(portal) == []
    assert stages(portal) == ["granted"]


@pytest.mark.files
def test_ldap_behind_a_closed_port(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "slapd").mkdir()
    with running_slapd(tmp_path / "slapd", NAME) as server:
        uses(portal, server.terms(url=f"ldap://127.0.0.1:{free_port()}"))
        before = signed_in(portal)
        phone = granted(portal)
        assert_told_and_nothing_done(portal, phone, before)
        assert server.takes(NAME, OLD)
        assert not server.takes(NAME, GOOD)
        uses(portal, server.terms())
        assert "Your password is changed" in words_of(phone.send(PATH, {"password": GOOD}))
        assert server.takes(NAME, GOOD)
        assert not server.takes(NAME, OLD)
    assert told_ledger(portal, "password_changed") == [{"reason": "reset_changed"}]


def test_scim_that_was_stopped(portal: Portal) -> None:
    with running_scim(NAME) as server:
        uses(portal, server.terms())
        before = signed_in(portal)
        phone = granted(portal)
    assert_told_and_nothing_done(portal, phone, before)
    assert server.password(NAME) == OLD
    with running_scim(NAME) as again:
        uses(portal, again.terms())
        assert "Your password is changed" in words_of(phone.send(PATH, {"password": GOOD}))
        assert again.password(NAME) == GOOD
