"""What ends, hides or waits by the clock alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cases_acts_given import left
from cases_given import World, given_world
from cases_people_given import HOME, MATEO, PRIYA, START

from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.deciding import undo
from rightsdesk.requests.cases.effects import expire_unproved, look_again
from rightsdesk.requests.cases.errors import CaseProblem, MovedOn
from rightsdesk.requests.cases.filing import enter_case
from rightsdesk.requests.cases.proving import prove
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import NoticeRow
from rightsdesk.requests.cases.waiting import erasure_time
from rightsdesk.requests.cases.withdrawing import withdraw


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


# A proof that never comes.


@pytest.mark.parametrize(("span", "ends"), [(timedelta(days=7, seconds=-1), 0), (timedelta(days=7), 1)])
def test_an_unproved_case_ends_after_seven_days(world: World, span: timedelta, ends: int) -> None:
    with world.at() as docket:
        case = enter_case(docket, world.filing(channel="paper", means=""), world.now)[0]
    world.clock.at = START + span
    with world.at() as docket:
        assert expire_unproved(docket, world.now) == ends
        assert expire_unproved(docket, world.now) == 0
    found = world.case(case)
    assert found.state is (State.EXPIRED_UNVERIFIED if ends else State.AWAITING_PROOF)
    assert found.is_open is not bool(ends)
    assert [row.kind for row in world.rows(NoticeRow)].count("EXPIRED") == 2 * ends


@pytest.mark.parametrize(("days", "opens"), [(90, True), (91, False)])
def test_a_late_proof_opens_it_again_with_its_first_contact(world: World, days: int, *, opens: bool) -> None:
    with world.at() as docket:
        case = enter_case(docket, world.filing(channel="paper", means=""), world.now)[0]
    world.clock.advance(days=7)
    with world.at() as docket:
        expire_unproved(docket, world.now)
    world.clock.advance(days=days)
    with world.at() as docket:
        if not opens:
            with pytest.raises(MovedOn, match="90 days"):
                prove(docket, world.by(PRIYA), case.reference, 2, "office_visit", world.now)
            return
        back = prove(docket, world.by(PRIYA), case.reference, 2, "office_visit", world.now)
    assert (back.state, back.received_at, back.due_on, back.closed_at) == (
        State.SUBMITTED,
        case.received_at,
        case.due_on,
        None,
    )


# What a student added.


def deleted_own(world: World) -> Case:
    world.hold(MATEO, "files", "essay", "photo")
    world.hold(MATEO, "picture", "face")
    case = world.file(Kind.ERASURE, "files", requester=MATEO, subject=MATEO)
    assert case.owner is Owner.SELF
    return case


def test_what_a_student_deletes_is_out_of_sight_at_once_and_waits_seven_days(world: World) -> None:
    case = deleted_own(world)
    assert (case.state, case.decided_by, case.effective_at) == (State.APPROVED, None, world.now)
    assert world.seen(MATEO, "files") == []
    assert world.seen(MATEO, "picture") == ["face"]
    with world.looking() as docket:
        assert list(docket.cases.due_to_take_effect(world.now)) == [case.id]
    case = left(world, case)
    assert (case.state, case.erase_at) == (State.FULFILLING, START + timedelta(days=7))
    with world.looking() as docket:
        assert list(docket.cases.due_to_erase(START + timedelta(days=7, seconds=-1))) == []
        assert list(docket.cases.due_to_erase(START + timedelta(days=7))) == [case.id]


def test_a_student_brings_back_what_they_deleted(world: World) -> None:
    case = left(world, deleted_own(world))
    world.clock.advance(days=6)
    with world.at() as docket:
        assert withdraw(docket, MATEO, case.reference, world.now).state is State.WITHDRAWN
    assert world.seen(MATEO, "files") == ["essay", "photo"]


def test_what_a_student_deleted_comes_back_when_their_right_to_ask_ends(world: World) -> None:
    case = left(world, deleted_own(world))
    with world.at() as docket:
        docket.cases.save(case, replace(case, blocked="frozen", version=case.version + 1))
    no_more = replace(HOME, student_kinds=("access",))
    with world.at(no_more) as docket:
        assert look_again(docket, [MATEO], world.now) == 1
    lost = world.case(case)
    assert (lost.state, lost.seen_by_family, lost.blocked) == (State.AWAITING_PROOF, State.FULFILLING, "")
    assert world.seen(MATEO, "files") == ["essay", "photo"]


def test_nobody_at_the_desk_takes_a_students_own_deletion_back(world: World) -> None:
    case = deleted_own(world)
    with world.at() as docket, pytest.raises(CaseProblem):
        undo(docket, world.by(PRIYA), case.reference, case.version, world.now)
    assert world.seen(MATEO, "files") == []


def test_a_parents_wish_to_delete_a_students_files_hides_nothing_before_the_answer(world: World) -> None:
    world.hold(MATEO, "files", "essay")
    case = world.file(Kind.ERASURE, "files", subject=MATEO)
    assert (case.owner, case.state) == (Owner.AGENCY, State.SUBMITTED)
    assert world.seen(MATEO, "files") == ["essay"]


# How long a deletion waits.


def test_a_deletion_waits_seven_days_or_until_the_legal_date(world: World) -> None:
    case = world.file(Kind.ERASURE)
    with world.looking() as docket:
        clocks = docket.cases.clocks(case.id)
    assert all(clock.is_policy for clock in clocks)
    late = START + timedelta(days=60)
    assert erasure_time(HOME, case, clocks, late) == late + timedelta(days=7)
    legal = [replace(clocks[0], is_policy=False)]  # 7 January 2027
    near = datetime.fromisoformat("2027-01-04T17:00:00+00:00")
    assert erasure_time(HOME, case, legal, START) == START + timedelta(days=7)
    assert erasure_time(HOME, case, legal, near) == datetime.fromisoformat("2027-01-07T05:00:00+00:00")
    assert erasure_time(HOME, case, legal, late) == late
    assert erasure_time(HOME, replace(case, owner=Owner.SELF), legal, near) == near + timedelta(days=7)
