"""How I sign in: each change needs what I have now, tells me by mail, and leaves nobody else signed in as me."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pyotp
import pytest
from desk_given import MARIGOLD, PRIYA, Clock, open_portal
from staff_given import (
    CASES,
    CHANGE,
    CODES,
    NEXT_APP,
    OTHER,
    OWN,
    PASSWORD,
    SECOND,
    SIGN_IN,
    Person,
    events,
    on,
    person,
    seed_in,
    stranger,
    told,
)
from starlette.testclient import TestClient

from rightsdesk.verification.staff import accounts
from rightsdesk.web.portal import Portal
from rightsdesk.web.staffroom import staff_means


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(data_folder: Path, clock: Clock) -> Portal:
    return open_portal(data_folder, clock)


@pytest.fixture
def priya(portal: Portal, clock: Clock) -> Person:
    return person(portal, clock, PRIYA, "priya@marigold.example")


def codes_in(page: str) -> list[str]:
    return re.findall(r'<li class="mono" dir="ltr">([A-Z2-7 ]+)</li>', page)


def left(portal: Portal) -> int:
    with portal.storage.read() as tx:
        return staff_means(portal, tx, MARIGOLD, portal.now()).credentials.recovery_codes_left(PRIYA)


def works(priya: Person, password: str) -> bool:
    """Say whether this password leads on to the second factor."""
    page = stranger(priya.portal).post(SIGN_IN, data={"username": priya.email, "password": password})
    return page.url.path == SECOND


def both(answers: list[object]) -> list[object]:
    return sorted(answers, key=str)


# The password.


def test_a_password_is_changed_with_the_old_one_and_ends_every_other_session(portal: Portal, priya: Person) -> None:
    other, before = priya.another(), priya.browser.cookies["rightsdesk-desk"]
    page = priya.browser.post(CHANGE, data={"old": PASSWORD, "password": OTHER})
    assert (page.url.path, "Saved." in page.text) == (OWN, True)
    assert (on(priya.browser), on(other)) == (CASES, SIGN_IN)
    assert priya.browser.cookies["rightsdesk-desk"] != before
    assert (works(priya, PASSWORD), works(priya, OTHER)) == (False, True)
    assert told(portal, priya.email) == ["staff_password_changed"]
    assert events(portal, "password_changed")[-1] == ("password_changed", f"staff:{PRIYA}", '[["reason","chosen"]]')


def test_without_the_old_password_nothing_changes_and_each_try_counts(portal: Portal, priya: Person) -> None:
    pages = [priya.browser.post(CHANGE, data={"old": "not this one", "password": OTHER}) for _ in range(6)]
    assert {page.status_code for page in pages} == {422}
    assert "That is not the password you have now." in pages[0].text
    assert "too often" in pages[5].text
    assert not works(priya, OTHER)
    assert told(portal, priya.email) == ["staff_locked"]


def test_a_poor_new_password_is_refused_and_the_old_one_stays(priya: Person) -> None:
    page = priya.browser.post(CHANGE, data={"old": PASSWORD, "password": "short"})
    assert (page.status_code, "You have used 5" in page.text) == (422, True)
    assert works(priya, PASSWORD)


# Recovery codes.


def test_ten_new_recovery_codes_are_shown_once_and_void_the_old_ones(portal: Portal, priya: Person) -> None:
    page = priya.browser.post(CODES)
    assert len(set(codes_in(page.text))) == 10
    assert codes_in(page.text)[0] not in priya.browser.get(OWN).text
    assert told(portal, priya.email) == ["staff_codes_renewed"]
    for code, status in ((priya.codes[0], 422), (codes_in(page.text)[0], 200)):
        browser = stranger(portal)
        browser.post(SIGN_IN, data={"username": priya.email, "password": PASSWORD})
        assert browser.post(SECOND, data={"totp": code}).status_code == status


@pytest.mark.parametrize(("used", "words"), [(6, "4 codes are left."), (7, "Only 3 are left."), (9, "Only 1 is left.")])
def test_the_page_warns_when_three_codes_or_fewer_are_left(
    portal: Portal, priya: Person, used: int, words: str
) -> None:
    with portal.storage.write() as tx:
        means = staff_means(portal, tx, MARIGOLD, portal.now())
        for code in priya.codes[:used]:
            assert accounts.show_second_factor(means, PRIYA, code, portal.now()).worth == "right"
    assert words in priya.browser.get(OWN).text


def test_the_owner_is_told_when_a_recovery_code_was_used(portal: Portal, priya: Person) -> None:
    priya.sign_in(stranger(portal), priya.codes[0])
    assert told(portal, priya.email) == ["staff_code_used"]
    assert events(portal, "recovery_code_used")[0][1] == f"staff:{PRIYA}"


def test_one_recovery_code_in_two_browsers_at_once_lets_one_in(portal: Portal, priya: Person) -> None:
    assert both(at_once(portal, priya, priya.codes[0])) == [CASES, SECOND]
    assert left(portal) == 9


def test_one_code_of_the_app_in_two_browsers_at_once_lets_one_in(portal: Portal, priya: Person) -> None:
    assert both(at_once(portal, priya, priya.code())) == [CASES, SECOND]


def at_once(portal: Portal, priya: Person, code: str) -> list[object]:
    """Return where two half-signed-in browsers end that send one code at the same moment."""
    browsers = [stranger(portal) for _ in range(2)]
    for browser in browsers:
        browser.post(SIGN_IN, data={"username": priya.email, "password": PASSWORD})
    barrier = Barrier(2)

    def one(browser: TestClient) -> str:
        barrier.wait(30)
        return browser.post(SECOND, data={"totp": code}).url.path

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, browsers))


# The authenticator app.


def begun(priya: Person) -> pyotp.TOTP:
    page = priya.browser.post(NEXT_APP, data={"do": "begin"})
    assert page.url.path == NEXT_APP
    return pyotp.TOTP(seed_in(page.text))


def test_a_new_app_counts_after_its_first_code_and_the_old_one_works_until_then(portal: Portal, priya: Person) -> None:
    fresh, other = begun(priya), priya.another()
    assert on(other) == CASES, "the old one"
    assert priya.browser.post(NEXT_APP, data={"totp": "000000"}).status_code == 422
    page = priya.browser.post(NEXT_APP, data={"totp": fresh.at(priya.clock.at)})
    assert len(codes_in(page.text)) == 10
    assert (on(priya.browser), on(other)) == (CASES, SIGN_IN)
    assert on(priya.sign_in(stranger(portal))) == SECOND, "the old one is void"
    priya.app = fresh
    assert on(priya.sign_in(stranger(portal))) == CASES
    assert told(portal, priya.email) == ["staff_app_replaced"]
    last = events(portal, "second_factor_enrolled")[-1]
    assert last == ("second_factor_enrolled", f"staff:{PRIYA}", '[["reason","replaced"]]')


def test_the_code_that_set_the_new_app_up_signs_nobody_in(portal: Portal, priya: Person) -> None:
    fresh = begun(priya)
    code = fresh.at(priya.clock.at)
    priya.browser.post(NEXT_APP, data={"totp": code})
    assert on(priya.sign_in(stranger(portal), code)) == SECOND


def test_the_key_of_the_next_app_is_shown_in_the_session_alone_that_asked_for_it(priya: Person) -> None:
    seed = begun(priya).secret
    other = priya.another()
    assert seed not in other.get(NEXT_APP).text
    assert other.post(NEXT_APP, data={"totp": pyotp.TOTP(seed).at(priya.clock.at)}).url.path == NEXT_APP
    assert "Show me the key" in other.get(NEXT_APP).text


def test_the_key_is_hidden_when_the_proof_is_no_longer_fresh_and_comes_back_after_it(priya: Person) -> None:
    seed = begun(priya).secret
    priya.clock.at += timedelta(minutes=5)
    page = priya.browser.get(NEXT_APP)
    assert (page.url.path, seed in page.text) == (SECOND, False)
    page = priya.browser.post(str(page.url), data={"totp": priya.code()})
    assert (page.url.path, seed_in(page.text)) == (NEXT_APP, seed)


@pytest.mark.parametrize(("path", "fields"), [(CODES, {}), (NEXT_APP, {"do": "begin"}), (NEXT_APP, {"totp": "123456"})])
def test_a_step_up_is_not_skipped_by_sending_the_form(
    portal: Portal, priya: Person, path: str, fields: dict[str, str]
) -> None:
    seed = begun(priya).secret
    priya.clock.at += timedelta(minutes=5)
    fields = {name: pyotp.TOTP(seed).at(priya.clock.at) if name == "totp" else value for name, value in fields.items()}
    answer = priya.browser.post(path, data=fields, follow_redirects=False)
    back = OWN if path == CODES else NEXT_APP
    assert answer.headers["location"] == f"{SECOND}?next={back}"
    assert told(portal, priya.email) == []
    with portal.storage.read() as tx:
        means = staff_means(portal, tx, MARIGOLD, portal.now())
        assert accounts.pending_seed(means, PRIYA) == seed


def test_no_form_takes_the_last_app_away(priya: Person) -> None:
    for fields in ({"do": "remove"}, {"do": ""}, {}):
        priya.browser.post(NEXT_APP, data=fields)
    assert on(priya.sign_in(stranger(priya.portal))) == CASES
