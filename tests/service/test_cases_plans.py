"""What the desk asks for is found by seeking in an index, so that a million requests cost what a thousand cost."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from cases_given import World, given_world
from cases_people_given import ELENA, PRIYA
from sqlalchemy import event

from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.inbox import Inbox
from rightsdesk.requests.cases.timeline import timeline
from rightsdesk.requests.people.register.store import Register

TODAY = date(2026, 11, 23)

pytestmark = pytest.mark.files  # PostgreSQL chooses by what it counted, and has nothing to count here


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = given_world(tmp_path)
    world.file()
    return world


def plan(world: World, table: str, act: Callable[[Docket], object]) -> list[str]:
    """Return how SQLite finds the rows of a table in everything that an act asks for."""
    asked: list[tuple[str, object]] = []
    with world.looking() as docket:
        link = docket.session.connection()

        def note(*given: object) -> None:
            asked.append((str(given[2]), given[3]))

        event.listen(link, "before_cursor_execute", note)
        act(docket)
        event.remove(link, "before_cursor_execute", note)
        wanted = [(text, bound) for text, bound in asked if f"FROM {table}" in text]
        steps = [step for text, bound in wanted for step in link.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", bound)]
    return [str(step.detail) for step in steps]


INDEXES = {
    "decision": "ix_cases_open (agency=?",
    "mine": "ix_cases_claimed (agency=? AND claimed_by=?",
    "deletions": "ix_cases_erasures (agency=? AND kind=?",
    "lang:es": "ix_cases_foreign (agency=? AND language=?",
    "proof": "ix_cases_state (agency=? AND state=?",
    "decided": "ix_cases_answered (agency=?",
    "closed": "ix_cases_closed (agency=?",
}


@pytest.mark.parametrize(("view", "index"), INDEXES.items())
@pytest.mark.parametrize("is_later", [False, True])
def test_a_view_is_read_in_its_order_from_an_index_of_its_own(
    world: World, view: str, index: str, *, is_later: bool
) -> None:
    start = "2026-11-01T00:00:00+00:00" if view in {"decided", "closed"} else "2026-11-01"
    after = f"{start}~{0:032}" if is_later else ""
    first, *others = plan(world, "cases", lambda docket: Inbox(docket).rows(view, PRIYA, TODAY, after))
    assert index in first
    # Names and school are sought row by row, and nothing is sorted.
    assert [step.split(" USING ")[0] for step in others] == ["SEARCH people_1", "SEARCH people_2", "SEARCH schools"]
    assert all("id=?" in step for step in others)


def test_the_numbers_that_move_with_the_day_are_short_ranges(world: World) -> None:
    steps = plan(world, "cases", lambda docket: Inbox(docket).counts(PRIYA, TODAY))
    ranges = [step for step in steps if "SEARCH cases" in step]
    assert len(ranges) == 2
    assert all("INDEX ix_cases_state (agency=? AND state=? AND due_on" in step for step in ranges)


@pytest.mark.parametrize("hidden", [frozenset(), frozenset({PRIYA})])
def test_a_search_seeks_those_who_asked_and_those_asked_about(world: World, hidden: frozenset) -> None:
    steps = plan(world, "cases", lambda docket: Inbox(docket, hidden).search("Elena"))
    assert any("ix_cases_subject (agency=? AND subject=?)" in step for step in steps)
    assert any("ix_cases_requester (agency=? AND requester=?)" in step for step in steps)
    assert not any("(agency=?)" in step for step in steps)


def test_the_people_to_look_at_again_are_sought_a_few_at_a_time(world: World) -> None:
    steps = plan(world, "cases", lambda docket: docket.cases.people_of_open_cases(UUID(int=0), 200))
    assert steps == ["SEARCH cases USING INDEX ix_cases_subject (agency=? AND subject>?)"]


def test_whether_a_number_is_shared_is_sought_by_the_number(world: World) -> None:
    steps = plan(
        world,
        "people_index",
        lambda docket: Register(docket.session, docket.agency, docket.vault).reached_at([ELENA]),
    )
    assert any("ix_people_index_contact" in step for step in steps)
    assert not any(step.endswith("(agency=?)") for step in steps)


def test_the_names_of_a_page_are_sought_one_by_one(world: World) -> None:
    page = [ELENA, *(UUID(int=number) for number in range(99))]
    steps = plan(world, "people", lambda docket: docket.people.persons(page))
    assert steps == ["SEARCH people USING INDEX ix_people_agency (agency=? AND id=?)"]


def test_the_history_of_a_case_is_sought_by_its_reference(world: World) -> None:
    def told(docket: Docket) -> object:
        reference = Inbox(docket).rows("decision", PRIYA, TODAY).rows[0].reference
        return timeline(docket, docket.cases.find(reference))

    steps = plan(world, "audit_events", told)
    assert steps == ["SEARCH audit_events USING INDEX ix_audit_events_case (agency=? AND case_reference=?)"]
