"""A colleague's reset: a link for what was lost, who may give it, and what ends with a role."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from desk_given import DANA, MARIGOLD, PLUM, PRIYA, ROSA, SAM, Clock, at_the_desk, open_portal
from staff_given import (
    ADD,
    APP,
    CASES,
    CHOOSE,
    KIM,
    OFFICE,
    OTHER,
    PASSWORD,
    SECOND,
    SIGN_IN,
    events,
    joined,
    mails,
    on,
    person,
    rows,
    seed_in,
    staff,
    stranger,
    token_in,
    told,
)

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.agencies.store import Agencies, Staff
from rightsdesk.verification.staff import accounts
from rightsdesk.web.portal import Portal
from rightsdesk.web.staffroom import staff_means


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(data_folder: Path, clock: Clock) -> Portal:
    return open_portal(data_folder, clock)


# A colleague's reset.


def reset(portal: Portal, by: object, who: object, **fields: str) -> str:
    """Reset what somebody lost and return the secret of the printed link."""
    page = at_the_desk(portal, by).post(f"{OFFICE}/{who}/sign-in", data={"do": "print"} | fields)
    assert page.status_code == 200, page.text
    return token_in(page.text)


def test_a_lost_password_is_chosen_anew_and_the_app_is_still_asked_for(portal: Portal, clock: Clock) -> None:
    priya = person(portal, clock, PRIYA, "priya@marigold.example")
    token = reset(portal, ROSA, PRIYA, lost="password")
    assert on(priya.browser) == SIGN_IN
    assert priya.sign_in(stranger(portal)).get(CASES).url.path == SIGN_IN, "the old password is void"
    browser = joined(portal, token)
    assert browser.post(CHOOSE, data={"password": OTHER}).url.path == SECOND
    assert on(browser) == SECOND
    browser.post(SECOND, data={"totp": priya.code()})
    assert on(browser) == CASES
    assert told(portal, priya.email)[-2:] == ["staff_reset", "staff_password_changed"]


def test_a_lost_app_is_set_up_anew_and_takes_the_link_and_the_password(portal: Portal, clock: Clock) -> None:
    priya = person(portal, clock, PRIYA, "priya@marigold.example")
    token, right = reset(portal, ROSA, PRIYA, lost="app"), {"username": priya.email, "password": PASSWORD}
    without = stranger(portal)
    assert "Open the link first" in without.post(SIGN_IN, data=right).text
    assert on(without) == APP
    assert without.post(APP, data={"totp": priya.code()}).url.path == APP
    linked = joined(portal, token)
    for path in (CASES, APP, SECOND, CHOOSE):
        assert on(linked, path) == SIGN_IN, path
    page = linked.post(SIGN_IN, data=right)
    assert page.url.path == APP
    linked.post(APP, data={"totp": pyotp.TOTP(seed_in(page.text)).at(clock.at)})
    assert on(linked) == CASES
    assert priya.codes[0] not in page.text
    without.post(SIGN_IN, data=right)
    assert without.post(SECOND, data={"totp": priya.codes[0]}).status_code == 422, "the old codes are void"


def test_somebody_elses_link_for_an_app_helps_nobody(portal: Portal, clock: Clock) -> None:
    person(portal, clock, PRIYA, "priya@marigold.example")
    person(portal, clock, DANA, "dana@marigold.example")
    mine = joined(portal, reset(portal, ROSA, DANA, lost="app"))
    reset(portal, ROSA, PRIYA, lost="app")
    page = mine.post(SIGN_IN, data={"username": "priya@marigold.example", "password": PASSWORD})
    assert "Open the link first" in page.text


def test_who_lost_both_begins_from_the_start(portal: Portal, clock: Clock) -> None:
    person(portal, clock, PRIYA, "priya@marigold.example")
    browser = joined(portal, reset(portal, ROSA, PRIYA, lost="join"))
    page = browser.post(CHOOSE, data={"password": OTHER})
    assert page.url.path == APP
    assert browser.get(CASES).url.path == APP


def test_a_reset_opens_what_wrong_codes_had_locked(portal: Portal, clock: Clock) -> None:
    priya = person(portal, clock, PRIYA, "priya@marigold.example")
    browser = stranger(portal)
    for _ in range(6):
        browser.post(SIGN_IN, data={"username": priya.email, "password": "wrong"})
    browser = joined(portal, reset(portal, ROSA, PRIYA, lost="password"))
    browser.post(CHOOSE, data={"password": OTHER})
    browser.post(SECOND, data={"totp": priya.code()})
    assert on(browser) == CASES


def with_roles(portal: Portal, who: object, *roles: Role) -> None:
    with portal.storage.write() as tx:
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).set_roles(who, roles)


def test_a_lead_resets_an_approver_but_no_administrator_and_nobody_their_own(portal: Portal, clock: Clock) -> None:
    with_roles(portal, SAM, Role.LEAD)
    person(portal, clock, ROSA, "rosa@marigold.example")
    person(portal, clock, PRIYA, "priya@marigold.example")
    sam = at_the_desk(portal, SAM)
    assert sam.post(f"{OFFICE}/{PRIYA}/sign-in", data={"do": "mail", "lost": "app"}).status_code == 200
    refused_page = sam.post(f"{OFFICE}/{ROSA}/sign-in", data={"do": "print", "lost": "join"})
    assert (refused_page.status_code, "Only an administrator" in refused_page.text) == (422, True)
    assert sam.post(f"{OFFICE}/{SAM}/sign-in", data={"do": "print", "lost": "join"}).status_code == 404
    with portal.storage.read() as tx:
        means = staff_means(portal, tx, MARIGOLD, portal.now())
        assert [accounts.is_enrolled(means, one) for one in (ROSA, PRIYA)] == [True, False]


def test_a_lead_sees_the_staff_but_neither_adds_nor_changes_nor_removes(portal: Portal) -> None:
    with_roles(portal, SAM, Role.LEAD)
    sam = at_the_desk(portal, SAM)
    page = sam.get(OFFICE)
    assert ("Priya Nair" in page.text, "Add somebody" in page.text) == (True, False)
    assert "Save the roles" not in sam.get(f"{OFFICE}/{PRIYA}").text
    assert sam.post(ADD, data=KIM).status_code == 404
    assert sam.post(f"{OFFICE}/{PRIYA}/change", data={"do": "remove"}).status_code == 404


@pytest.mark.parametrize("role", [Role.APPROVER, Role.AUDITOR, Role.SECOND_APPROVER, Role.HEARING_OFFICER])
def test_nobody_else_resets_anybody(portal: Portal, role: Role) -> None:
    with_roles(portal, SAM, role)
    sam = at_the_desk(portal, SAM)
    assert sam.post(f"{OFFICE}/{PRIYA}/sign-in", data={"do": "print", "lost": "join"}).status_code == 404
    assert sam.get(f"{OFFICE}/{PRIYA}").status_code == 404


@pytest.mark.parametrize(
    ("path", "fields"), [("sign-in", {"do": "print", "lost": "join"}), ("change", {"do": "remove"})]
)
def test_a_step_up_is_not_skipped_by_sending_the_form(portal: Portal, path: str, fields: dict[str, str]) -> None:
    rosa = at_the_desk(portal, ROSA, timedelta(minutes=6))
    answer = rosa.post(f"{OFFICE}/{PRIYA}/{path}", data=fields, follow_redirects=False)
    assert answer.headers["location"] == f"{SECOND}?next={OFFICE}/{PRIYA}"
    assert (rows(portal), "priya@marigold.example" in staff(portal)) == ([], True)
    assert rosa.post(ADD, data=KIM, follow_redirects=False).headers["location"] == f"{SECOND}?next={ADD}"


def test_a_colleague_of_another_agency_is_nobody_here(portal: Portal) -> None:
    with portal.storage.write() as tx:
        Agencies(tx).add(PLUM, portal.now())
        there = replace(staff_of_plum := staff(portal)["priya@marigold.example"], id=portal.fresh_id())
        del staff_of_plum
        Staff(tx, PLUM.id, portal.vault.agency(PLUM.id)).add(there, portal.now())
    rosa = at_the_desk(portal, ROSA)
    assert rosa.get(f"{OFFICE}/{there.id}").status_code == 404
    for path in ("sign-in", "change"):
        assert rosa.post(f"{OFFICE}/{there.id}/{path}", data={"do": "print"}).status_code == 404


# Roles and sessions.


def test_a_changed_role_ends_the_sessions_at_once_and_an_unchanged_one_none(portal: Portal, clock: Clock) -> None:
    priya, rosa = person(portal, clock, PRIYA, "priya@marigold.example"), at_the_desk(portal, ROSA)
    rosa.post(f"{OFFICE}/{PRIYA}/change", data={"do": "roles", "role": ["approver"]})
    assert on(priya.browser) == CASES
    rosa.post(f"{OFFICE}/{PRIYA}/change", data={"do": "roles", "role": ["auditor"]})
    assert on(priya.browser) == SIGN_IN


def test_who_changes_their_own_roles_goes_on_under_a_new_id(portal: Portal, clock: Clock) -> None:
    rosa = person(portal, clock, ROSA, "rosa@marigold.example")
    other, before = rosa.another(), rosa.browser.cookies["rightsdesk-desk"]
    rosa.browser.post(f"{OFFICE}/{ROSA}/change", data={"do": "roles", "role": ["administrator", "lead", "auditor"]})
    assert rosa.browser.cookies["rightsdesk-desk"] != before
    assert (on(rosa.browser), on(other)) == (CASES, SIGN_IN)


def test_a_removed_colleague_is_out_and_nothing_of_their_sign_in_is_left(portal: Portal, clock: Clock) -> None:
    priya = person(portal, clock, PRIYA, "priya@marigold.example")
    at_the_desk(portal, ROSA).post(f"{OFFICE}/{PRIYA}/change", data={"do": "remove"})
    assert on(priya.browser) == SIGN_IN
    with portal.storage.read() as tx:
        assert staff_means(portal, tx, MARIGOLD, portal.now()).credentials.of(PRIYA) is None


def test_the_office_lists_a_colleagues_sessions_and_ends_them(portal: Portal, clock: Clock) -> None:
    priya, rosa = person(portal, clock, PRIYA, "priya@marigold.example"), at_the_desk(portal, ROSA)
    assert "Chrome on Windows" in rosa.get(f"{OFFICE}/{PRIYA}").text
    page = rosa.post(f"{OFFICE}/{PRIYA}/sign-in", data={"do": "sessions"})
    assert ("Chrome on Windows" in page.text, on(priya.browser)) == (False, SIGN_IN)
    assert events(portal, "session_ended") == [("session_ended", f"staff:{ROSA}", '[["reason","office"]]')]


def test_a_voided_link_is_not_mailed_any_more(portal: Portal) -> None:
    at_the_desk(portal, ROSA).post(ADD, data=KIM)
    kim = staff(portal)[KIM["email"]].id
    at_the_desk(portal, ROSA).post(f"{OFFICE}/{kim}/sign-in", data={"do": "withdraw"})
    assert mails(portal) == []
