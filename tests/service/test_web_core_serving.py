"""One request is one unit of work: it is done, or nothing of it is."""

from pathlib import Path
from sqlite3 import connect

import pytest
from given import MARIGOLD, Clock, given_agency, given_browser, given_portal
from screens_given import SCREENS
from sqlmodel import col, func, select
from starlette.testclient import TestClient

from rightsdesk.requests.ledger.audit import Event, Kind
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import JobRow


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    portal = given_portal(tmp_path, Clock())
    given_agency(portal)
    return portal


@pytest.fixture
def visitor(portal: Portal) -> TestClient:
    return given_browser(portal, SCREENS)


def jobs(portal: Portal) -> int:
    with portal.storage.read() as tx:
        return tx.exec(select(func.count(col(JobRow.id)))).one()


def test_a_form_is_kept_and_leads_on_with_see_other(portal: Portal, visitor: TestClient) -> None:
    answer = visitor.post("/marigold/jobs", data={"key": "a"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/marigold/start")
    assert jobs(portal) == 1


def test_what_is_enqueued_wakes_the_worker_after_the_commit(portal: Portal, visitor: TestClient) -> None:
    portal.wake.clear()
    visitor.post("/marigold/jobs", data={"key": "a"})
    assert portal.wake.is_set()


def test_what_leaves_no_work_behind_lets_the_worker_rest(portal: Portal, visitor: TestClient) -> None:
    visitor.post("/marigold/jobs", data={"key": "a"})
    portal.wake.clear()
    with portal.storage.write() as tx:
        portal.ledger(tx, MARIGOLD.id, portal.now())(Event(Kind.SEARCHED, f"staff:{MARIGOLD.id}"))
    assert not portal.wake.is_set()


def test_a_form_that_shows_its_mistakes_keeps_what_it_counted(portal: Portal, visitor: TestClient) -> None:
    assert visitor.post("/marigold/jobs", data={"key": "a", "then": "typed wrong"}).status_code == 422
    assert jobs(portal) == 1


def test_a_refusal_leaves_nothing_behind(portal: Portal, visitor: TestClient) -> None:
    answer = visitor.post("/marigold/jobs", data={"key": "a", "then": "refuse"})
    assert answer.status_code == 422
    assert "Choose at least one thing." in answer.text
    assert jobs(portal) == 0


def test_a_fault_of_ours_leaves_nothing_behind_and_tells_nothing(portal: Portal, visitor: TestClient) -> None:
    answer = visitor.post("/marigold/jobs", data={"key": "a", "then": "break"})
    assert answer.status_code == 500
    assert "Maria" not in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert jobs(portal) == 0


def test_a_page_that_is_looked_at_cannot_write_in_any_way(portal: Portal, visitor: TestClient) -> None:
    visitor.post("/marigold/jobs", data={"key": "a"})
    assert visitor.get("/marigold/jobs", params={"by": "object"}).status_code == 500
    assert visitor.get("/marigold/jobs").status_code in {500, 503}  # the database's own refusal, whichever it is
    assert jobs(portal) == 1


@pytest.mark.files
def test_a_locked_database_is_a_page_in_words_and_nothing_is_half_done(
    portal: Portal, visitor: TestClient, tmp_path: Path
) -> None:
    with portal.storage.engine.connect() as settings:
        settings.exec_driver_sql("PRAGMA busy_timeout=1")
    holder = connect(tmp_path / "rightsdesk.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    answer = visitor.post("/marigold/jobs", data={"key": "a"})
    holder.execute("ROLLBACK")
    holder.close()
    assert answer.status_code == 503
    assert "Nothing was done by half" in answer.text
    assert jobs(portal) == 0


def test_an_unknown_agency_and_a_request_of_somebody_else_are_the_same_page(visitor: TestClient) -> None:
    unknown = [visitor.get(path) for path in ("/nowhere/start", "/marigold/refuses/unknown", "/marigold/no-such-page")]
    assert {answer.status_code for answer in unknown} == {404}
    assert len({answer.content for answer in unknown}) == 1


def test_a_request_that_moved_on_is_a_conflict(visitor: TestClient) -> None:
    answer = visitor.get("/marigold/refuses/moved")
    assert answer.status_code == 409
    assert "Somebody decided first." in answer.text


def test_a_page_with_a_session_is_never_kept_by_a_cache(visitor: TestClient) -> None:
    assert visitor.get("/marigold/start").headers["cache-control"] == "private, no-cache"
    visitor.post("/marigold/phone")
    assert visitor.get("/marigold/start").headers["cache-control"] == "no-store"


def test_a_script_is_told_to_load_the_next_page_whole(visitor: TestClient) -> None:
    answer = visitor.post("/marigold/jobs", data={"key": "a"}, headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (200, "/marigold/start")


def test_the_language_is_asked_for_then_remembered_then_the_browsers(visitor: TestClient) -> None:
    path = "/marigold/no-such-page"
    assert 'lang="es"' in visitor.get(path, headers={"accept-language": "fr, es-419;q=0.8"}).text
    visitor.get("/marigold/start", params={"lang": "es"})
    assert 'lang="es"' in visitor.get(path, headers={"accept-language": "en"}).text
    assert 'lang="en"' in visitor.get(path, params={"lang": "en"}).text


def test_a_method_that_no_page_takes_is_refused_in_words(visitor: TestClient) -> None:
    answer = visitor.post("/marigold/mine/nothing")
    assert answer.status_code == 404
    assert visitor.get("/marigold/leave").status_code == 405
    beating = visitor.put("/health/live", headers={"sec-fetch-site": "same-origin"})
    assert (beating.status_code, "GET" in beating.headers["allow"]) == (405, True)
