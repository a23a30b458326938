"""Feeds as vendors really send them: mapped, warned about or refused in words, never a crash."""

import zipfile
from pathlib import Path

import pytest
from roster_given import AGENCY, TEEN, Desk, a_desk, zip_of
from sqlmodel import Session, select

from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.people.roster.outcome import Outcome, State
from rightsdesk.requests.people.tables import GuardianshipRow, PersonRow
from rightsdesk.web.demo.district import District

ROSTERS = Path(__file__).parent.parent / "rosters"


@pytest.fixture
def desk(data_folder: Path) -> Desk:
    return a_desk(data_folder)


def _take(desk: Desk, name: str) -> Outcome:
    path = desk.folder.parent / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for file in sorted((ROSTERS / name).iterdir()):
            package.write(file, file.name)
    return desk.take(path)


def test_an_untidy_feed_is_read_with_warnings(desk: Desk) -> None:
    outcome = _take(desk, "other-vendor")
    assert (outcome.state, outcome.counts.people.added, outcome.counts.guardianships.added) == (State.APPLIED, 4, 1)
    assert {one.severity.value for one in outcome.problems} == {"warning"}
    assert {(one.file, one.line, one.code) for one in outcome.problems} == {
        ("orgs.csv", 2, "filled_in_bulk"),
        ("orgs.csv", 3, "filled_in_bulk"),
        ("orgs.csv", 4, "bad_enum"),
        ("demographics.csv", 1, "unknown_column"),
        ("demographics.csv", 3, "bad_date"),
        ("users.csv", 2, "filled_in_bulk"),
        ("users.csv", 2, "loose_boolean"),
        ("users.csv", 2, "role_mapped"),
        ("users.csv", 2, "untyped_id"),
        ("users.csv", 2, "grade_padded"),
        ("users.csv", 3, "loose_boolean"),
        ("users.csv", 3, "not_student_and_adult"),
        ("users.csv", 4, "empty_username"),
        ("users.csv", 4, "unparseable_phone"),
        ("users.csv", 5, "role_mapped"),
    }


def test_what_an_untidy_feed_says_is_kept_and_no_more(desk: Desk) -> None:
    outcome = _take(desk, "other-vendor")
    jose, zoe, rosa = desk.person("jose"), desk.person("zoe"), desk.person("rosa")
    assert (desk.opened(jose, "family"), jose.grade, jose.student_number) == ("PEÑA LÓPEZ", "09", None)
    assert desk.opened(zoe, "family") == "Adams, Jr."
    assert [desk.number(one.id) for one in (jose, zoe, rosa)] == ["+12125550171", "", ""]
    assert outcome.dropped.age_unknown == 1
    disk = b"".join(file.read_bytes() for file in desk.folder.iterdir() if file.is_file())
    assert [word for word in (b"P@ssword123", b"asian", b"iep") if word in disk] == []


def test_what_is_longer_than_any_name_is_cut_and_refuses_no_roster(desk: Desk) -> None:
    long = "x" * 300

    def spoil(district: District) -> None:
        district.sheets["orgs"].add(["annex", "", "", long, f"ext:{long}", long, long])
        district.sheets["roles"].add(["r-x", "", "", TEEN.sourced_id, "secondary", f"ext:{long}", "", "", "annex", ""])

    outcome = desk.import_members(TEEN, edit=spoil)
    assert (outcome.state, outcome.counts.people.added) == (State.APPLIED, 1)
    with Session(desk.engine) as tx:
        annex = tx.exec(select(SchoolRow).where(SchoolRow.sourced_id == "annex")).one()
    assert (annex.name, annex.kind, annex.identifier) == (long[:255], f"ext:{long}"[:40], long[:255])


def test_no_school_is_lost(desk: Desk) -> None:
    _take(desk, "other-vendor")
    with Session(desk.engine) as tx:
        schools = tx.exec(select(SchoolRow).where(SchoolRow.agency == AGENCY.id)).all()
        links = tx.exec(select(GuardianshipRow)).all()
    assert {(one.name, one.kind, one.parent is None) for one in schools} == {
        ("Quarry County Schools", "district", True),
        ("Quarry High", "school", True),
        ("Quarry College", "college", False),
    }
    assert [link.guardian for link in links] == [desk.person("rosa").id]


def test_a_feed_of_another_format_is_refused_in_words(desk: Desk) -> None:
    outcome = _take(desk, "no-manifest")
    assert (outcome.state, outcome.reason) == (State.REFUSED, "manifest_missing")
    assert "manifest.csv" in outcome.words
    assert desk.count(PersonRow) == 0


def test_a_file_that_the_manifest_calls_absent_is_read_all_the_same(desk: Desk) -> None:
    person = "sourcedId,enabledUser,orgSourcedIds,role,username,givenName,familyName"
    users = f"{person},identifier,email,sms,phone,agentSourcedIds,grades"
    manifest = (
        "propertyName,value\r\nmanifest.version,1.0\r\noneroster.version,1.1\r\nfile.users,bulk\r\nfile.orgs,absent"
    )
    path = zip_of(
        desk.folder / "x.zip",
        manifest=manifest,
        orgs="sourcedId,name,type\nq,Quarry,school",
        users=f"{users}\nq-1,true,q,student,q1,Ann,Lee,,,,,,KG",
    )
    outcome = desk.take(path)
    assert [(one.file, one.code, one.column) for one in outcome.problems] == [
        ("manifest.csv", "listed_absent", "file.orgs")
    ]
    assert outcome.counts.people.added == 1


def test_a_package_of_headers_alone_waits_for_the_office(desk: Desk) -> None:
    manifest = (
        "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.demographics,absent\nfile.orgs,bulk\n"
    )
    orgs = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\r\n"
    outcome = desk.take(
        zip_of(desk.folder / "x.zip", manifest=manifest, orgs=orgs, demographics="sourcedId,birthDate\r\n")
    )
    assert (outcome.state, outcome.reason) == (State.HELD, "empty_file")


def test_a_main_school_that_is_not_in_the_file_is_a_warning(desk: Desk) -> None:
    def move(district: District) -> None:
        users = district.sheets["users"]
        users.lines[-1] = users.lines[-1].replace(b"mgd-high", b"nowhere")

    outcome = desk.import_members(TEEN, edit=move)
    assert [(one.line, one.code, one.column) for one in outcome.problems if one.file == "users.csv"] == [
        (2, "dangling_ref", "primaryOrgSourcedId")
    ]
