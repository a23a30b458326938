"""Several records of one person are one person; several people who have something in common stay several."""

import re
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from roster_given import AGENCY, CHILD, FAMILY, NOW, PARENT, TEEN, Desk, a_desk, package_of
from sqlmodel import Session, col, select, update

from rightsdesk.requests.people.roster.importing import Wish
from rightsdesk.requests.people.roster.outcome import Outcome, State
from rightsdesk.requests.people.roster.releasing import Use, release
from rightsdesk.requests.people.tables import (
    AffiliationRow,
    ContactRow,
    GuardianshipRow,
    PersonIndexRow,
    PersonRow,
    SourceRecordRow,
    TombstoneRow,
)
from rightsdesk.web.demo.cast import Member, Relation
from rightsdesk.web.demo.district import District

EVA = replace(FAMILY[2], student_number="E-500")
AS_TEACHER = replace(
    EVA, sourced_id="t-1", role="teacher", relations=(), email="eva@marigold.example", number="", school="mgd-high"
)
CROWD = tuple(
    replace(CHILD, sourced_id=f"s-c{n}", student_number=f"800{n}", given=f"Kid{n}") for n in range(25)
) + tuple(
    replace(EVA, sourced_id=f"p-c{n}", student_number="", given=f"Mum{n}", relations=(Relation(f"s-c{n}"),))
    for n in range(25)
)


@pytest.fixture
def desk(data_folder: Path) -> Desk:
    return a_desk(data_folder)


def _later(desk: Desk, *members: Member) -> Outcome:
    desk.now += timedelta(days=1)
    return desk.import_members(*members)


def _records(desk: Desk, person: UUID) -> list[tuple[bool, bool]]:
    """Return of each record of a person whether it is active and whether it speaks for them."""
    with Session(desk.engine) as tx:
        rows = tx.exec(select(SourceRecordRow).where(SourceRecordRow.person == person)).all()
        return sorted((row.is_active, row.print != "") for row in rows)


def _linked(desk: Desk, student: UUID) -> list[tuple[UUID, str, bool]]:
    with Session(desk.engine) as tx:
        rows = tx.exec(select(GuardianshipRow).where(GuardianshipRow.student == student)).all()
        return [(row.guardian, row.relation, row.is_active) for row in rows]


def test_a_record_for_each_role_is_one_person_with_all_that_is_said(desk: Desk) -> None:
    outcome = desk.import_members(AS_TEACHER, CHILD, TEEN, EVA)
    assert (outcome.counts.people.added, outcome.problems) == (3, ())
    eva = desk.person("eva")
    assert _records(desk, eva.id) == [(True, False), (True, True)]
    with Session(desk.engine) as tx:
        roles = tx.exec(select(AffiliationRow.role).where(AffiliationRow.person == eva.id)).all()
        mails = tx.exec(select(ContactRow).where(ContactRow.person == eva.id, ContactRow.channel == "mail")).all()
    assert (sorted(roles), len(mails)) == (["parent", "teacher"], 2)
    assert desk.number(eva.id) == EVA.number
    assert _linked(desk, desk.person("ana").id) == [(eva.id, "parent", True)]


def test_a_record_for_each_school_is_one_student(desk: Desk) -> None:
    elsewhere = replace(TEEN, sourced_id="s-2b", student_number="772", grade="12")
    members = (CHILD, replace(TEEN, student_number="772"), elsewhere, FAMILY[2])
    outcome = desk.import_members(*members, edit=_one_birthday)
    assert (outcome.counts.people.added, outcome.counts.contacts.added) == (3, 3)
    assert len(_linked(desk, desk.person("bo").id)) == 1


def _one_birthday(district: District) -> None:
    """Let all who are of an age be born on one day: the demo draws birthdays from ids, a school does not."""
    births = district.sheets["demographics"]
    births.lines = [re.sub(rb"(\d{4})-\d\d-\d\d", rb"\1-01-02", line) for line in births.lines]


def test_the_same_records_again_change_nothing(desk: Desk) -> None:
    desk.import_members(AS_TEACHER, *FAMILY[:2], EVA)
    again = _later(desk, AS_TEACHER, *FAMILY[:2], EVA)
    assert (again.state, again.reason) == (State.UNCHANGED, "")
    # Neither does the order of the lines.
    turned = _later(desk, EVA, *FAMILY[:2], AS_TEACHER)
    assert turned.state is State.UNCHANGED


FATHER = Member("p-7", "parent", "Juan", "Ruiz", username="juan", student_number="123456", number="+12125550150")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(FATHER, replace(FATHER, sourced_id="p-8", given="Jose"), id="a number of the family's"),
        pytest.param(
            replace(FATHER, student_number="2125550150"),
            replace(FATHER, sourced_id="p-8", student_number="2125550150"),
            id="a phone in place of an id",
        ),
        pytest.param(
            replace(FATHER, student_number="juan@home.example"),
            replace(FATHER, sourced_id="p-8", student_number="juan@home.example"),
            id="an address in place of an id",
        ),
        pytest.param(
            replace(FATHER, student_number="000"), replace(FATHER, sourced_id="p-8", student_number="000"), id="nothing"
        ),
        pytest.param(
            replace(FATHER, student_number="", email="a@b.example"),
            replace(FATHER, sourced_id="p-8", student_number="", email="a@b.example"),
            id="phone and address alone",
        ),
        pytest.param(FATHER, replace(FATHER, sourced_id="s-8", role="student", age=9, grade="04"), id="father and son"),
        pytest.param(
            replace(TEEN, student_number="771"),
            replace(TEEN, sourced_id="s-8", student_number="771", age=16),
            id="born on other days",
        ),
    ],
)
def test_two_people_stay_two(desk: Desk, one: Member, other: Member) -> None:
    assert desk.import_members(one, other).counts.people.added == 2


@pytest.mark.parametrize(
    ("column", "own"), [("userMasterIdentifier", "m-77"), ("userIds", "{LDAP:eruiz}"), ("userIds", "{LDAP:eruiz77}")]
)
def test_the_other_ids_name_a_person_too(desk: Desk, column: str, own: str) -> None:
    def say(district: District) -> None:
        users = district.sheets["users"]
        place = users.lines[0].decode().strip().split(",").index(column)
        users.lines[1:] = [_with(line, place, own) for line in users.lines[1:]]

    twice = (replace(PARENT, given="Ida"), replace(PARENT, sourced_id="t-3", given="Ida", role="teacher"))
    added = desk.import_members(*twice, edit=say).counts.people.added
    assert added == (1 if any(sign.isdigit() for sign in own) else 2)


def _with(line: bytes, place: int, value: str) -> bytes:
    fields = line.decode().rstrip("\n").split(",")
    return (",".join([*fields[:place], value, *fields[place + 1 :]]) + "\n").encode()


def test_a_person_under_a_new_id_keeps_links_rulings_and_number(desk: Desk) -> None:
    desk.import_members(CHILD, TEEN, EVA, *CROWD)
    eva, ana = desk.person("eva"), desk.person("ana")
    with desk.begin() as tx:
        tx.exec(update(GuardianshipRow).values(authority="denied", judged_by=UUID(int=1)))
    anew = replace(EVA, sourced_id="p-900")
    outcome = _later(desk, CHILD, TEEN, anew, *CROWD)
    counts = outcome.counts
    assert (outcome.state, counts.people.added, counts.people.changed, counts.people.removed) == (
        State.APPLIED,
        0,
        1,
        0,
    )
    assert not counts.guardianships
    assert not counts.contacts
    assert desk.person("eva").id == eva.id
    assert _records(desk, eva.id) == [(False, False), (True, True)]
    assert desk.contacts(eva.id)["text"].confirmed_at == NOW
    with Session(desk.engine) as tx:
        links = tx.exec(select(GuardianshipRow).where(GuardianshipRow.student == ana.id)).all()
    assert [(one.guardian, one.authority, one.is_active) for one in links] == [(eva.id, "denied", True)]
    assert _later(desk, CHILD, TEEN, anew, *CROWD).state is State.UNCHANGED
    # And back again: the old id is still theirs.
    assert _later(desk, CHILD, TEEN, EVA, *CROWD).counts.people.changed == 1
    assert desk.person("eva").id == eva.id


def test_new_ids_for_everybody_wait_for_the_office_and_lose_nothing(desk: Desk) -> None:
    students = [one for one in CROWD if one.role == "student"]
    bo = replace(TEEN, student_number="772")
    desk.import_members(CHILD, bo, EVA, *students, edit=_one_birthday)
    eva, before = desk.person("eva").id, desk.count(PersonRow)
    relations = (Relation("new-s-1"), Relation("new-s-2"))
    family = [
        replace(one, sourced_id=f"new-{one.sourced_id}") for one in (CHILD, bo, replace(EVA, relations=relations))
    ]
    desk.now += timedelta(days=1)
    kids = [replace(one, sourced_id=f"new-{one.sourced_id}") for one in students]
    held = desk.import_members(*family, *kids, edit=_one_birthday)
    assert (held.state, held.reason) == (State.HELD, "too_many_changed_students")
    assert (held.counts.people.removed, held.counts.people.changed) == (0, before)
    assert not held.counts.guardianships
    assert held.run
    release(held.run, Use.REMOVE_MISSING, desk.terms())
    assert (desk.person("eva").id, desk.count(PersonRow)) == (eva, before)
    assert _linked(desk, desk.person("ana").id) == [(eva, "parent", True)]


def test_looking_only_joins_nobody(desk: Desk) -> None:
    desk.import_members(CHILD, TEEN, EVA, *CROWD)
    path = package_of(desk.folder, (CHILD, TEEN, replace(EVA, sourced_id="p-900"), *CROWD))
    before = _records(desk, desk.person("eva").id)
    assert desk.take(path, Wish(only_look=True)).counts.people.changed == 1
    assert _records(desk, desk.person("eva").id) == before


def test_one_of_several_records_may_go_and_the_person_stays(desk: Desk) -> None:
    desk.import_members(AS_TEACHER, CHILD, TEEN, EVA, *CROWD)
    eva = desk.person("eva").id
    left = _later(desk, CHILD, TEEN, EVA, *CROWD)
    assert (left.counts.people.removed, left.counts.people.changed) == (0, 1)
    assert (desk.person("eva").id, desk.person("eva").is_active) == (eva, True)
    assert _linked(desk, desk.person("ana").id) == [(eva, "parent", True)]
    with Session(desk.engine) as tx:
        assert tx.exec(select(AffiliationRow.role).where(AffiliationRow.person == eva)).all() == ["parent"]


def test_a_broken_line_of_one_record_takes_nothing_away(desk: Desk) -> None:
    desk.import_members(AS_TEACHER, CHILD, TEEN, EVA, *CROWD)
    eva = desk.person("eva").id

    def spoil(district: District) -> None:
        users = district.sheets["users"]
        users.lines = [b"p-1,,,true,too short\n" if line.startswith(b"p-1,") else line for line in users.lines]

    desk.now += timedelta(days=1)
    outcome = desk.import_members(AS_TEACHER, CHILD, TEEN, EVA, *CROWD, edit=spoil)
    assert (outcome.state, bool(outcome.counts)) == (State.UNCHANGED, False)
    assert (desk.number(eva), _linked(desk, desk.person("ana").id)) == (EVA.number, [(eva, "parent", True)])


def test_records_that_no_longer_agree_become_two_people(desk: Desk) -> None:
    desk.import_members(AS_TEACHER, CHILD, TEEN, EVA, *CROWD)
    eva = desk.person("eva").id
    apart = _later(desk, AS_TEACHER, CHILD, TEEN, replace(EVA, student_number="E-501"), *CROWD)
    assert apart.counts.people.added == 1
    with Session(desk.engine) as tx:
        word = desk.vault.index("name", "eva")
        found = tx.exec(select(PersonIndexRow.person).where(PersonIndexRow.value == word)).all()
    assert len(found) == 2
    assert _records(desk, eva) == [(True, True)]
    assert _later(desk, AS_TEACHER, CHILD, TEEN, replace(EVA, student_number="E-501"), *CROWD).state is State.UNCHANGED


def test_two_people_on_file_are_never_made_one(desk: Desk) -> None:
    other = replace(AS_TEACHER, student_number="E-9")
    desk.import_members(other, CHILD, TEEN, EVA, *CROWD)
    before = desk.count(PersonRow)
    _later(desk, AS_TEACHER, CHILD, TEEN, EVA, *CROWD)
    assert desk.count(PersonRow) == before
    doubtful = replace(AS_TEACHER, sourced_id="t-2")
    outcome = _later(desk, AS_TEACHER, CHILD, TEEN, EVA, *CROWD, doubtful)
    assert [(one.code, one.severity.value) for one in outcome.problems] == [("maybe_two_people", "warning")]
    assert desk.count(PersonRow) == before + 1


def test_an_erased_person_does_not_come_back_by_another_record(desk: Desk) -> None:
    desk.import_members(AS_TEACHER, CHILD, TEEN, EVA, *CROWD)
    eva = desk.person("eva").id
    with desk.begin() as tx:
        for row in tx.exec(select(SourceRecordRow).where(SourceRecordRow.person == eva)).all():
            tx.add(TombstoneRow(agency=AGENCY.id, source_key=row.source_key, element="account", erased_at=NOW))
        tx.exec(update(PersonRow).where(col(PersonRow.id) == eva).values(erased_at=NOW, is_active=False, given=None))
    outcome = _later(desk, AS_TEACHER, CHILD, TEEN, replace(EVA, grade="01"), *CROWD)
    assert (outcome.counts.erased_skipped, outcome.counts.people.added) == (2, 0)
    with Session(desk.engine) as tx:
        assert tx.get_one(PersonRow, eva).given is None


def test_a_person_in_two_sources_stays_while_one_of_them_names_them(desk: Desk) -> None:
    desk.import_members(CHILD, TEEN, EVA, *CROWD)
    eva, before = desk.person("eva").id, desk.count(PersonRow)
    path = package_of(desk.folder, (CHILD, TEEN, EVA, *CROWD))
    assert desk.take(_renamed(path)).state is State.APPLIED
    assert desk.person("eva").id == eva
    # Who has no id of their own cannot be told from somebody else.
    assert desk.count(PersonRow) - before == 26
    desk.now += timedelta(days=1)
    gone = desk.import_members(CHILD, TEEN, *CROWD)
    assert gone.state is State.APPLIED
    assert desk.person("eva").is_active


def _renamed(path: Path) -> Path:
    other = path.with_name("other.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"Marigold student information", b"Another system"))
    return other
