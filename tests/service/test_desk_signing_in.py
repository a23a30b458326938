"""Staff sign in: a password, then always a second factor; the app is set up the first time."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pyotp
import pytest
from desk_given import LUCIA, MARIGOLD, MATEO, NOW, PRIYA, Clock, ask, found, open_portal
from starlette.testclient import TestClient

from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.states import State
from rightsdesk.verification.passwords import Match, Passwords
from rightsdesk.verification.staff import accounts
from rightsdesk.web.app import app_of
from rightsdesk.web.portal import Portal
from rightsdesk.web.staffroom import staff_means

PASSWORD = "seven grey lanterns over Tuvalu"
RIGHT = {"username": "Priya@Marigold.example ", "password": PASSWORD}
SIGN_IN = "/desk/marigold/sign-in"
SECOND = "/desk/marigold/second-factor"
APP = "/desk/marigold/authenticator"
OWN = "/desk/marigold/password"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(data_folder: Path, clock: Clock) -> Portal:
    opened = open_portal(data_folder, clock)
    with opened.storage.write() as tx:
        accounts.set_password(staff_means(opened, tx, MARIGOLD, clock.at), PRIYA, PASSWORD, (), clock.at)
    return opened


@pytest.fixture
def client(portal: Portal) -> TestClient:
    return TestClient(app_of(portal), base_url="http://127.0.0.1", headers={"sec-fetch-site": "same-origin"})


def set_up(client: TestClient, clock: Clock) -> tuple[pyotp.TOTP, list[str]]:
    """Sign in for the first time and return the app that was set up, and the recovery codes."""
    page = client.post(SIGN_IN, data=RIGHT)
    assert page.url.path == APP
    app = pyotp.TOTP(re.search(r'class="ref" dir="ltr">([A-Z2-7 ]+)<', page.text)[1].replace(" ", ""))
    done = client.post(APP, data={"totp": app.at(clock.at)})
    codes = re.findall(r'<li class="mono" dir="ltr">([A-Z2-7 ]+)</li>', done.text)
    clock.at += timedelta(seconds=60)
    return app, codes


def test_the_first_sign_in_sets_the_app_up_and_shows_ten_recovery_codes_once(client: TestClient, clock: Clock) -> None:
    codes = set_up(client, clock)[1]
    assert len(set(codes)) == 10
    assert client.get("/desk/marigold/cases").status_code == 200
    assert codes[0] not in client.get(APP).text


def test_the_key_is_shown_as_a_picture_without_style_and_in_groups_of_four(client: TestClient) -> None:
    page = client.post(SIGN_IN, data=RIGHT).text
    assert "<svg" in page
    assert "style=" not in page
    assert re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", page)


def test_others_write_while_the_recovery_codes_are_hashed(
    client: TestClient, clock: Clock, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed, written = Passwords.hashed, list[str]()

    def hashed_beside(self: Passwords, password: str, salt: bytes | None = None) -> str:
        with portal.storage.write() as tx:
            tx.connection()  # here the lock is taken
            written.append(password)
        return hashed(self, password, salt)

    monkeypatch.setattr(Passwords, "hashed", hashed_beside)
    codes = set_up(client, clock)[1]
    assert len(codes) == len(written) == 10


def test_between_password_and_second_factor_there_are_no_rights_at_all(client: TestClient, clock: Clock) -> None:
    set_up(client, clock)
    client.post("/desk/marigold/sign-out")
    client.post(SIGN_IN, data=RIGHT)
    for path in ("/desk/marigold/cases", "/desk/marigold/settings", "/office/marigold/people"):
        answer = client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, SECOND), path


def test_a_code_of_the_app_works_once(client: TestClient, clock: Clock) -> None:
    app = set_up(client, clock)[0]
    for expected in (200, 422):
        client.post("/desk/marigold/sign-out")
        client.post(SIGN_IN, data=RIGHT)
        answer = client.post(SECOND, data={"totp": app.at(clock.at)})
        assert answer.status_code == expected
    assert "That code was used already." in answer.text


def test_a_recovery_code_lets_in_once(client: TestClient, clock: Clock) -> None:
    code = set_up(client, clock)[1][3]
    statuses = []
    for _ in range(2):
        client.post("/desk/marigold/sign-out")
        client.post(SIGN_IN, data=RIGHT)
        statuses.append(client.post(SECOND, data={"totp": code.lower()}).status_code)
    assert statuses == [200, 422]


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(client: TestClient) -> None:
    wrong = client.post(SIGN_IN, data={"username": "priya@marigold.example", "password": "not the right one"})
    unknown = client.post(SIGN_IN, data={"username": "nobody@marigold.example", "password": "not the right one"})
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert wrong.text.replace("priya@", "nobody@") == unknown.text
    assert "not the right one" not in wrong.text


def test_tries_are_counted_and_even_the_right_password_waits_then(client: TestClient) -> None:
    for _ in range(20):
        answer = client.post(SIGN_IN, data=RIGHT | {"password": "wrong"})
    assert "too often" in answer.text or "cannot sign in now" in answer.text
    assert client.post(SIGN_IN, data=RIGHT).status_code == 422


def test_signing_in_leads_on_to_where_the_person_wanted_to_go_but_never_to_another_site(
    client: TestClient, clock: Clock
) -> None:
    app = set_up(client, clock)[0]
    for wish, end in (
        ("/desk/marigold/settings", "/desk/marigold/settings"),
        ("//evil.example/", "/desk/marigold/cases"),
        ("/desk/plum-hollow/cases", "/desk/marigold/cases"),
    ):
        client.post("/desk/marigold/sign-out")
        client.post(SIGN_IN, data=RIGHT | {"next": wish})
        clock.at += timedelta(seconds=90)
        assert client.post(SECOND, data={"totp": app.at(clock.at)}).url.path == end


def test_after_a_fresh_proof_the_deletion_goes_on_with_what_was_typed(
    portal: Portal, client: TestClient, clock: Clock
) -> None:
    app = set_up(client, clock)[0]
    case = ask(portal, Kind.ERASURE, wanted=(Wanted("picture", ""), Wanted("apps", "")))
    clock.at += timedelta(minutes=6)
    words = "Your own photos stay: the school needs them for the yearbook."
    decision = f"/desk/marigold/cases/{case.reference}/decision"
    fields = {
        "version": "1",
        "outcome": "partial",
        "outcome.picture": "deny",
        "ground.picture": "NOT_HELD",
        "text.picture": words,
        "outcome.apps": "approve",
    }
    asked = client.post(decision, data=fields)
    assert asked.url.path == SECOND
    assert "What you typed is kept" in asked.text
    back = client.post(SECOND, data={"totp": app.at(clock.at)})
    assert (back.url.path, words in back.text) == (decision, True)
    assert found(portal, case.reference).state is State.SUBMITTED
    client.post(decision, data=fields)
    assert found(portal, case.reference).state is State.AWAITING_SECOND_APPROVAL
    assert words not in client.get(f"{decision}?outcome=partial").text


def test_deletions_decided_in_a_row_need_one_code_for_half_an_hour(
    portal: Portal, client: TestClient, clock: Clock
) -> None:
    set_up(client, clock)
    elements = ("email", "username", "mobile", "picture", "apps", "signins")
    asked = [(LUCIA, one) for one in elements] + [(MATEO, one) for one in elements]
    clock.at -= timedelta(minutes=1)
    ends = [_proposed_after(portal, client, clock, 4, *one) for one in asked[:9]]
    assert ends == [True] * 7 + [False] * 2


def test_a_pause_of_five_minutes_between_two_deletions_ends_the_row(
    portal: Portal, client: TestClient, clock: Clock
) -> None:
    set_up(client, clock)
    assert _proposed_after(portal, client, clock, 3, LUCIA, "picture")
    assert not _proposed_after(portal, client, clock, 5, LUCIA, "apps")


def _proposed_after(
    portal: Portal, client: TestClient, clock: Clock, minutes: int, subject: UUID, element: str
) -> bool:
    clock.at += timedelta(minutes=minutes)
    case = ask(portal, Kind.ERASURE, subject=subject, wanted=(Wanted(element, ""),))
    form = {"version": "1", "outcome": "approve"}
    asked = client.post(f"/desk/marigold/cases/{case.reference}/decision", data=form)
    is_proposed = found(portal, case.reference).state is State.AWAITING_SECOND_APPROVAL
    assert is_proposed is (asked.url.path != SECOND)
    return is_proposed


def test_the_session_gets_a_new_id_at_each_step(client: TestClient, clock: Clock) -> None:
    app = set_up(client, clock)[0]
    client.post("/desk/marigold/sign-out")
    seen = set()
    for path, fields in ((SIGN_IN, RIGHT), (SECOND, {"totp": app.at(clock.at)})):
        client.post(path, data=fields, follow_redirects=False)
        seen.add(client.cookies["rightsdesk-desk"])
    assert len(seen) == 2


def test_one_place_cannot_try_one_password_on_many_names(portal: Portal) -> None:
    headers = {"sec-fetch-site": "same-origin"}
    client = TestClient(app_of(portal), "http://127.0.0.1", headers=headers, client=("203.0.113.9", 50000))
    told = [
        client.post(SIGN_IN, data={"username": f"name{number}@marigold.example", "password": "wrong"}).text
        for number in range(21)
    ]
    assert ["too often" in one for one in told] == [False] * 20 + [True]
    assert client.post(SIGN_IN, data=RIGHT).status_code == 422


class Watching(Passwords):
    """Passwords that write into the database while they compare: nobody may hold its lock then."""

    portal: Portal

    def compare(self, stored: str | None, password: str) -> Match:
        """Write, then say what the password is worth."""
        with self.portal.storage.engine.connect() as other, other.begin():
            other.exec_driver_sql("UPDATE agencies SET town = 'Elsewhere'")
        return super().compare(stored, password)


def test_nobody_waits_for_a_lock_while_a_password_is_compared(portal: Portal) -> None:
    watching = Watching(b"another pepper", portal.draw)
    watching.portal = replace(portal, passwords=watching)
    with portal.storage.write() as tx:
        accounts.set_password(staff_means(watching.portal, tx, MARIGOLD, portal.now()), PRIYA, PASSWORD, (), NOW)
    browser = TestClient(
        app_of(watching.portal), base_url="http://127.0.0.1", headers={"sec-fetch-site": "same-origin"}
    )
    assert browser.post(SIGN_IN, data=RIGHT).url.path == APP


class Turning(Passwords):
    """Passwords during whose comparison somebody chooses another one."""

    portal: Portal

    def compare(self, stored: str | None, password: str) -> Match:
        """Say what the password is worth, by what was stored when it was sent; by then another one is."""
        with self.portal.storage.write() as tx:
            tools = staff_means(replace(self.portal, passwords=self), tx, MARIGOLD, NOW)
            accounts.set_password(tools, PRIYA, "nine blue kettles under Bergen", (), NOW)
        return super().compare(stored, password)


def test_a_password_that_is_replaced_while_it_is_looked_at_is_worth_nothing(portal: Portal) -> None:
    turning = Turning(b"another pepper", portal.draw)
    turning.portal, there = portal, replace(portal, passwords=turning)
    with portal.storage.write() as tx:
        accounts.set_password(staff_means(there, tx, MARIGOLD, NOW), PRIYA, PASSWORD, (), NOW)
    client = TestClient(app_of(there), "http://127.0.0.1", headers={"sec-fetch-site": "same-origin"})
    assert "not right" in client.post(SIGN_IN, data=RIGHT).text
    assert "rightsdesk-desk" not in client.cookies
