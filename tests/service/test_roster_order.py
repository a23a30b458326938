"""A large roster is written in order: without indexes while it is staged, and people in the order of their keys."""

from dataclasses import replace
from pathlib import Path

import pytest
from roster_given import CHILD, FAMILY, Desk, a_desk, package_of
from sqlalchemy import event, inspect
from sqlmodel import SQLModel

from rightsdesk.requests.people.roster.errors import Cancelled
from rightsdesk.requests.people.roster.importing import import_package
from rightsdesk.requests.people.roster.outcome import State

pytestmark = pytest.mark.files
CROWD = tuple(replace(CHILD, sourced_id=f"s-{n}", student_number=f"9{n}", given=f"Kid{n}") for n in range(30))
STAGED = ("roster_staged_people", "roster_staged_contacts", "roster_staged_claims", "roster_staged_links")


@pytest.fixture
def desk(data_folder: Path) -> Desk:
    return a_desk(data_folder)


def _indexes(desk: Desk, *names: str) -> set[str | None]:
    looking = inspect(desk.engine)
    return {index["name"] for name in names for index in looking.get_indexes(name)}


def _meant(*names: str) -> set[str | None]:
    return {str(index.name) for name in names for index in SQLModel.metadata.tables[name].indexes}


def _while_read(desk: Desk) -> set[str | None]:
    """Return which indexes the staging tables have while a package is read, and stop there."""
    seen: list[set[str | None]] = []

    def look(_phase: str, _done: int, _total: int) -> None:
        seen.append(_indexes(desk, *STAGED))
        raise Cancelled

    path = package_of(desk.folder, FAMILY)
    assert import_package(path, replace(desk.terms(), progress=look)).reason == "cancelled"
    return seen[0]


def test_a_roster_is_staged_without_indexes_and_the_next_one_finds_them_even_if_this_one_breaks(desk: Desk) -> None:
    assert _while_read(desk) == set()
    assert desk.import_members(*FAMILY).state is State.APPLIED
    assert _indexes(desk, *STAGED, "people_index") == _meant(*STAGED, "people_index")


def test_while_another_roster_waits_its_indexes_stay(desk: Desk) -> None:
    desk.import_members(*CROWD)
    assert desk.import_members(*CROWD[:10]).state is State.HELD
    assert _while_read(desk) == _meant(*STAGED)


def test_only_where_most_of_all_are_new_the_search_index_is_built_anew(desk: Desk) -> None:
    told: list[str] = []
    event.listen(desk.engine, "before_cursor_execute", lambda *called: told.append(called[2]))

    def rebuilt() -> int:
        built = sum("INDEX ix_people_index_lookup" in one for one in told)
        told.clear()
        return built

    desk.import_members(*CROWD)
    assert rebuilt() == 2  # dropped and made
    desk.import_members(*CROWD, *FAMILY)
    assert rebuilt() == 0
    assert desk.person("Eva").is_active


def test_people_and_their_records_lie_in_the_order_of_their_keys(desk: Desk) -> None:
    desk.import_members(*CROWD, *FAMILY)
    with desk.engine.connect() as tx:
        keys = tx.exec_driver_sql("SELECT source_key FROM roster_records ORDER BY rowid").scalars().all()
        people = tx.exec_driver_sql("SELECT id FROM people ORDER BY rowid").scalars().all()
        links = tx.exec_driver_sql("SELECT student FROM guardianships ORDER BY rowid").scalars().all()
    assert [keys, people, links] == [sorted(keys), sorted(people), sorted(links)]
    assert len(links) == 2
