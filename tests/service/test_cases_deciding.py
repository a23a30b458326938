"""Claim, decide, take back, and what each decision must hold, on real tables."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cases_acts_given import acts_of, left, refused, ruled
from cases_given import World, given_world, no, partly, yes
from cases_people_given import AUDREY, DANA, ELSE_PARENT, ENOUGH, LEE, NINA, PAUL, PRIYA, ROSA

from rightsdesk.requests.cases.case import Kind, Outcome
from rightsdesk.requests.cases.claiming import claim
from rightsdesk.requests.cases.deciding import return_proposal, undo
from rightsdesk.requests.cases.errors import (
    BadDecision,
    MovedOn,
    NeedsFreshProof,
    NotForYou,
)
from rightsdesk.requests.cases.ruling import ElementRuling
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import DecisionRow

NAME, GRADE = "name.family", "grade"
ALLOWED = ElementRuling(NAME, Outcome.APPROVE)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


def test_a_case_goes_from_claim_over_undo_to_its_end(world: World) -> None:
    case = world.file()
    with world.at() as docket:
        case = claim(docket, world.by(PRIYA), case.reference, 1)
    assert (case.state, case.claimed_by, case.version) == (State.IN_REVIEW, PRIYA, 2)
    case = ruled(world, PRIYA, yes(case))
    assert (case.state, case.decided_by, case.effective_at) == (
        State.APPROVED,
        PRIYA,
        world.now + timedelta(minutes=10),
    )
    with world.at() as docket:
        case = undo(docket, world.by(PRIYA), case.reference, case.version, world.now)
    assert (case.state, case.outcome, case.decided_by, case.effective_at) == (State.IN_REVIEW, "", None, None)
    assert case.elements[0].outcome == ""
    case = ruled(world, DANA, yes(case))
    world.clock.advance(minutes=10)
    case = left(world, case)
    assert (case.state, case.took_effect_at, case.claimed_by) == (State.FULFILLING, world.now, None)
    assert world.case(case) == case
    assert world.acts(case) == ["filed", "claimed", "decided", "undone", "decided", "took_effect"]
    assert "fulfil" in world.jobs.kinds()
    kept = sorted(world.rows(DecisionRow), key=lambda row: row.undone_at is None)
    assert [(row.by, row.undone_by) for row in kept] == [(PRIYA, PRIYA), (DANA, None)]


@pytest.mark.parametrize(("seconds", "leaves"), [(599, False), (600, True), (601, True)])
def test_the_hold_is_ten_minutes_to_the_second(world: World, seconds: int, *, leaves: bool) -> None:
    case = ruled(world, PRIYA, no(world.file()))
    world.clock.advance(seconds=seconds)
    with world.looking() as docket:
        assert (case.id in docket.cases.due_to_take_effect(world.now)) is leaves
    if leaves:

        def late() -> None:
            with world.at() as docket:
                undo(docket, world.by(PRIYA), case.reference, case.version, world.now)

        refused(world, MovedOn, late, "The answer has left")
    assert (left(world, case).took_effect_at is not None) is leaves
    if not leaves:
        with world.at() as docket:
            assert undo(docket, world.by(PRIYA), case.reference, case.version, world.now).state is State.SUBMITTED


def test_taking_effect_twice_is_once(world: World) -> None:
    case = ruled(world, PRIYA, yes(world.file()))
    world.clock.advance(minutes=10)
    first = left(world, case)
    jobs, acts = world.jobs.kinds(), world.acts(case)
    assert left(world, case) == first
    assert (world.jobs.kinds(), world.acts(case)) == (jobs, acts)


def test_a_refusal_ends_where_it_was_made_when_it_is_taken_back(world: World) -> None:
    case = world.file()
    for before, claimed in ((State.SUBMITTED, None), (State.IN_REVIEW, DANA)):
        if claimed:
            with world.at() as docket:
                case = claim(docket, world.by(DANA), case.reference, case.version)
        case = ruled(world, DANA, no(case))
        with world.at() as docket:
            case = undo(docket, world.by(ROSA), case.reference, case.version, world.now)
        assert (case.state, case.claimed_by) == (before, claimed)


def test_only_the_deciders_a_lead_or_an_administrator_take_a_decision_back(world: World) -> None:
    case = ruled(world, PRIYA, yes(world.file()))
    for staff in (DANA, LEE, AUDREY):

        def act(staff: UUID = staff) -> None:
            with world.at() as docket:
                undo(docket, world.by(staff), case.reference, case.version, world.now)

        refused(world, NotForYou, act)


# Who may not: role, own family, the same person twice, a stale proof.


@pytest.mark.parametrize("staff", [AUDREY, ELSE_PARENT])
def test_no_other_role_and_nobody_of_the_family_acts_on_a_case(world: World, staff: UUID) -> None:
    case = world.file()
    for act in acts_of(world, case, staff):
        refused(world, NotForYou, act)


def test_a_second_approver_only_agrees_to_deletions(world: World) -> None:
    case = world.file()
    for act in acts_of(world, case, LEE)[:5]:
        refused(world, NotForYou, act)


def test_a_colleague_decides_about_the_families_of_others(world: World) -> None:
    case = world.file(Kind.ACCESS, requester=PAUL, subject=NINA)
    assert ruled(world, ELSE_PARENT, yes(case)).state is State.APPROVED


def test_a_lead_takes_back_no_decision_about_their_own_child(world: World) -> None:
    case = ruled(world, PRIYA, no(world.file()))

    def act() -> None:
        with world.at() as docket:
            undo(docket, world.by(ELSE_PARENT), case.reference, case.version, world.now)

    refused(world, NotForYou, act, "own family")


def test_a_deletion_takes_two_people_and_fresh_proofs(world: World) -> None:
    case = world.file(Kind.ERASURE)
    for stale in (timedelta(minutes=5), None):
        refused(world, NeedsFreshProof, lambda stale=stale: ruled(world, PRIYA, yes(case), stale))
    case = ruled(world, PRIYA, yes(case), timedelta(seconds=299))
    assert (case.state, case.decided_by, case.effective_at) == (State.AWAITING_SECOND_APPROVAL, PRIYA, None)
    refused(world, NotForYou, lambda: ruled(world, PRIYA, yes(case)), "Another person must agree")
    refused(world, NotForYou, lambda: ruled(world, ELSE_PARENT, yes(case)), "own family")
    refused(world, NotForYou, lambda: ruled(world, AUDREY, yes(case)))
    refused(world, BadDecision, lambda: ruled(world, DANA, no(case)), "give the request back")
    refused(world, NeedsFreshProof, lambda: ruled(world, LEE, yes(case), timedelta(minutes=5)))
    case = ruled(world, LEE, yes(case))
    assert (case.state, case.decided_by, case.confirmed_by) == (State.APPROVED, PRIYA, LEE)
    assert case.effective_at == world.now + timedelta(minutes=10)
    assert world.acts(case) == ["filed", "proposed", "confirmed"]


def test_a_deletion_in_part_stays_in_part_when_the_second_agrees(world: World) -> None:
    case = world.file(Kind.ERASURE, "picture", "apps")
    kept = ElementRuling("apps", Outcome.DENY, "RETENTION_REQUIRED", ENOUGH)
    case = ruled(world, PRIYA, partly(case, ElementRuling("picture", Outcome.APPROVE), kept))
    assert (case.state, case.outcome) == (State.AWAITING_SECOND_APPROVAL, "partial")
    case = ruled(world, DANA, yes(case))
    assert case.state is State.PARTLY_APPROVED
    assert {one.element: one.outcome for one in world.case(case).elements} == {"picture": "approve", "apps": "deny"}


def test_a_refused_deletion_takes_one_person(world: World) -> None:
    case = ruled(world, PRIYA, no(world.file(Kind.ERASURE), "RETENTION_REQUIRED"), None)
    assert case.state is State.DENIED


def test_a_deletion_can_be_given_back_and_stays_with_somebody_who_may_decide(world: World) -> None:
    case = ruled(world, PRIYA, yes(world.file(Kind.ERASURE)))
    with world.at() as docket:
        case = return_proposal(docket, world.by(LEE), case.reference, case.version)
    assert (case.state, case.claimed_by, case.decided_by, case.outcome) == (State.IN_REVIEW, PRIYA, None, "")
    assert case.elements[0].outcome == ""
    case = ruled(world, PRIYA, yes(case))
    with world.at() as docket:
        case = return_proposal(docket, world.by(DANA), case.reference, case.version)
    assert case.claimed_by == DANA
