"""What was erased is in no file, no older copy can be read, and no roster brings it back."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from backups_given import a_kept_district
from erasing_given import approved, cut_off, kept_copy, replay_all, restored
from fulfilment_given import (
    ANA,
    BO,
    ESSAY,
    EVA,
    LEO,
    PICTURE,
    ROSTER,
    District,
    a_district,
    package_of,
)
from sqlmodel import select
from starlette.testclient import TestClient
from typer.testing import CliRunner

from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.withdrawing import withdraw
from rightsdesk.requests.fulfilment.certificates import read
from rightsdesk.requests.fulfilment.erasing import erase as erase_records
from rightsdesk.requests.fulfilment.systems.port import Holding
from rightsdesk.requests.people.roster.releasing import Use, release
from rightsdesk.requests.people.tables import GuardianshipRow, PersonRow
from rightsdesk.web.app import app_of
from rightsdesk.web.cli import app
from rightsdesk.web.restoring import keep_erased
from rightsdesk.web.rosters import terms

BOS: tuple[str, ...] = (BO.given, BO.family, BO.student_number, BO.username, BO.email, BO.number, PICTURE, ESSAY)


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_district(data_folder)


def test_nothing_personal_lies_in_clear_in_any_file_before_or_after(district: District) -> None:
    district.hold(district.one(BO))
    assert district.holding(*BOS) == {}
    case = district.erase(approved(district, "account"))
    assert case.state is State.FULFILLED
    assert district.holding(*BOS) == {}


@pytest.mark.files
def test_an_older_copy_of_the_database_holds_nothing_readable_about_an_erased_student(district: District) -> None:
    person = district.one(BO)
    district.hold(person)
    case = approved(district, "account")
    copy = kept_copy(district, "older.sqlite3")
    district.erase(case)
    old = restored(district, copy)
    with old.looking() as docket:
        row = docket.session.get_one(PersonRow, person)
        assert row.given is not None  # the bytes came back; nobody can open them
        assert docket.people.person(person).name == ""
        # Grade and school are no secrets, and name nobody.
        assert {one.element for one in old.directory(docket).collect(person)} == {"grade", "school"}
        assert [old.live(person, element) for element in ("email", "mobile", "username")] == [""] * 3


@pytest.mark.files
def test_a_restored_copy_is_erased_again_and_the_next_roster_brings_nobody_back(district: District) -> None:
    district.hold(district.one(BO))
    case = approved(district, "account")
    copy = kept_copy(district, "older.sqlite3")
    district.erase(case)
    old = restored(district, copy)
    assert list(old.named("bogdan quillfeather")) != []
    replay_all(old)
    replay_all(old)
    assert list(old.named("bogdan quillfeather")) == []
    assert list(old.holders(BO.number)) == []
    outcome = old.take(*ROSTER, replace(LEO, sourced_id="p-9", given="Newcomer"))
    assert (outcome.state, outcome.counts.erased_skipped) == ("applied", 1)
    assert list(old.named("bogdan quillfeather")) == []


@pytest.mark.files
def test_a_copy_from_before_the_student_came_keeps_them_out_all_the_same(data_folder: Path) -> None:
    district = a_district(data_folder, *(one for one in ROSTER if one is not BO))
    copy = kept_copy(district, "before.sqlite3")
    district.take(*ROSTER)
    district.erase(approved(district, "account"))
    old = restored(district, copy)
    replay_all(old)
    assert old.take(*ROSTER).counts.erased_skipped == 1
    assert list(old.named("bogdan")) == []


@pytest.mark.files
@pytest.mark.parametrize("first", [(), ("keys", "rotate")], ids=["at once", "after new keys"])
def test_a_roster_brought_in_by_command_before_anybody_is_served_brings_nobody_back(
    data_folder: Path, first: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIGHTSDESK_DATA", str(data_folder))
    district = a_kept_district(data_folder, *(one for one in ROSTER if one is not BO))
    copy = kept_copy(district, "before.sqlite3")
    district.take(*ROSTER)
    district.erase(approved(district, "account"))
    old = restored(district, copy)
    package = package_of(data_folder, [*ROSTER, replace(LEO, sourced_id="p-9", given="Newcomer")])
    for words in filter(None, (first, ("roster", "import", old.agency.slug, str(package)))):
        refused = CliRunner().invoke(app, words, catch_exceptions=False)
        assert (refused.exit_code, "rightsdesk restore" in refused.stderr) == (1, True), refused.stderr
    assert list(old.named("bogdan")) == []


def test_what_came_after_an_erasure_survives_a_replay(district: District) -> None:
    person = district.one(BO)
    district.hold(person)
    district.erase(approved(district, "picture", "email"))
    with district.at() as docket:
        district.directory(docket).write(person, "email", "fresh@pupils.example", "MGD-7K3F-92QX", district.now)
    district.wait(days=1)
    district.hold(person, Holding("picture", (("content", "a new one"),)))
    replay_all(district)
    assert district.live(person, "picture") == "1"
    assert district.live(person, "email") == "fresh@pupils.example"


def test_the_next_roster_skips_what_was_erased_and_counts_it(district: District) -> None:
    person = district.one(BO)
    district.erase(approved(district, "email", "mobile", "username"))
    listed = [replace(one, voice=one.number) if one is BO else one for one in ROSTER]
    outcome = district.take(*listed, replace(LEO, sourced_id="p-9", given="Newcomer"))
    assert (outcome.state, outcome.counts.erased_skipped) == ("applied", 3)
    assert [district.live(person, element) for element in ("email", "mobile", "username")] == [""] * 3
    assert district.live(person, "name.given") == "Bogdan"
    assert list(district.holders(BO.number)) == []


def test_a_roster_on_hold_does_not_bring_back_what_was_erased_meanwhile(district: District) -> None:
    person = district.one(BO)
    case = approved(district, "account")
    held = district.take(*ROSTER[:10])
    assert held.state == "held"
    district.erase(case)
    assert held.run is not None
    release(held.run, Use.KEEP_EVERYBODY, terms(district.portal, district.agency, "operator"))
    assert list(district.named("bogdan")) == []
    with district.looking() as docket:
        links = docket.session.exec(select(GuardianshipRow).where(GuardianshipRow.student == person)).all()
        assert {link.is_active for link in links} == {False}


def test_a_line_of_an_erasure_that_never_happened_erases_nothing(district: District) -> None:
    person = district.one(BO)
    district.hold(person)
    case = approved(district, "account")
    district.wait(days=8)
    cut_off(district, erase_records, case)
    with district.at() as docket:
        withdraw(docket, district.one(EVA), case.reference, district.now)
    replay_all(district)
    assert district.one(BO) == person
    assert district.live(person, "picture") == "1"
    assert district.take(*ROSTER, replace(LEO, sourced_id="p-9", given="Newcomer")).counts.erased_skipped == 0


@pytest.mark.files
def test_a_restored_copy_is_erased_again_before_anybody_is_served_and_a_withdrawn_request_stays_so(
    district: District,
) -> None:
    bo, ana = district.one(BO), district.one(ANA)
    district.hold(ana)
    kept = approved(district, "account", about=ANA)
    case = approved(district, "account")
    district.wait(days=8)
    cut_off(district, erase_records, kept)
    with district.at() as docket:
        withdraw(docket, district.one(EVA), kept.reference, district.now)
    copy = kept_copy(district, "older.sqlite3")
    assert district.erase(case).state is State.FULFILLED
    old = restored(district, copy)
    assert old.live(bo, "name.given") != "" or old.named("bogdan") != []
    with TestClient(app_of(old.portal)):
        assert list(old.named("bogdan quillfeather")) == []
        assert (old.one(ANA), old.live(ana, "picture")) == (ana, "1")
    assert keep_erased(old.portal) == 0


def test_a_line_of_a_crashed_erasure_that_was_then_refused_erases_nothing(district: District) -> None:
    person = district.one(BO)
    district.hold(person)
    case = approved(district, "picture")
    district.wait(days=8)
    cut_off(district, erase_records, case)
    with district.at() as docket:
        standing = docket.cases.numbered(case.id)
        docket.cases.save(standing, replace(standing, state=State.DENIED, closed_at=district.now, version=99))
    assert keep_erased(district.portal) > 0
    assert district.live(person, "picture") == "1"


def test_a_crashed_erasure_is_left_to_its_own_job_which_heeds_a_hold_and_counts_what_goes(district: District) -> None:
    person = district.one(BO)
    held = district.hold(person)
    case = approved(district, "picture", "files")
    district.wait(days=8)
    cut_off(district, erase_records, case)
    with district.at() as docket:
        docket.people.freeze(person, district.now)
    assert keep_erased(district.portal) > 0
    assert district.live(person, "picture") == "1"
    with district.at() as docket:
        docket.people.freeze(person, None)
    assert district.erase(case).state is State.FULFILLED
    with district.looking() as docket:
        certificate = read(docket, case)
    assert certificate is not None
    assert [line["records"] for line in json.loads(certificate.document)["lines"]] == [1, 1]
    assert len(held) > 2
