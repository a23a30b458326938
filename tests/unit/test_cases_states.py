"""The life of a case: every pair of state and move, against the table of the house's own rules."""

from itertools import product
from typing import Final
from uuid import UUID

import pytest
from cases_states_given import NOON, a_case

from rightsdesk.requests.cases.case import Asked
from rightsdesk.requests.cases.errors import MovedOn
from rightsdesk.requests.cases.states import Move, State, can, leads_to

# Written from the rules, one line a move, not from the code: T-05 to T-29.
ORACLE: Final = """
prove             awaiting_proof expired_unverified -> submitted in_review
refuse_proof      awaiting_proof -> denied
proof_timeout     awaiting_proof -> expired_unverified
mark_duplicate    awaiting_proof submitted in_review -> duplicate
not_duplicate     duplicate -> awaiting_proof submitted in_review
auto_decide       submitted -> approved
claim             submitted -> in_review
release           in_review -> submitted
ask               submitted in_review -> waiting_on_family
answer            waiting_on_family -> in_review
go_on             waiting_on_family -> in_review
approve           submitted in_review -> approved
approve_part      submitted in_review -> partly_approved
propose_erasure   submitted in_review -> awaiting_second_approval
confirm_erasure   awaiting_second_approval -> approved partly_approved
return            awaiting_second_approval -> in_review
deny              submitted in_review -> denied
undo              approved partly_approved -> in_review
undo              denied -> awaiting_proof submitted in_review
take_effect       approved partly_approved -> fulfilling
take_effect       denied -> denied
authority_lost    submitted in_review waiting_on_family awaiting_second_approval approved partly_approved fulfilling \
-> awaiting_proof
stop              fulfilling -> in_review
finish            fulfilling -> fulfilled
withdraw          awaiting_proof submitted in_review waiting_on_family awaiting_second_approval approved \
partly_approved fulfilling -> withdrawn
reopen            denied fulfilled withdrawn -> in_review awaiting_proof
extend            submitted -> submitted
extend            in_review -> in_review
extend            waiting_on_family -> waiting_on_family
extend            awaiting_second_approval -> awaiting_second_approval
"""
STATES: Final = [
    *("awaiting_proof", "submitted", "in_review", "waiting_on_family", "awaiting_second_approval"),
    *("approved", "partly_approved", "denied"),
    *("fulfilling", "fulfilled", "withdrawn", "expired_unverified", "duplicate"),
]


def table() -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for line in ORACLE.strip().splitlines():
        move, rest = line.split(maxsplit=1)
        before, after = rest.split("->")
        found |= {(state, move): set(after.split()) for state in before.split()}
    return found


TABLE: Final = table()
PAIRS: Final = list(product(STATES, sorted({move for _, move in TABLE})))


def test_the_rules_and_the_code_know_the_same_states_and_moves() -> None:
    assert {str(state) for state in State} == set(STATES)
    assert {str(move) for move in Move} == {move for _, move in TABLE}


@pytest.mark.parametrize(("state", "move"), PAIRS, ids=str)
def test_a_listed_move_leads_where_the_rules_say_and_any_other_is_refused(state: str, move: str) -> None:
    targets = TABLE.get((state, move), set())
    assert {str(target) for target in leads_to(State(state), Move(move))} == targets
    assert can(State(state), Move(move)) is bool(targets)
    case = a_case(State(state))
    for target in State:
        if target in targets:
            moved = case.move(Move(move), to=target, blocked="hold")
            assert (moved.state, moved.version, moved.blocked) == (target, 8, "hold")
        else:
            with pytest.raises(MovedOn) as refused:
                case.move(Move(move), to=target)
            assert refused.value.version == 7
    assert case == a_case(State(state))


@pytest.mark.parametrize(("state", "move"), [pair for pair in PAIRS if pair not in TABLE])
def test_a_move_that_is_not_listed_is_refused_without_a_target_too(state: str, move: str) -> None:
    with pytest.raises(MovedOn, match="has moved on"):
        a_case(State(state)).move(Move(move))


def test_nothing_leaves_what_is_over_but_by_reopening_or_a_late_proof() -> None:
    leaving = {state: {move for (at, move) in TABLE if at == state} for state in STATES}
    assert leaving["fulfilled"] == leaving["withdrawn"] == {"reopen"}
    assert leaving["expired_unverified"] == {"prove"}
    assert leaving["duplicate"] == {"not_duplicate"}


@pytest.mark.parametrize("state", ["awaiting_proof", "expired_unverified"])
def test_only_a_proof_leads_from_a_missing_proof_to_the_desk(state: str) -> None:
    reached = {move: targets for (at, move), targets in TABLE.items() if at == state}
    assert reached.pop("prove") == {"submitted", "in_review"}
    assert set().union(*reached.values()) <= {"denied", "duplicate", "withdrawn", "expired_unverified"}


def test_another_version_is_refused_and_the_present_one_passes() -> None:
    case = a_case()
    assert case.at(7) is case
    for stale in (6, 8):
        with pytest.raises(MovedOn, match="while you had it open") as refused:
            case.at(stale)
        assert refused.value.version == 7


SHOWN: Final = {
    "awaiting_proof": "awaiting_proof",
    "submitted": "submitted",
    "in_review": "in_review",
    "waiting_on_family": "waiting_on_family",
    "awaiting_second_approval": "in_review",
    "approved": "in_review",
    "partly_approved": "in_review",
    "denied": "in_review",
    "fulfilling": "fulfilling",
    "fulfilled": "fulfilled",
    "withdrawn": "withdrawn",
    "expired_unverified": "expired_unverified",
    "duplicate": "duplicate",
}


@pytest.mark.parametrize("state", STATES)
def test_the_family_sees_no_decision_before_it_leaves(state: str) -> None:
    assert a_case(State(state)).seen_by_family == SHOWN[state]


def test_a_refusal_shows_once_it_has_left() -> None:
    assert a_case(State.DENIED, took_effect_at=NOON).seen_by_family is State.DENIED


@pytest.mark.parametrize("words", ["submitted", "in_review", "waiting_on_family", "fulfilling"])
def test_a_case_that_lost_its_authority_keeps_the_words_it_had(words: str) -> None:
    assert a_case(State.AWAITING_PROOF, state_before=words).seen_by_family == words


@pytest.mark.parametrize("words", ["", "submitted", "waiting_on_family"])
def test_a_refused_proof_leads_back_to_the_same_missing_proof(words: str) -> None:
    unproved = a_case(State.AWAITING_PROOF, state_before=words)
    assert a_case(State.DENIED, state_before=unproved.mark).came_from == (State.AWAITING_PROOF, words)
    assert len(unproved.mark) <= 30


def test_a_refusal_leads_back_to_where_it_was_made() -> None:
    for state in (State.SUBMITTED, State.IN_REVIEW):
        assert a_case(State.DENIED, state_before=a_case(state).mark).came_from == (state, "")


@pytest.mark.parametrize(
    ("state", "open_", "open_after"),
    [
        *((state, True, True) for state in State if state.value in STATES[:5]),
        (State.APPROVED, True, True),
        (State.PARTLY_APPROVED, True, True),
        (State.FULFILLING, True, True),
        (State.DENIED, True, False),
        *((State(state), False, False) for state in STATES[9:]),
    ],
)
def test_a_case_is_open_until_its_answer_has_left(state: State, *, open_: bool, open_after: bool) -> None:
    assert a_case(state).is_open is open_
    assert a_case(state, took_effect_at=NOON).is_open is open_after


@pytest.mark.parametrize(
    ("result", "begun"), [("", False), ("refused", False), ("needs_person", False), ("done", True), ("erased", True)]
)
def test_work_has_begun_when_something_was_done(result: str, *, begun: bool) -> None:
    assert a_case(State.FULFILLING, elements=(Asked(UUID(int=4), "grade", result=result),)).has_begun is begun


@pytest.mark.parametrize("state", [State.DENIED, State.FULFILLING, State.FULFILLED, State.WITHDRAWN])
def test_where_a_case_was_decided_shows_the_family_nothing_once_the_answer_left(state: State) -> None:
    assert a_case(state, state_before="submitted", took_effect_at=NOON).seen_by_family is state


def test_a_case_at_the_desk_goes_back_to_the_desk_whatever_it_was_before() -> None:
    case = a_case(State.IN_REVIEW, state_before="submitted")
    assert a_case(State.DUPLICATE, state_before=case.mark).came_from == (State.IN_REVIEW, "")


@pytest.mark.parametrize(
    ("state", "before", "never"),
    [
        (State.AWAITING_PROOF, "", True),
        (State.AWAITING_PROOF, "awaiting_proof", True),
        (State.AWAITING_PROOF, "in_review", False),
        (State.SUBMITTED, "", False),
    ],
)
def test_only_a_case_that_never_had_a_proof_was_never_proved(state: State, before: str, *, never: bool) -> None:
    assert a_case(state, state_before=before).was_never_proved is never
