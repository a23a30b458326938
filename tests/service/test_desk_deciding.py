"""What an approver does at the desk, through the whole portal without script."""

from datetime import timedelta
from pathlib import Path

import pytest
from desk_given import (
    DANA,
    JORDAN,
    MARCUS,
    MATEO,
    NEW,
    PLUM,
    PRIYA,
    ROSA,
    SAM,
    Clock,
    ask,
    at_the_desk,
    found,
    many,
    open_portal,
)
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import CaseRow
from rightsdesk.web.portal import Portal

REASON = "We looked at the birth certificate. It says Delgato."
TWO = (Wanted("name.family", "Delgado"), Wanted("grade", "11"))
PICTURE = (Wanted("picture", ""),)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(data_folder: Path, clock: Clock) -> Portal:
    return open_portal(data_folder, clock)


@pytest.fixture
def priya(portal: Portal) -> TestClient:
    return at_the_desk(portal, PRIYA)


def one(case: Case, act: str = "") -> str:
    return f"/desk/marigold/cases/{case.reference}{act and '/' + act}"


def test_an_approval_is_held_for_ten_minutes_and_the_next_case_opens(portal: Portal, priya: TestClient) -> None:
    first, second = ask(portal), ask(portal, Kind.ACCESS, subject=MATEO, wanted=())
    answer = priya.post(one(first, "decision"), data={"version": "1", "outcome": "approve", "view": "decision"})
    assert "Nothing is sent before 12:10 pm" in answer.text
    assert answer.url.params["open"] == second.reference
    assert found(portal, first.reference).is_held


def test_a_denial_without_words_keeps_the_ground_and_says_what_is_missing(portal: Portal, priya: TestClient) -> None:
    case = ask(portal)
    answer = priya.post(
        one(case, "decision"), data={"version": "1", "outcome": "deny", "ground": "ACCURATE", "text": "No"}
    )
    assert answer.status_code == 422
    assert answer.text.count("Explain it to the family in 20 letters or more.") == 2
    assert 'value="ACCURATE" checked' in answer.text
    assert "<title>Error: " in answer.text


def test_a_ground_that_a_law_does_not_know_is_folded_with_the_reason_and_refused(
    portal: Portal, priya: TestClient
) -> None:
    case = ask(portal)
    page = priya.get(one(case, "decision") + "?outcome=deny").text
    fitting, folded = page.split("<details>", 1)
    assert 'value="ACCURATE"' in fitting
    assert "These laws do not know this ground" in folded
    answer = priya.post(
        one(case, "decision"), data={"version": "1", "outcome": "deny", "ground": "EXCESSIVE", "text": REASON}
    )
    assert answer.status_code == 422
    assert found(portal, case.reference).state is State.SUBMITTED


def test_a_case_is_answered_in_part_with_an_edited_value(portal: Portal, priya: TestClient) -> None:
    case = ask(portal, wanted=TWO)
    fields = {
        "version": "1",
        "outcome": "partial",
        "outcome.grade": "deny",
        "ground.grade": "ACCURATE",
        "text.grade": REASON,
        "outcome.name.family": "approve",
        "accepted.name.family": "Delgado Ruiz",
    }
    assert "Answered in part" in priya.post(one(case, "decision"), data=fields).text
    answers = {each.element: (each.outcome, each.accepted) for each in found(portal, case.reference).elements}
    assert answers == {"grade": ("deny", ""), "name.family": ("approve", "Delgado Ruiz")}


def test_what_somebody_else_decided_first_stands_and_the_text_is_kept(portal: Portal, priya: TestClient) -> None:
    case = ask(portal)
    at_the_desk(portal, DANA).post(one(case, "decision"), data={"version": "1", "outcome": "approve"})
    late = {"version": "1", "outcome": "deny", "ground": "ACCURATE", "text": REASON}
    answer = priya.post(one(case, "decision"), data=late)
    assert answer.status_code == 409
    assert "Approved by Dana Wu at 12:00 pm" in answer.text
    assert REASON in answer.text
    assert found(portal, case.reference).decided_by == DANA
    assert "Note kept" in priya.post(one(case, "notes"), data={"text": REASON}).text


def test_undo_works_while_the_answer_is_held_and_not_after(portal: Portal, priya: TestClient, clock: Clock) -> None:
    case = ask(portal)
    priya.post(one(case, "decision"), data={"version": "1", "outcome": "approve"})
    assert "Taken back" in priya.post(one(case, "undo"), data={"version": "2"}).text
    assert found(portal, case.reference).state is State.IN_REVIEW
    priya.post(one(case, "decision"), data={"version": "3", "outcome": "approve"})
    clock.at += timedelta(minutes=10)
    assert priya.post(one(case, "undo"), data={"version": "4"}).status_code == 409
    assert found(portal, case.reference).state is State.APPROVED


def test_a_colleague_who_did_not_decide_is_offered_no_undo_but_a_lead_is(portal: Portal, priya: TestClient) -> None:
    case = ask(portal)
    priya.post(one(case, "decision"), data={"version": "1", "outcome": "approve"})
    undo = one(case, "undo")
    decided = "/desk/marigold/cases?view=decided"
    offered = [undo in at_the_desk(portal, who).get(decided).text for who in (DANA, ROSA, PRIYA)]
    assert offered == [False, True, True]
    assert at_the_desk(portal, DANA).post(undo, data={"version": "2"}).status_code == 403


def test_a_deletion_takes_two_different_people(portal: Portal, priya: TestClient) -> None:
    case = ask(portal, Kind.ERASURE, wanted=PICTURE)
    agree = {"version": "1", "outcome": "approve"}
    assert "Deletion proposed" in priya.post(one(case, "decision"), data=agree).text
    again = priya.post(one(case, "decision"), data=agree | {"version": "2"})
    assert (again.status_code, "Another person must agree" in again.text) == (403, True)
    second = at_the_desk(portal, DANA)
    assert "Priya Nair proposes to delete this" in second.get(one(case)).text
    assert "Approved. Nothing is sent" in second.post(one(case, "decision"), data=agree | {"version": "2"}).text
    assert found(portal, case.reference).confirmed_by == DANA


def test_the_second_person_can_send_a_deletion_back(portal: Portal, priya: TestClient) -> None:
    case = ask(portal, Kind.ERASURE, wanted=PICTURE)
    priya.post(one(case, "decision"), data={"version": "1", "outcome": "approve"})
    answer = at_the_desk(portal, DANA).post(one(case, "return"), data={"version": "2"})
    assert "Nothing is deleted" in answer.text
    assert found(portal, case.reference).state is State.IN_REVIEW


def test_without_script_a_deletion_is_confirmed_on_a_page_of_its_own(portal: Portal, priya: TestClient) -> None:
    case = ask(portal, Kind.ERASURE, wanted=PICTURE)
    assert "formaction" not in priya.get(one(case)).text.split('name="outcome"')[0]
    page = priya.get(one(case, "decision") + "?outcome=approve").text
    assert "A second person must agree before anything is deleted" in page


def test_nobody_decides_about_their_own_family(portal: Portal) -> None:
    case = ask(portal, Kind.ACCESS, requester=MARCUS, subject=JORDAN, wanted=())
    sam = at_the_desk(portal, SAM)
    answer = sam.post(one(case, "decision"), data={"version": "1", "outcome": "approve"})
    assert answer.status_code == 404
    assert found(portal, case.reference).state is State.SUBMITTED


def test_a_question_goes_to_the_family_and_waits_fourteen_days(portal: Portal, priya: TestClient) -> None:
    case = ask(portal)
    short = priya.post(one(case, "messages"), data={"version": "1", "message": "Why?"})
    assert (short.status_code, "Write the question in 20 letters or more." in short.text) == (422, True)
    assert "on its way" in priya.post(one(case, "messages"), data={"version": "1", "message": REASON}).text
    waiting = found(portal, case.reference)
    assert (waiting.state, str(waiting.answer_by)) == (State.WAITING_ON_FAMILY, "2026-12-07")
    assert "Go on without an answer" in priya.get(one(case)).text
    priya.post(one(case, "go-on"), data={"version": "2"})
    assert found(portal, case.reference).state is State.IN_REVIEW


def test_a_case_is_claimed_and_let_go(portal: Portal, priya: TestClient) -> None:
    case = ask(portal)
    assert "Claimed by Priya Nair" in priya.post(one(case, "claim"), data={"version": "1", "do": "claim"}).text
    assert "Let go" in priya.post(one(case, "claim"), data={"version": "2", "do": "release"}).text
    assert found(portal, case.reference).state is State.SUBMITTED


def test_a_bulk_claim_says_for_how_many_it_was_done(portal: Portal, priya: TestClient) -> None:
    mine, stale = ask(portal), ask(portal, Kind.ACCESS, subject=MATEO, wanted=())
    ticked = {"id": [f"{mine.reference}.1", f"{stale.reference}.7"], "do": "claim"}
    assert "Done for 1 of 2" in priya.post("/desk/marigold/cases", data=ticked).text


def test_an_unknown_reference_and_another_agencys_get_the_same_page(portal: Portal, priya: TestClient) -> None:
    foreign = ask(portal)
    with portal.storage.write() as tx:
        Agencies(tx).add(PLUM, NEW)
        tx.flush()
        tx.get_one(CaseRow, foreign.id).agency = PLUM.id
    answers = [priya.get(f"/desk/marigold/cases/{reference}") for reference in ("MGD-AAAA-AAAA", foreign.reference)]
    assert [each.status_code for each in answers] == [404, 404]
    assert answers[0].text == answers[1].text


def test_what_was_looked_at_stands_in_the_ledger(portal: Portal, priya: TestClient) -> None:
    case = ask(portal)
    priya.get(one(case))
    page = at_the_desk(portal, ROSA).get(f"/office/marigold/audit?kind=viewed&case={case.reference}").text
    assert "Priya Nair" in page


def test_a_list_of_fifty_goes_on_where_it_ended(portal: Portal, priya: TestClient) -> None:
    many(portal, 52)
    first = priya.get("/desk/marigold/cases").text
    assert first.count('class="row') == 50
    following = first.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert priya.get(following).text.count('class="row') == 2


def test_a_search_finds_by_name_and_by_reference(portal: Portal, priya: TestClient) -> None:
    case = ask(portal)
    for typed in ("lucia delgado", case.reference.lower().replace("-", " "), "40117"):
        assert case.reference in priya.get("/desk/marigold/cases", params={"q": typed}).text, typed
    assert "Nothing found" in priya.get("/desk/marigold/cases?q=nobody").text


def test_old_proof_is_asked_anew_and_what_was_typed_is_kept(portal: Portal) -> None:
    case = ask(portal, Kind.ERASURE, wanted=PICTURE)
    stale = at_the_desk(portal, PRIYA, timedelta(minutes=6))
    answer = stale.post(
        one(case, "decision"), data={"version": "1", "outcome": "approve", "view": "deletions"}, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/marigold/second-factor")
    assert found(portal, case.reference).state is State.SUBMITTED


def test_the_letter_is_shown_as_the_family_reads_it_in_their_language_and_nothing_is_decided(
    portal: Portal, priya: TestClient
) -> None:
    case = ask(portal)
    fields = {"version": "1", "outcome": "deny", "ground": "ACCURATE", "text": REASON}
    page = priya.post(one(case, "preview"), data=fields).text
    sheet = page.split('class="sheet" lang="es"')[1]
    assert REASON in sheet
    assert "audiencia" in sheet.split("</section>")[0]
    assert "The same letter in English" in page
    assert found(portal, case.reference).state is State.SUBMITTED


def test_a_script_gets_the_pane_of_the_letter_alone(portal: Portal, priya: TestClient) -> None:
    fields = {"version": "1", "outcome": "deny", "ground": "ACCURATE", "text": REASON}
    part = priya.post(one(ask(portal), "preview"), data=fields, headers={"hx-request": "true"}).text
    assert part.strip().startswith("<section")
    assert "<html" not in part


def test_an_order_on_file_reads_as_no_right_in_the_letter_and_hides_the_words(
    portal: Portal, priya: TestClient
) -> None:
    fields = {"version": "1", "outcome": "deny", "ground": "COURT_ORDER", "text": "The court order of May forbids it."}
    page = priya.post(one(ask(portal), "preview"), data=fields).text
    letter = page.split('class="sheet"')[1].split("</section>")[0]
    assert "court" not in letter.lower()
    assert "orden" not in letter.lower()


def test_a_list_is_handed_out_as_a_file_and_written_down(portal: Portal, priya: TestClient) -> None:
    case = ask(portal)
    file = priya.post("/desk/marigold/export", data={"view": "decision", "q": ""})
    assert file.text.splitlines()[1].startswith(f"{case.reference},correction,submitted,Elena Delgado,Lucía Delgado")
    assert "attachment" in file.headers["content-disposition"]
    assert "rows=1" in at_the_desk(portal, ROSA).get("/office/marigold/audit?kind=exported").text


def test_a_request_that_was_sent_twice_is_answered_under_the_first_and_can_be_taken_apart(
    portal: Portal, priya: TestClient
) -> None:
    first, second = ask(portal), ask(portal, wanted=(Wanted("name.family", "DELGADO"),))
    assert f"Answer it under {first.reference}" in priya.get(one(second)).text
    priya.post(one(second, "duplicate"), data={"version": "1", "same_as": first.reference})
    assert found(portal, second.reference).duplicate_of == first.id
    priya.post(one(second, "duplicate"), data={"version": "2", "do": "part"})
    assert found(portal, second.reference).state is State.SUBMITTED
