"""An accepted correction is written, read back, kept over the roster, and given up when the source says the same."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from fulfilment_given import ANA, BO, EVA, PRIYA, ROSTER, District, a_district

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.fulfilment.correcting import DONE, NEEDS_PERSON, correct, retry
from rightsdesk.requests.fulfilment.mending.store import SourceTasks
from rightsdesk.requests.fulfilment.systems.directory import Directory
from rightsdesk.web.demo.cast import Member


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_district(data_folder)


def granted(district: District, subject: UUID, **proposed: str) -> Case:
    (case,) = district.ask(Kind.CORRECTION, district.one(EVA), subject, **proposed)
    return district.grant(case)


def corrected(district: District, subject: UUID, **proposed: str) -> Case:
    case = granted(district, subject, **proposed)
    district.work_off()
    return district.found(case)


def tasks(district: District) -> list[str]:
    with district.looking() as docket:
        return [one.element for one in SourceTasks(docket.session, docket.agency.id).waiting()]


def roster(**changed: object) -> tuple[Member, ...]:
    return tuple(replace(one, **changed) if one is BO else one for one in ROSTER)  # type: ignore[arg-type]  # fields of a member


def results(case: Case) -> dict[str, str]:
    return {one.element: one.result for one in case.elements}


def test_a_correction_is_written_everywhere_and_closes_the_request(district: District) -> None:
    person = district.one(BO)
    case = corrected(district, person, name__family="Quillfether", grade="11")
    assert case.state is State.FULFILLED
    assert results(case) == {"name.family": DONE, "grade": DONE}
    assert district.live(person, "name.family") == "Quillfether"
    assert list(district.named("quillfether")) == [person]


def test_an_element_that_cannot_be_written_waits_for_a_person_and_the_others_are_done(district: District) -> None:
    person = district.one(ANA)
    case = corrected(district, person, name__family="Quillfether", mobile="+1 212 555 0177")
    assert case.state is State.FULFILLING
    assert results(case) == {"name.family": DONE, "mobile": NEEDS_PERSON}
    assert district.live(person, "mobile") == ""
    assert list(district.holders("+12125550177")) == []


def test_a_school_nobody_knows_waits_for_a_person_until_it_is_known(district: District) -> None:
    person = district.one(BO)
    case = corrected(district, person, school="Harbour Street Academy")
    assert results(case) == {"school": NEEDS_PERSON}
    with district.at() as docket:
        again = retry(docket, PRIYA, case.reference, case.version)
        assert results(again) == {"school": ""}
    district.work_off()
    assert [one.attempts for one in district.found(case).elements] == [2]


def test_a_job_that_runs_twice_writes_once(district: District) -> None:
    person = district.one(BO)
    case = corrected(district, person, grade="11")
    district.take(*roster(grade="09"))
    assert district.effect("fulfil", case) == district.found(case)
    assert district.live(person, "grade") == "11"
    assert tasks(district) == ["grade"]


def test_a_value_that_is_there_already_in_another_spelling_is_done(district: District) -> None:
    person = district.one(BO)
    assert results(corrected(district, person, mobile="(212) 555-0121", grade="10")) == {"mobile": DONE, "grade": DONE}


class Forgetful:
    """A system that takes every value and keeps none."""

    name = "Forgetful"

    def __init__(self, real: Directory) -> None:
        self.real = real

    def read(self, subject: UUID, element: str) -> str:
        """Return what the real one holds."""
        return self.real.read(subject, element)

    def write(self, subject: UUID, element: str, value: str, reference: str, now: datetime) -> str:  # noqa: ARG002 - the interface
        """Say that it is written."""
        return value


def test_a_system_that_does_not_keep_what_it_was_told_is_noticed(district: District) -> None:
    person = district.one(BO)
    case = granted(district, person, grade="11")
    with district.at() as docket:
        done = correct(docket, [Forgetful(district.directory(docket))], district.portal.erasures, case.id, district.now)  # type: ignore[list-item]  # only what is asked of it
    assert results(done) == {"grade": NEEDS_PERSON}
    assert done.elements[0].last_error == "NotWritten"
    assert tasks(district) == []
    assert list(district.portal.erasures.entries()) == []


def test_a_correction_survives_the_next_roster_and_its_task_stays_open(district: District) -> None:
    person = district.one(BO)
    corrected(district, person, name__family="Quillfether", mobile="+12125550188", school="mgd-middle")
    assert district.take(*roster(email="bogdan.new@pupils.example", grade="11")).state == "applied"
    assert district.live(person, "name.family") == "Quillfether"
    assert district.live(person, "mobile") == "+12125550188"
    assert district.live(person, "school") == "mgd-middle"
    assert list(district.named("quillfether")) == [person]
    assert list(district.holders(BO.number)) == []
    assert sorted(tasks(district)) == ["mobile", "name.family", "school"]


def test_a_preferred_name_of_the_roster_does_not_hide_a_corrected_one(data_folder: Path) -> None:
    district = a_district(data_folder, *roster(preferred="Bogey"))
    person = district.one(replace(BO, given="Bogey"))
    corrected(district, person, name__given="Boghdan")
    district.take(*roster(preferred="Bogey", grade="11"))
    with district.looking() as docket:
        assert docket.people.person(person).given == "Boghdan"


def test_the_task_closes_when_the_source_says_the_same_and_then_the_source_rules_again(district: District) -> None:
    person = district.one(BO)
    corrected(district, person, name__family="Quillfether", grade="11")
    district.wait(days=1)
    district.take(*roster(family="Quillfether"))
    assert tasks(district) == ["grade"]
    district.wait(days=1)
    district.take(*roster(family="Brandt"))
    assert district.live(person, "name.family") == "Brandt"
    assert district.live(person, "grade") == "11"


def test_a_number_the_source_took_over_is_the_sources_to_replace(district: District) -> None:
    person = district.one(BO)
    corrected(district, person, mobile="+12125550188")
    district.wait(days=1)
    district.take(*roster(number="+12125550188"))
    assert tasks(district) == []
    district.wait(days=1)
    district.take(*roster(number="+12125550199"))
    assert list(district.holders("+12125550188")) == []
    assert list(district.holders("+12125550199")) == [person]


def test_a_corrected_school_is_given_up_when_the_roster_enrols_the_student_there(district: District) -> None:
    person = district.one(BO)
    corrected(district, person, school="mgd-middle")
    district.wait(days=1)
    district.take(*roster(grade="07"))
    assert tasks(district) == []
    district.wait(days=1)
    district.take(*roster(grade="10"))
    assert district.live(person, "school") == "mgd-high"


def test_a_later_correction_of_the_same_element_takes_over_the_task(district: District) -> None:
    person = district.one(BO)
    corrected(district, person, grade="11")
    district.wait(days=1)
    later = corrected(district, person, grade="12")
    with district.looking() as docket:
        waiting = SourceTasks(docket.session, docket.agency.id).waiting()
    assert [(one.element, one.reference) for one in waiting] == [("grade", later.reference)]
    assert district.live(person, "grade") == "12"
