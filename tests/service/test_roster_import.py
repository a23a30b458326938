"""A package becomes the agency's record, or is refused in words, or waits for the office."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from roster_given import AGENCY, CHILD, FAMILY, PARENT, TEEN, TODAY, Desk, a_desk, package_of, zip_of
from sqlmodel import Session, select

from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.people.roster.importing import Wish
from rightsdesk.requests.people.roster.outcome import State
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


def test_who_has_no_role_may_be_a_child_and_no_number_of_theirs_arrives(desk: Desk) -> None:
    def drop(district: District) -> None:
        roles = district.sheets["roles"]
        roles.lines = [line for line in roles.lines if b",s-3," not in line]

    somebody = replace(TEEN, sourced_id="s-3", given="Cy", age=None, number="+12125550132")
    outcome = desk.import_members(CHILD, somebody, edit=drop)
    assert (outcome.dropped.age_unknown, [one.code for one in outcome.problems]) == (1, ["no_role"])
    assert desk.number(desk.person("cy").id) == ""


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
