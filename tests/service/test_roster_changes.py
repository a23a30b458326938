"""What a later import may change, and what it may never touch."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from roster_given import AGENCY, CHILD, FAMILY, NOW, PARENT, TEEN, Desk, a_desk
from sqlmodel import Session, col, select, update

from rightsdesk.requests.people.authority import Grade
from rightsdesk.requests.people.roster.outcome import State
from rightsdesk.requests.people.roster.releasing import Use, release
from rightsdesk.requests.people.tables import (
    GuardianshipRow,
    OverlayRow,
    PersonIndexRow,
    PersonRow,
    SourceRecordRow,
    TombstoneRow,
)
from rightsdesk.web.demo.cast import Relation
from rightsdesk.web.demo.district import District

EVA = FAMILY[2]
# Enough others that one change stays far below the limits.
CROWD = tuple(replace(CHILD, sourced_id=f"s-c{n}", student_number=f"8{n}", given=f"Kid{n}") for n in range(25)) + tuple(
    replace(PARENT, sourced_id=f"p-c{n}", given=f"Mum{n}", email="", number="", relations=(Relation(f"s-c{n}"),))
    for n in range(25)
)


@pytest.fixture
def desk(data_folder: Path) -> Desk:
    desk = a_desk(data_folder)
    assert desk.import_members(*FAMILY, *CROWD).state is State.APPLIED
    desk.now = NOW + timedelta(days=30)
    return desk


def _link(desk: Desk) -> GuardianshipRow:
    with Session(desk.engine) as tx:
        return tx.exec(select(GuardianshipRow).where(GuardianshipRow.student == desk.person("ana").id)).one()


def test_a_replaced_number_has_to_wait_and_is_not_confirmed(desk: Desk) -> None:
    outcome = desk.import_members(CHILD, TEEN, replace(EVA, number="+12125550188"), *CROWD)
    assert (outcome.counts.contacts.changed, outcome.counts.people.changed) == (1, 0)
    eva = desk.person("eva")
    point = desk.contacts(eva.id)["text"]
    assert (point.replaced_at, point.confirmed_at) == (desk.now, None)
    assert desk.number(eva.id) == "+12125550188"
    assert desk.told[-1].replaced_contacts == (eva.id,)
    with Session(desk.engine) as tx:
        old = desk.vault.index("number", "+12125550120")
        assert tx.exec(select(PersonIndexRow).where(PersonIndexRow.value == old)).all() == []


def test_a_number_taken_away_and_given_later_counts_as_replaced(desk: Desk) -> None:
    assert desk.import_members(CHILD, TEEN, replace(EVA, number=""), *CROWD).counts.contacts.removed == 1
    assert desk.number(desk.person("eva").id) == ""
    desk.import_members(CHILD, TEEN, replace(EVA, number="+12125550188"), *CROWD)
    assert desk.contacts(desk.person("eva").id)["text"].replaced_at == desk.now


def test_a_birth_date_corrected_to_under_13_takes_the_number_with_it(desk: Desk) -> None:
    outcome = desk.import_members(CHILD, replace(TEEN, age=12), EVA, *CROWD)
    assert (outcome.dropped.under_13, outcome.counts.contacts.removed) == (1, 1)
    bo = desk.person("bo")
    assert desk.number(bo.id) == ""
    assert desk.opened(bo, "birth_date").startswith("2014")
    assert bo.id in desk.told[-1].changed


def test_who_is_missing_is_gone_and_comes_back_as_the_same_person(desk: Desk) -> None:
    eva = desk.person("eva").id
    outcome = desk.import_members(CHILD, TEEN, *CROWD)
    assert (outcome.counts.people.removed, outcome.counts.guardianships.removed) == (1, 2)
    assert (desk.person("eva").is_active, desk.person("eva").gone_at) == (False, desk.now)
    assert (_link(desk).is_active, _link(desk).ended_at) == (False, desk.now)
    assert set(desk.told[-1].ended_links) == {(desk.person("ana").id, eva), (desk.person("bo").id, eva)}
    back = desk.import_members(*FAMILY, *CROWD)
    assert (back.counts.people.added, back.counts.guardianships.added) == (1, 2)
    assert (desk.person("eva").id, desk.person("eva").is_active, desk.person("eva").gone_at) == (eva, True, None)
    assert (_link(desk).is_active, _link(desk).ended_at) == (True, None)


@pytest.mark.parametrize("ruling", [Grade.CONFIRMED, Grade.DENIED])
def test_what_staff_ruled_on_a_link_outlives_every_import(desk: Desk, ruling: Grade) -> None:
    with desk.begin() as tx:
        tx.exec(update(GuardianshipRow).values(authority=ruling, judged_by=UUID(int=1)))
    desk.import_members(CHILD, TEEN, replace(EVA, role="relative"), *CROWD)
    assert (_link(desk).authority, _link(desk).relation) == (ruling, "parent")
    desk.import_members(CHILD, TEEN, *CROWD)
    desk.import_members(*FAMILY, *CROWD)
    assert (_link(desk).authority, _link(desk).is_active) == (ruling, True)


def test_a_parent_who_becomes_a_relative_has_yet_to_be_confirmed(desk: Desk) -> None:
    outcome = desk.import_members(CHILD, TEEN, replace(EVA, role="relative"), *CROWD)
    assert outcome.counts.guardianships.changed == 2
    assert (_link(desk).authority, _link(desk).relation) == (Grade.UNCONFIRMED, "relative")


def _correct(desk: Desk, given: str, element: str, value: str) -> UUID:
    identity, person = UUID(int=77), desk.person(given).id
    sealed = desk.vault.seal(person, "identity", f"overlays:{identity}:value", value)
    with desk.begin() as tx:
        tx.add(
            OverlayRow(
                id=identity,
                agency=AGENCY.id,
                person=person,
                element=element,
                value=sealed,
                case_reference="MGD-7K3F-92QX",
                made_at=NOW,
            )
        )
    return identity


def test_a_correction_stands_over_the_roster_until_the_source_agrees(desk: Desk) -> None:
    overlay = _correct(desk, "ana", "name.family", "Ruiz Ortega")
    desk.import_members(replace(CHILD, grade="05"), TEEN, EVA, *CROWD)
    ana = desk.person("ana")
    assert (ana.grade, desk.opened(ana, "family")) == ("05", "Ruiz Ortega")
    desk.import_members(replace(CHILD, family="Ruiz Ortega"), TEEN, EVA, *CROWD)
    with Session(desk.engine) as tx:
        assert tx.get_one(OverlayRow, overlay).agreed_at == desk.now
    desk.import_members(replace(CHILD, family="Ortega"), TEEN, EVA, *CROWD)
    assert desk.opened(desk.person("ana"), "family") == "Ortega"


def test_a_correction_accepted_while_a_file_waits_stands_over_it_until_the_next(desk: Desk) -> None:
    held = desk.import_members(*FAMILY, *[replace(one, family="Else") for one in CROWD])
    assert held.state is State.HELD
    overlay = _correct(desk, "ana", "name.family", "Ruiz Ortega")
    assert release(held.run, Use.REMOVE_MISSING, desk.terms()).counts.people.changed == len(CROWD)
    with Session(desk.engine) as tx:
        assert tx.get_one(OverlayRow, overlay).agreed_at is None
    crowd = [replace(one, family="Else") for one in CROWD]
    desk.import_members(replace(CHILD, family="Ruiz Ortega"), TEEN, EVA, *crowd)
    with Session(desk.engine) as tx:
        assert tx.get_one(OverlayRow, overlay).agreed_at == desk.now


def test_a_corrected_number_is_not_put_back(desk: Desk) -> None:
    _correct(desk, "eva", "mobile", "+12125550177")
    outcome = desk.import_members(CHILD, TEEN, replace(EVA, number="+12125550188"), *CROWD)
    assert (outcome.state, outcome.counts.contacts.changed) == (State.UNCHANGED, 0)
    assert desk.number(desk.person("eva").id) == "+12125550120"


def _erase(desk: Desk, sourced_id: str, element: str) -> None:
    key = desk.vault.index("source", sourced_id)
    with desk.begin() as tx:
        tx.add(TombstoneRow(agency=AGENCY.id, source_key=key, element=element, erased_at=NOW))


def test_an_erased_person_is_skipped_and_counted(desk: Desk) -> None:
    ana = desk.person("ana").id
    _erase(desk, "s-1", "account")
    with desk.begin() as tx:
        blank = {"given": None, "family": None, "is_active": False, "erased_at": NOW}
        tx.exec(update(PersonRow).where(col(PersonRow.id) == ana).values(**blank))
        tx.exec(update(GuardianshipRow).where(col(GuardianshipRow.student) == ana).values(is_active=False))
    outcome = desk.import_members(replace(CHILD, grade="05"), TEEN, EVA, *CROWD)
    assert (outcome.state, outcome.counts.erased_skipped, outcome.problems) == (State.UNCHANGED, 1, ())
    with Session(desk.engine) as tx:
        assert tx.get_one(PersonRow, ana).given is None
    assert not _link_of(desk, ana).is_active


def _link_of(desk: Desk, student: UUID) -> GuardianshipRow:
    with Session(desk.engine) as tx:
        return tx.exec(select(GuardianshipRow).where(GuardianshipRow.student == student)).one()


def test_a_person_who_was_erased_before_the_first_import_never_arrives(data_folder: Path) -> None:
    desk = a_desk(data_folder)
    _erase(desk, "s-1", "account")
    assert desk.import_members(*FAMILY).counts.people.added == 2


def test_an_erased_field_stays_away_while_the_rest_arrives(desk: Desk) -> None:
    _erase(desk, "p-1", "mobile")
    _erase(desk, "p-1", "email")
    outcome = desk.import_members(CHILD, TEEN, replace(EVA, given="Evita"), *CROWD)
    evita = desk.person("evita")
    assert outcome.counts.erased_skipped == 2
    assert (desk.contacts(evita.id), evita.email) == ({}, None)


def test_erasures_are_found_under_every_live_key(desk: Desk) -> None:
    _erase(desk, "s-new", "account")
    desk.keys.rotate(AGENCY.id)
    newcomer = replace(CHILD, sourced_id="s-new", given="Nell")
    found = desk.import_members(newcomer, edit=lambda _district: None)
    assert found.counts.erased_skipped == 1


def test_moving_up_a_grade_is_no_reason_to_wait(desk: Desk) -> None:
    up = [replace(one, grade="05") if one.role == "student" and one.grade else one for one in CROWD]
    outcome = desk.import_members(replace(CHILD, grade="05"), replace(TEEN, grade="11"), EVA, *up)
    assert (outcome.state, outcome.counts.people.changed) == (State.APPLIED, 27)


def test_many_changed_names_wait(desk: Desk) -> None:
    changed = [replace(one, family="Else") for one in CROWD]
    outcome = desk.import_members(*FAMILY, *changed)
    assert (outcome.state, outcome.reason) == (State.HELD, "too_many_changed_students")


def test_lost_guardianships_wait(desk: Desk) -> None:
    outcome = desk.import_members(*FAMILY, *[replace(one, relations=()) for one in CROWD])
    assert (outcome.state, outcome.reason) == (State.HELD, "too_many_removed_guardianships")


def test_a_newer_import_takes_the_place_of_one_on_hold(desk: Desk) -> None:
    held = desk.import_members(*FAMILY)
    assert held.state is State.HELD
    assert desk.import_members(*FAMILY, *CROWD).state is State.UNCHANGED
    newer = desk.import_members(CHILD, TEEN, replace(EVA, given="Evita"), *CROWD)
    assert newer.state is State.APPLIED
    assert desk.person("evita").is_active


def test_a_line_whose_person_cannot_be_read_removes_nobody(desk: Desk) -> None:
    def spoil(district: District) -> None:
        district.sheets["users"].add_raw(b"\xff\xfe,,,true\n")

    outcome = desk.import_members(CHILD, TEEN, *CROWD, edit=spoil)
    assert (outcome.counts.people.removed, outcome.counts.guardianships.removed) == (0, 0)
    assert desk.person("eva").is_active


def test_a_student_whose_role_row_is_broken_stays_a_student(desk: Desk) -> None:
    def spoil(district: District) -> None:
        roles = district.sheets["roles"]
        roles.lines = [line.replace(b",student,", b",pupil,") if b",s-1," in line else line for line in roles.lines]

    outcome = desk.import_members(*FAMILY, *CROWD, edit=spoil)
    assert (outcome.state, [one.code for one in outcome.problems]) == (State.UNCHANGED, ["bad_enum"])
    assert (desk.person("ana").is_student, _link(desk).is_active) == (True, True)


def test_without_demographics_the_birth_date_on_record_stays(desk: Desk) -> None:
    def drop(district: District) -> None:
        del district.sheets["demographics"]

    held = desk.import_members(*FAMILY, *CROWD, edit=drop)
    assert (held.state, held.dropped.age_unknown) == (State.HELD, 1)
    assert desk.opened(desk.person("bo"), "birth_date").startswith("2011")


def test_the_id_of_the_source_is_kept_sealed_for_the_next_keys(desk: Desk) -> None:
    ana = desk.person("ana")
    with Session(desk.engine) as tx:
        record = tx.exec(select(SourceRecordRow).where(SourceRecordRow.person == ana.id)).one()
    place = f"roster_records:{ana.id}:sourced_id"
    assert desk.vault.unseal(ana.id, "identity", place, record.sourced_id) == "s-1"
    assert "s-1" not in (record.source_key, record.print)
