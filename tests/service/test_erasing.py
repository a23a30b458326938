"""An approved erasure takes exactly what was asked, in its time and once."""

from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread

import pytest
from erasing_given import approved, cut_off, texts
from fulfilment_given import (
    ANA,
    BO,
    CLEO,
    EVA,
    LEO,
    ROSTER,
    STAFF,
    District,
    a_district,
    a_second_portal,
)
from sqlmodel import select

from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import NoticeRow
from rightsdesk.requests.cases.withdrawing import withdraw
from rightsdesk.requests.fulfilment.certificates import read
from rightsdesk.requests.fulfilment.erasing import ERASED, FROZEN, OPEN_ACCESS, forget_keys
from rightsdesk.requests.fulfilment.erasing import erase as erase_records
from rightsdesk.requests.fulfilment.systems.port import Holding
from rightsdesk.requests.fulfilment.tables import DoomedKeyRow
from rightsdesk.requests.people.tables import GuardianshipRow
from rightsdesk.verification.students.store import StudentPasswords
from rightsdesk.web.casework import StillRead
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.sessions import REQUESTER, Sessions
from rightsdesk.web.tables import SessionRow


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_district(data_folder)


def test_a_whole_account_is_gone_from_every_index_page_and_link(district: District) -> None:
    person = district.one(BO)
    held = district.hold(person)
    case = district.erase(approved(district, "account"))
    assert [one.result for one in case.elements] == [ERASED]
    assert [list(district.named(word)) for word in ("bogdan", "bogdan quillfeather", BO.student_number)] == [[]] * 3
    assert list(district.holders(BO.number)) == []
    with district.looking() as docket:
        assert docket.people.person(person).name == ""
        assert docket.people.students_for(district.one(EVA), ("access",), docket.agency.today(district.now)) != []
        links = docket.session.exec(select(GuardianshipRow).where(GuardianshipRow.student == person)).all()
        assert {link.is_active for link in links} == {False}
        assert district.directory(docket).collect(person) == []
        assert docket.vault.ensure_keys(held, "holding") == frozenset(held)
        assert docket.vault.ensure_keys([person], "identity") == {person}


def test_the_mother_is_told_and_the_certificate_says_what_went(district: District) -> None:
    district.hold(district.one(BO))
    case = district.erase(approved(district, "account"))
    assert texts(district).count(EVA.number) >= 2
    assert "deleted" in texts(district).splitlines()[-1]
    with district.looking() as docket:
        certificate = read(docket, case)
    assert certificate is not None
    assert '"outcome":"erased"' in certificate.document


def test_a_grown_student_who_erases_the_own_account_is_told_at_the_number_that_went_with_it(
    district: District,
) -> None:
    person = district.one(CLEO)
    (case,) = district.ask(Kind.ERASURE, person, person, "account")
    district.grant(case)
    district.work_off()
    told = len(texts(district).splitlines())
    assert district.erase(case).state is State.FULFILLED
    assert len(texts(district).splitlines()) == told + 1
    assert CLEO.number in texts(district).splitlines()[-1]
    with district.looking() as docket:
        notices = docket.session.exec(select(NoticeRow).where(NoticeRow.kind == "ERASED")).all()
        assert [(one.address, one.state) for one in notices] == [(None, "sent")] * 2
        assert docket.vault.ensure_keys([one.id for one in notices], "notice") == {one.id for one in notices}
    assert district.holding(CLEO.number, CLEO.email) == {}


def test_the_sessions_of_an_erased_student_end_and_nobody_elses(district: District) -> None:
    for member in (BO, EVA):
        person = district.one(member)
        with district.at() as docket:
            seats = Sessions(docket.session, docket.agency.id, docket.vault, district.now, district.portal.draw)
            seats.store(replace(seats.fresh(), kind=REQUESTER, person=person, proved_at=district.now))
    district.erase(approved(district, "account"))
    with district.looking() as docket:
        assert docket.session.exec(select(SessionRow.person)).all() == [district.one(EVA)]


def test_the_password_of_an_erased_student_goes_and_nobody_elses(district: District) -> None:
    bo, eva = district.one(BO), district.one(EVA)
    with district.at() as docket:
        for person in (bo, eva):
            StudentPasswords(docket.session, docket.agency.id).keep(person, "a hash", district.now)
    district.erase(approved(district, "account"))
    with district.looking() as docket:
        kept = StudentPasswords(docket.session, docket.agency.id)
        assert (kept.of(bo), kept.of(eva)) == (None, "a hash")


def test_only_what_the_student_deleted_goes_not_what_was_added_since(district: District) -> None:
    person = district.one(BO)
    district.hold(person)
    (case,) = district.ask(Kind.ERASURE, person, person, "files", "credentials")
    district.effect("take_effect", case)
    (added,) = district.hold(person, Holding("files", (("name", "homework"),)))
    assert district.erase(case).state is State.FULFILLED
    with district.looking() as docket:
        left = district.directory(docket).holdings.of(person)
    assert ("files", (("name", "homework"),)) in [(one.element, one.fields) for one in left]
    assert {one.element for one in left} == {"picture", "apps", "signins", "files"}
    assert added


def test_deleting_nothing_takes_nothing_that_came_later(district: District) -> None:
    person = district.one(BO)
    (case,) = district.ask(Kind.ERASURE, person, person, "files")
    district.effect("take_effect", case)
    district.hold(person)
    district.erase(case)
    assert district.live(person, "files") == "1"


def test_a_parents_request_for_files_takes_them_all(district: District) -> None:
    person = district.one(BO)
    district.hold(person)
    district.erase(approved(district, "files"))
    assert [district.live(person, element) for element in ("files", "picture")] == ["", "1"]


def test_nothing_is_erased_on_the_seventh_day_but_after_it(district: District) -> None:
    person = district.one(BO)
    district.hold(person)
    case = approved(district, "picture")
    assert case.erase_at is not None
    district.wait(seconds=(case.erase_at - district.now).total_seconds() - 1)
    assert district.effect("erase", case).state is State.FULFILLING
    assert district.live(person, "picture") == "1"
    district.wait(seconds=1)
    assert [one.result for one in district.effect("erase", case).elements] == [ERASED]
    assert district.live(person, "picture") == ""


def test_the_family_can_take_it_back_before_it_runs(district: District) -> None:
    person = district.one(BO)
    district.hold(person)
    case = approved(district, "picture")
    with district.at() as docket:
        withdraw(docket, district.one(EVA), case.reference, district.now)
    assert district.erase(case).state is State.WITHDRAWN
    assert district.live(person, "picture") == "1"


def test_an_open_request_to_see_by_either_parent_holds_it_and_its_end_lets_it_go(district: District) -> None:
    person = district.one(BO)
    district.hold(person)
    case = approved(district, "picture")
    (seeing,) = district.ask(Kind.ACCESS, district.one(LEO), person)
    waiting = district.erase(case)
    assert (waiting.state, waiting.blocked) == (State.FULFILLING, OPEN_ACCESS)
    assert district.live(person, "picture") == "1"
    with district.at() as docket:
        withdraw(docket, district.one(LEO), seeing.reference, district.now)
    done = district.erase(case)
    assert (done.state, done.blocked) == (State.FULFILLED, "")
    assert district.live(person, "picture") == ""


def test_a_frozen_record_is_not_touched_until_it_is_thawed(district: District) -> None:
    person = district.one(BO)
    district.hold(person)
    case = approved(district, "picture")
    with district.at() as docket:
        docket.people.freeze(person, district.now)
    assert district.erase(case).blocked == FROZEN
    assert district.live(person, "picture") == "1"
    with district.at() as docket:
        docket.people.freeze(person, None)
    assert district.erase(case).state is State.FULFILLED


def test_a_right_lost_meanwhile_stops_it(district: District) -> None:
    person = district.one(BO)
    district.hold(person)
    case = approved(district, "picture")
    district.take(*(replace(one, relations=()) if one.sourced_id == "p-1" else one for one in ROSTER))
    with district.at() as docket:
        link = docket.session.exec(
            select(GuardianshipRow).where(
                GuardianshipRow.student == person, GuardianshipRow.guardian == district.one(EVA)
            )
        ).one()
        link.is_active = False
        docket.session.add(link)
    stopped = district.erase(case)
    assert (stopped.state, stopped.erase_at) == (State.AWAITING_PROOF, None)
    assert district.live(person, "picture") == "1"


def test_a_crash_before_the_commit_leaves_the_data_and_the_next_try_erases_it(district: District) -> None:
    person = district.one(BO)
    district.hold(person)
    case = approved(district, "account")
    district.wait(days=8)
    cut_off(district, erase_records, case)
    assert next(district.portal.erasures.entries()).scope == "account"
    assert district.one(BO) == person
    assert district.live(person, "picture") == "1"
    assert district.erase(case).state is State.FULFILLED
    assert list(district.named("bogdan")) == []


def test_a_crash_between_the_records_and_the_keys_ends_the_same(district: District) -> None:
    person = district.one(BO)
    held = district.hold(person)
    case = approved(district, "account")
    district.wait(days=8)
    district.effect("erase", case)
    cut_off(district, forget_keys, case)
    assert district.found(case).state is State.FULFILLING
    assert "forget_keys" in district.work_off()
    done = district.found(case)
    assert done.state is State.FULFILLED
    assert district.effect("forget_keys", case) == done
    with district.looking() as docket:
        assert docket.session.exec(select(DoomedKeyRow)).all() == []
        assert docket.vault.ensure_keys(held, "holding") == frozenset(held)
        assert read(docket, done) is not None


def test_two_workers_at_once_erase_once(district: District) -> None:
    district.hold(district.one(BO))
    case = approved(district, "account")
    district.wait(days=8)
    portals = (district.portal, a_second_portal(district))
    ready, failed = Barrier(2), []

    def work(number: int) -> None:
        ready.wait()
        try:
            EFFECTS["erase"](portals[number], (str(district.agency.id), str(case.id)))
        except StillRead:  # the other one was flushing: the job would be tried again
            return
        except Exception as error:  # noqa: BLE001 - whatever it is must be seen by the test
            failed.append(error)

    threads = [Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    portals[1].storage.close()
    assert failed == []
    assert [one.scope for one in district.portal.erasures.entries()].count("account") == 1
    district.work_off()
    assert district.found(case).state is State.FULFILLED


def test_another_childs_data_is_as_it_was(district: District) -> None:
    other = district.one(ANA)
    district.hold(district.one(BO))
    district.hold(other)
    district.erase(approved(district, "account"))
    assert district.live(other, "name.given") == ANA.given
    assert district.live(other, "picture") == "1"
    assert list(district.holders(EVA.number)) == [district.one(EVA)]
    assert len(STAFF) == 2
