"""A family says that a school account found the wrong person: the office gets one task, in plain words."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Final
from uuid import UUID

import pytest
from family_given import JORDAN, MARCUS, MARIGOLD
from forging_given import Forger
from given import clock_of, given_browser
from schooling_given import Visitor, events, facts_of, identities, sourced_id
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.web import casework
from rightsdesk.web.portal import Portal
from rightsdesk.web.sessions import REQUESTER, STAFF, Sessions
from rightsdesk.web.ways_in import close

TASKS: Final = "/office/marigold/tasks"
HEADING: Final = "A school account found the wrong person"
ROSA: Final = Colleague(
    UUID("dddddddd-0000-4000-8000-0000000000ac"), "Rosa", "rosa@marigold.example", frozenset({Role.ADMINISTRATOR})
)


@pytest.fixture
def rosa(portal: Portal) -> TestClient:
    return sitting(portal, ROSA)


def sitting(portal: Portal, who: Colleague) -> TestClient:
    """Return a browser in which this person sits at the office."""
    with portal.storage.write() as tx:
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).add(who, portal.now())
    browser = given_browser(portal)
    sit_down(portal, browser, who.id)
    return browser


def sit_down(portal: Portal, browser: TestClient, who: UUID) -> None:
    """Let somebody have shown both factors in this browser just now."""
    now = portal.now()
    with portal.storage.write() as tx:
        sessions = Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), now, portal.draw, STAFF)
        fresh = replace(sessions.fresh(), kind=STAFF, staff=who, password_at=now, second_at=now)
        browser.cookies.set("__Host-rightsdesk-desk", sessions.store(fresh).token)


def disputed(portal: Portal) -> Visitor:
    """Let somebody sign in, read the name of Marcus, and say that this is not them."""
    visitor = Visitor(portal)
    visitor.sign_in()
    assert visitor.browser.post("/marigold/school-account", data={"do": "not_me"}).status_code == 200
    return visitor


def task_on(page: str) -> str:
    (found,) = re.findall(r'name="identity" value="([^"]+)"', page)
    return str(found)


def test_the_office_reads_what_happened_and_what_to_do(portal: Portal, rosa: TestClient) -> None:
    assert "Nothing waits here." in rosa.get(TASKS).text
    disputed(portal)
    page = unescape(rosa.get(TASKS).text)
    assert all(words in page for words in (HEADING, "Marcus Bell", "ClassLink", "Tasks (1)", "“This is not me”"))
    assert f'href="/office/marigold/people/{MARCUS}"' in page
    assert "parent" not in page.split(HEADING)[1].split("</table>")[0], "the subject at the provider is nobody's word"
    assert "llevó a la persona equivocada" in unescape(rosa.get(f"{TASKS}?lang=es").text)


def test_twice_pressed_is_one_task(portal: Portal, rosa: TestClient) -> None:
    one, other = Visitor(portal), Visitor(portal)
    one.sign_in()
    other.sign_in()
    for browser in (one.browser, one.browser, other.browser):
        browser.post("/marigold/school-account", data={"do": "not_me"})
    assert task_on(rosa.get(TASKS).text) == str(identities(portal)[0].id)
    (parted,) = events(portal, "school_unlinked")
    assert (parted.actor, parted.subject, facts_of(parted)["reason"]) == ("unknown", MARCUS, "not_me")


def test_done_closes_it_once_and_is_written_down(portal: Portal, rosa: TestClient) -> None:
    disputed(portal)
    task = task_on(rosa.get(TASKS).text)
    answer = rosa.post(TASKS, data={"do": "looked", "identity": task})
    assert answer.headers["location"] == f"{TASKS}?said=saved"
    assert "Nothing waits here." in rosa.get(TASKS).text
    assert rosa.post(TASKS, data={"do": "looked", "identity": task}).status_code == 404
    (closed,) = events(portal, "school_dispute_closed")
    assert (closed.actor, closed.subject, facts_of(closed)) == (f"staff:{ROSA.id}", MARCUS, {"identity": task})
    assert Visitor(portal).sign_in().status_code == 400, "the two stay apart"


def test_who_lets_them_be_linked_again_has_seen_to_it(portal: Portal, rosa: TestClient) -> None:
    disputed(portal)
    task = task_on(rosa.get(TASKS).text)
    rosa.post(f"/office/marigold/people/{MARCUS}/accounts/{task}", data={"do": "again"})
    assert "Nothing waits here." in rosa.get(TASKS).text
    assert Visitor(portal).sign_in().status_code == 303


def test_a_mended_roster_leads_the_account_to_its_owner(portal: Portal, rosa: TestClient, forger: Forger) -> None:
    disputed(portal)
    forger.claims["SourcedId"] = sourced_id(JORDAN)
    visitor = Visitor(portal)
    visitor.sign_in()
    assert "Jordan Bell" in visitor.browser.get("/marigold/school-account").text
    assert HEADING in rosa.get(TASKS).text, "a person still looks why it went wrong"


def test_what_the_office_itself_took_apart_is_no_task(portal: Portal, rosa: TestClient) -> None:
    Visitor(portal).sign_in()
    (link,) = identities(portal)
    rosa.post(f"/office/marigold/people/{MARCUS}/accounts/{link.id}", data={"do": "part"})
    assert "Nothing waits here." in rosa.get(TASKS).text
    assert rosa.post(TASKS, data={"do": "looked", "identity": str(link.id)}).status_code == 404


def test_nobody_sees_or_closes_one_about_their_own_family(portal: Portal) -> None:
    disputed(portal)
    father = replace(ROSA, id=UUID(int=0x79), email="marcus@marigold.example", person=MARCUS)
    browser = sitting(portal, father)
    assert "Nothing waits here." in browser.get(TASKS).text
    (link,) = identities(portal)
    assert browser.post(TASKS, data={"do": "looked", "identity": str(link.id)}).status_code == 404
    assert identities(portal)[0].disputed_at is not None


@pytest.mark.parametrize("typed", ["", "x", str(UUID(int=7))])
def test_an_unknown_one_has_no_page(rosa: TestClient, typed: str) -> None:
    assert rosa.post(TASKS, data={"do": "looked", "identity": typed}).status_code == 404


def test_it_waits_longer_than_what_the_office_knows_of(portal: Portal, rosa: TestClient) -> None:
    disputed(portal)
    clock_of(portal).at += timedelta(days=366)
    casework.sweep_codes(portal, (str(MARIGOLD.id),))
    (link,) = identities(portal)
    sit_down(portal, rosa, ROSA.id)
    rosa.post(TASKS, data={"do": "looked", "identity": str(link.id)})
    casework.sweep_codes(portal, (str(MARIGOLD.id),))
    assert identities(portal) == []


def test_it_goes_with_its_person(portal: Portal, rosa: TestClient) -> None:
    disputed(portal)
    with portal.storage.write() as tx:
        close(portal.docket(tx, MARIGOLD, portal.now()), MARCUS)
    assert "Nothing waits here." in rosa.get(TASKS).text


def session_of_marcus(portal: Portal) -> TestClient:
    """Return a browser in which Marcus sits by a text code."""
    with portal.storage.write() as tx:
        sessions = Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), portal.now(), portal.draw)
        seat = sessions.store(replace(sessions.fresh(), kind=REQUESTER, person=MARCUS, proved_at=portal.now()))
    browser = given_browser(portal)
    browser.cookies.set("__Host-rightsdesk", seat.token)
    return browser


def test_what_the_account_opened_elsewhere_ends(portal: Portal) -> None:
    one, other = Visitor(portal), Visitor(portal)
    one.sign_in()
    other.sign_in()
    other.confirm()
    assert other.browser.get("/marigold/requests").status_code == 200
    one.browser.post("/marigold/school-account", data={"do": "not_me"})
    assert other.browser.get("/marigold/requests").status_code == 303


def test_who_sits_there_by_a_text_is_not_sent_away(portal: Portal) -> None:
    marcus = session_of_marcus(portal)
    disputed(portal)
    assert marcus.get("/marigold/requests").status_code == 200
