"""What is done to many ticked rows at once: it says first for how many it can be done, and does no more than that."""

import re
from contextlib import nullcontext
from pathlib import Path

import pytest
from desk_given import (
    AUDREY,
    DANA,
    JORDAN,
    LUCIA,
    MARCUS,
    MARIGOLD,
    MATEO,
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
from sqlalchemy import Connection, event, update
from sqlmodel import col
from starlette.testclient import TestClient

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import CaseRow
from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.requests.ledger.verify import verify
from rightsdesk.web.portal import Portal

LIST = "/desk/marigold/cases"
QUESTION = "Which school year do you mean?"


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    return open_portal(data_folder, Clock())


@pytest.fixture
def priya(portal: Portal) -> TestClient:
    return at_the_desk(portal, PRIYA)


def rows(*cases: Case) -> list[str]:
    return [f"{case.reference}.{case.version}" for case in cases]


def fit(page: str) -> list[str]:
    """Return the rows that a page will act on."""
    return re.findall(r'name="id" value="([^"]+)"', page)


def test_only_copies_with_every_check_in_order_are_approved_together_and_the_page_says_so_before(
    portal: Portal, priya: TestClient
) -> None:
    good = many(portal, 3)
    fix = ask(portal)
    erasure = ask(portal, Kind.ERASURE, requester=MARCUS, subject=JORDAN, wanted=(Wanted("picture", ""),))
    warns = ask(portal, Kind.ACCESS, requester=MARCUS, subject=JORDAN, wanted=())  # another case on the student is open
    page = priya.post(LIST, data={"do": "approve", "id": rows(*good, fix, erasure, warns), "view": "decision"}).text
    assert "This applies to 3 of 6." in page
    assert fit(page) == rows(*good)
    assert {found(portal, case.reference).state for case in good} == {State.SUBMITTED}
    sure = {"do": "approve", "sure": "yes", "of": "6", "view": "decision"}
    answer = priya.post(LIST, data={**sure, "id": rows(*good)})
    assert "Approved 3 of 6." in answer.text
    assert all(found(portal, case.reference).is_held for case in good)


def test_what_does_not_fit_is_not_approved_by_whoever_writes_the_form_by_hand(
    portal: Portal, priya: TestClient
) -> None:
    erasure = ask(portal, Kind.ERASURE, requester=MARCUS, subject=JORDAN, wanted=(Wanted("picture", ""),))
    warns = ask(portal, Kind.ACCESS, requester=MARCUS, subject=JORDAN, wanted=())
    fix = ask(portal)
    sure = {"do": "approve", "sure": "yes", "id": rows(erasure, warns, fix), "view": "decision"}
    assert "Approved 0 of 3." in priya.post(LIST, data=sure).text
    assert {found(portal, one.reference).state for one in (erasure, warns, fix)} == {State.SUBMITTED}


def test_what_was_changed_since_it_was_ticked_is_left_alone(portal: Portal, priya: TestClient) -> None:
    first, second = many(portal, 2)
    at_the_desk(portal, DANA).post(LIST, data={"do": "claim", "id": rows(first), "view": "decision"})
    page = priya.post(LIST, data={"do": "approve", "id": rows(first, second), "view": "decision"}).text
    assert "This applies to 1 of 2." in page
    assert fit(page) == rows(second)


def test_one_question_goes_to_every_ticked_family(portal: Portal, priya: TestClient) -> None:
    cases = ask(portal), ask(portal, subject=MATEO)
    asks = {"do": "ask", "id": rows(*cases), "view": "decision"}
    assert "This applies to 2 of 2." in priya.post(LIST, data=asks).text
    short = priya.post(LIST, data={**asks, "sure": "yes", "message": "When?"})
    assert short.status_code == 422
    assert "Write the question in 20 letters or more." in short.text
    assert ">When?</textarea>" in short.text
    assert {found(portal, one.reference).state for one in cases} == {State.SUBMITTED}
    assert "Done for 2 of 2." in priya.post(LIST, data={**asks, "sure": "yes", "message": QUESTION}).text
    assert {found(portal, one.reference).state for one in cases} == {State.WAITING_ON_FAMILY}


def test_a_case_is_given_to_a_colleague_who_decides_and_never_to_its_own_family(
    portal: Portal, priya: TestClient
) -> None:
    fix = ask(portal)
    of_bells = ask(portal, requester=MARCUS, subject=JORDAN, wanted=(Wanted("grade", "9"),))
    give = {"do": "give", "id": rows(fix, of_bells), "view": "decision"}
    assert "Done for 1 of 2." in priya.post(LIST, data={**give, "to": str(SAM)}).text
    assert (found(portal, fix.reference).claimed_by, found(portal, of_bells.reference).claimed_by) == (SAM, None)
    again = {**give, "id": rows(found(portal, fix.reference)), "to": str(DANA)}
    assert "Done for 1 of 1." in priya.post(LIST, data=again).text
    assert found(portal, fix.reference).claimed_by == DANA
    assert "Given to a colleague, Priya Nair" in priya.get(f"{LIST}/{fix.reference}").text
    for nobody in (AUDREY, LUCIA):
        again = {**give, "id": rows(found(portal, fix.reference)), "to": str(nobody)}
        assert "Done for 0 of 1." in priya.post(LIST, data=again).text


def test_nobody_lets_go_or_finds_a_claimed_request_of_their_own_family(portal: Portal, priya: TestClient) -> None:
    of_bells = ask(portal, requester=MARCUS, subject=JORDAN, wanted=(Wanted("grade", "9"),))
    priya.post(LIST, data={"do": "claim", "id": rows(of_bells), "view": "decision"})
    claimed = found(portal, of_bells.reference)
    answer = at_the_desk(portal, SAM).post(LIST, data={"do": "release", "id": rows(claimed), "view": "decision"})
    assert "Done for 0 of 1." in answer.text
    assert found(portal, of_bells.reference) == claimed


@pytest.mark.parametrize("who", [AUDREY, ROSA])
def test_acts_on_many_are_offered_to_those_who_decide(portal: Portal, who: object) -> None:
    ask(portal)
    page = at_the_desk(portal, who).get(LIST).text
    assert ('value="give"' in page) == (who == ROSA)


def test_nothing_about_ones_own_family_is_listed_before(portal: Portal) -> None:
    fix = ask(portal)
    of_bells = ask(portal, requester=MARCUS, subject=JORDAN, wanted=(Wanted("grade", "9"),))
    page = at_the_desk(portal, SAM).post(LIST, data={"do": "ask", "id": rows(fix, of_bells)}).text
    assert "This applies to 1 of 2." in page
    assert of_bells.reference not in page
    assert "Jordan" not in page


def test_a_saved_question_reaches_each_family_in_its_own_language(portal: Portal, priya: TestClient) -> None:
    one, other = ask(portal), ask(portal, subject=MATEO)  # both write in Spanish
    assert "What should it say? Write it the way it should be." in priya.get(f"{LIST}/{one.reference}").text
    asks = {"do": "ask", "sure": "yes", "id": rows(one), "view": "decision", "saved": "2"}
    assert "Done for 1 of 1." in priya.post(LIST, data=asks).text
    assert "Escríbalo tal como debe ser." in priya.get(f"{LIST}/{one.reference}").text
    typed = {"version": "1", "saved": "2", "message": "Which of the two names is right?"}
    priya.post(f"{LIST}/{other.reference}/messages", data=typed)
    page = priya.get(f"{LIST}/{other.reference}").text
    assert "Which of the two names is right?" in page
    assert "Escríbalo" not in page


@pytest.mark.parametrize("number", ["0", "9", "two"])
def test_a_saved_question_that_there_is_not_asks_nothing(portal: Portal, priya: TestClient, number: str) -> None:
    case = ask(portal)
    answer = priya.post(f"{LIST}/{case.reference}/messages", data={"version": "1", "saved": number})
    assert answer.status_code == 422
    assert found(portal, case.reference).state is State.SUBMITTED


@pytest.mark.parametrize("do", ["claim", "ask"])
def test_whoever_was_too_slow_by_a_moment_leaves_no_entry_and_the_others_are_still_done(
    portal: Portal, priya: TestClient, do: str
) -> None:
    cases = many(portal, 3)
    engine, moved = portal.storage.engine, list[str]()

    def overtake(here: Connection, _: object, statement: str, *__: object) -> None:
        if statement.startswith("UPDATE cases SET") and not moved:
            moved.append(statement)
            # Past the turn that writers of an agency take: as a program of another release would come.
            other = nullcontext(here) if engine.dialect.name == "sqlite" else engine.begin()
            with other as faster:
                faster.execute(update(CaseRow).where(col(CaseRow.reference) == first).values(version=9))

    first = cases[0].reference
    event.listen(engine, "before_cursor_execute", overtake)
    answer = priya.post(
        LIST, data={"do": do, "id": rows(*cases), "view": "decision", "message": QUESTION, "sure": "yes"}
    )
    event.remove(engine, "before_cursor_execute", overtake)
    assert (len(moved), "2 of 3" in answer.text) == (1, True)
    with portal.storage.read() as tx:
        told = {one.case for one in Journal(tx, MARIGOLD.id).entries() if one.kind in {"claimed", "asked"}}
        assert told == {case.reference for case in cases[1:]}
        assert verify(tx, MARIGOLD.id, portal.checkpoints).ok
