"""What reaches the desk by another way: calls, letters, missing proof, files, changed values."""

from pathlib import Path
from uuid import UUID

import pytest
from desk_given import ELENA, LUCIA, MARIGOLD, MATEO, PRIYA, ROSA, Clock, ask, at_the_desk, found, open_portal
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.evidence import Clean, keep, listed
from rightsdesk.requests.cases.ruling import mark
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.people.fields.store import Fields
from rightsdesk.web.portal import Portal

ENTER = "/desk/marigold/enter"
CALL = {
    "person": "delgado",
    "pair": f"{ELENA}.{LUCIA}",
    "kind": "correction",
    "elements": ["name.family"],
    "correction.name.family": "Delgado",
    "details": "She called: the name is wrong.",
    "channel": "phone",
    "received_at": "2026-11-20",
    "reason": "She called on Friday, the form was lost.",
    "language": "es",
    "means": "call_back",
    "once": "one",
}
STANDING = {"ground": "NOT_IDENTIFIED", "text": "We could not find out who called us about this student."}


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    return open_portal(data_folder, Clock())


@pytest.fixture
def priya(portal: Portal) -> TestClient:
    return at_the_desk(portal, PRIYA)


def one(case: Case, act: str = "") -> str:
    return f"/desk/marigold/cases/{case.reference}{act and '/' + act}"


def the_case(portal: Portal) -> Case:
    with portal.storage.read() as tx:
        return portal.docket(tx, MARIGOLD, portal.now()).cases.about(LUCIA)[0]


def unproved(portal: Portal) -> Case:
    """Return a request whose guardian lost the right to act, so that it waits for proof."""
    case = ask(portal)
    paper = {"guardian": str(ELENA), "scope": "one", "kind": "agency_hold", "until": "2026-12-01"}
    rosa = at_the_desk(portal, ROSA)
    page = rosa.post(f"/office/marigold/people/{LUCIA}/restrict", data=paper).text
    number = page.split("/restrictions/")[1].split('"')[0]
    rosa.post(f"/office/marigold/people/{LUCIA}/restrictions/{number}", data={"do": "lift"})
    return found(portal, case.reference)


def test_a_call_is_entered_as_of_the_day_it_came_and_counts_from_then(portal: Portal, priya: TestClient) -> None:
    assert "The request is entered" in priya.post(ENTER, data=CALL).text
    case = the_case(portal)
    assert (case.channel, str(case.due_on), case.language) == ("phone", "2027-01-04", "es")
    page = priya.get(one(case)).text
    assert "Entered by the office" in page
    assert "She called on Friday" in page


def test_sending_the_form_twice_enters_one_case(portal: Portal, priya: TestClient) -> None:
    for _ in range(2):
        priya.post(ENTER, data=CALL)
    with portal.storage.read() as tx:
        assert len(portal.docket(tx, MARIGOLD, portal.now()).cases.about(LUCIA)) == 1


def test_forms_without_a_key_of_their_own_never_share_one(portal: Portal, priya: TestClient) -> None:
    priya.post(ENTER, data=CALL | {"once": ""})
    priya.post(ENTER, data=CALL | {"once": "", "pair": f"{ELENA}.{MATEO}"})
    with portal.storage.read() as tx:
        cases = portal.docket(tx, MARIGOLD, portal.now()).cases
        assert [len(cases.about(one)) for one in (LUCIA, MATEO)] == [1, 1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pair": ""}, "Choose who asked."),
        ({"kind": ""}, "Choose what they ask for."),
        ({"channel": "portal"}, "Choose how it came."),
        ({"received_at": "2026-11-24"}, "cannot be in the future"),
        ({"received_at": "Friday"}, "Write the day like 2026-11-20."),
        ({"reason": ""}, "Say why the day is earlier."),
    ],
)
def test_what_is_missing_is_told_and_what_was_typed_stays(
    priya: TestClient, change: dict[str, str], words: str
) -> None:
    answer = priya.post(ENTER, data=CALL | change)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert "She called: the name is wrong." in answer.text


@pytest.mark.parametrize("change", [{"means": ""}, {"pair": f"{LUCIA}.{LUCIA}"}])
def test_what_nobody_proved_or_may_ask_waits_for_proof(
    portal: Portal, priya: TestClient, change: dict[str, str]
) -> None:
    answer = priya.post(ENTER, data=CALL | change)
    assert "view=proof" in str(answer.url)
    assert the_case(portal).state is State.AWAITING_PROOF


@pytest.mark.parametrize("pair", [f"{ELENA}.{ELENA}", f"{UUID(int=7)}.{LUCIA}", "x.y"])
def test_somebody_who_is_not_on_the_record_is_not_found(priya: TestClient, pair: str) -> None:
    assert priya.post(ENTER, data=CALL | {"pair": pair}).status_code == 404


def test_the_same_request_again_leads_to_the_open_one(portal: Portal, priya: TestClient) -> None:
    priya.post(ENTER, data=CALL)
    answer = priya.post(ENTER, data=CALL | {"once": "two"})
    assert answer.url.path == one(the_case(portal))


def test_a_case_that_waits_for_proof_stands_in_its_own_view_and_is_proved(portal: Portal, priya: TestClient) -> None:
    case = unproved(portal)
    assert case.reference in priya.get("/desk/marigold/cases?view=proof").text
    assert case.reference not in priya.get("/desk/marigold/cases?view=decision").text
    unsaid = priya.post(one(case, "proof"), data={"version": str(case.version), "do": "prove", "means": ""})
    assert (unsaid.status_code, "Say how this person showed who they are." in unsaid.text) == (422, True)
    fields = {"version": str(case.version), "do": "prove", "means": "office_visit"}
    assert "Proof noted" in priya.post(one(case, "proof"), data=fields).text
    assert found(portal, case.reference).state is State.SUBMITTED


def test_an_administrator_is_offered_the_proof_but_no_refusal(portal: Portal) -> None:
    case, ada = unproved(portal), UUID(int=0x78)
    with portal.storage.write() as tx:
        colleague = Colleague(ada, "Ada Stone", "ada@marigold.example", frozenset({Role.ADMINISTRATOR}))
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).add(colleague, portal.now())
    desk = at_the_desk(portal, ada)
    page = desk.get(one(case)).text
    assert ("The proof is in order" in page, "Refuse for want of proof" in page) == (True, False)
    fields = {"version": str(case.version), "do": "prove", "means": "office_visit"}
    assert "Proof noted" in desk.post(one(case, "proof"), data=fields).text


def test_a_case_without_proof_is_refused_in_words(portal: Portal, priya: TestClient) -> None:
    case = unproved(portal)
    fields = {"version": str(case.version), "do": "refuse"} | STANDING
    assert "Denied" in priya.post(one(case, "proof"), data=fields).text
    assert found(portal, case.reference).state is State.DENIED


def test_a_file_is_handed_out_as_a_download_and_written_down(portal: Portal, priya: TestClient) -> None:
    case = ask(portal)
    with portal.storage.write() as tx:
        docket = portal.docket(tx, MARIGOLD, portal.now())
        keep(docket, case, Clean("pdf", b"%PDF-1.7 a birth certificate"), portal.now())
        number = listed(docket, case)[0].id
    assert "PDF, 28 Bytes" in priya.get(one(case)).text
    file = priya.post(one(case, f"evidence/{number}"))
    assert file.content == b"%PDF-1.7 a birth certificate"
    assert file.headers["content-disposition"].startswith("attachment;")
    assert file.headers["x-content-type-options"] == "nosniff"
    assert file.headers["content-type"] == "application/pdf"
    assert priya.get(one(case, f"evidence/{number}")).status_code == 405
    other = ask(portal, Kind.ACCESS, subject=MATEO, wanted=())
    assert priya.post(one(other, f"evidence/{number}")).status_code == 404


def test_a_value_that_changed_since_is_shown_before_it_is_overwritten(portal: Portal, priya: TestClient) -> None:
    case = ask(portal)
    with portal.storage.write() as tx:
        Fields(tx, MARIGOLD, portal.vault.agency(MARIGOLD.id)).write_name(LUCIA, "name.family", "Delgadillo")
    blind = priya.post(one(case, "decision"), data={"version": "1", "outcome": "approve"})
    assert (blind.status_code, "The value was changed after the family wrote" in blind.text) == (409, True)
    page = priya.get(one(case)).text
    assert "changed since" in page
    assert f'name="saw.name.family" value="{mark("Delgadillo")}"' in page
    older = {"version": "1", "outcome": "approve", "saw.name.family": mark("Delgado-Paz")}
    assert priya.post(one(case, "decision"), data=older).status_code == 409
    seen = {"version": "1", "outcome": "approve", "saw.name.family": mark("Delgadillo")}
    assert "Approved" in priya.post(one(case, "decision"), data=seen).text


def test_keys_are_switched_off_for_this_person_only(portal: Portal, priya: TestClient) -> None:
    priya.post("/desk/marigold/settings", data={"keys": "off"})
    assert 'data-keys="off"' in priya.get("/desk/marigold/cases").text
    assert 'data-keys="on"' in at_the_desk(portal, ROSA).get("/desk/marigold/cases").text
