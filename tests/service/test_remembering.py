"""An accepted correction outlives the database, and brings nothing back that was erased after it."""

import logging
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from backups_given import a_kept_district, backed_up, erased_at_once, lose_disk, put_back_into, served
from erasing_given import approved
from fulfilment_given import BO, EVA, ROSTER, District, a_district
from sqlalchemy import text

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.fulfilment.mending.store import SourceTasks
from rightsdesk.requests.fulfilment.remembering import CORRECTION, keep
from rightsdesk.requests.ledger.erasures import Correction
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.web import casework
from rightsdesk.web.restoring import keep_erased


def corrected(district: District, person: UUID, **proposed: str) -> Case:
    (case,) = district.ask(Kind.CORRECTION, district.one(EVA), person, **proposed)
    case = district.grant(case)
    district.work_off()
    assert district.found(case).state is State.FULFILLED
    return case


def replayed(district: District) -> int:
    """Return how many corrections the ledger says were written again."""
    with district.looking() as docket:
        told = Journal(docket.session, docket.agency.id).every("corrected")
        return sum(("replayed", "yes") in one.facts for one in told)


def kept(district: District) -> list[Correction]:
    return [one for one in district.portal.erasures.entries() if isinstance(one, Correction)]


def make_older(district: District, person: UUID) -> District:
    """Undo in the database what a copy from before the correction does not know, and open it as another program."""
    with district.at() as docket:
        district.directory(docket).fields.write_grade(person, "10")
        docket.session.connection().execute(text("DELETE FROM overlays"))
        docket.session.connection().execute(text("DELETE FROM source_tasks"))
        docket.session.connection().execute(text("DELETE FROM kept_corrections"))
        docket.session.connection().execute(text("UPDATE case_elements SET result = ''"))
        docket.session.connection().execute(text("UPDATE cases SET state = 'in_review'"))
        docket.session.connection().execute(text("UPDATE erasures_seen SET number = 0"))
    return served(district)


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_district(data_folder)


def test_what_was_corrected_after_the_copy_is_corrected_again_and_stays_so(district: District) -> None:
    person = district.one(BO)
    corrected(district, person, grade="11")
    older = make_older(district, person)
    assert older.live(person, "grade") == "10"
    assert keep_erased(older.portal) == 1
    assert (older.live(person, "grade"), replayed(older)) == ("11", 1)
    with older.looking() as docket:
        assert [one.element for one in SourceTasks(docket.session, docket.agency.id).waiting()] == ["grade"]
    older.take(*ROSTER)
    assert older.live(person, "grade") == "11"


def test_a_correction_the_database_knows_is_not_laid_again(district: District) -> None:
    person = district.one(BO)
    corrected(district, person, grade="11")
    assert keep_erased(district.portal) == 0
    with district.at() as docket:
        docket.session.connection().execute(text("UPDATE erasures_seen SET number = 0"))
    corrected(district, person, grade="12")
    assert keep_erased(district.portal) == 0
    assert (district.live(person, "grade"), replayed(district)) == ("12", 0)


def test_what_was_erased_after_it_was_corrected_is_not_brought_back_by_the_correction(district: District) -> None:
    person = district.one(BO)
    corrected(district, person, mobile="+12125550188")
    case = approved(district, "mobile")
    district.wait(days=8)
    assert erased_at_once(district, case).state is State.FULFILLED
    (one,) = kept(district)
    with district.looking() as docket, pytest.raises(KeyGone):
        docket.vault.unseal(one.record, CORRECTION, "corrections", one.value)
    with district.at() as docket:
        docket.session.connection().execute(text("UPDATE erasures_seen SET number = 0"))
    assert keep_erased(district.portal) > 1
    assert (district.live(person, "mobile"), replayed(district)) == ("", 0)


@pytest.mark.files
def test_an_older_copy_of_the_keys_does_not_open_a_correction_that_was_erased(data_folder: Path) -> None:
    district = a_kept_district(data_folder)
    person = district.one(BO)
    corrected(district, person, grade="11", mobile="+12125550188")
    case = approved(district, "mobile")
    district.wait(days=8)
    older = backed_up(district)
    assert erased_at_once(district, case).state is State.FULFILLED
    backed_up(district)
    lose_disk(district)
    _, back = put_back_into(district, older.folder)
    grade, number = kept(back)
    assert (back.live(person, "grade"), back.live(person, "mobile")) == ("11", "")
    assert (grade.element, list(back.holders("+12125550188"))) == ("grade", [])
    with back.looking() as docket, pytest.raises(KeyGone):
        docket.vault.unseal(number.record, CORRECTION, "corrections", number.value)


@pytest.mark.files
def test_a_restore_lays_again_what_was_corrected_since_the_backup(data_folder: Path) -> None:
    district = a_kept_district(data_folder)
    person = district.one(BO)
    older = backed_up(district)
    corrected(district, person, name__family="Quillfether", grade="11")
    _, back = put_back_into(district, older.folder)
    assert (back.live(person, "name.family"), back.live(person, "grade")) == ("Quillfether", "11")
    assert (list(back.named("quillfether")), replayed(back)) == ([person], 2)
    assert keep_erased(back.portal) == 0


@pytest.mark.files
def test_what_the_source_has_moved_on_from_is_not_laid_over_what_it_says_now(data_folder: Path) -> None:
    district = a_kept_district(data_folder)
    person = district.one(BO)
    corrected(district, person, grade="11")
    for grade in ("11", "12"):
        assert district.take(*(replace(one, grade=grade) if one is BO else one for one in ROSTER)).state == "applied"
    _, back = put_back_into(district, backed_up(district).folder)
    assert (back.live(person, "grade"), replayed(back)) == ("12", 0)


def test_a_correction_that_waits_for_its_own_job_is_left_to_it(district: District) -> None:
    person = district.one(BO)
    (case,) = district.ask(Kind.CORRECTION, district.one(EVA), person, grade="11")
    case = district.grant(case)
    with district.at() as docket:
        keep(docket, district.portal.erasures, case, "grade", "11", district.now)  # and then it is killed
    keep_erased(district.portal)
    assert (district.live(person, "grade"), replayed(district)) == ("10", 0)
    district.work_off()
    assert (district.live(person, "grade"), replayed(district)) == ("11", 0)


@pytest.mark.files
def test_what_was_removed_is_erased_in_a_copy_without_its_request_before_its_keys_are_gone(data_folder: Path) -> None:
    district = a_kept_district(data_folder)
    person = district.one(BO)
    older = backed_up(district)
    case = approved(district, "email")
    district.wait(days=8)
    casework.erase(district.portal, (str(district.agency.id), str(case.id)))  # its keys are not destroyed yet
    _, back = put_back_into(district, older.folder)
    assert back.live(person, "email") == ""
    assert back.live(person, "name.given") == "Bogdan"


def test_a_correction_whose_key_is_lost_is_told_and_keeps_nobody_out(
    district: District, caplog: pytest.LogCaptureFixture
) -> None:
    person = district.one(BO)
    case = corrected(district, person, grade="11")
    older = make_older(district, person)
    with older.portal.storage.keys.begin() as tx:
        tx.execute(text("DELETE FROM subject_keys WHERE scope = 'correction'"))
    with caplog.at_level(logging.ERROR, "rightsdesk.restoring"):
        keep_erased(older.portal)
    (told,) = caplog.records
    assert (told.message, vars(told)["case"]) == ("correction not laid again", case.reference)
    assert older.live(person, "grade") == "10"
