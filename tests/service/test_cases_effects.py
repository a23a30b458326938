"""What time and changed facts do to a case: holds end, rights end, proofs never come."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cases_given import World, given_world, no, partly, yes
from cases_people_given import DANA, ELENA, ENOUGH, LUCIA, NINA, OMAR, PAUL, PRIYA

from rightsdesk.requests.cases.case import Case, Kind, Outcome
from rightsdesk.requests.cases.claiming import claim
from rightsdesk.requests.cases.conversation import answer, ask_family
from rightsdesk.requests.cases.deciding import decide, undo
from rightsdesk.requests.cases.effects import expire_unproved, finish, look_again, take_effect
from rightsdesk.requests.cases.lettering import kept_letter
from rightsdesk.requests.cases.proving import prove, refuse_proof
from rightsdesk.requests.cases.ruling import ElementRuling
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import NoticeRow
from rightsdesk.requests.cases.timeline import family_timeline
from rightsdesk.requests.cases.withdrawing import may_withdraw


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


def decided(world: World, case: Case) -> Case:
    with world.at() as docket:
        return decide(docket, world.by(PRIYA), yes(case), world.now)


def left(world: World, case: Case) -> Case:
    with world.at() as docket:
        return take_effect(docket, case.id, world.now)


def looked_at(world: World, *people: Any) -> int:
    with world.at() as docket:
        return look_again(docket, people, world.now)


def asked(world: World) -> Case:
    case = world.file()
    with world.at() as docket:
        return ask_family(docket, world.by(PRIYA), case.reference, 1, "Which of the two names is right?", world.now)


def claimed(world: World) -> Case:
    case = world.file()
    with world.at() as docket:
        return claim(docket, world.by(PRIYA), case.reference, 1)


def being_done(world: World) -> Case:
    case = decided(world, world.file(Kind.ACCESS))
    world.clock.advance(minutes=10)
    return left(world, case)


# A right to act that ends.


def test_a_restriction_after_the_approval_stops_the_answer_and_the_family_sees_the_same_words(world: World) -> None:
    case = decided(world, world.file(Kind.ACCESS))
    world.restrict(ELENA)
    world.clock.advance(minutes=10)
    lost = left(world, case)
    assert (lost.state, lost.outcome, lost.effective_at, lost.decided_by) == (State.AWAITING_PROOF, "", None, None)
    assert lost.elements[0].outcome == ""
    assert lost.seen_by_family is case.seen_by_family is State.IN_REVIEW
    assert world.acts(case)[-1] == "authority_lost"
    with world.looking() as docket:
        assert [moment.kind for moment in family_timeline(docket, lost)] == ["filed"]
    assert "fulfil" not in world.jobs.kinds()
    assert {row.kind for row in world.rows(NoticeRow)} == {"RECEIPT"}


@pytest.mark.parametrize("bring", [World.file, claimed, asked, being_done], ids=["filed", "claimed", "asked", "doing"])
def test_a_lost_right_leaves_the_familys_words_and_comes_back_to_them(world: World, bring: Any) -> None:
    case: Case = bring(world)
    world.restrict(ELENA)
    assert looked_at(world, LUCIA) == 1
    lost = world.case(case)
    assert lost.state is State.AWAITING_PROOF
    assert lost.seen_by_family is case.seen_by_family
    assert looked_at(world, LUCIA, ELENA) == 0
    world.lift()
    with world.at() as docket:
        back = prove(docket, world.by(DANA), lost.reference, lost.version, "office_visit", world.now)
    assert back.state is (State.SUBMITTED if case.state is State.SUBMITTED else State.IN_REVIEW)
    assert back.is_open


def test_a_case_that_lost_its_right_while_it_was_done_can_be_answered_again(world: World) -> None:
    case = being_done(world)
    world.restrict(ELENA)
    looked_at(world, LUCIA)
    world.lift()
    with world.at() as docket:
        case = prove(docket, world.by(DANA), case.reference, world.case(case).version, "office_visit", world.now)
    case = decided(world, case)
    assert case.is_held
    world.clock.advance(minutes=10)
    with world.looking() as docket:
        assert list(docket.cases.due_to_take_effect(world.now)) == [case.id]
    assert left(world, case).state is State.FULFILLING


def test_a_refused_part_does_not_keep_a_case_from_losing_its_right(world: World) -> None:
    case = world.file(Kind.CORRECTION, "name.family", "grade")
    kept = ElementRuling("grade", Outcome.DENY, "ACCURATE", ENOUGH)
    with world.at() as docket:
        ruling = partly(case, ElementRuling("name.family", Outcome.APPROVE), kept)
        case = decide(docket, world.by(PRIYA), ruling, world.now)
    world.clock.advance(minutes=10)
    case = left(world, case)
    assert [one.result for one in case.elements] == ["refused", ""]
    assert may_withdraw(case)
    world.restrict(ELENA)
    assert looked_at(world, ELENA) == 1
    assert [one.result for one in world.case(case).elements] == ["", ""]


def test_what_was_done_already_is_not_called_back(world: World) -> None:
    case = being_done(world)
    with world.at() as docket:
        done = tuple(replace(one, result="done") for one in case.elements)
        case = docket.cases.save(case, replace(case, elements=done, version=case.version + 1))
    world.restrict(ELENA)
    assert looked_at(world, LUCIA) == 0
    with world.at() as docket:
        ended = finish(docket, case, world.now)
    assert (ended.state, ended.is_open) == (State.FULFILLED, False)


def test_other_families_keep_their_cases(world: World) -> None:
    hers, his = world.file(), world.file(requester=OMAR)
    world.restrict(ELENA)
    assert looked_at(world, LUCIA) == 1
    assert (world.case(hers).state, world.case(his).state) == (State.AWAITING_PROOF, State.SUBMITTED)


def test_a_freeze_holds_an_answer_back_and_takes_no_right_away(world: World) -> None:
    case = decided(world, world.file(Kind.ACCESS))
    world.freeze(LUCIA, world.now)
    assert looked_at(world, LUCIA) == 0
    world.clock.advance(minutes=10)
    assert left(world, case) == case
    world.freeze(LUCIA, None)
    assert left(world, case).state is State.FULFILLING


def test_a_frozen_students_refusal_leaves_all_the_same(world: World) -> None:
    case = world.file()
    with world.at() as docket:
        case = decide(docket, world.by(PRIYA), no(case), world.now)
    world.freeze(LUCIA, world.now)
    world.clock.advance(minutes=10)
    assert left(world, case).seen_by_family is State.DENIED


@pytest.mark.parametrize(
    ("at", "lost"),
    [
        ("2026-12-01T04:59:59+00:00", 0),
        ("2026-12-01T05:00:00+00:00", 1),
    ],
)
def test_at_18_in_the_agencys_zone_a_parents_case_waits_for_proof(world: World, at: str, lost: int) -> None:
    case = world.file(Kind.ACCESS, requester=PAUL, subject=NINA)
    own = world.file(Kind.ACCESS, requester=NINA, subject=NINA)
    world.clock.at = datetime.fromisoformat(at)
    with world.looking() as docket:
        people = docket.cases.people_of_open_cases(UUID(int=0), 200)
    assert looked_at(world, *people) == lost
    assert world.case(case).state is (State.AWAITING_PROOF if lost else State.SUBMITTED)
    assert world.case(own).state is State.SUBMITTED


def test_the_people_of_open_cases_come_a_few_at_a_time_and_each_once(world: World) -> None:
    for subject in (LUCIA, NINA):
        world.file(Kind.ACCESS, requester=subject if subject == NINA else ELENA, subject=subject)
    world.file(Kind.CORRECTION, requester=PAUL, subject=NINA)
    with world.looking() as docket:
        pages, last = [], UUID(int=0)
        while page := docket.cases.people_of_open_cases(last, 1):
            pages.append(list(page))
            last = page[-1]
    assert pages == [[one] for one in sorted([LUCIA, NINA])]


def test_somebody_restricted_who_answers_a_question_learns_nothing(world: World) -> None:
    case, other = asked(world), world.file(Kind.ACCESS)
    world.restrict(ELENA)
    with world.at() as docket:
        told = answer(docket, ELENA, case.reference, "El segundo.", world.now)
        same = answer(docket, ELENA, other.reference, "Gracias.", world.now)
    assert (told.state, told.seen_by_family, told.answer_by) == (State.AWAITING_PROOF, State.IN_REVIEW, None)
    assert same.seen_by_family is State.SUBMITTED
    assert world.acts(case)[-2:] == ["answered", "authority_lost"]


def test_an_answer_after_the_right_was_lost_keeps_the_case_where_it_waits(world: World) -> None:
    case = asked(world)
    world.restrict(ELENA)
    looked_at(world, LUCIA)
    assert world.case(case).seen_by_family is State.WAITING_ON_FAMILY
    with world.at() as docket:
        told = answer(docket, ELENA, case.reference, "El segundo.", world.now)
    assert (told.state, told.seen_by_family) == (State.AWAITING_PROOF, State.IN_REVIEW)


def test_a_refused_proof_taken_back_keeps_the_words_of_a_lost_right(world: World) -> None:
    case = claimed(world)
    world.restrict(ELENA)
    looked_at(world, LUCIA)
    for _ in range(2):
        with world.at() as docket:
            version = docket.cases.find(case.reference).version
            refuse_proof(docket, world.by(PRIYA), case.reference, version, ("COURT_ORDER", ENOUGH), world.now)
            back = undo(docket, world.by(PRIYA), case.reference, version + 1, world.now)
        assert (back.state, back.seen_by_family) == (State.AWAITING_PROOF, State.IN_REVIEW)
    world.clock.advance(days=30)
    with world.at() as docket:
        assert expire_unproved(docket, world.now) == 0


def test_a_refused_proof_leaves_as_a_letter_that_names_no_order(world: World) -> None:
    case = world.file()
    world.restrict(ELENA)
    looked_at(world, LUCIA)
    told = "There is a court order about the father."
    with world.at() as docket:
        case = refuse_proof(docket, world.by(PRIYA), case.reference, 2, ("COURT_ORDER", told), world.now)
    world.clock.advance(minutes=10)
    case = left(world, case)
    assert (case.state, case.is_open) == (State.DENIED, False)
    with world.looking() as docket:
        text = kept_letter(docket, case)
    assert text is not None
    assert "Llame" in text
    assert not {"order", "orden", "court", "juez", "Lucía"} & set(text.replace(".", " ").split())


def test_what_cannot_leave_yet_keeps_nobody_else_waiting(world: World) -> None:
    stuck = decided(world, world.file(Kind.ACCESS))
    world.freeze(LUCIA, world.now)
    world.clock.advance(minutes=1)
    other = decided(world, world.file(Kind.ACCESS, requester=NINA, subject=NINA))
    world.clock.advance(minutes=10)
    with world.looking() as docket:
        assert list(docket.cases.due_to_take_effect(world.now, limit=1)) == [other.id]
    world.freeze(LUCIA, None)
    with world.looking() as docket:
        assert list(docket.cases.due_to_take_effect(world.now, limit=1)) == [stuck.id]
