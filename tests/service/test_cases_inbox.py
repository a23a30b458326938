"""The desk's lists: keyset pages, counts and search, within one agency only."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from cases_given import World, given_world, no
from cases_people_given import AWAY, BEN, ELENA, HOME, LUCIA, MATEO, NINA, OMAR, PAUL, PRIYA, RUTH

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.claiming import claim
from rightsdesk.requests.cases.deciding import decide
from rightsdesk.requests.cases.filing import file_case
from rightsdesk.requests.cases.inbox import PAGE, Inbox, Page, View
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.withdrawing import withdraw

TODAY = date(2026, 11, 23)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


def page(world: World, view: str, after: str = "", today: date = TODAY) -> Page:
    with world.looking() as docket:
        return Inbox(docket).rows(view, PRIYA, today, after)


def every_page(world: World, view: str) -> list[Page]:
    pages = [page(world, view)]
    while pages[-1].next:
        pages.append(page(world, view, pages[-1].next))
    return pages


def found(world: World, typed: str) -> list[str]:
    with world.looking() as docket:
        return [row.reference for row in Inbox(docket).search(typed).rows]


def many(world: World, count: int) -> list[Case]:
    """File that many corrections in one unit of work; groups of ten share a day and so a due date."""
    with world.at() as docket:
        cases = []
        for at in range(count):
            came = world.now - timedelta(minutes=at // 7)
            filing = world.filing(
                received_at=came - timedelta(days=at // 10),
                details="",
                wanted=(Wanted("name.family", f"Delgado {at}"),),
            )
            cases.append(file_case(docket, filing, came)[0])
        return cases


def test_pages_of_the_desk_show_each_case_once_soonest_due_first(world: World) -> None:
    cases = many(world, 130)
    pages = every_page(world, "decision")
    rows = [row for one in pages for row in one.rows]
    assert [len(one.rows) for one in pages] == [PAGE, PAGE, 30]
    assert sorted(row.reference for row in rows) == sorted(case.reference for case in cases)
    assert [(row.due_on, row.id) for row in rows] == sorted((case.due_on, case.id) for case in cases)


def test_pages_of_what_is_over_come_newest_first(world: World) -> None:
    cases = many(world, 130)
    with world.at() as docket:
        for case in cases:
            withdraw(docket, ELENA, case.reference, world.now)
    rows = [row.id for one in every_page(world, "closed") for row in one.rows]
    assert rows == [case.id for case in sorted(cases, key=lambda one: (one.filed_at, one.id), reverse=True)]


@pytest.mark.parametrize("mark", ["x", "~", "2026-01-01~nothing", f"nothing~{0:032}", f"2026-01-01T00:00:00~{0:032}"])
def test_a_mark_somebody_wrote_by_hand_begins_at_the_beginning(world: World, mark: str) -> None:
    case = world.file()
    assert [row.reference for row in page(world, "decision", mark).rows] == [case.reference]
    with world.at() as docket:
        withdraw(docket, ELENA, case.reference, world.now)
    assert len(page(world, "closed", mark).rows) == 1


def test_a_row_says_who_what_and_where(world: World) -> None:
    case = world.file()
    row = page(world, "decision").rows[0]
    assert (row.reference, row.kind, row.requester_name, row.subject_name, row.school, row.due_on, row.version) == (
        case.reference,
        "correction",
        "Elena Delgado",
        "Lucía Delgado",
        "Alder Creek",
        case.due_on,
        1,
    )
    assert (row.is_held, row.claimed_by) == (False, None)


def test_each_view_holds_what_its_name_says(world: World) -> None:
    mine, held, deletion, late = (
        world.file(),
        world.file(Kind.ACCESS),
        world.file(Kind.ERASURE, language="en"),
        world.file(Kind.ACCESS, subject=MATEO, received_at=world.now - timedelta(days=45)),
    )
    with world.at() as docket:
        claim(docket, world.by(PRIYA), mine.reference, 1)
        decide(docket, world.by(PRIYA), no(held, "NOT_HELD"), world.now)
    expected = {
        View.DECISION: {mine, deletion, late},
        View.MINE: {mine},
        View.DECIDED: {held},
        View.DELETIONS: {deletion},
        View.LATE: {late},
        View.WEEK: {late},
        "lang:es": {mine, late},
        "lang:en": {deletion},
        View.WAITING: set[Case](),
        View.SECOND: set[Case](),
        View.PROOF: set[Case](),
        View.CLOSED: set[Case](),
        "lang:": set[Case](),
        "anything": set[Case](),
    }
    for view, cases in expected.items():
        assert {row.reference for row in page(world, view).rows} == {case.reference for case in cases}, view
    with world.looking() as docket:
        numbers = Inbox(docket).counts(PRIYA, TODAY)
    sizes = {view: len(cases) for view, cases in expected.items()}
    assert {view: numbers.get(view, 0) for view in expected} == sizes
    assert page(world, View.DECIDED).rows[0].is_held
    assert {row.reference for row in page(world, View.LATE, today=TODAY - timedelta(days=1)).rows} == set()


def test_a_search_finds_by_reference_name_and_number(world: World) -> None:
    hers, his = world.file(), world.file(Kind.ACCESS, requester=OMAR, subject=MATEO)
    other = world.file(Kind.ACCESS, requester=PAUL, subject=NINA)
    assert found(world, hers.reference) == [hers.reference]
    assert found(world, hers.reference.replace("-", " ").lower()) == [hers.reference]
    assert set(found(world, "Delgado")) == {hers.reference, his.reference}
    for typed in ("lucia", "LUCÍA", "Luci\u0301a delgado", "delgado, lucia", "40117"):
        assert found(world, typed) == [hers.reference], typed
    assert found(world, "nunez") == found(world, "Omar Nuñez") == [his.reference]
    assert found(world, " 40119 ") == [other.reference]
    for nothing in ("", "  ", "Lucia Paulsen", "99999", "luc", "MGD-2222-2222"):
        assert found(world, nothing) == [], nothing


def test_nothing_of_another_agency_is_ever_listed_counted_or_found(world: World) -> None:
    theirs = world.file(Kind.ACCESS, agency=AWAY, requester=RUTH, subject=BEN)
    assert found(world, theirs.reference) == []
    assert found(world, "Delgado") == found(world, "40117") == []
    for view in (*View, "lang:es"):
        assert page(world, view).rows == ()
    with world.looking() as docket:
        assert set(Inbox(docket).counts(PRIYA, TODAY).values()) == {0}
    with world.looking(replace(AWAY)) as docket:
        assert [row.reference for row in Inbox(docket).search("40117").rows] == [theirs.reference]
        assert Inbox(docket).counts(PRIYA, HOME.today(world.now))["decision"] == 1
    assert world.file(Kind.ACCESS, subject=LUCIA).reference.startswith("MGD-")
