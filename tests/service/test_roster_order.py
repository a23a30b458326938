"""A large roster is written in order: without indexes while it is staged, and people in the order of their keys."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile, ZipInfo

import pytest
from fulfilment_given import a_district
from roster_given import AGENCY, CHILD, FAMILY, PARENT, Desk, a_desk, package_of, zip_of
from sqlalchemy import Engine, event, inspect, select
from sqlmodel import SQLModel

from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.ledger.audit import Ledger
from rightsdesk.requests.people.roster.errors import Cancelled
from rightsdesk.requests.people.roster.importing import import_package
from rightsdesk.requests.people.roster.outcome import Outcome, State
from rightsdesk.requests.people.roster.runs.store import Runs
from rightsdesk.requests.people.roster.staging.store import clear
from rightsdesk.web.commands.opening import ready
from rightsdesk.web.rosters import terms
from rightsdesk.web.storage import READS, storage_of

pytestmark = pytest.mark.files
RUN = UUID(int=8)
CROWD = tuple(replace(CHILD, sourced_id=f"s-{n}", student_number=f"9{n}", given=f"Kid{n}") for n in range(30))
STAGED = ("roster_staged_people", "roster_staged_contacts", "roster_staged_claims", "roster_staged_links")


@pytest.fixture
def desk(data_folder: Path) -> Desk:
    """Return a desk at which an import command works."""
    desk = a_desk(data_folder)
    storage_of(desk.engine, desk.engine, lambda _: None).spare_memory()
    return desk


@pytest.fixture
def told(desk: Desk) -> list[str]:
    """Return the statements that the database is told, as they come."""
    statements: list[str] = []
    event.listen(desk.engine, "before_cursor_execute", lambda *called: statements.append(called[2]))
    return statements


def _indexes(engine: Engine, *names: str) -> set[str | None]:
    looking = inspect(engine)
    return {index["name"] for name in names for index in looking.get_indexes(name)}


def _meant(*names: str) -> set[str | None]:
    return {str(index.name) for name in names for index in SQLModel.metadata.tables[name].indexes}


def _while_read(desk: Desk) -> set[str | None]:
    """Return which indexes the staging tables have while a package is read, and stop there."""
    seen: list[set[str | None]] = []

    def look(_phase: str, _done: int, _total: int) -> None:
        seen.append(_indexes(desk.engine, *STAGED))
        raise Cancelled

    path = package_of(desk.folder, FAMILY)
    assert import_package(path, replace(desk.terms(), progress=look)).reason == "cancelled"
    return seen[0]


def test_a_roster_is_staged_without_indexes_and_the_next_one_finds_them_even_if_this_one_breaks(desk: Desk) -> None:
    assert _while_read(desk) == set()
    assert _indexes(desk.engine, *STAGED) == _meant(*STAGED)
    assert desk.import_members(*FAMILY).state is State.APPLIED
    assert _indexes(desk.engine, *STAGED, "people_index") == _meant(*STAGED, "people_index")


def test_while_another_roster_waits_its_indexes_stay(desk: Desk) -> None:
    desk.import_members(*CROWD)
    assert desk.import_members(*CROWD[:10]).state is State.HELD
    assert _while_read(desk) == _meant(*STAGED)


def _unchanged(desk: Desk) -> Outcome:
    desk.import_members(*FAMILY)
    return desk.import_members(*FAMILY)


def _refused(desk: Desk) -> Outcome:
    desk.import_members(*FAMILY)
    return desk.take(zip_of(desk.folder / "strange.zip", orgs="sourcedId,name\n"))


def _without_files(desk: Desk) -> Outcome:
    return desk.take(zip_of(desk.folder / "bare.zip"))


def _older(desk: Desk) -> Outcome:
    path = package_of(desk.folder, FAMILY)
    desk.take(path)
    older = desk.folder / "older.zip"
    with ZipFile(path) as told, ZipFile(older, "w") as written:
        for name in told.namelist():
            written.writestr(ZipInfo(name, (2025, 1, 1, 0, 0, 0)), told.read(name))
    return desk.take(older)


@pytest.mark.parametrize("end", [_unchanged, _refused, _without_files, _older])
def test_an_import_that_reads_nothing_leaves_the_indexes_alone(desk: Desk, end: Callable[[Desk], Outcome]) -> None:
    assert end(desk).state in {State.UNCHANGED, State.REFUSED}
    assert _indexes(desk.engine, *STAGED) == _meant(*STAGED)


def test_after_an_import_was_killed_the_next_start_makes_the_indexes_again(data_folder: Path) -> None:
    district = a_district(data_folder)
    portal = district.portal
    portal.storage.spare_memory()
    seen: list[set[str | None]] = []

    def die(_phase: str, _done: int, _total: int) -> None:
        ready(portal)  # another command that starts meanwhile
        seen.append(_indexes(portal.storage.engine, *STAGED))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_package(package_of(data_folder, FAMILY), terms(portal, district.agency, "operator", die))
    assert [*seen, _indexes(portal.storage.engine, *STAGED)] == [set(), set()]
    ready(portal)
    assert _indexes(portal.storage.engine, *STAGED) == _meant(*STAGED)


def _rebuilt(told: list[str]) -> int:
    """Return how often the search index was dropped or made since this was last asked."""
    built = sum("INDEX ix_people_index_lookup" in one for one in told)
    told.clear()
    return built


def test_at_a_first_roster_the_search_index_is_built_anew(desk: Desk, told: list[str]) -> None:
    desk.import_members(*CROWD)
    assert _rebuilt(told) == 2  # dropped and made
    assert desk.person("Kid7").is_active


def test_at_a_later_roster_it_stays_however_many_are_new(desk: Desk, told: list[str]) -> None:
    desk.import_members(CROWD[0])
    assert _rebuilt(told) == 2
    assert desk.import_members(*CROWD).counts.people.added == len(CROWD) - 1
    assert _rebuilt(told) == 0
    assert desk.person("Kid7").is_active


def test_at_a_small_first_roster_beside_others_it_stays(desk: Desk, told: list[str]) -> None:
    desk.import_members(*CROWD)
    told.clear()
    other = replace(AGENCY, id=UUID(int=7), slug="linden", prefix="LND")
    with desk.begin() as tx:
        Agencies(tx).add(other, desk.now)
    wanted = replace(
        desk.terms(),
        agency=other,
        vault=desk.keys.agency(other.id),
        recorder=lambda tx: Ledger(tx, other.id, desk.now),
        on_applied=lambda _tx, _agency, _changes: None,
    )
    assert import_package(package_of(desk.folder, FAMILY), wanted).state is State.APPLIED
    assert _rebuilt(told) == 0


def test_where_it_would_be_sorted_in_memory_every_index_stays(data_folder: Path) -> None:
    desk = a_desk(data_folder)  # as in a worker, which lets the office use what was held
    told: list[str] = []
    event.listen(desk.engine, "before_cursor_execute", lambda *called: told.append(called[2]))
    assert _while_read(desk) == _meant(*STAGED)
    desk.import_members(*CROWD)
    assert not [one for one in told if "DROP INDEX" in one or "CREATE INDEX" in one]


def test_people_and_their_records_lie_in_the_order_of_their_keys(desk: Desk) -> None:
    desk.import_members(*CROWD, *FAMILY)
    with desk.engine.connect() as tx:
        records = tx.exec_driver_sql("SELECT person FROM roster_records ORDER BY source_key").scalars().all()
        people = tx.exec_driver_sql("SELECT id FROM people ORDER BY rowid").scalars().all()
        links = tx.exec_driver_sql("SELECT student FROM guardianships ORDER BY rowid").scalars().all()
    assert [records, people, links] == [people, sorted(people), sorted(links)]
    assert len(links) == 2


@pytest.mark.parametrize("table", ["roster_staged_people", "roster_staged_contacts"])
def test_a_first_roster_waits_in_the_order_in_which_it_is_read(desk: Desk, table: str) -> None:
    adults = [replace(PARENT, sourced_id=f"p-{n}", username=f"eva{n}", email=f"{n}@home.example") for n in range(9)]
    waiting = _waiting(desk, package_of(desk.folder, adults), table)
    assert waiting == sorted(waiting)
    assert len(set(waiting)) > 1


def _waiting(desk: Desk, package: Path, table: str) -> list[str]:
    """Return the keys of the rows of this table as they lie when the package is applied."""
    seen: list[str] = []

    def look(phase: str, _done: int, _total: int) -> None:
        if phase == "applying":
            lying = SQLModel.metadata.tables[table].c
            with desk.engine.connect().execution_options(**{READS: True}) as tx:
                seen.extend(tx.execute(select(lying.source_key).order_by(lying.id)).scalars())
            raise Cancelled

    assert import_package(package, replace(desk.terms(), progress=look)).reason == "cancelled"
    return seen


@pytest.mark.parametrize("waits", [False, True])
def test_what_was_staged_goes_without_its_indexes_where_no_other_roster_waits(
    *, desk: Desk, told: list[str], waits: bool
) -> None:
    desk.import_members(*CROWD)
    if waits:
        assert desk.import_members(*CROWD[:10]).state is State.HELD
    with desk.begin() as tx:
        Runs(tx, AGENCY.id).start(RUN, desk.now, "operator")
    told.clear()
    clear(desk.begin, RUN)
    assert any("DROP INDEX ix_roster_staged_people_key" in one for one in told) is not waits
    assert _indexes(desk.engine, *STAGED) == _meant(*STAGED)
