"""Two people at once, and pages that went stale."""

from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread
from uuid import UUID

import pytest
from cases_acts_given import acts_of, refused, ruled
from cases_given import World, given_world, no, yes
from cases_people_given import DANA, ELENA, PRIYA, ROSA

from rightsdesk.requests.cases.case import Case, Outcome
from rightsdesk.requests.cases.claiming import claim
from rightsdesk.requests.cases.deciding import undo
from rightsdesk.requests.cases.errors import (
    MovedOn,
)
from rightsdesk.requests.cases.ruling import ElementRuling, Ruling
from rightsdesk.requests.cases.withdrawing import withdraw

NAME, GRADE = "name.family", "grade"
ALLOWED = ElementRuling(NAME, Outcome.APPROVE)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


# Two at once, and stale pages.


def test_of_two_approvers_at_once_one_wins_and_the_other_is_told(world: World) -> None:
    for _ in range(3):
        case = world.file()
        barrier, ends = Barrier(2), list[object]()

        def act(staff: UUID, ruling: Ruling, barrier: Barrier = barrier, ends: list[object] = ends) -> None:
            barrier.wait()
            try:
                ends.append(ruled(world, staff, ruling))
            except MovedOn as moved:
                ends.append(moved)

        threads = [Thread(target=act, args=given) for given in ((PRIYA, yes(case)), (DANA, no(case)))]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        won = [end for end in ends if isinstance(end, Case)]
        lost = [end for end in ends if isinstance(end, MovedOn)]
        assert (len(won), len(lost)) == (1, 1)
        assert lost[0].version == 2
        assert world.case(case) == won[0]
        assert world.acts(case) == ["filed", "decided"]
        with world.at() as docket:
            undo(docket, world.by(ROSA), case.reference, 2, world.now)
            withdraw(docket, ELENA, case.reference, world.now)


def test_a_save_over_another_version_is_refused_even_inside_the_store(world: World) -> None:
    case = world.file()
    ruled(world, PRIYA, no(case))
    with pytest.raises(MovedOn, match="a moment ago"), world.at() as docket:
        docket.cases.save(case, replace(case, blocked="hold", version=2))


@pytest.mark.parametrize("version", [0, 1, 3])
def test_an_act_from_a_stale_page_changes_nothing(world: World, version: int) -> None:
    case = world.file()
    with world.at() as docket:
        case = claim(docket, world.by(PRIYA), case.reference, 1)
    for act in acts_of(world, replace(case, version=version), DANA):
        refused(world, MovedOn, act)


def test_a_decided_case_takes_no_further_act_of_the_desk(world: World) -> None:
    case = ruled(world, PRIYA, yes(world.file()))
    for act in acts_of(world, case, DANA):
        refused(world, MovedOn, act)
