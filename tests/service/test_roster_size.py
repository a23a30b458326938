"""What an import costs grows with its portions and not with its rows, and its memory does not grow at all."""

import re
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from databases import url_of
from roster_given import AGENCY, CHILD, FAMILY, TODAY, Desk, a_desk
from sqlalchemy import event, text, update
from sqlmodel import Session, col, func, select

from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.people.roster import portions
from rightsdesk.requests.people.roster.errors import NotHeld
from rightsdesk.requests.people.roster.live import applying
from rightsdesk.requests.people.roster.live.links import linking
from rightsdesk.requests.people.roster.live.people.store import LivePeople
from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.outcome import State
from rightsdesk.requests.people.roster.releasing import Use, discard, release
from rightsdesk.requests.people.roster.runs.store import Runs
from rightsdesk.requests.people.roster.staging import sink
from rightsdesk.requests.people.roster.staging import store as staging
from rightsdesk.requests.people.roster.tables import StagedPersonRow
from rightsdesk.requests.people.tables import PersonRow, RosterRunRow, SourceRow
from rightsdesk.web.demo.district import write_package
from rightsdesk.web.storage import open_engine, storage_of


@pytest.fixture
def desk(data_folder: Path) -> Desk:
    return a_desk(data_folder)


def test_three_times_the_students_ask_the_database_no_more_often(data_folder: Path) -> None:
    few, many = (_statements(data_folder / f"{count}", count) for count in (150, 450))
    assert many <= few + 5


def test_no_row_is_looked_for_in_a_list_of_all_others(data_folder: Path) -> None:
    # PostgreSQL keeps such a list only while it is short: with 100,000 students it was read anew for each row.
    told = _told(data_folder / "some", 60)
    assert len(told) > 100
    assert not [one for one in told if re.search(r"NOT IN\s*\(\s*SELECT (?!1 FROM)", one)]


def test_a_page_of_a_roster_is_compared_with_its_own_records_alone(data_folder: Path) -> None:
    told = _told(data_folder / "some", 60)
    pages = [one for one in told if "ORDER BY roster_staged_people.source_key" in one and "roster_records" in one]
    assert pages
    bounds = ("roster_records.source_key >", "roster_records.source_key <=")
    assert all(bound in one for one in pages for bound in bounds)


def test_a_school_is_written_with_its_person_for_a_row_that_grows_later_costs_a_page(desk: Desk) -> None:
    written: list[int] = []

    def note(_: object, cursor: Any, statement: str, *__: object) -> None:
        if re.match("UPDATE people SET school", statement):
            written.append(cursor.rowcount)

    event.listen(desk.engine, "after_cursor_execute", note)
    write_package(desk.folder / "some.zip", students=60, seed=5, today=TODAY)
    assert desk.take(desk.folder / "some.zip").state is State.APPLIED
    assert written == []
    with desk.begin() as tx:
        at_schools = select(func.count()).select_from(PersonRow).join(SchoolRow, PersonRow.school == SchoolRow.id)
        assert tx.exec(at_schools.where(PersonRow.is_student, SchoolRow.kind == "school")).one() == 60


@pytest.mark.parametrize("portion", [1, 7, 30, 31])
def test_what_was_staged_goes_in_portions_and_what_waits_stays(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    monkeypatch.setattr(staging, "_PORTION", portion)
    crowd = [replace(CHILD, sourced_id=f"s-{n}", student_number=f"9{n}", given=f"Kid{n}") for n in range(30)]
    desk.import_members(*crowd)
    held = desk.import_members(*crowd[:9])
    assert (desk.count(StagedPersonRow), held.state) == (9, State.HELD)
    with desk.begin() as tx:
        tx.add_all(staged_row(UUID(int=1), number) for number in range(30))
    begun: list[int] = []

    @contextmanager
    def begin() -> Iterator[Session]:
        begun.append(1)
        with desk.begin() as tx:
            yield tx

    staging.clear(begin, UUID(int=1))
    assert desk.count(StagedPersonRow) == 9
    empty = len(staging._TABLES)  # each is asked until it has no more
    assert len(begun) == -(-30 // portion) + empty + len(("indexes off", "indexes on"))


def test_what_a_killed_import_left_is_tidied_away_by_whoever_comes_next(desk: Desk) -> None:
    desk.import_members(*FAMILY)
    with desk.begin() as tx:
        run = Runs(tx, AGENCY.id).latest()[0].id
        tx.add(staged_row(run, 1))
        tx.exec(update(RosterRunRow).values(is_staged=True))
    for ask in (release, lambda run, _, terms: discard(run, terms)):
        with desk.begin() as tx:
            tx.add(staged_row(run, 2))
            tx.exec(update(RosterRunRow).values(is_staged=True))
        with pytest.raises(NotHeld):
            ask(run, Use.REMOVE_MISSING, desk.terms())
        assert desk.count(StagedPersonRow) == 0
    with desk.begin() as tx:
        assert Runs(tx, AGENCY.id).untidied() == []


def staged_row(run: UUID, number: int) -> StagedPersonRow:
    return StagedPersonRow(
        run=run, line=number, source_key=f"k{number}", print="p", standing=0, state="good", sealed=b"x"
    )


def _statements(folder: Path, students: int) -> int:
    return len(_told(folder, students))


def _told(folder: Path, students: int) -> list[str]:
    """Return every statement of an import of so many students."""
    folder.mkdir()
    desk = a_desk(folder)
    write_package(folder / "big.zip", students=students, seed=5, today=TODAY)
    told: list[str] = []
    for engine in (desk.engine, desk.keys.store.engine):
        event.listen(engine, "before_cursor_execute", lambda *called: told.append(called[2]))
    assert desk.take(folder / "big.zip").state is State.APPLIED
    return told


def test_four_times_the_students_take_no_more_memory(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Smaller portions, so that a small roster has many of them.
    monkeypatch.setattr(portions, "_BLOCK", 1 << 14)
    monkeypatch.setattr(sink, "BATCH", 300)
    monkeypatch.setattr(applying, "BATCH", 60)
    monkeypatch.setattr(linking, "_BATCH", 60)
    _peak(data_folder / "first", 60)  # what is loaded and remembered once
    few, many = (_peak(data_folder / f"{count}", count) for count in (150, 600))
    assert many < 2 * few  # the keys at hand and the numbers remembered have a bound that so few do not reach


def _peak(folder: Path, students: int) -> int:
    """Return how many bytes Python held at most while a package of so many students was imported."""
    folder.mkdir()
    desk = a_desk(folder)
    write_package(folder / "big.zip", students=students, seed=5, today=TODAY)
    tracemalloc.start()
    try:
        assert desk.take(folder / "big.zip").state is State.APPLIED
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_an_import_command_maps_no_file_sorts_in_files_and_keeps_fewer_pages(data_folder: Path) -> None:
    storage = storage_of(
        open_engine(url_of(data_folder, "main")), open_engine(url_of(data_folder, "keys")), lambda _: None
    )
    storage.spare_memory()
    if storage.engine.dialect.name == "sqlite":
        for engine in (storage.engine, storage.keys):
            with engine.connect() as tx:
                names = ("mmap_size", "temp_store", "cache_size")
                assert [tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names] == [0, 1, -32768]
    with storage.write() as tx:
        assert tx.execute(text("SELECT 1")).scalar() == 1


def test_who_is_on_record_as_they_are_is_not_sealed_again(desk: Desk) -> None:
    crowd = [replace(CHILD, sourced_id=f"s-{n}", student_number=f"9{n}", given=f"Kid{n}") for n in range(30)]
    desk.import_members(*crowd)
    held = desk.import_members(*crowd[:20], replace(crowd[20], family="Else"))
    assert held.state is State.HELD
    with desk.begin() as tx:
        sealed = [bool(row.sealed) for row in tx.exec(select(StagedPersonRow).order_by(col(StagedPersonRow.line)))]
    assert sealed == [False] * 20 + [True]


def test_a_page_in_which_nobody_differs_is_not_the_last(desk: Desk) -> None:
    crowd = [replace(CHILD, sourced_id=f"s-{n}", student_number=f"9{n}", given=f"Kid{n}") for n in range(30)]
    desk.import_members(*crowd)
    changed = [replace(one, family="Else") for one in crowd[:3]]
    held = desk.import_members(*changed, *crowd[3:20])
    assert (held.state, held.run is None) == (State.HELD, False)
    with desk.begin() as tx:
        source = tx.exec(select(SourceRow.id)).one()
        scope = Scope(
            AGENCY.id, source, held.run or AGENCY.id, desk.now, is_first=False, has_people=True, keeps_everybody=False
        )
        people = LivePeople(tx, scope)
        expected = sorted(tx.exec(select(StagedPersonRow.source_key).where(func.length(StagedPersonRow.sealed) > 0)))
        for limit in (1, 4, 17, 20, 100):
            pages = [[row.source_key for row in page] for page in people.pages(limit)]
            assert [key for page in pages for key in page] == expected
            assert [len(page) for page in pages] == [size for size in _sizes(tx, expected, limit) if size]
    assert len(expected) == len(changed)


def _sizes(tx: Session, differing: Sequence[str], limit: int) -> list[int]:
    """Return how many differ in each portion of so many staged people, in the order of their keys."""
    keys = sorted(tx.exec(select(StagedPersonRow.source_key)))
    return [len({*keys[at : at + limit]} & {*differing}) for at in range(0, len(keys), limit)]


def test_ids_ascend_from_call_to_call_so_that_what_is_written_together_lies_together(desk: Desk) -> None:
    terms = desk.terms()
    ids = [one for _ in range(3) for one in terms.fresh_many(50)]
    assert ids == sorted(set(ids))
    assert {one.version for one in ids} == {7}
    tails = {one.int & ((1 << 62) - 1) for one in ids}
    assert len(tails) == len(ids)  # drawn, so that who knows one id cannot guess the next
