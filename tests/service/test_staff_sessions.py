"""Where I am signed in, what a half-signed-in session opens, and what its owner is told."""

import re
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from desk_given import DANA, MARIGOLD, PRIYA, Clock, at_the_desk, open_portal
from sqlmodel import select
from staff_given import (
    APP,
    CASES,
    CHOOSE,
    CODES,
    ENDING,
    HALF_OPEN,
    OTHER,
    OWN,
    PASSWORD,
    SECOND,
    SIGN_IN,
    Person,
    events,
    mails,
    on,
    person,
    stranger,
    told,
)
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.staff import accounts
from rightsdesk.web.devices import device_of
from rightsdesk.web.portal import Portal
from rightsdesk.web.routes import SCREENS
from rightsdesk.web.screens import Who
from rightsdesk.web.sessions import STAFF, SessionOver, Sessions
from rightsdesk.web.staffroom import staff_means
from rightsdesk.web.tables import JobRow


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(data_folder: Path, clock: Clock) -> Portal:
    return open_portal(data_folder, clock)


@pytest.fixture
def priya(portal: Portal, clock: Clock) -> Person:
    return person(portal, clock, PRIYA, "priya@marigold.example")


# Sessions.


def test_my_sessions_stand_with_device_and_times_and_this_one_is_marked(priya: Person) -> None:
    priya.another()
    page = priya.browser.get(OWN).text
    mine = page[page.index("Where you are signed in") :]
    assert re.findall(r"<b>([^<]+)</b>", mine)[:2] == ["Safari on iPhone", "Chrome on Windows"]
    assert mine.index("This one") > mine.index("Chrome on Windows")
    assert "Nov 23, 2026" in mine
    assert priya.browser.cookies["rightsdesk-desk"] not in page


def test_one_session_or_all_others_can_be_ended(portal: Portal, priya: Person) -> None:
    other = priya.another()
    mark = re.search(r'name="session" value="(\w+)"', priya.browser.get(OWN).text)[1]
    assert on(other) == CASES
    priya.browser.post(ENDING, data={"session": mark})
    assert (on(priya.browser), on(other)) == (CASES, SIGN_IN)
    other = priya.another()
    priya.browser.post(ENDING, data={"do": "others"})
    assert (on(priya.browser), on(other)) == (CASES, SIGN_IN)
    assert len(events(portal, "session_ended")) == 2


def test_nobody_ends_a_session_of_somebody_else(portal: Portal, priya: Person) -> None:
    dana = at_the_desk(portal, DANA)
    with portal.storage.read() as tx:
        sessions = Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), portal.now(), portal.draw, STAFF)
        mark = sessions.of_staff(PRIYA)[0].mark
    dana.post(ENDING, data={"session": mark})
    dana.post(ENDING, data={"do": "others"})
    assert on(priya.browser) == CASES


def test_a_half_signed_in_session_shows_that_somebody_knows_the_password(portal: Portal, priya: Person) -> None:
    stranger(portal).post(SIGN_IN, data={"username": priya.email, "password": PASSWORD})
    assert "Second factor not shown" in priya.browser.get(OWN).text


def test_a_session_that_was_ended_is_not_revived_by_a_proof_that_comes_late(portal: Portal, priya: Person) -> None:
    with portal.storage.write() as tx:
        vault = portal.vault.agency(MARIGOLD.id)
        sessions = Sessions(tx, MARIGOLD.id, vault, portal.now(), portal.draw, STAFF)
        seat = sessions.open(priya.browser.cookies["rightsdesk-desk"])
        sessions.end_all(staff=PRIYA)
        with pytest.raises(SessionOver):
            sessions.renew(seat)


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36 Edg/142.0", "edge.windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Version/19.0 Safari/605.1.15", "safari.mac"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/142.0 Mobile Safari/537.36", "chrome.android"),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/142.0 Safari/537.36", "chrome.chromebook"),
        ("curl/8", "."),
        ("", "."),
    ],
)
def test_a_device_is_named_in_a_word_or_two(agent: str, device: str) -> None:
    assert device_of(agent) == device


# Half-way in.


def test_between_password_and_second_factor_every_route_leads_to_the_code(portal: Portal) -> None:
    browser, led = half_in(portal), set()
    for screen in SCREENS:
        path = re.sub(r"{\w+}", "MGD-7K3F-92QX", screen.path.replace("{agency}", "marigold"))
        for method, handler in (("GET", screen.get), ("POST", screen.post)):
            is_open = screen.name == "desk.second_factor" or (screen.name in HALF_OPEN and method == "POST")
            if handler is None or is_open or screen.who not in {Who.STAFF, Who.HALF_STAFF}:
                continue
            answer = browser.request(method, path, follow_redirects=False)
            led.add((answer.status_code, answer.headers.get("location", "").partition("?")[0]))
    assert led == {(303, SECOND)}


def half_in(portal: Portal) -> TestClient:
    with portal.storage.write() as tx:
        means = staff_means(portal, tx, MARIGOLD, portal.now())
        accounts.set_password(means, PRIYA, PASSWORD, (), portal.now())
        accounts.begin_app(means, PRIYA)
        seed = accounts.pending_seed(means, PRIYA) or ""
        accounts.confirm_app(means, PRIYA, pyotp.TOTP(seed).at(portal.now()), portal.now())
    browser = stranger(portal)
    browser.post(SIGN_IN, data={"username": "priya@marigold.example", "password": PASSWORD})
    return browser


@pytest.mark.parametrize("path", [APP, CHOOSE])
def test_a_half_signed_in_session_sets_nothing_up_anew(portal: Portal, path: str) -> None:
    browser = half_in(portal)
    assert browser.post(path, data={"totp": "123456", "password": OTHER}).url.path == SECOND
    assert not stranger(portal).post(SIGN_IN, data={"username": "priya@marigold.example", "password": OTHER}).is_success


def test_a_role_that_is_lost_in_the_middle_stops_the_next_page(portal: Portal, priya: Person) -> None:
    assert priya.browser.get("/desk/marigold/enter").status_code == 200
    with portal.storage.write() as tx:
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).set_roles(PRIYA, [Role.HEARING_OFFICER])
    assert priya.browser.get("/desk/marigold/enter").status_code == 404
    assert priya.browser.post("/desk/marigold/enter").status_code == 404


# What the owner is told.


def test_five_wrong_codes_lock_and_the_owner_is_told_once(portal: Portal, priya: Person) -> None:
    browser = stranger(portal)
    browser.post(SIGN_IN, data={"username": priya.email, "password": PASSWORD})
    for _ in range(8):
        browser.post(SECOND, data={"totp": "000000"})
    assert told(portal, priya.email) == ["staff_locked"]
    priya.clock.at += timedelta(minutes=16)
    browser.post(SIGN_IN, data={"username": priya.email, "password": PASSWORD})
    for _ in range(8):
        browser.post(SECOND, data={"totp": "000000"})
    assert told(portal, priya.email) == ["staff_locked"] * 2


def test_a_name_that_nobody_has_asks_for_as_many_mails_as_one_that_somebody_has(portal: Portal, priya: Person) -> None:
    for name in ("priya@marigold.example", "nobody@marigold.example"):
        for _ in range(5):
            stranger(portal).post(SIGN_IN, data={"username": name, "password": "wrong"})
    assert told(portal, priya.email) == ["staff_locked"]
    assert told(portal, "nobody@marigold.example") == []
    with portal.storage.read() as tx:
        assert len(tx.exec(select(JobRow).where(JobRow.kind == "mail_staff")).all()) >= 2


def test_a_mail_names_no_code_no_password_and_no_session(portal: Portal, priya: Person) -> None:
    priya.browser.post(CODES)
    body = mails(portal)[-1]["body"]
    assert "You have ten new recovery codes." in body
    assert "If this was not you" in body
    assert f"http://127.0.0.1{OWN}" in body
    assert not any(code in body for code in priya.codes)


def test_who_knows_the_password_alone_ends_nobodys_session(portal: Portal, priya: Person) -> None:
    second = priya.another()
    for _ in range(3):
        stranger(portal).post(SIGN_IN, data={"username": priya.email, "password": PASSWORD})
    assert [on(one) for one in (priya.browser, second)] == [CASES, CASES]


def test_of_half_signed_in_sessions_the_newest_two_are_kept(portal: Portal, priya: Person) -> None:
    halves = [stranger(portal) for _ in range(3)]
    for one in halves:
        one.post(SIGN_IN, data={"username": priya.email, "password": PASSWORD})
        priya.clock.at += timedelta(seconds=1)
    assert [on(one, SECOND) for one in halves] == [SIGN_IN, SECOND, SECOND]
