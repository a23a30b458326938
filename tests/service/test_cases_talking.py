"""Claims, questions, proofs at the desk, and requests that are taken back, on real tables."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from cases_acts_given import acts_of, left, refused, ruled, unproved
from cases_given import World, given_world, no, partly, yes
from cases_people_given import DANA, ELENA, ENOUGH, MATEO, NINA, OMAR, PRIYA

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.cases.case import Case, Kind, Outcome
from rightsdesk.requests.cases.claiming import claim, release
from rightsdesk.requests.cases.conversation import ANSWER, answer, ask_family, go_on, note, thread
from rightsdesk.requests.cases.deciding import undo
from rightsdesk.requests.cases.errors import (
    AuthorityEnded,
    BadDecision,
    BadFiling,
    MovedOn,
    NoSuchCase,
    NotForYou,
)
from rightsdesk.requests.cases.proving import prove, refuse_proof
from rightsdesk.requests.cases.ruling import ElementRuling
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.withdrawing import may_withdraw, withdraw


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


# Claiming and the talk.


def test_a_claim_is_let_go_again(world: World) -> None:
    case = world.file()
    with world.at() as docket:
        case = claim(docket, world.by(PRIYA), case.reference, 1)
        case = release(docket, world.by(DANA), case.reference, case.version)
    assert (case.state, case.claimed_by) == (State.SUBMITTED, None)


def test_a_question_waits_fourteen_days_of_the_agency_and_an_answer_brings_it_back(world: World) -> None:
    case = world.file()
    with world.at() as docket:
        case = ask_family(docket, world.by(PRIYA), case.reference, 1, "Which of the two names is right?", world.now)
    assert (case.state, str(case.answer_by), case.claimed_by) == (State.WAITING_ON_FAMILY, "2026-12-07", PRIYA)
    world.clock.advance(minutes=1)
    with world.at() as docket:
        case = answer(docket, ELENA, case.reference, "El segundo.", world.now)
        world.clock.advance(minutes=1)
        note(docket, world.by(PRIYA), case.reference, "Ask the registrar.", world.now)
    assert (case.state, case.answer_by) == (State.IN_REVIEW, None)
    with world.looking() as docket:
        said = [(one.kind, one.author) for one in thread(docket, case)]
        assert said == [("question", PRIYA), (ANSWER, ELENA), ("note", PRIYA)]
        with pytest.raises(NoSuchCase):
            answer(docket, OMAR, case.reference, "It is mine too.", world.now)


def test_what_is_said_twice_in_a_row_is_kept_once_and_may_be_said_again_later(world: World) -> None:
    case = world.file()
    for text in ("Yes.", " Yes. ", "No.", "Yes."):  # a button is pressed again when its answer never came
        world.clock.advance(minutes=1)
        with world.at() as docket:
            answer(docket, ELENA, case.reference, text, world.now)
    for _ in range(2):
        world.clock.advance(minutes=1)
        with world.at() as docket:
            note(docket, world.by(PRIYA), case.reference, "Yes.", world.now)
    with world.looking() as docket:
        said = [(one.kind, one.text) for one in thread(docket, case)]
    assert said == [(ANSWER, "Yes."), (ANSWER, "No."), (ANSWER, "Yes."), ("note", "Yes.")]


def test_the_same_answer_to_another_question_counts_although_the_clock_was_set_back(world: World) -> None:
    case = world.file()
    world.clock.advance(hours=1)
    with world.at() as docket:
        case = answer(docket, ELENA, case.reference, "Yes.", world.now)
    world.clock.advance(hours=-1)
    with world.at() as docket:
        question = "Is the new name the right one?"
        case = ask_family(docket, world.by(PRIYA), case.reference, case.version, question, world.now)
    for _ in range(2):  # pressed twice, and kept once
        with world.at() as docket:
            case = answer(docket, ELENA, case.reference, "Yes.", world.now)
    assert case.state is State.IN_REVIEW
    with world.looking() as docket:
        assert [one.kind for one in thread(docket, case)].count(ANSWER) == 2


@pytest.mark.parametrize("text", ["", "Why?", "x" * 19, "x" * 4001])
def test_a_question_is_neither_short_nor_endless(world: World, text: str) -> None:
    case = world.file()

    def act() -> None:
        with world.at() as docket:
            ask_family(docket, world.by(PRIYA), case.reference, 1, text, world.now)

    refused(world, BadDecision, act)


@pytest.mark.parametrize("text", ["", " \n", "x" * 4001])
def test_an_answer_is_neither_empty_nor_endless(world: World, text: str) -> None:
    case = world.file()

    def act() -> None:
        with world.at() as docket:
            answer(docket, ELENA, case.reference, text, world.now)

    refused(world, BadFiling, act)


def test_going_on_without_an_answer_is_noted(world: World) -> None:
    case = world.file()
    with world.at() as docket:
        case = ask_family(docket, world.by(PRIYA), case.reference, 1, "Which of the two names is right?", world.now)
        case = go_on(docket, world.by(DANA), case.reference, case.version)
    assert (case.state, case.answer_by) == (State.IN_REVIEW, None)
    assert world.acts(case) == ["filed", "asked", "went_on"]


# Proof at the desk.


def test_a_case_without_proof_is_not_decided(world: World) -> None:
    case = unproved(world)
    for act in acts_of(world, case, PRIYA)[:6]:
        refused(world, MovedOn, act)


@pytest.mark.parametrize("means", ["office_visit", "school_sign_in", "call_back", "letter"])
def test_a_proof_brings_a_case_to_the_desk(world: World, means: str) -> None:
    case = unproved(world)
    with world.at() as docket:
        case = prove(docket, world.by(PRIYA), case.reference, 1, means, world.now)
    assert (case.state, case.state_before) == (State.SUBMITTED, "")


def test_an_administrator_notes_a_proof_and_frees_a_request_and_rules_on_nothing(world: World) -> None:
    keeper = replace(world.by(PRIYA), roles=frozenset({Role.ADMINISTRATOR}))
    waiting, taken = unproved(world), world.file(subject=MATEO)
    refusal = ("NOT_IDENTIFIED", ENOUGH)

    def refuse() -> None:
        with world.at() as docket:
            refuse_proof(docket, keeper, waiting.reference, 1, refusal, world.now)

    refused(world, NotForYou, refuse)
    with world.at() as docket:
        assert prove(docket, keeper, waiting.reference, 1, "office_visit", world.now).state is State.SUBMITTED
        claimed = claim(docket, world.by(DANA), taken.reference, 1)
        assert release(docket, keeper, taken.reference, claimed.version).claimed_by is None


def test_a_proof_needs_a_kind_and_the_right_to_act(world: World) -> None:
    known, stranger = unproved(world), unproved(world, requester=OMAR, subject=NINA)

    def act(case: Case, means: str) -> Callable[[], object]:
        def done() -> None:
            with world.at() as docket:
                prove(docket, world.by(PRIYA), case.reference, 1, means, world.now)

        return done

    refused(world, BadDecision, act(known, "a hunch"), "who they are")
    refused(world, AuthorityEnded, act(stranger, "office_visit"))


def test_a_refused_proof_is_held_and_taken_back_to_the_missing_proof(world: World) -> None:
    case = unproved(world, requester=OMAR, subject=NINA)
    with world.at() as docket:
        case = refuse_proof(docket, world.by(PRIYA), case.reference, 1, ("COURT_ORDER", ENOUGH), world.now)
    assert (case.state, case.is_held) == (State.DENIED, True)
    with world.at() as docket:
        case = undo(docket, world.by(PRIYA), case.reference, case.version, world.now)
    assert (case.state, case.state_before) == (State.AWAITING_PROOF, "")


@pytest.mark.parametrize(
    ("ground", "text"), [("ACCURATE", ENOUGH), ("", ENOUGH), ("NO_AUTHORITY", "x" * 19), ("NOT_HELD", ENOUGH)]
)
def test_a_proof_is_refused_on_standing_and_with_words(world: World, ground: str, text: str) -> None:
    case = unproved(world)

    def act() -> None:
        with world.at() as docket:
            refuse_proof(docket, world.by(PRIYA), case.reference, 1, (ground, text), world.now)

    refused(world, BadDecision, act)


# Taking a request back.


def brought_to(world: World, state: State) -> Case:
    """Return a case of Elena's that stands in this state by the use cases alone."""
    if state is State.AWAITING_PROOF:
        return unproved(world)
    if state in _OF_ERASURES:
        return deletion_at(world, state)
    case = world.file()
    with world.at() as docket:
        if state is State.IN_REVIEW:
            case = claim(docket, world.by(PRIYA), case.reference, 1)
        if state is State.WAITING_ON_FAMILY:
            case = ask_family(docket, world.by(PRIYA), case.reference, 1, "Which of the names is right?", world.now)
    return ruled(world, PRIYA, no(case)) if state is State.DENIED else case


def deletion_at(world: World, state: State) -> Case:
    """Return a deletion that stands in this state; one that is carried out was granted in part."""
    case = world.file(Kind.ERASURE, "picture", "apps")
    kept = ElementRuling("apps", Outcome.DENY, "RETENTION_REQUIRED", ENOUGH)
    parts = (ElementRuling("picture", Outcome.APPROVE), kept)
    case = ruled(world, PRIYA, yes(case) if state is State.APPROVED else partly(case, *parts))
    if state is not State.AWAITING_SECOND_APPROVAL:
        case = ruled(world, DANA, yes(case))
    if state is State.FULFILLING:
        world.clock.advance(minutes=10)
        case = left(world, case)
    return case


_OF_ERASURES = {State.AWAITING_SECOND_APPROVAL, State.APPROVED, State.PARTLY_APPROVED, State.FULFILLING}


@pytest.mark.parametrize(
    "state", [State.AWAITING_PROOF, State.SUBMITTED, State.IN_REVIEW, State.WAITING_ON_FAMILY, *sorted(_OF_ERASURES)]
)
def test_a_request_is_taken_back_in_any_open_state(world: World, state: State) -> None:
    case = brought_to(world, state)
    assert case.state is state
    assert may_withdraw(case)
    with world.at() as docket:
        back = withdraw(docket, ELENA, case.reference, world.now)
    assert (back.state, back.is_open, back.closed_at) == (State.WITHDRAWN, False, world.now)
    world.clock.advance(days=30)
    with world.looking() as docket:
        assert list(docket.cases.due_to_take_effect(world.now)) == []
        assert list(docket.cases.due_to_erase(world.now)) == []


def test_what_is_answered_begun_or_anothers_cannot_be_taken_back(world: World) -> None:
    def act(case: Case, who: UUID = ELENA) -> Callable[[], object]:
        def done() -> None:
            with world.at() as docket:
                withdraw(docket, who, case.reference, world.now)

        return done

    denied = brought_to(world, State.DENIED)
    refused(world, MovedOn, act(denied))
    refused(world, NoSuchCase, act(denied, OMAR))
    doing = brought_to(world, State.FULFILLING)
    with world.at() as docket:
        begun = tuple(replace(one, result=one.result or "erased") for one in doing.elements)
        doing = docket.cases.save(doing, replace(doing, elements=begun, version=doing.version + 1))
    refused(world, MovedOn, act(doing))
    gone = world.file(Kind.ACCESS, subject=MATEO)
    act(gone)()
    refused(world, MovedOn, act(gone))
