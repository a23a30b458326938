"""What time alone sends: reminders of a missing proof or answer, and the letter about a date that has passed."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from cases_acts_given import unproved
from cases_given import World, given_world, yes
from cases_people_given import ELENA, HOME, LUCIA, PRIYA, START

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.conversation import answer, ask_family
from rightsdesk.requests.cases.deciding import decide
from rightsdesk.requests.cases.effects import expire_unproved, look_again
from rightsdesk.requests.cases.reminding import follow_questions, remind_of_proof, tell_late
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import NoticeRow

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


def told(world: World, kind: str) -> int:
    """Return how often the family was told this; each time is a text and a mail."""
    return [(row.kind, row.channel) for row in world.rows(NoticeRow)].count((kind, "text"))


def asked(world: World) -> Case:
    case = world.file()
    with world.at() as docket:
        return ask_family(docket, world.by(PRIYA), case.reference, 1, "Which of the two names is right?", world.now)


def test_who_has_not_proved_who_they_are_is_reminded_after_a_day_and_two_days_before_the_end(world: World) -> None:
    unproved(world)
    when = []
    for hours in range(1, 8 * 24):
        world.clock.at = START + hours * HOUR
        with world.at() as docket:
            expire_unproved(docket, world.now)
            if remind_of_proof(docket, world.now):
                when.append(hours)
            assert remind_of_proof(docket, world.now) == 0
    assert when == [24, 5 * 24]
    assert told(world, "PROOF_NEEDED") == 3


def test_a_worker_that_slept_sends_one_reminder_and_none_to_whom_nobody_waits_for(world: World) -> None:
    unproved(world)
    lost = world.file(Kind.ACCESS)
    world.restrict(ELENA)
    with world.at() as docket:
        assert look_again(docket, [LUCIA], world.now) == 1
    world.clock.advance(days=6)
    with world.at() as docket:
        assert remind_of_proof(docket, world.now) == 1
    with world.looking() as docket:
        assert not docket.cases.was_told(lost.id, "PROOF_NEEDED")


@pytest.mark.parametrize("has_lost", [False, True], ids=["linked", "restricted"])
def test_an_open_question_is_repeated_after_a_week_and_read_on_after_two_whether_restricted_or_not(
    world: World, *, has_lost: bool
) -> None:
    case = asked(world)
    if has_lost:
        world.restrict(ELENA)
        with world.at() as docket:
            look_again(docket, [LUCIA], world.now)
    days = []
    for day in range(20):
        world.clock.at = START + day * DAY
        with world.at() as docket:
            if follow_questions(docket, world.now):
                days.append(day)
            assert follow_questions(docket, world.now) == 0
    assert days == [7, 15]
    assert told(world, "QUESTION") == 2
    after = world.case(case)
    assert (after.seen_by_family, after.answer_by) == (State.IN_REVIEW, None)
    assert after.state is (State.AWAITING_PROOF if has_lost else State.IN_REVIEW)
    assert after.outcome == ""


def test_who_answered_is_not_reminded(world: World) -> None:
    case = asked(world)
    with world.at() as docket:
        answer(docket, ELENA, case.reference, "The second one.", world.now)
    world.clock.advance(days=8)
    with world.at() as docket:
        assert follow_questions(docket, world.now) == 0


def test_a_second_question_has_its_own_reminder(world: World) -> None:
    case = asked(world)
    world.clock.advance(days=8)
    with world.at() as docket:
        assert follow_questions(docket, world.now) == 1
        case = answer(docket, ELENA, case.reference, "The second one.", world.now)
        ask_family(docket, world.by(PRIYA), case.reference, case.version, "And what is it in print?", world.now)
    world.clock.advance(days=6)
    with world.at() as docket:
        assert follow_questions(docket, world.now) == 0
    world.clock.advance(days=1)
    with world.at() as docket:
        assert follow_questions(docket, world.now) == 1


# The due day is 7 January 2027, a Thursday.


@pytest.mark.parametrize(
    ("holidays", "days"),
    [((), [date(2027, 1, 8)]), ((date(2027, 1, 8),), [date(2027, 1, 11)])],
    ids=["Friday", "Monday"],
)
def test_a_late_letter_leaves_once_on_the_first_working_day_after_the_date(
    tmp_path: Path, holidays: tuple[date, ...], days: list[date]
) -> None:
    home = replace(HOME, holidays=frozenset(holidays))
    world = given_world(tmp_path, home)
    case = world.file(Kind.ACCESS, agency=home)
    assert case.due_on == date(2027, 1, 7)
    sent = []
    for day in range(44, 52):
        world.clock.at = START + day * DAY
        with world.at(home) as docket:
            if tell_late(docket, world.now):
                sent.append(world.now.astimezone(ZoneInfo(home.zone)).date())
    assert sent == days


def test_silence_about_a_late_answer_tells_nobody_of_a_restriction(world: World) -> None:
    lost = world.file(Kind.ACCESS)
    world.restrict(ELENA)
    with world.at() as docket:
        assert look_again(docket, [LUCIA], world.now) == 1
    unproved(world)  # nobody is told that this one is late: it waits for them
    world.clock.at = START + 46 * DAY
    with world.at() as docket:
        assert (tell_late(docket, world.now), tell_late(docket, world.now)) == (1, 0)
        assert docket.cases.was_told(lost.id, "LATE")


def test_however_many_are_late_each_is_told_and_what_was_answered_is_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rightsdesk.requests.cases.reminding.AT_ONCE", 2)
    every = [world.file(Kind.CORRECTION, element) for element in ("name.given", "name.family", "grade", "email")]
    with world.at() as docket:
        decide(docket, world.by(PRIYA), yes(every[0]), world.now)
    world.clock.at = START + 46 * DAY
    sent = []
    for _ in range(3):
        with world.at() as docket:
            sent.append(tell_late(docket, world.now))
    assert sent == [2, 1, 0]
    with world.looking() as docket:
        assert [docket.cases.was_told(case.id, "LATE") for case in every] == [False, True, True, True]
