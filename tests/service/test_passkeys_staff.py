"""The staff's passkeys over HTTP: both factors in one, told of by mail, and gone with what was lost."""

from datetime import timedelta
from pathlib import Path

import pytest
from desk_given import DANA, MARIGOLD, PRIYA, ROSA, Clock
from passkeys_given import (
    LISTS,
    PRESENT,
    SHOWN,
    Device,
    browser,
    events,
    given_passkey,
    is_in,
    portal_at,
    rows,
    shown,
    sit,
)
from staff_given import OFFICE, person, told

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.web.portal import Portal
from rightsdesk.web.sessions import STAFF

LIST, SHOW = LISTS[STAFF], SHOWN[STAFF]
SECOND, EMAIL = "/desk/marigold/second-factor", "priya@marigold.example"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(data_folder: Path, clock: Clock) -> Portal:
    return portal_at(data_folder, clock)


@pytest.fixture
def priyas(portal: Portal) -> Device:
    """Return Priya's laptop, with a passkey on it."""
    return given_passkey(portal, STAFF, PRIYA)


def test_staff_sign_in_by_a_passkey_alone_and_it_counts_as_fresh(portal: Portal, priyas: Device) -> None:
    found = shown(portal, priyas, STAFF)
    assert is_in(found, STAFF)
    assert events(portal, "staff_signed_in")[-1] == (f"staff:{PRIYA}", '[["means","passkey"]]')
    assert found.post(f"{LIST}/ask").json()["rp"]["id"] == "localhost"


def test_without_the_devices_own_lock_a_passkey_is_one_factor_and_opens_nothing(portal: Portal, priyas: Device) -> None:
    assert not is_in(shown(portal, priyas, STAFF, flags=PRESENT), STAFF)
    found = browser(portal)
    page = found.post(SHOW, data={"answer": priyas.show(found.post(f"{SHOW}/ask").json(), flags=PRESENT)})
    assert (page.status_code, "That did not work" in page.text) == (422, True)
    assert 'href="#passkey"' in page.text
    assert "email-error" not in page.text


def test_a_passkey_is_the_step_up_of_whoever_sits_there(portal: Portal, priyas: Device) -> None:
    priya = sit(portal, STAFF, PRIYA, ago=timedelta(minutes=10))
    assert priya.post(f"{LIST}/ask", follow_redirects=False).headers["location"].startswith(SECOND)
    before = {one.value for one in priya.cookies.jar}
    answer = priyas.show(priya.post(f"{SHOW}/ask").json())
    assert priya.post(SHOW, data={"answer": answer, "next": LIST}).url.path == LIST
    assert priya.post(f"{LIST}/ask", follow_redirects=False).status_code == 200
    assert {one.value for one in priya.cookies.jar} != before


def test_a_refused_step_up_stays_on_its_page_and_leads_on_where_it_should(portal: Portal, priyas: Device) -> None:
    priya = sit(portal, STAFF, PRIYA, ago=timedelta(minutes=10))
    answer = priyas.show(priya.post(f"{SHOW}/ask").json(), flags=PRESENT)
    page = priya.post(SHOW, data={"answer": answer, "next": LIST})
    assert (page.status_code, "One more check" in page.text) == (422, True)
    assert f'action="{SECOND}?next={LIST}"' in page.text
    assert is_in(priya, STAFF), "and the session goes on"


def test_a_colleagues_passkey_signs_the_colleague_in_and_nobody_else(portal: Portal, priyas: Device) -> None:
    dana = sit(portal, STAFF, DANA)
    dana.post(SHOW, data={"answer": priyas.show(dana.post(f"{SHOW}/ask").json())})
    assert EMAIL in dana.get("/desk/marigold/settings/sign-in").text


def test_a_removed_colleague_does_not_come_in(portal: Portal, priyas: Device) -> None:
    with portal.storage.write() as tx:
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).remove(PRIYA, portal.now())
    assert not is_in(shown(portal, priyas, STAFF), STAFF)
    assert '["reason","gone"]' in events(portal, "passkey_refused")[0][1]


def test_who_is_removed_by_the_office_leaves_no_passkey_behind(portal: Portal, priyas: Device) -> None:
    sit(portal, STAFF, ROSA).post(f"{OFFICE}/{PRIYA}/change", data={"do": "remove"})
    assert rows(portal) == []
    assert not is_in(shown(portal, priyas, STAFF), STAFF)


@pytest.mark.parametrize(("lost", "left"), [("app", 0), ("join", 0), ("password", 1)])
def test_a_reset_of_a_lost_phone_takes_its_passkeys_too(portal: Portal, clock: Clock, lost: str, left: int) -> None:
    person(portal, clock, PRIYA, EMAIL)
    given_passkey(portal, STAFF, PRIYA)
    sit(portal, STAFF, ROSA).post(f"{OFFICE}/{PRIYA}/sign-in", data={"do": "mail", "lost": lost})
    assert len(rows(portal)) == left


def test_nobody_removes_a_colleagues_passkey(portal: Portal) -> None:
    given_passkey(portal, STAFF, PRIYA)
    number = str(rows(portal)[0].id)
    sit(portal, STAFF, DANA).post(LIST, data={"do": "remove", "passkey": number})
    assert len(rows(portal)) == 1
    sit(portal, STAFF, PRIYA).post(LIST, data={"do": "remove", "passkey": number})
    assert rows(portal) == []


def test_the_owner_is_told_by_mail_of_each_change_and_of_a_copy(portal: Portal, priyas: Device) -> None:
    assert told(portal, EMAIL) == ["staff_passkey_added"]
    shown(portal, priyas, STAFF, count=9)
    shown(portal, priyas, STAFF, count=9)
    sit(portal, STAFF, PRIYA).post(LIST, data={"do": "remove", "passkey": str(rows(portal)[0].id)})
    assert told(portal, EMAIL)[1:] == ["staff_passkey_copied", "staff_passkey_removed"]


def test_between_the_two_factors_nobody_adds_a_passkey(portal: Portal, clock: Clock) -> None:
    priya = person(portal, clock, PRIYA, EMAIL)
    half = browser(portal)
    half.post("/desk/marigold/sign-in", data={"username": EMAIL, "password": priya.password})
    for path, fields in ((f"{LIST}/ask", {}), (LIST, {"do": "add", "answer": "{}"})):
        assert half.post(path, data=fields, follow_redirects=False).headers["location"].startswith(SECOND), path
    assert rows(portal) == []
