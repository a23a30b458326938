"""Who may use a screen: decided in one place, and whoever may not learns nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from given import MARIGOLD, PLUM, Clock, clock_of, given_agency, given_browser, given_portal
from screens_given import PRIYA, SCREENS, given_staff
from sqlmodel import col, select
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.web.portal import Portal
from rightsdesk.web.visits import is_local


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    portal = given_portal(tmp_path, Clock())
    for agency in (MARIGOLD, PLUM):
        given_agency(portal, agency)
        given_staff(portal, MARIGOLD.id) if agency is MARIGOLD else None
    return portal


@pytest.fixture
def visitor(portal: Portal) -> TestClient:
    return given_browser(replace(portal, second_factor="/desk/{agency}/second"), SCREENS)


def signed_in(visitor: TestClient) -> TestClient:
    assert visitor.post("/desk/marigold/sign-in").status_code == 303
    assert visitor.post("/desk/marigold/second").status_code == 303
    return visitor


def test_a_stranger_is_sent_to_prove_who_they_are_and_then_back(visitor: TestClient) -> None:
    asked = visitor.get("/marigold/mine", params={"view": "all"})
    assert asked.headers["location"] == "/marigold/phone?next=/marigold/mine%3Fview%3Dall"
    desk = visitor.get("/desk/marigold/inbox")
    assert desk.headers["location"] == "/desk/marigold/sign-in?next=/desk/marigold/inbox"


def test_a_form_of_a_stranger_is_not_repeated_after_the_proof(visitor: TestClient) -> None:
    sent = visitor.post("/marigold/mine")
    # The way back leads to the page with the form, to look at: 303 repeats nothing.
    assert (sent.status_code, sent.headers["location"]) == (303, "/marigold/phone?next=/marigold/mine")
    visitor.post("/marigold/code")
    assert visitor.get("/marigold/mine").text == ""


def test_a_script_of_a_stranger_loads_the_sign_in_page_whole(visitor: TestClient) -> None:
    answer = visitor.get("/desk/marigold/inbox", headers={"hx-request": "true"})
    assert (answer.headers["hx-redirect"], answer.text) == ("/desk/marigold/sign-in", "")


def test_the_code_page_needs_a_challenge(visitor: TestClient) -> None:
    assert visitor.get("/marigold/code").headers["location"].startswith("/marigold/phone")
    visitor.post("/marigold/phone")
    assert visitor.get("/marigold/code").status_code == 200


def test_between_password_and_second_factor_only_the_code_page_opens(visitor: TestClient) -> None:
    visitor.post("/desk/marigold/sign-in")
    assert visitor.get("/desk/marigold/inbox").headers["location"].startswith("/desk/marigold/second?next=")
    assert visitor.get("/desk/marigold/second").status_code == 200


def test_a_role_one_does_not_have_is_a_page_that_does_not_exist(visitor: TestClient) -> None:
    signed_in(visitor)
    assert visitor.get("/desk/marigold/inbox").status_code == 200
    missing = visitor.get("/office/marigold/staff")
    assert missing.status_code == 404
    assert missing.content == visitor.get("/office/marigold/no-such-page").content


def test_another_agencys_desk_is_a_page_that_does_not_exist(visitor: TestClient) -> None:
    signed_in(visitor)
    foreign = visitor.get("/desk/plum-hollow/inbox")
    assert foreign.status_code == 404
    assert foreign.content == visitor.get("/desk/nowhere/inbox").content


def test_a_proof_at_one_agency_is_none_at_another(visitor: TestClient) -> None:
    visitor.post("/marigold/phone")
    visitor.post("/marigold/code")
    assert visitor.get("/marigold/mine").status_code == 200
    assert visitor.get("/plum-hollow/mine").status_code == 404
    assert visitor.get("/plum-hollow/start").text.startswith("none")


def test_a_role_that_was_taken_away_is_gone_at_the_next_request(portal: Portal, visitor: TestClient) -> None:
    signed_in(visitor)
    with portal.storage.write() as tx:
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).set_roles(PRIYA.id, [Role.AUDITOR])
    assert visitor.get("/desk/marigold/inbox").status_code == 404


def test_somebody_who_left_the_desk_is_a_stranger_at_the_next_request(portal: Portal, visitor: TestClient) -> None:
    signed_in(visitor)
    with portal.storage.write() as tx:
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).remove(PRIYA.id, portal.now())
    assert visitor.get("/desk/marigold/inbox").headers["location"].startswith("/desk/marigold/sign-in")


def test_a_family_and_a_desk_in_one_browser_do_not_end_each_other(visitor: TestClient) -> None:
    signed_in(visitor)
    visitor.post("/marigold/phone")
    visitor.post("/marigold/code")
    assert visitor.get("/desk/marigold/inbox").status_code == 200
    assert visitor.get("/marigold/mine").status_code == 200


def test_what_staff_see_is_written_into_the_ledger_after_the_page(portal: Portal, visitor: TestClient) -> None:
    signed_in(visitor)
    visitor.get("/desk/marigold/inbox")
    with portal.storage.read() as tx:
        entry = tx.exec(select(AuditEventRow).where(col(AuditEventRow.kind) == "viewed")).one()
    assert (entry.case_reference, entry.actor) == ("MGD-7K3F-92QX", f"staff:{PRIYA.id}")
    assert portal.checkpoints.head(MARIGOLD.id) is not None


def test_after_an_idle_hour_the_second_factor_alone_leads_back_in(portal: Portal, visitor: TestClient) -> None:
    signed_in(visitor)
    clock_of(portal).advance(minutes=61)
    assert visitor.get("/desk/marigold/inbox").headers["location"].startswith("/desk/marigold/second")
    visitor.post("/desk/marigold/second", data={"next": "/desk/marigold/inbox"})
    assert visitor.get("/desk/marigold/inbox").status_code == 200


def test_looking_again_after_an_idle_hour_is_no_way_around_the_second_factor(
    portal: Portal, visitor: TestClient
) -> None:
    signed_in(visitor)
    clock_of(portal).advance(minutes=61)
    asked = [visitor.get("/desk/marigold/inbox").headers.get("location", "let in") for _ in range(3)]
    assert [one.startswith("/desk/marigold/second") for one in asked] == [True] * 3


def test_after_eight_hours_the_whole_sign_in_is_asked(portal: Portal, visitor: TestClient) -> None:
    signed_in(visitor)
    for _ in range(16):
        clock_of(portal).advance(minutes=30)
        last = visitor.get("/desk/marigold/inbox")
    assert last.headers["location"].startswith("/desk/marigold/sign-in")


@pytest.mark.parametrize("wish", ["https://evil.example", "//evil.example", "/\\evil.example", "/plum-hollow/mine", ""])
def test_the_way_on_never_leads_away(visitor: TestClient, wish: str) -> None:
    visitor.post("/desk/marigold/sign-in")
    answer = visitor.post("/desk/marigold/second", data={"next": wish})
    assert answer.headers["location"] == "/desk/marigold/inbox"


@pytest.mark.parametrize("path", ["/a/b?c=d", "/desk/marigold/cases?view=late", "/marigold/requests/MGD-7K3F-92QX"])
def test_paths_of_ours_are_local(path: str) -> None:
    assert is_local(path)


@pytest.mark.parametrize("path", ["//a", "/\\a", "http://a", "a", "/a\n", "/a b", "/" + "a" * 400, "/a?x=//b@c"])
def test_what_a_browser_could_read_as_elsewhere_is_not(path: str) -> None:
    assert not is_local(path)
