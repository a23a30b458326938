"""A package becomes the agency's record, or is refused in words, or waits for the office."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from roster_given import AGENCY, CHILD, FAMILY, PARENT, TEEN, TODAY, Desk, a_desk, package_of, zip_of
from sqlmodel import Session, SQLModel, select

from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.people.roster.importing import Wish
from rightsdesk.requests.people.roster.outcome import State
from rightsdesk.requests.people.roster.releasing import Use, discard, release
from rightsdesk.requests.people.roster.runs.store import Runs
from rightsdesk.requests.people.roster.tables import StagedContactRow, StagedPersonRow
from rightsdesk.requests.people.tables import AffiliationRow, GuardianshipRow, PersonRow, RosterRunRow
from rightsdesk.web.demo.cast import Member, Relation
from rightsdesk.web.demo.district import District, Plan, pack, write_package
from rightsdesk.web.demo.faults import plant_faults

NOTHING = {"added": 0, "changed": 0, "removed": 0}
MANY = tuple(replace(CHILD, sourced_id=f"s-m{n}", student_number=f"9{n}", given=f"Kid{n}") for n in range(20))


@pytest.fixture
def desk(data_folder: Path) -> Desk:
    return a_desk(data_folder)


def test_a_family_becomes_people_links_numbers_and_places(desk: Desk) -> None:
    outcome = desk.import_members(*FAMILY)
    assert outcome.as_json() == {
        "state": "applied",
        "counts": {
            "people": {"added": 3, "changed": 0, "removed": 0},
            "guardianships": {"added": 2, "changed": 0, "removed": 0},
            "contacts": {"added": 3, "changed": 0, "removed": 0},
            "orgs": {"added": 4, "changed": 0, "removed": 0},
        },
        "dropped_student_numbers": {"under_13": 0, "age_unknown": 0},
        "problems": [],
    }
    ana, eva = desk.person("ana"), desk.person("eva")
    assert [desk.opened(ana, one) for one in ("given", "family", "student_number", "username")] == [
        "Ana",
        "Ruiz",
        "771",
        "ana",
    ]
    assert (ana.is_student, ana.grade, eva.is_student) == (True, "04", False)
    assert desk.number(eva.id) == "+12125550120"
    with Session(desk.engine) as tx:
        links = tx.exec(select(GuardianshipRow).where(GuardianshipRow.student == ana.id)).all()
        assert [(link.guardian, link.relation, link.authority) for link in links] == [
            (eva.id, "parent", "roster_asserted")
        ]
        school = tx.get_one(SchoolRow, ana.school)
        assert school.sourced_id == "mgd-elementary"
        assert tx.get_one(SchoolRow, school.parent).sourced_id == "mgd"


def test_the_first_run_confirms_and_a_repetition_does_not(desk: Desk) -> None:
    desk.import_members(*FAMILY)
    first = desk.contacts(desk.person("eva").id)["text"]
    assert (first.confirmed_at, first.replaced_at) == (desk.now, None)
    newcomer = replace(PARENT, sourced_id="p-9", given="Nia", number="+12125550133")
    assert desk.import_members(*FAMILY, newcomer).state is State.APPLIED
    assert desk.contacts(desk.person("nia").id)["text"].confirmed_at is None
    assert desk.contacts(desk.person("eva").id)["text"].confirmed_at == first.confirmed_at


def test_the_same_bytes_and_the_same_content_change_nothing(desk: Desk, tmp_path: Path) -> None:
    path = package_of(desk.folder, FAMILY)
    desk.take(path)
    again = desk.take(path)
    assert (again.state, again.reason) == (State.UNCHANGED, "same_file")
    other = tmp_path / "zipped-anew.zip"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in reversed(old.namelist()):
            new.writestr(zipfile.ZipInfo(name, (2026, 11, 1, 0, 0, 0)), old.read(name))
    before = _content(desk)
    rezipped = desk.take(other)
    assert (rezipped.state, rezipped.reason) == (State.UNCHANGED, "")
    assert set(map(str, rezipped.as_json()["counts"].values())) == {str(NOTHING)}  # type: ignore[attr-defined]  # a mapping
    assert _content(desk) == before


def _content(desk: Desk) -> list[object]:
    tables = (PersonRow, GuardianshipRow, AffiliationRow, SchoolRow)
    with Session(desk.engine) as tx:
        return [row.model_dump() for table in tables for row in tx.exec(select(table)).all()]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("named_by", ["student", "guardian", "both"])
def test_the_link_is_the_same_whichever_end_names_the_other(desk: Desk, version: str, named_by: str) -> None:
    child = replace(CHILD, relations=(Relation("p-1"),) if named_by != "guardian" else ())
    adult = replace(PARENT, relations=(Relation("s-1"),) if named_by != "student" else ())
    outcome = desk.import_members(child, adult, version=version)
    assert (outcome.counts.guardianships.added, outcome.problems) == (1, ())


def test_a_relative_is_not_confirmed_and_a_teacher_is_no_guardian(desk: Desk) -> None:
    uncle = replace(PARENT, role="relative", relations=(Relation("s-1"),))
    teacher = Member("t-1", "teacher", "Tia", "Moss", username="tia", relations=(Relation("s-1"),), school="mgd-high")
    outcome = desk.import_members(CHILD, uncle, teacher)
    assert [(one.file, one.line, one.code) for one in outcome.problems] == [("users.csv", 4, "not_student_and_adult")]
    with Session(desk.engine) as tx:
        assert [link.authority for link in tx.exec(select(GuardianshipRow)).all()] == ["unconfirmed"]


def test_one_person_is_teacher_and_parent(desk: Desk) -> None:
    both = replace(PARENT, role="teacher", other_roles=("parent",), relations=(Relation("s-1"),))
    assert desk.import_members(CHILD, both).counts.guardianships.added == 1
    with Session(desk.engine) as tx:
        roles = tx.exec(select(AffiliationRow.role).where(AffiliationRow.person == desk.person("eva").id)).all()
    assert sorted(roles) == ["parent", "teacher"]


def test_numbers_of_children_and_of_unknown_age_never_arrive(desk: Desk) -> None:
    young = replace(CHILD, number="+12125550131")
    unknown = replace(TEEN, sourced_id="s-3", given="Cy", age=None, number="+12125550132")
    outcome = desk.import_members(young, unknown, TEEN)
    assert (outcome.dropped.under_13, outcome.dropped.age_unknown) == (1, 1)
    assert [desk.number(desk.person(name).id) for name in ("ana", "cy", "bo")] == ["", "", TEEN.number]


def test_every_planted_fault_is_found_on_its_line_among_ten_thousand(desk: Desk) -> None:
    district = District(Plan(TODAY, students=10_000, seed=3, secrets=True)).build()
    planted = plant_faults(district)
    path = desk.folder / "big.zip"
    pack(path, district.plan, tuple(district.sheets.values()))
    outcome = desk.take(path)
    found = {(one.file, one.line, one.code, one.column) for one in outcome.problems}
    assert [one for one in planted if (one.file, one.line, one.code, one.column) not in found] == []
    assert {code for _, _, code, _ in found} == {one.code for one in planted}
    assert outcome.state is State.APPLIED
    assert outcome.counts.people.added > 15_000


def test_no_name_number_password_or_race_is_on_the_disk(desk: Desk) -> None:
    district = District(Plan(TODAY, students=40, secrets=True)).build()
    path = desk.folder.parent / "elsewhere.zip"
    pack(path, district.plan, tuple(district.sheets.values()))
    assert desk.take(path).state is State.APPLIED
    disk = b"".join(file.read_bytes() for file in desk.folder.iterdir() if file.is_file())
    secrets = (
        "Delgado",
        "Lucía",
        "Hashemi",
        "12125550100",
        "555-0100",
        "open-sesame",
        "p-elena",
        "family.example",
        "female",
    )
    assert [one for one in secrets if one.encode() in disk] == []
    assert desk.count(StagedPersonRow) == desk.count(StagedContactRow) == 0


def test_what_waits_in_staging_is_sealed_too(desk: Desk) -> None:
    desk.import_members(*MANY)
    held = desk.import_members(*MANY[:3], *FAMILY)
    assert held.state is State.HELD
    assert desk.count(StagedPersonRow) == 6
    disk = b"".join(file.read_bytes() for file in desk.folder.iterdir() if file.suffix != ".zip" and file.is_file())
    assert [one for one in (b"Ruiz", b"2125550120", b"Home.example", b"home.example", b"s-m1") if one in disk] == []


def test_a_cut_file_changes_nothing_and_waits_for_the_office(desk: Desk) -> None:
    desk.import_members(*MANY)
    held = desk.import_members(*MANY[:17])
    assert (held.state, held.reason, held.counts.people.removed) == (State.HELD, "too_many_removed_students", 3)
    assert desk.person("kid19").is_active
    assert held.run is not None
    kept = release(held.run, Use.KEEP_EVERYBODY, desk.terms())
    assert (kept.state, kept.counts.people.removed, desk.person("kid19").is_active) == (State.APPLIED, 0, True)


def test_the_office_may_use_a_held_file_whole_or_throw_it_away(desk: Desk) -> None:
    desk.import_members(*MANY)
    thrown = desk.import_members(*MANY[:10])
    assert thrown.run is not None
    discard(thrown.run, desk.terms())
    assert desk.count(StagedPersonRow) == 0
    held = desk.import_members(*MANY[:10])
    assert held.run is not None
    assert release(held.run, Use.REMOVE_MISSING, desk.terms()).counts.people.removed == 10
    gone = desk.person("kid19")
    assert (gone.is_active, gone.gone_at) == (False, desk.now)
    assert len(desk.told[-1].gone) == 10


def test_a_zip_that_is_cut_is_refused_and_nothing_changes(desk: Desk) -> None:
    path = package_of(desk.folder, FAMILY)
    path.write_bytes(path.read_bytes()[:-300])
    outcome = desk.take(path)
    assert (outcome.state, outcome.reason) == (State.REFUSED, "not_a_zip")
    assert outcome.words
    assert desk.count(PersonRow) == 0


def test_an_empty_full_file_never_means_that_everybody_left(desk: Desk) -> None:
    desk.import_members(*FAMILY)
    outcome = desk.import_members(edit=lambda _district: None)
    assert (outcome.state, outcome.reason) == (State.HELD, "empty_file")
    assert desk.person("ana").is_active


def test_errors_in_more_than_a_hundred_rows_hold_the_run(desk: Desk) -> None:
    def spoil(district: District) -> None:
        for number in range(101):
            district.sheets["users"].add_raw(f"x-{number},,,true\n".encode())

    outcome = desk.import_members(*FAMILY, edit=spoil)
    assert (outcome.state, outcome.reason) == (State.HELD, "too_many_errors")
    assert desk.count(PersonRow) == 0


def test_a_rejected_row_counts_as_present(desk: Desk) -> None:
    desk.import_members(*FAMILY, *MANY)

    def spoil(district: District) -> None:
        district.sheets["users"].add_raw(b"p-1,,,true,too short\n")

    outcome = desk.import_members(CHILD, TEEN, *MANY, edit=spoil)
    assert (outcome.state, outcome.counts.people.removed, outcome.counts.guardianships.removed) == (
        State.UNCHANGED,
        0,
        0,
    )
    assert desk.person("eva").is_active


def test_a_crash_in_the_last_step_leaves_the_old_roster_and_the_next_start_clears_up(desk: Desk) -> None:
    desk.import_members(*FAMILY)
    before = _content(desk)

    def fail() -> None:
        raise OSError("the disk is full")

    desk.upset = fail
    with pytest.raises(OSError, match="disk"):
        desk.import_members(*FAMILY, *MANY)
    assert _content(desk) == before
    assert desk.count(StagedPersonRow) == 23
    desk.upset = lambda: None
    assert desk.import_members(*FAMILY).state is State.UNCHANGED
    assert desk.count(StagedPersonRow) == 0
    with desk.begin() as tx:
        assert [run.state for run in Runs(tx, AGENCY.id).latest()].count(State.BROKEN) == 1


def test_only_one_import_of_an_agency_runs_at_a_time(desk: Desk) -> None:
    with desk.terms().turn(AGENCY.id) as is_ours:
        assert is_ours
        assert desk.import_members(*FAMILY).reason == "import_running"
    assert desk.count(RosterRunRow) == 0


def test_looking_only_says_what_would_happen(desk: Desk) -> None:
    outcome = desk.take(package_of(desk.folder, FAMILY), Wish(only_look=True))
    assert (outcome.state, outcome.counts.people.added) == (State.APPLIED, 3)
    assert (desk.count(PersonRow), desk.count(StagedPersonRow), desk.count(AuditEventRow)) == (0, 0, 0)


def test_each_end_of_a_run_is_in_the_ledger_with_counts_only(desk: Desk) -> None:
    desk.import_members(*FAMILY, *MANY)
    desk.import_members(*FAMILY)
    desk.take(zip_of(desk.folder / "x.zip", orgs="sourcedId,name\n"))
    with Session(desk.engine) as tx:
        events = tx.exec(select(AuditEventRow)).all()
    assert [event.kind for event in events] == ["roster_applied", "roster_held", "roster_refused"]
    assert '["people_added","23"]' in events[0].facts


def test_the_demo_district_is_clean_and_says_the_same_in_both_versions(desk: Desk, tmp_path: Path) -> None:
    outcomes = []
    for version in ("1.1", "1.2"):
        folder = tmp_path / version
        folder.mkdir()
        path = folder / "district.zip"
        write_package(path, students=300, seed=7, today=TODAY, version=version)
        outcomes.append(a_desk(folder).take(path))
    assert [outcome.problems for outcome in outcomes] == [(), ()]
    assert outcomes[0].counts == outcomes[1].counts
    assert outcomes[0].dropped == outcomes[1].dropped
    assert desk.count(PersonRow) == 0


Spoil = Callable[[Path], None]
_HEAD = "sourcedId,status,dateLastModified,"
_ORGS = f"{_HEAD}name,type,identifier,parentSourcedId\nd,,,D,district,,\n"
_MANIFEST = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\n"


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"orgs": _ORGS, "manifest": _MANIFEST}, "file_unlisted"),
        ({"manifest": f"{_MANIFEST}file.orgs,bulk\n"}, "file_missing"),
        ({"manifest": _MANIFEST.replace("1.2", "2.0")}, "unknown_version"),
        ({"orgs": _ORGS, "manifest": f"{_MANIFEST}file.orgs,delta\n"}, "delta_package"),
        ({"orgs": _ORGS.replace("type", "kind")}, "header_missing"),
        ({"orgs": _ORGS.replace("identifier", "type")}, "header_twice"),
        ({"orgs": _ORGS.replace("identifier", "")}, "header_blank"),
        ({"../orgs": _ORGS}, "nested_path"),
        ({f"f{n}": "a\n" for n in range(26)}, "too_many_entries"),
        ({"orgs": _ORGS + "d,,,D,district,,\n" * 400_000}, "zip_bomb"),
    ],
)
def test_a_package_that_is_none_is_refused_with_its_reason(desk: Desk, files: dict[str, str], code: str) -> None:
    outcome = desk.take(zip_of(desk.folder / "bad.zip", **files))
    assert (outcome.state, outcome.reason) == (State.REFUSED, code)
    assert outcome.words.endswith(".")
    tables: tuple[type[SQLModel], ...] = (PersonRow, SchoolRow, StagedPersonRow)
    assert [desk.count(table) for table in tables] == [0, 0, 0]


def test_a_zip_without_manifest_is_called_what_it_is(desk: Desk) -> None:
    path = desk.folder / "old.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("users.csv", "sourcedId\n")
    outcome = desk.take(path)
    assert outcome.reason == "manifest_missing"
    assert "1.0" in outcome.words


def test_a_package_of_another_district_is_refused(desk: Desk) -> None:
    desk.import_members(*FAMILY)

    def move(district: District) -> None:
        for sheet in district.sheets.values():
            sheet.lines[1:] = [line.replace(b"mgd", b"other") for line in sheet.lines[1:]]

    assert desk.import_members(*FAMILY, edit=move).reason == "no_known_org"


def test_an_older_package_is_refused_unless_it_is_meant(desk: Desk) -> None:
    desk.import_members(*FAMILY)
    path = package_of(desk.folder, FAMILY)
    older = desk.folder / "older.zip"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(older, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), old.read(name))
    assert desk.take(older).reason == "older_than_applied"
    assert desk.take(older, Wish(even_older=True)).state is State.UNCHANGED
