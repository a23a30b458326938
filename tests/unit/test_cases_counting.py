"""In which of the desk's views a case stands."""

from uuid import UUID

import pytest
from cases_states_given import a_case

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.counting import views_of
from rightsdesk.requests.cases.states import State

PRIYA = UUID(int=0xAB)
MINE = f"mine:{PRIYA.hex}"
DECIDED = {"decided"}


@pytest.mark.parametrize(
    ("state", "views"),
    [
        (State.AWAITING_PROOF, {"proof"}),
        (State.SUBMITTED, {"decision", "lang:es"}),
        (State.IN_REVIEW, {"decision", "lang:es"}),
        (State.WAITING_ON_FAMILY, {"waiting"}),
        (State.AWAITING_SECOND_APPROVAL, {"second"}),
        (State.APPROVED, DECIDED),
        (State.PARTLY_APPROVED, DECIDED),
        (State.DENIED, DECIDED),
        (State.FULFILLING, DECIDED),
        (State.FULFILLED, DECIDED),
        (State.WITHDRAWN, {"closed"}),
        (State.EXPIRED_UNVERIFIED, {"closed"}),
        (State.DUPLICATE, {"closed"}),
    ],
)
def test_each_state_has_its_views(state: State, views: set[str]) -> None:
    assert views_of(a_case(state)) == views
    undecided = state in {State.SUBMITTED, State.IN_REVIEW}
    assert views_of(a_case(state, claimed_by=PRIYA)) == views | ({MINE} if undecided else set())


def deletions(case: Case) -> bool:
    return "deletions" in views_of(case)


@pytest.mark.parametrize("state", State)
def test_a_deletion_is_listed_until_two_people_agreed(state: State) -> None:
    waits = state in {State.SUBMITTED, State.IN_REVIEW, State.AWAITING_SECOND_APPROVAL}
    assert deletions(a_case(state, Kind.ERASURE)) is waits
    assert not deletions(a_case(state, Kind.ACCESS))
