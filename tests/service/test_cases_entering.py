"""What staff enters for people whom nobody knows."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from cases_given import World, given_world
from cases_people_given import NINA, OMAR, PRIYA, START

from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.cases.duplicating import mark_duplicate, not_duplicate
from rightsdesk.requests.cases.errors import AlreadyAsked
from rightsdesk.requests.cases.filing import enter_case
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import NoticeRow


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


# What staff enters for people whom nobody knows (T-04).


def test_what_came_on_paper_from_a_stranger_waits_for_proof_and_its_clock_runs(world: World) -> None:
    came = world.now - timedelta(days=5)
    filing = world.filing(requester=OMAR, subject=NINA, channel="paper", received_at=came)
    with world.at() as docket:
        case = enter_case(docket, filing, world.now)[0]
    assert (case.state, case.seen_by_family) == (State.AWAITING_PROOF, State.AWAITING_PROOF)
    assert (case.received_at, case.due_on) == (came, date(2027, 1, 2))


def test_what_a_known_guardian_brought_goes_to_the_desk_or_waits_where_nothing_proved_them(world: World) -> None:
    with world.at() as docket:
        case = enter_case(docket, world.filing(channel="paper", means="office_visit"), world.now)[0]
        assert case.state is State.SUBMITTED
        letter = enter_case(docket, world.filing(Kind.ACCESS, channel="mail", means=""), world.now)[0]
    assert letter.state is State.AWAITING_PROOF
    assert [row.kind for row in world.rows(NoticeRow)].count("PROOF_NEEDED") == 2


def test_a_repeated_request_joins_the_open_one_and_gives_it_the_earlier_clock(world: World) -> None:
    first = world.file(Kind.ACCESS)
    with world.at() as docket:
        paper = world.filing(Kind.ACCESS, channel="paper", received_at=world.now - timedelta(days=9), means="")
        with pytest.raises(AlreadyAsked):
            enter_case(docket, paper, world.now)
        other = enter_case(docket, replace(paper, kind=Kind.CORRECTION, wanted=(Wanted("grade", "8"),)), world.now)[0]
    second = world.file(wanted=(Wanted("grade", "08"),))
    with world.at() as docket:
        joined = mark_duplicate(docket, world.by(PRIYA), other.reference, 1, second.reference, world.now)
    kept = world.case(second)
    assert (joined.state, joined.duplicate_of) == (State.DUPLICATE, second.id)
    assert (kept.received_at, kept.due_on) == (other.received_at, other.due_on)
    with world.looking() as docket:
        assert {clock.due_on for clock in docket.cases.clocks(second.id)} == {date(2026, 12, 29)}
    with world.at() as docket:
        back = not_duplicate(docket, world.by(PRIYA), other.reference, joined.version, world.now)
    assert (back.state, back.duplicate_of, back.closed_at) == (State.AWAITING_PROOF, None, None)
    assert world.case(first).received_at == START
