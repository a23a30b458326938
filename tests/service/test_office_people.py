"""What the office does: restrictions, freezes, staff, policies, audit."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from desk_given import (
    AUDREY,
    DANA,
    ELENA,
    JORDAN,
    LUCIA,
    MARCUS,
    MARIGOLD,
    MATEO,
    PRIYA,
    ROSA,
    Clock,
    ask,
    at_the_desk,
    found,
    open_portal,
)
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.store import Agencies, Staff
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.requests.people.tables import PersonIndexRow
from rightsdesk.verification.answering import is_shut
from rightsdesk.verification.attempts import NUMBER_BUDGET
from rightsdesk.verification.sms.port import TextKind
from rightsdesk.verification.tables import Counted
from rightsdesk.web.office.csv_files import as_csv
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import means
from rightsdesk.web.sessions import Sessions

FAMILIES = (MARCUS, JORDAN, ELENA)
PAPER = {"guardian": str(ELENA), "scope": "one", "kind": "court_order", "paper": "FL-2026-1187", "until": ""}


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    return open_portal(data_folder, Clock())


@pytest.fixture
def rosa(portal: Portal) -> TestClient:
    return at_the_desk(portal, ROSA)


@pytest.fixture
def second(portal: Portal) -> TestClient:
    """Return a browser in which another administrator is signed in."""
    theo = Colleague(portal.fresh_id(), "Theo Lind", "theo@marigold.example", frozenset({Role.ADMINISTRATOR}))
    with portal.storage.write() as tx:
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).add(theo, portal.now())
    return at_the_desk(portal, theo.id)


def person(who: object, act: str = "") -> str:
    return f"/office/marigold/people/{who}{act and '/' + act}"


def restriction_on(page: str) -> str:
    return page.split("/restrictions/")[1].split('"', maxsplit=1)[0]


def may_act(portal: Portal, student: object) -> bool:
    with portal.storage.read() as tx:
        docket = portal.docket(tx, MARIGOLD, portal.now())
        return docket.people.authority(ELENA, student, "access", MARIGOLD.today(portal.now())).holds


def test_a_restriction_works_at_once_for_the_child_it_names_and_stops_open_requests(
    portal: Portal, rosa: TestClient
) -> None:
    lucias, mateos = ask(portal), ask(portal, subject=MATEO)
    page = rosa.post(person(LUCIA, "restrict"), data=PAPER).text
    assert "Elena Delgado may not see, fix, or delete data of Lucía Delgado" in page
    assert "FL-2026-1187. The paper itself is not kept here" in page
    assert (may_act(portal, LUCIA), may_act(portal, MATEO)) == (False, True)
    states = [found(portal, case.reference).state for case in (lucias, mateos)]
    assert states == [State.AWAITING_PROOF, State.SUBMITTED]


def test_a_restriction_on_all_children_stops_each_of_them(portal: Portal, rosa: TestClient) -> None:
    rosa.post(person(LUCIA, "restrict"), data=PAPER | {"scope": "all"})
    assert (may_act(portal, LUCIA), may_act(portal, MATEO)) == (False, False)


def test_a_restriction_ends_the_sessions_of_whoever_shares_the_phone(portal: Portal, rosa: TestClient) -> None:
    # Elena's hand may hold the phone on which Marcus proved who he is.
    with portal.storage.write() as tx:
        vault = portal.vault.agency(MARIGOLD.id)
        shared = vault.index("number", "+15555550142")
        tx.add(PersonIndexRow(agency=MARIGOLD.id, purpose="number", value=shared, person=MARCUS))
        seats = Sessions(tx, MARIGOLD.id, vault, portal.now(), portal.draw)
        tokens = [seats.renew(replace(seats.fresh(), person=one, proved_at=portal.now())).token for one in FAMILIES]
    rosa.post(person(LUCIA, "restrict"), data=PAPER)
    with portal.storage.read() as tx:
        seats = Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), portal.now(), portal.draw)
        assert [seats.open(token).is_proved for token in tokens] == [False, True, True]


@pytest.mark.parametrize("is_stopped", [False, True])
def test_the_office_lets_a_locked_phone_get_codes_again(
    portal: Portal,
    rosa: TestClient,
    is_stopped: bool,  # noqa: FBT001 - a case
) -> None:
    assert "Let it get codes again" not in rosa.get(person(ELENA)).text
    with portal.storage.write() as tx:
        tools = means(portal, tx, MARIGOLD, portal.now())
        keys = tools.number_keys("+15555550142")
        if is_stopped:
            tools.sends.opt_out(keys[0], portal.now(), TextKind.CODE)
        for day in range(0 if is_stopped else 10):
            for _ in range(10):
                tools.counts.reserve(Counted.NUMBER, keys, NUMBER_BUDGET, portal.now() - timedelta(days=10 - day))
    assert "Let it get codes again" in rosa.get(person(ELENA)).text
    after = rosa.post(person(ELENA, "codes")).text
    assert "This phone can get codes again." in after
    assert "Let it get codes again" not in after
    with portal.storage.read() as tx:
        assert not is_shut(means(portal, tx, MARIGOLD, portal.now()), "+15555550142", portal.now())
        entry = Journal(tx, MARIGOLD.id).entries("code_unlocked")[-1]
    assert (entry.actor, entry.subject) == (f"staff:{ROSA}", ELENA)


def test_only_a_second_person_confirms_a_restriction(rosa: TestClient, second: TestClient) -> None:
    number = restriction_on(rosa.post(person(LUCIA, "restrict"), data=PAPER).text)
    act = person(LUCIA, f"restrictions/{number}")
    own = rosa.post(act, data={"do": "confirm"})
    assert (own.status_code, "Another person must confirm it" in own.text) == (422, True)
    assert "agreed by Theo Lind" in second.post(act, data={"do": "confirm"}).text
    assert second.post(act, data={"do": "confirm"}).status_code == 422


def test_a_lifted_restriction_lets_the_guardian_act_again(portal: Portal, rosa: TestClient) -> None:
    number = restriction_on(rosa.post(person(LUCIA, "restrict"), data=PAPER).text)
    act = person(LUCIA, f"restrictions/{number}")
    assert rosa.post(act, data={"do": "lift"}).status_code == 200
    assert may_act(portal, LUCIA)
    assert "was lifted already" in rosa.post(act, data={"do": "lift"}).text


@pytest.mark.parametrize("do", ["lift", "change"])
def test_an_order_is_not_ended_at_a_desk_that_somebody_walked_away_from(
    portal: Portal, rosa: TestClient, do: str
) -> None:
    number = restriction_on(rosa.post(person(LUCIA, "restrict"), data=PAPER).text)
    left = at_the_desk(portal, ROSA, timedelta(minutes=6))
    page = left.post(person(LUCIA, f"restrictions/{number}"), data={"do": do, "ends": "2026-11-23"})
    assert page.url.path == "/desk/marigold/second-factor"
    assert not may_act(portal, LUCIA)


def test_the_end_of_a_restriction_is_exclusive_and_can_be_moved(rosa: TestClient) -> None:
    number = restriction_on(rosa.post(person(LUCIA, "restrict"), data=PAPER | {"until": "2027-06-30"}).text)
    act = person(LUCIA, f"restrictions/{number}")
    assert "after the first day" in rosa.post(act, data={"do": "change", "ends": "2026-11-23"}).text
    assert "until Dec 1, 2026" in rosa.post(act, data={"do": "change", "ends": "2026-12-01"}).text


def test_a_day_that_is_none_is_told_and_nothing_is_set(portal: Portal, rosa: TestClient) -> None:
    answer = rosa.post(person(LUCIA, "restrict"), data=PAPER | {"until": "soon"})
    assert (answer.status_code, "Write the day like 2027-06-30." in answer.text) == (422, True)
    assert may_act(portal, LUCIA)


def test_a_frozen_student_is_shown_as_frozen_until_it_is_lifted(portal: Portal, rosa: TestClient) -> None:
    assert "Nothing about this student is released" in rosa.post(person(LUCIA, "freeze"), data={"do": "freeze"}).text
    assert not may_act(portal, LUCIA)
    rosa.post(person(LUCIA, "freeze"), data={"do": "thaw"})
    assert may_act(portal, LUCIA)


def test_numbers_are_shown_by_their_last_two_digits_only(rosa: TestClient) -> None:
    page = rosa.get(person(LUCIA)).text
    assert "number ending in 42" in page
    assert "0142" not in page


def test_a_person_is_found_by_name_in_any_spelling_and_by_student_number(rosa: TestClient) -> None:
    for typed in ("lucia DELGADO", "40117"):
        assert str(LUCIA) in rosa.get("/office/marigold/people", params={"q": typed}).text, typed


def test_approvers_and_auditors_see_no_people_and_unknown_ids_look_the_same(portal: Portal, rosa: TestClient) -> None:
    asked = [at_the_desk(portal, who).get(person(LUCIA)) for who in (PRIYA, AUDREY)]
    asked += [rosa.get(person("not-an-id")), rosa.get(person("00000000-0000-4000-8000-00000000dead"))]
    assert [answer.status_code for answer in asked] == [404] * 4


def test_staff_are_added_and_removed_with_a_fresh_proof_only(portal: Portal, rosa: TestClient) -> None:
    new = {"name": "Kim Ito", "email": "kim@marigold.example", "role": ["approver"], "person": "none"}
    stale = at_the_desk(portal, ROSA, timedelta(minutes=6))
    asked = stale.post("/office/marigold/staff/new", data=new, follow_redirects=False)
    assert asked.headers["location"] == "/desk/marigold/second-factor?next=/office/marigold/staff/new"
    page = rosa.post("/office/marigold/staff/new", data=new).text
    assert "Kim Ito" in page
    assert "has this e-mail already" in rosa.post("/office/marigold/staff/new", data=new).text
    rosa.post(f"/office/marigold/staff/{DANA}/change", data={"do": "remove"})
    assert "Dana Wu" not in rosa.get("/office/marigold/staff").text
    assert at_the_desk(portal, DANA).get("/desk/marigold/cases", follow_redirects=False).status_code == 303


def test_the_last_administrator_stays(rosa: TestClient) -> None:
    answer = rosa.post(f"/office/marigold/staff/{ROSA}/change", data={"do": "roles", "role": ["approver"]})
    assert (answer.status_code, "This is the last administrator." in answer.text) == (422, True)


def test_policies_are_stored_and_a_wrong_day_is_told(portal: Portal, rosa: TestClient) -> None:
    typed = {
        "student_kinds": ["access"],
        "roster_suffices": "no",
        "office_phone": "(555) 555-0199",
        "office_hours": "Mornings",
        "holidays": "2026-12-25\n2026-12-28",
        "own_blocks": "203.0.113.9/24",
    }
    rosa.post("/office/marigold/policies", data=typed)
    with portal.storage.read() as tx:
        agency = Agencies(tx).named("marigold")
    assert (agency.student_kinds, agency.roster_suffices, len(agency.holidays)) == (("access",), False, 2)
    wrong = rosa.post("/office/marigold/policies", data=typed | {"holidays": "Christmas"})
    assert (wrong.status_code, "like 2026-12-25, one a line" in wrong.text) == (422, True)
    assert agency.own_blocks == ("203.0.113.0/24",)
    wrong = rosa.post("/office/marigold/policies", data=typed | {"own_blocks": "the library"})
    assert wrong.status_code == 422
    assert 'id="own_blocks-error"' in wrong.text
    assert "the library</textarea>" in wrong.text
    assert "203.0.113.0/24</textarea>" in rosa.get("/office/marigold/policies").text


def test_an_auditor_reads_checks_and_exports_the_ledger_and_nothing_else(portal: Portal) -> None:
    case = ask(portal)
    audrey = at_the_desk(portal, AUDREY)
    assert case.reference in audrey.get("/office/marigold/audit").text
    assert "The ledger is whole" in audrey.post("/office/marigold/audit").text
    file = audrey.post("/office/marigold/audit/export", data={"kind": "filed", "case": ""})
    assert case.reference in file.text
    assert "attachment" in file.headers["content-disposition"]
    assert audrey.get("/office/marigold/staff").status_code == 404


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", " =1", "\tx", "|x"])
def test_a_cell_that_begins_a_formula_is_shown_as_text(cell: str) -> None:
    assert as_csv(("a",), [(cell,)]).decode("utf-8-sig").splitlines()[1].lstrip('"').startswith("'")


def test_a_roster_file_that_is_no_zip_is_told_and_a_zip_is_kept_sealed(portal: Portal, rosa: TestClient) -> None:
    wrong = rosa.post("/office/marigold/roster", files={"package": ("a.zip", b"hello", "application/zip")})
    assert (wrong.status_code, "This is not a ZIP file" in wrong.text) == (422, True)
    content = b"PK\x03\x04 Jordan Bell"
    rosa.post("/office/marigold/roster", files={"package": ("a.zip", content, "application/zip")})
    kept = list((portal.settings.data / "uploads").iterdir())
    assert len(kept) == 1
    assert b"Jordan" not in kept[0].read_bytes()
    assert kept[0].stat().st_mode & 0o077 == 0


def test_a_restriction_can_stop_everybody_but_the_student(rosa: TestClient) -> None:
    rosa.post(person(JORDAN, "restrict"), data=PAPER | {"guardian": "everybody"})
    page = rosa.get(person(JORDAN)).text
    assert "Marcus Bell may not see" in page
    assert "May act" in page
