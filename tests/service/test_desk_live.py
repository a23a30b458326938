"""Who has a case open is shown to colleagues, and an open page learns what is new without moving a row."""

from datetime import timedelta
from pathlib import Path

import pytest
from desk_given import AUDREY, DANA, JORDAN, MARCUS, MATEO, PRIYA, SAM, Clock, ask, at_the_desk, many, open_portal
from sqlmodel import select
from starlette.testclient import TestClient

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.store import Cases
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.people.store import People
from rightsdesk.web.portal import Portal

LIST = "/desk/marigold/cases"
LIVE = "/desk/marigold/live"
OPEN = "Dana Wu has this open."
RING = 'aria-label="Dana Wu has it open"'


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(data_folder: Path, clock: Clock) -> Portal:
    return open_portal(data_folder, clock)


@pytest.fixture
def priya(portal: Portal) -> TestClient:
    return at_the_desk(portal, PRIYA)


@pytest.fixture
def dana(portal: Portal) -> TestClient:
    return at_the_desk(portal, DANA)


def one(case: Case) -> str:
    return f"{LIST}/{case.reference}"


def row(case: Case) -> str:
    return f"{case.reference}.{case.version}"


def test_who_has_a_case_open_is_shown_in_the_list_and_beside_the_case(
    portal: Portal, priya: TestClient, dana: TestClient
) -> None:
    case, other = ask(portal), ask(portal, subject=MATEO)
    assert OPEN not in priya.get(one(case)).text
    dana.get(one(case))
    assert OPEN in priya.get(one(case)).text
    assert OPEN in priya.get(f"{one(case)}/decision?outcome=deny").text
    page = priya.get(f"{LIST}?open={other.reference}").text
    assert page.count(RING) == 1
    assert OPEN not in page
    assert OPEN not in dana.get(one(case)).text


def test_what_a_list_opens_by_itself_is_opened_by_nobody(portal: Portal, priya: TestClient, dana: TestClient) -> None:
    case = ask(portal)
    page = dana.get(LIST).text
    assert f'data-open="{case.reference}" data-seen' in page
    dana.post(LIVE, data={"open": case.reference})
    assert OPEN not in priya.get(one(case)).text
    assert f'data-open="{case.reference}" data-chosen' in dana.get(f"{LIST}?open={case.reference}").text
    assert OPEN in priya.get(one(case)).text


def test_a_look_opens_no_name(
    portal: Portal, priya: TestClient, dana: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = ask(portal)
    dana.get(one(case))
    asked = {"open": case.reference, "chosen": "yes", "list": "yes", "view": "decision", "id": row(case)}
    monkeypatch.setattr(People, "persons", None)
    monkeypatch.setattr(Cases, "find", None)
    assert OPEN in priya.post(LIVE, data=asked).text


def test_who_looks_at_another_case_or_for_a_minute_at_none_is_not_shown_any_more(
    portal: Portal, priya: TestClient, dana: TestClient, clock: Clock
) -> None:
    case, other = ask(portal), ask(portal, subject=MATEO)
    dana.get(one(case))
    dana.get(one(other))
    assert OPEN not in priya.get(one(case)).text
    clock.at += timedelta(seconds=60)
    assert OPEN in priya.get(one(other)).text
    clock.at += timedelta(seconds=15)
    assert OPEN not in priya.get(one(other)).text


def test_an_open_page_keeps_saying_so_and_takes_it_back_on_leaving(
    portal: Portal, priya: TestClient, dana: TestClient, clock: Clock
) -> None:
    case = ask(portal)
    for _ in range(4):
        clock.at += timedelta(seconds=30)
        dana.post(LIVE, data={"open": case.reference, "chosen": "yes"})
    answer = priya.post(LIVE, data={"open": case.reference, "id": row(case)})
    assert OPEN in answer.text
    assert RING in answer.text
    # A page that was loaded again is looked at anew: the farewell of the one before it comes too late.
    assert dana.post(LIVE, data={"left": (clock.at - timedelta(seconds=1)).isoformat()}).status_code == 204
    assert OPEN in priya.get(one(case)).text
    assert dana.post(LIVE, data={"left": clock.at.isoformat()}).status_code == 204
    assert OPEN not in priya.get(one(case)).text
    for nonsense in ("yesterday", "2026-11-23"):
        assert dana.post(LIVE, data={"left": nonsense}).status_code == 204


def test_the_hint_stops_nobody_and_writes_no_look_into_the_ledger(
    portal: Portal, priya: TestClient, dana: TestClient
) -> None:
    case = ask(portal)
    dana.get(one(case))
    with portal.storage.read() as tx:
        before = len(tx.exec(select(AuditEventRow)).all())
    dana.post(LIVE, data={"open": case.reference, "view": "decision", "list": "yes"})
    with portal.storage.read() as tx:
        assert len(tx.exec(select(AuditEventRow)).all()) == before
    answer = priya.post(f"{one(case)}/decision", data={"version": "1", "outcome": "approve", "view": "decision"})
    assert "Nothing is sent before" in answer.text


def test_what_came_in_meanwhile_is_offered_with_a_button_and_the_numbers_follow(
    portal: Portal, priya: TestClient
) -> None:
    case = ask(portal)
    known = {"view": "decision", "open": case.reference, "list": "yes", "id": [row(case)]}
    assert 'class="fresh"' not in priya.post(LIVE, data=known).text
    ask(portal, subject=MATEO)
    ask(portal, Kind.ACCESS, wanted=())
    answer = priya.post(LIVE, data=known).text
    assert "Show 2 new" in answer
    assert f'href="{LIST}?view=decision&amp;open={case.reference}"' in answer
    assert 'data-live="n-decision">3<' in answer


def test_what_only_moved_up_from_the_next_page_is_not_new(portal: Portal, priya: TestClient) -> None:
    cases = sorted(many(portal, 53), key=lambda one: (one.due_on, one.id))
    known = {"view": "decision", "list": "yes", "id": [row(case) for case in cases[:50]]}
    first = cases[0]
    priya.post(f"{one(first)}/decision", data={"version": "1", "outcome": "approve", "view": "decision"})
    assert 'class="fresh"' not in priya.post(LIVE, data=known).text


def test_an_open_page_does_not_keep_a_session_alive(portal: Portal, priya: TestClient, clock: Clock) -> None:
    case = ask(portal)
    for _ in range(7):
        clock.at += timedelta(minutes=9)
        priya.post(LIVE, data={"open": case.reference})
    assert "/second-factor" in priya.get(one(case), follow_redirects=False).headers["location"]


def test_nobody_learns_here_of_a_request_of_their_own_family_or_of_none(portal: Portal, priya: TestClient) -> None:
    about_sams_child = ask(portal, requester=MARCUS, subject=JORDAN, wanted=(Wanted("grade", "9"),))
    priya.get(one(about_sams_child))
    sam = at_the_desk(portal, SAM)
    unknown = about_sams_child.reference[:-4] + "AAAA"
    own, none = (
        sam.post(LIVE, data={"open": reference, "id": f"{reference}.1"}).text.replace(reference, "X")
        for reference in (about_sams_child.reference, unknown)
    )
    assert own == none
    assert "Sam Bell" not in priya.get(one(about_sams_child)).text


def test_no_number_tells_of_a_request_of_ones_own_family(portal: Portal, priya: TestClient) -> None:
    ask(portal)
    ask(portal, requester=MARCUS, subject=JORDAN, wanted=(Wanted("grade", "9"),))
    sam = at_the_desk(portal, SAM)
    for view, theirs, his in (("decision", 2, 1), ("lang:es", 2, 1), ("late", 0, 0)):
        for browser, number in ((priya, theirs), (sam, his)):
            told = f'data-live="n-{view}">{number}<'
            assert told in browser.get(LIST).text
            assert told in browser.post(LIVE, data={"view": "decision"}).text


def test_an_auditor_who_looks_is_shown_as_well(portal: Portal, priya: TestClient) -> None:
    case = ask(portal)
    at_the_desk(portal, AUDREY).get(one(case))
    assert "Audrey Okoro has this open." in priya.get(one(case)).text
