"""The built-in directory: what it reads, writes, counts and removes, piece by piece."""

from dataclasses import replace
from pathlib import Path

import pytest
from fulfilment_given import ANA, BO, CLEO, ESSAY, EVA, HELD, ROSTER, District, a_district
from sqlmodel import select

from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.fulfilment.errors import CannotWrite
from rightsdesk.requests.fulfilment.systems.holdings import KEPT
from rightsdesk.requests.fulfilment.systems.port import Holding
from rightsdesk.requests.people.errors import NotOnFile
from rightsdesk.requests.people.tables import SourceRecordRow, TombstoneRow


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_district(data_folder)


def write(district: District, person: str, element: str, value: str) -> str:
    (found,) = district.named(person)
    with district.at() as docket:
        return district.directory(docket).write(found, element, value, "MGD-7K3F-92QX", district.now)


@pytest.mark.parametrize(
    ("element", "typed", "kept"),
    [
        ("grade", "k", "KG"),
        ("grade", "7", "07"),
        ("email", " new@pupils.example ", "new@pupils.example"),
        ("mobile", "(212) 555-0188", "+12125550188"),
        ("school", "MGD-Middle", "mgd-middle"),
        ("name.family", "Quillfether", "Quillfether"),
    ],
)
def test_a_corrected_value_is_read_back_as_the_directory_spells_it(
    district: District, element: str, typed: str, kept: str
) -> None:
    person = district.one(BO)
    assert write(district, "Bogdan", element, typed) == kept
    assert district.live(person, element) == kept


@pytest.mark.parametrize(
    ("element", "typed"),
    [
        ("grade", "14"),
        ("grade", "seventh"),
        ("email", "not an address"),
        ("mobile", "555"),
        ("school", "Nowhere High"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_changes(district: District, element: str, typed: str) -> None:
    person = district.one(BO)
    before = district.live(person, element)
    with pytest.raises(CannotWrite):
        write(district, "Bogdan", element, typed)
    assert district.live(person, element) == before


def test_two_schools_of_one_name_are_for_a_person_to_tell_apart(district: District) -> None:
    with district.at() as docket:
        twin = docket.fresh_id()
        docket.session.add(
            SchoolRow(id=twin, agency=district.agency.id, sourced_id="twin", name="MGD-MIDDLE", kind="school")
        )
    with pytest.raises(CannotWrite, match="more than one"):
        write(district, "Bogdan", "school", "mgd-middle")


def test_a_number_is_refused_for_whoever_may_be_under_thirteen(district: District) -> None:
    with pytest.raises(CannotWrite, match="13"):
        write(district, "Anabel", "mobile", "+12125550188")


def test_a_corrected_name_is_found_and_the_old_one_is_not(district: District) -> None:
    person = district.one(BO)
    write(district, "Bogdan", "name.family", "Zelinka")
    assert list(district.named("bogdan zelinka")) == [person]
    assert list(district.named("bogdan quillfeather")) == []


def test_a_corrected_number_lets_its_owner_in_and_the_old_one_does_not(district: District) -> None:
    person = district.one(BO)
    write(district, "Bogdan", "mobile", "+12125550188")
    assert list(district.holders("+12125550188")) == [person]
    assert list(district.holders(BO.number)) == []


def test_a_dry_run_counts_exactly_what_an_erasure_then_removes(district: District) -> None:
    person = district.one(BO)
    district.hold(person)
    for element in ("email", "mobile", "username", "picture", "account"):
        with district.at() as docket:
            system = district.directory(docket)
            expected = system.count(person, element)
            assert expected > 0
            assert system.erase(person, element, None, district.now) == expected
            assert system.count(person, element) == 0
            assert system.erase(person, element, None, district.now) == 0


def test_an_erased_number_goes_from_every_channel(data_folder: Path) -> None:
    district = a_district(data_folder, *(replace(one, voice=one.number) if one is BO else one for one in ROSTER))
    person = district.one(BO)
    with district.at() as docket:
        assert district.directory(docket).erase(person, "mobile", None, district.now) == 2
    assert list(district.holders(BO.number)) == []
    with district.looking() as docket:
        assert [docket.people.contacts(person, channel) for channel in ("text", "voice")] == [[], []]


def test_the_directory_of_one_agency_reads_nobody_of_another(district: District) -> None:
    person = district.one(BO)
    with district.looking() as docket:
        other = replace(district.agency, id=docket.fresh_id(), slug="plum")
        elsewhere = District(district.portal, district.folder, other)
        with pytest.raises(NotOnFile), elsewhere.looking() as away:
            elsewhere.directory(away).read(person, "grade")


def test_what_a_student_deleted_is_out_of_sight_at_once_and_comes_back_when_they_change_their_mind(
    district: District,
) -> None:
    person = district.one(BO)
    district.hold(person)
    (case,) = district.ask(Kind.ERASURE, person, person, "files")
    assert district.live(person, "files") == ""
    with district.looking() as docket:
        assert ESSAY not in str(district.directory(docket).collect(person))
    with district.at() as docket:
        docket.live.restore(case.id)
    assert district.live(person, "files") == "1"


def test_each_record_lies_under_a_key_of_its_own(district: District) -> None:
    person = district.one(BO)
    first, second = district.hold(person, HELD[0], Holding("picture", (("content", "second"),)))
    with district.at() as docket:
        district.directory(docket).holdings.forget([first])
    with district.looking() as docket:
        left = district.directory(docket).holdings.of(person)
    assert [one.fields for one in left] == [(("content", "second"),)]
    assert first != second


def test_a_long_history_of_sign_ins_goes_in_one_erasure(district: District) -> None:
    person = district.one(BO)
    district.hold(person, *(Holding("signins", (("at", str(number)),)) for number in range(1201)))
    with district.at() as docket:
        assert district.directory(docket).erase(person, "signins", None, district.now) == 1201


def test_an_erased_field_leaves_a_tombstone_that_says_nothing(district: District) -> None:
    person = district.one(BO)
    with district.at() as docket:
        district.directory(docket).erase(person, "email", None, district.now)
    with district.looking() as docket:
        stones = docket.session.exec(select(TombstoneRow)).all()
        record = docket.session.exec(select(SourceRecordRow).where(SourceRecordRow.person == person)).one()
        assert [(one.source_key, one.element) for one in stones] == [(record.source_key, "email")]
    assert "s-2" not in record.source_key


def test_every_kept_kind_is_one_the_catalogue_knows(district: District) -> None:
    person = district.one(CLEO)
    assert [district.live(person, element) for element in KEPT] == [""] * len(KEPT)
    assert district.live(district.one(EVA), "email") == EVA.email
    assert district.live(district.one(ANA), "mobile") == ""
