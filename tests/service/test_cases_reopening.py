"""A case comes back to the desk: a deletion stopped while it waits, a closed request opened again."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cases_acts_given import left, refused, ruled, unproved
from cases_given import World, given_world, no, yes
from cases_people_given import AUDREY, DANA, ELENA, ELSE_PARENT, ENOUGH, LEE, LUCIA, MATEO, PRIYA, ROSA

from rightsdesk.requests.cases.case import Approver, Case, Kind
from rightsdesk.requests.cases.conversation import thread
from rightsdesk.requests.cases.effects import expire_unproved, finish
from rightsdesk.requests.cases.errors import BadDecision, MovedOn, NotForYou
from rightsdesk.requests.cases.proving import refuse_proof
from rightsdesk.requests.cases.reopening import may_reopen, may_stop, reopen, stop
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import NoticeRow
from rightsdesk.requests.cases.timeline import family_timeline
from rightsdesk.requests.cases.withdrawing import withdraw

WHY = "The school asked us to look at it once more."


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


def chief(world: World) -> Approver:
    return replace(world.by(ROSA), roles=frozenset({"administrator"}))


def waiting(world: World, element: str = "picture") -> Case:
    """Return a deletion that two people granted and that waits its seven days."""
    case = ruled(world, PRIYA, yes(world.file(Kind.ERASURE, element)))
    case = ruled(world, DANA, yes(case))
    world.clock.advance(minutes=10)
    return left(world, case)


def own(world: World) -> Case:
    """Return what a student of 15 deleted of their own, granted by right."""
    world.hold(MATEO, "files", "essay", "photo")
    case = world.file(Kind.ERASURE, "files", requester=MATEO, subject=MATEO)
    return left(world, case)


def denied(world: World) -> Case:
    case = ruled(world, PRIYA, no(world.file()))
    world.clock.advance(minutes=10)
    return left(world, case)


def fulfilled(world: World) -> Case:
    case = ruled(world, PRIYA, yes(world.file()))
    world.clock.advance(minutes=10)
    case = left(world, case)
    with world.at() as docket:
        return finish(docket, case, world.now)


def stopped(world: World, case: Case, who: Approver | None = None, why: str = WHY) -> Case:
    with world.at() as docket:
        return stop(docket, who or world.by(PRIYA), case.reference, case.version, why, world.now)


def reopened(world: World, case: Case, who: Approver | None = None, why: str = WHY) -> Case:
    with world.at() as docket:
        return reopen(docket, who or chief(world), case.reference, case.version, why, world.now)


def told(world: World, kind: str) -> int:
    return len([row for row in world.rows(NoticeRow) if row.kind == kind and row.channel == "text"])


def shown(world: World, case: Case) -> list[str]:
    with world.looking() as docket:
        return [moment.kind for moment in family_timeline(docket, case)]


def test_a_stopped_deletion_is_in_review_again_as_if_nobody_had_decided(world: World) -> None:
    case = stopped(world, waiting(world))
    assert (case.state, case.claimed_by, case.outcome, case.erase_at) == (State.IN_REVIEW, PRIYA, "", None)
    assert (case.decided_by, case.confirmed_by, case.effective_at, case.took_effect_at) == (None, None, None, None)
    assert {(one.outcome, one.result) for one in case.elements} == {("", "")}
    assert world.case(case) == case
    assert (told(world, "STOPPED"), shown(world, case)[-1]) == (1, "stopped")
    with world.looking() as docket:
        assert [(one.kind, one.text) for one in thread(docket, case)] == [("reason", WHY)]
        assert docket.cases.due_to_erase(world.now + timedelta(days=30)) == []


def test_a_stopped_deletion_can_be_granted_again_by_two(world: World) -> None:
    case = stopped(world, waiting(world))
    case = ruled(world, DANA, yes(ruled(world, PRIYA, yes(case))))
    world.clock.advance(minutes=10)
    assert left(world, case).state is State.FULFILLING


def test_what_a_student_had_hidden_comes_back_when_it_is_stopped(world: World) -> None:
    case = own(world)
    assert world.seen(MATEO, "files") == []
    stopped(world, case)
    assert world.seen(MATEO, "files") == ["essay", "photo"]


def test_an_administrator_who_decides_nothing_stops_it_without_taking_it_in_hand(world: World) -> None:
    assert stopped(world, waiting(world), chief(world)).claimed_by is None


@pytest.mark.parametrize("who", [AUDREY, LEE])
def test_others_stop_nothing(world: World, who: UUID) -> None:
    case = waiting(world)
    refused(world, NotForYou, lambda: stopped(world, case, world.by(who)))


def test_nobody_stops_or_reopens_what_is_about_their_own_child(world: World) -> None:
    case, father = waiting(world), world.by(ELSE_PARENT)
    refused(world, NotForYou, lambda: stopped(world, case, father), "own family")
    closed = denied(world)
    head = replace(father, roles=frozenset({"administrator"}))
    refused(world, NotForYou, lambda: reopened(world, closed, head), "own family")


def test_a_stop_needs_words_for_the_family_and_the_version_that_was_read(world: World) -> None:
    case = waiting(world)
    refused(world, BadDecision, lambda: stopped(world, case, why="Nineteen letters  .  "), "20 letters")
    refused(world, BadDecision, lambda: stopped(world, case, why="x" * 4001), "4,000")
    refused(world, MovedOn, lambda: stopped(world, replace(case, version=case.version - 1)))


def test_a_deletion_whose_day_has_come_cannot_be_stopped_but_a_blocked_one_can(world: World) -> None:
    case = waiting(world)
    assert case.erase_at is not None
    assert may_stop(case, case.erase_at - timedelta(seconds=1))
    assert not may_stop(case, case.erase_at)
    assert may_stop(replace(case, blocked="open_access"), case.erase_at)
    begun = tuple(replace(one, result="erased") for one in case.elements)
    assert not may_stop(replace(case, elements=begun, blocked="open_access"), case.erase_at)
    world.clock.advance(days=8)
    refused(world, MovedOn, lambda: stopped(world, case))


def test_only_a_deletion_that_is_being_done_can_be_stopped(world: World) -> None:
    case = world.file(Kind.ERASURE)
    refused(world, MovedOn, lambda: stopped(world, case))


def test_a_denied_request_is_opened_again_with_its_first_date(world: World) -> None:
    case = denied(world)
    world.clock.advance(days=80)
    again = reopened(world, case)
    assert (again.state, again.due_on, again.closed_at, again.outcome) == (State.IN_REVIEW, case.due_on, None, "")
    assert again.is_open
    assert world.case(again) == again
    assert (told(world, "REOPENED"), shown(world, again)[-1]) == (1, "reopened")
    with world.looking() as docket:
        assert docket.cases.due_to_take_effect(world.now) == []
    final = ruled(world, PRIYA, yes(again))
    world.clock.advance(minutes=10)
    assert left(world, final).state is State.FULFILLING


def test_a_fulfilled_and_a_withdrawn_request_are_opened_again(world: World) -> None:
    assert reopened(world, fulfilled(world)).state is State.IN_REVIEW
    case = world.file(Kind.ACCESS)
    with world.at() as docket:
        gone = withdraw(docket, ELENA, case.reference, world.now)
    assert reopened(world, gone).state is State.IN_REVIEW


def test_ninety_days_after_closing_is_the_last_moment(world: World) -> None:
    case = denied(world)
    assert case.closed_at is not None
    assert may_reopen(case, case.closed_at + timedelta(days=90))
    assert not may_reopen(case, case.closed_at + timedelta(days=90, seconds=1))
    world.clock.advance(days=91)
    refused(world, MovedOn, lambda: reopened(world, case), "ask anew")


def test_a_held_denial_is_undone_and_not_reopened(world: World) -> None:
    case = ruled(world, PRIYA, no(world.file()))
    refused(world, MovedOn, lambda: reopened(world, case))


def test_only_an_administrator_opens_again_and_says_why(world: World) -> None:
    case = denied(world)
    refused(world, NotForYou, lambda: reopened(world, case, world.by(PRIYA)))
    refused(world, NotForYou, lambda: reopened(world, case, world.by(ROSA)))
    refused(world, BadDecision, lambda: reopened(world, case, why=" "), "20 letters")


def test_where_the_right_to_act_ended_it_waits_for_proof_and_the_family_sees_no_difference(world: World) -> None:
    case = denied(world)
    world.restrict(ELENA, LUCIA)
    again = reopened(world, case)
    assert (again.state, again.seen_by_family, again.claimed_by) == (State.AWAITING_PROOF, State.IN_REVIEW, None)
    world.clock.advance(days=30)
    with world.at() as docket:
        assert expire_unproved(docket, world.now) == 0


def test_a_freeze_holds_everything_back_but_ends_no_right(world: World) -> None:
    case = denied(world)
    world.freeze(LUCIA, world.now)
    assert reopened(world, case).state is State.IN_REVIEW


def test_reopening_never_skips_a_proof_that_was_refused(world: World) -> None:
    case = unproved(world)
    with world.at() as docket:
        case = refuse_proof(
            docket, world.by(PRIYA), case.reference, case.version, ("NOT_IDENTIFIED", ENOUGH), world.now
        )
    world.clock.advance(minutes=10)
    again = reopened(world, left(world, case))
    assert (again.state, again.seen_by_family) == (State.AWAITING_PROOF, State.AWAITING_PROOF)
    world.clock.advance(days=30)
    with world.at() as docket:
        assert expire_unproved(docket, world.now) == 0
