"""Who sits at a browser, for how long, and what becomes of half a request when the session ends."""

from dataclasses import replace
from http.cookies import SimpleCookie
from pathlib import Path

import databases
import pytest
from given import MARIGOLD, Clock, clock_of, given_agency, given_browser, given_portal
from screens_given import DRAFT, PARENT, PRIYA, SCREENS, given_staff
from sqlalchemy import text
from sqlmodel import Session
from starlette.testclient import TestClient

from rightsdesk.web.portal import Portal
from rightsdesk.web.sessions import REQUESTER, STAFF, Seat, Sessions, sweep
from rightsdesk.web.tables import SavedDraftRow, SessionRow


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    portal = given_portal(tmp_path, Clock())
    given_agency(portal)
    given_staff(portal, MARIGOLD.id)
    return portal


@pytest.fixture
def visitor(portal: Portal) -> TestClient:
    return given_browser(portal, SCREENS)


def proved(visitor: TestClient) -> TestClient:
    visitor.post("/marigold/phone")
    visitor.post("/marigold/code")
    return visitor


def sessions(portal: Portal, tx: Session, kind: str = REQUESTER) -> Sessions:
    return Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), portal.now(), portal.draw, kind)


def cookie_of(visitor: TestClient) -> str:
    return visitor.cookies["__Host-rightsdesk"]


def test_a_visit_that_stores_nothing_gets_no_cookie(visitor: TestClient) -> None:
    assert "set-cookie" not in visitor.get("/marigold/start").headers


def test_the_cookie_is_closed_to_scripts_to_plain_http_and_to_other_names(visitor: TestClient) -> None:
    cookie = SimpleCookie(visitor.post("/marigold/phone").headers["set-cookie"])["__Host-rightsdesk"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "lax", "/")
    assert (cookie["domain"], cookie["max-age"]) == ("", "")


def test_over_plain_http_on_this_machine_the_cookie_has_no_prefix(portal: Portal) -> None:
    local = replace(portal, settings=replace(portal.settings, public_url="http://127.0.0.1:8000"))
    visitor = given_browser(local, SCREENS)
    set_cookie = visitor.post("/marigold/phone", headers={"host": "127.0.0.1:8000"}).headers["set-cookie"]
    assert set_cookie.startswith("rightsdesk=")
    assert "Secure" not in set_cookie


def test_a_stolen_table_opens_no_session(portal: Portal, visitor: TestClient) -> None:
    proved(visitor)
    with portal.storage.read() as tx:
        (stored,) = tx.connection().execute(text("SELECT id FROM sessions")).scalars()
    assert stored != cookie_of(visitor)
    visitor.cookies.set("__Host-rightsdesk", stored, domain="testserver.local")
    thief = given_browser(portal, SCREENS)
    thief.cookies.set("__Host-rightsdesk", stored)
    assert thief.get("/marigold/mine").status_code == 303


def test_nothing_personal_lies_readable_in_the_table(portal: Portal, visitor: TestClient, tmp_path: Path) -> None:
    proved(visitor).post("/marigold/mine")
    portal.storage.close()
    content = databases.content(tmp_path)
    assert b"misspelled" not in content
    assert b"Delgado" not in content


def test_a_planted_id_is_never_adopted(portal: Portal, visitor: TestClient) -> None:
    visitor.cookies.set("__Host-rightsdesk", "f" * 64)
    answer = visitor.post("/marigold/phone")
    assert "f" * 64 not in answer.headers["set-cookie"]
    with portal.storage.read() as tx:
        assert tx.connection().execute(text("SELECT count(*) FROM sessions")).scalar() == 1


def test_the_id_changes_with_each_proof_and_the_older_one_opens_nothing(portal: Portal, visitor: TestClient) -> None:
    visitor.post("/marigold/phone")
    before = cookie_of(visitor)
    visitor.post("/marigold/code")
    assert cookie_of(visitor) != before
    other = given_browser(portal, SCREENS)
    other.cookies.set("__Host-rightsdesk", before)
    assert other.get("/marigold/mine").status_code == 303


def test_a_requesters_session_ends_after_a_quarter_of_an_hour_of_silence(portal: Portal, visitor: TestClient) -> None:
    proved(visitor)
    clock_of(portal).advance(minutes=14)
    assert visitor.get("/marigold/mine").status_code == 200
    clock_of(portal).advance(minutes=14)
    assert visitor.get("/marigold/mine").status_code == 200
    clock_of(portal).advance(minutes=15)
    assert visitor.get("/marigold/mine").status_code == 303


def test_an_hour_after_the_proof_a_new_one_is_asked(portal: Portal, visitor: TestClient) -> None:
    proved(visitor)
    for _ in range(5):
        clock_of(portal).advance(minutes=10)
        assert visitor.get("/marigold/mine").status_code == 200
    clock_of(portal).advance(minutes=10)
    assert visitor.get("/marigold/mine").status_code == 303


def test_what_a_page_asks_for_by_itself_keeps_no_session_alive(portal: Portal, visitor: TestClient) -> None:
    proved(visitor)
    clock_of(portal).advance(minutes=10)
    assert visitor.get("/marigold/poll").status_code == 200
    clock_of(portal).advance(minutes=6)
    assert visitor.get("/marigold/poll").status_code == 303


def test_the_last_use_is_written_at_most_once_a_minute(portal: Portal, visitor: TestClient) -> None:
    proved(visitor)
    clock_of(portal).advance(seconds=59)
    visitor.get("/marigold/mine")
    with portal.storage.read() as tx:
        assert tx.get_one(SessionRow, _id(tx)).seen_at == portal.now().replace(second=0)
    clock_of(portal).advance(seconds=1)
    visitor.get("/marigold/mine")
    with portal.storage.read() as tx:
        assert tx.get_one(SessionRow, _id(tx)).seen_at == portal.now()


def test_half_a_request_waits_for_its_author(portal: Portal, visitor: TestClient) -> None:
    proved(visitor).post("/marigold/mine")
    clock_of(portal).advance(hours=2)
    assert visitor.get("/marigold/mine").status_code == 303
    again = given_browser(portal, SCREENS)
    again.post("/marigold/phone")
    assert again.post("/marigold/code").text == "restored"
    assert again.get("/marigold/mine").text == DRAFT.details


def test_after_a_day_nothing_of_it_is_left(portal: Portal, visitor: TestClient) -> None:
    proved(visitor).post("/marigold/mine")
    clock_of(portal).advance(hours=25)
    again = given_browser(portal, SCREENS)
    again.post("/marigold/phone")
    assert again.post("/marigold/code").text == "proved"
    with portal.storage.write() as tx:
        assert sweep(tx, portal.now()) >= 1
        assert tx.connection().execute(text("SELECT count(*) FROM saved_drafts")).scalar() == 0


def test_leaving_forgets_everything_and_tells_the_browser(portal: Portal, visitor: TestClient) -> None:
    proved(visitor).post("/marigold/mine")
    answer = visitor.post("/marigold/leave")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert visitor.get("/marigold/mine").status_code == 303
    with portal.storage.read() as tx:
        assert tx.get(SavedDraftRow, (MARIGOLD.id, PARENT)) is None


def test_a_draft_comes_back_exactly_as_it_was(portal: Portal) -> None:
    with portal.storage.write() as tx:
        here = sessions(portal, tx)
        seat = here.store(replace(here.fresh(), draft=DRAFT, candidates=(PARENT,), proved_at=portal.now()))
        tx.flush()
        tx.expunge_all()
        opened = here.open(seat.token)
    assert (opened.draft, opened.candidates, opened.proved_at) == (DRAFT, (PARENT,), portal.now())


def test_a_row_moved_to_another_id_is_not_believed(portal: Portal) -> None:
    with portal.storage.write() as tx:
        here = sessions(portal, tx)
        mine, other = (here.store(replace(here.fresh(), person=PARENT, proved_at=portal.now())) for _ in range(2))
        tx.connection().execute(
            text("UPDATE sessions SET rest = (SELECT rest FROM sessions WHERE id = :other) WHERE id = :mine"),
            {"mine": mine.id, "other": other.id},
        )
        tx.expunge_all()
        assert not here.open(mine.token).is_proved


def test_a_fourth_browser_of_one_person_ends_the_one_that_was_silent_longest(portal: Portal) -> None:
    tokens = []
    for _ in range(4):
        clock_of(portal).advance(minutes=1)
        with portal.storage.write() as tx:
            here = sessions(portal, tx)
            tokens.append(here.renew(replace(here.fresh(), person=PARENT, proved_at=portal.now())).token)
    with portal.storage.read() as tx:
        assert [sessions(portal, tx).open(token).is_proved for token in tokens] == [False, True, True, True]


def test_all_sessions_of_one_person_can_be_ended_at_once(portal: Portal, visitor: TestClient) -> None:
    proved(visitor)
    with portal.storage.write() as tx:
        assert sessions(portal, tx).end_all(person=PARENT) == 1
    assert visitor.get("/marigold/mine").status_code == 303


def test_a_password_without_its_second_factor_is_forgotten_after_ten_minutes(portal: Portal) -> None:
    with portal.storage.write() as tx:
        here = sessions(portal, tx, STAFF)
        seat: Seat = here.renew(replace(here.fresh(), staff=PRIYA.id, password_at=portal.now()))
    clock_of(portal).advance(minutes=9)
    with portal.storage.read() as tx:
        assert sessions(portal, tx, STAFF).open(seat.token).staff == PRIYA.id
    clock_of(portal).advance(minutes=1)
    with portal.storage.read() as tx:
        assert sessions(portal, tx, STAFF).open(seat.token).staff is None


def test_a_familys_session_is_none_at_the_desk(portal: Portal, visitor: TestClient) -> None:
    proved(visitor)
    with portal.storage.read() as tx:
        assert sessions(portal, tx, STAFF).open(cookie_of(visitor)).kind == "none"


def _id(tx: Session) -> str:
    return str(tx.connection().execute(text("SELECT id FROM sessions")).scalar())
