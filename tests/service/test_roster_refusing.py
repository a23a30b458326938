"""What is no roster is refused with its reason, and what looks like a loss waits for the office."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from roster_given import CHILD, FAMILY, Desk, a_desk, package_of, zip_of
from sqlmodel import SQLModel

from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.people.roster.importing import Wish
from rightsdesk.requests.people.roster.outcome import State
from rightsdesk.requests.people.roster.releasing import Use, discard, release
from rightsdesk.requests.people.roster.tables import StagedPersonRow
from rightsdesk.requests.people.tables import PersonRow
from rightsdesk.web.demo.district import District

NOTHING = {"added": 0, "changed": 0, "removed": 0}
MANY = tuple(replace(CHILD, sourced_id=f"s-m{n}", student_number=f"9{n}", given=f"Kid{n}") for n in range(20))


@pytest.fixture
def desk(data_folder: Path) -> Desk:
    return a_desk(data_folder)


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


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_packing_is_refused_before_it_is_unpacked(desk: Desk, packing: int) -> None:
    path = package_of(desk.folder, FAMILY)
    other = path.with_name("other.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w", packing) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    spoilt = bytearray(other.read_bytes())
    spoilt[120] ^= 255  # damaged, these two fail in other words than DEFLATE
    other.write_bytes(bytes(spoilt))
    assert (desk.take(other).state, desk.take(other).reason) == (State.REFUSED, "unknown_packing")


def test_a_text_without_end_is_cut(desk: Desk) -> None:
    outcome = desk.import_members(replace(CHILD, family="Ruiz" + "z" * 30_000))
    assert [(one.line, one.column, one.code) for one in outcome.problems] == [(2, "familyName", "too_long")]
    assert len(desk.opened(desk.person("ana"), "family")) == 255
