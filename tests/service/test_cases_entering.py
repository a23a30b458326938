"""What staff enters for people whom nobody knows."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cases_given import World, given_world
from cases_people_given import BEN, ELENA, LUCIA, NINA, OMAR, PAUL, PRIYA, RUTH, START, number

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.duplicating import mark_duplicate, not_duplicate
from rightsdesk.requests.cases.effects import expire_unproved
from rightsdesk.requests.cases.errors import AlreadyAsked, BadDecision
from rightsdesk.requests.cases.filing import enter_case
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import CaseRow, NoticeRow
from rightsdesk.requests.cases.withdrawing import withdraw
from rightsdesk.requests.people.errors import NotOnFile


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
        spoken = replace(paper, kind=Kind.CORRECTION, wanted=(Wanted("name.family", "delgado  ruiz"),))
        other = enter_case(docket, spoken, world.now)[0]
    second = world.file(wanted=(Wanted("name.family", "Delgado Ruiz"),))
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


@pytest.mark.parametrize(
    ("requester", "subject"),
    [(RUTH, LUCIA), (number(999), LUCIA), (ELENA, BEN), (ELENA, number(999)), (ELENA, OMAR), (BEN, BEN)],
    ids=["a foreign person", "nobody", "a foreign student", "no student", "a parent as student", "a foreign family"],
)
def test_nothing_is_written_about_people_who_are_not_on_this_agencys_record(
    world: World, requester: UUID, subject: UUID
) -> None:
    with world.at() as docket, pytest.raises(NotOnFile):
        enter_case(docket, world.filing(requester=requester, subject=subject, channel="paper", means=""), world.now)
    assert (world.rows(CaseRow), world.rows(NoticeRow), world.jobs.kinds()) == ([], [], [])


def doubles(world: World) -> tuple[Case, Case]:
    """Return a request and the one that was joined to it; the first came without proof."""
    with world.at() as docket:
        paper = world.filing(channel="paper", means="", requester=PAUL, subject=NINA)
        first = enter_case(docket, paper, world.now)[0]
        again = replace(paper, once="b" * 32, wanted=(Wanted("name.family", "delgado ruiz"),))
        second = enter_case(docket, again, world.now)[0]
        joined = mark_duplicate(docket, world.by(PRIYA), second.reference, 1, first.reference, world.now)
    return first, joined


@pytest.mark.parametrize("value", ["Delgado", "Delgado-Ruiz"])
def test_a_request_for_another_value_or_piece_is_never_closed_as_a_double(world: World, value: str) -> None:
    first, second = world.file(), world.file(wanted=(Wanted("name.family", value),))
    third = world.file(wanted=(Wanted("name.family", "Delgado Ruiz"), Wanted("grade", "08")))
    for other in (second, third):
        with world.at() as docket, pytest.raises(BadDecision):
            mark_duplicate(docket, world.by(PRIYA), other.reference, 1, first.reference, world.now)
        assert world.case(other).state is State.SUBMITTED


@pytest.mark.parametrize("means", ["", "office_visit"])
def test_a_letter_that_anybody_may_have_sent_never_hinders_the_person_it_names(world: World, means: str) -> None:
    came = world.now - timedelta(days=3)
    with world.at() as docket:
        letter = world.filing(Kind.ACCESS, channel="mail", means="", received_at=came)
        sent = enter_case(docket, letter, world.now)[0]
    if means:
        with world.at() as docket:
            own = enter_case(docket, world.filing(Kind.ACCESS, channel="paper", means=means), world.now)[0]
    else:
        own = world.file(Kind.ACCESS)
    assert own.state is State.SUBMITTED
    with world.at() as docket, pytest.raises(BadDecision):
        mark_duplicate(docket, world.by(PRIYA), own.reference, own.version, sent.reference, world.now)
    with world.at() as docket:
        mark_duplicate(docket, world.by(PRIYA), sent.reference, sent.version, own.reference, world.now)
    assert world.case(sent).duplicate_of == own.id
    assert world.case(own).received_at == came


@pytest.mark.parametrize("ends", ["withdrawn", "expired"])
def test_a_double_is_opened_again_when_the_request_it_repeats_ends_without_an_answer(world: World, ends: str) -> None:
    first, joined = doubles(world)
    world.clock.advance(days=8)
    with world.at() as docket:
        if ends == "withdrawn":
            withdraw(docket, PAUL, first.reference, world.now)
        else:
            assert expire_unproved(docket, world.now) == 1
    back = world.case(joined)
    assert (back.state, back.duplicate_of, back.closed_at) == (State.AWAITING_PROOF, None, None)
    assert world.acts(joined)[-1] == "reopened"
