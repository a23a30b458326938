"""The numbers beside the desk's views, after many acts."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cases_given import World, given_world, no, yes
from cases_people_given import DANA, ELENA, ENOUGH, HOME, LUCIA, MATEO, NINA, OMAR, PAUL, PRIYA
from sqlalchemy import func
from sqlmodel import col, select

from rightsdesk.requests.cases import counting
from rightsdesk.requests.cases.case import Approver, Kind
from rightsdesk.requests.cases.claiming import claim, release
from rightsdesk.requests.cases.conversation import answer, ask_family, go_on
from rightsdesk.requests.cases.deciding import decide, return_proposal, undo
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.duplicating import mark_duplicate, not_duplicate
from rightsdesk.requests.cases.effects import expire_unproved, look_again, take_effect
from rightsdesk.requests.cases.errors import CaseProblem
from rightsdesk.requests.cases.filing import enter_case, file_case
from rightsdesk.requests.cases.proving import prove, refuse_proof
from rightsdesk.requests.cases.tables import CaseCountRow, CaseRow
from rightsdesk.requests.cases.withdrawing import withdraw


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


# The numbers beside the views.


def counted_afresh(docket: Docket) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for case_id in docket.session.exec(select(CaseRow.id).where(CaseRow.agency == docket.agency.id)).all():
        for view in counting.views_of(docket.cases.numbered(case_id)):
            numbers[view] = numbers.get(view, 0) + 1
    return numbers


def walk(seed: int) -> Any:
    """Return whole numbers below a bound, the same in each run (a linear congruential generator)."""
    state = seed

    def below(bound: int) -> int:
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % bound

    return below


def one_act(world: World, docket: Docket, below: Any) -> None:
    """Try any act on any case; most are refused, as they should be."""
    every = docket.session.exec(select(col(CaseRow.reference)).order_by(CaseRow.reference)).all()
    kinds = [(Kind.CORRECTION, "name.family", "grade"), (Kind.ACCESS,), (Kind.ERASURE, "picture", "files")]
    if not every or below(4) == 0:
        kind, *elements = kinds[below(3)]
        who, whom = ((ELENA, LUCIA), (OMAR, MATEO), (MATEO, MATEO), (PAUL, NINA))[below(4)]
        filing = world.filing(kind, *elements, requester=who, subject=whom, language=("es", "en")[below(2)])
        if below(3):
            file_case(docket, filing, world.now)
        else:
            enter_case(docket, replace(filing, channel="paper", means=""), world.now)
        return
    case = docket.cases.find(every[below(len(every))])
    who_acts: Approver = world.by((PRIYA, DANA)[below(2)])
    ref, version, now = case.reference, case.version, world.now
    acts = [
        lambda: claim(docket, who_acts, ref, version),
        lambda: release(docket, who_acts, ref, version),
        lambda: ask_family(docket, who_acts, ref, version, "Which of the two is right?", now),
        lambda: answer(docket, case.requester, ref, "The second.", now),
        lambda: go_on(docket, who_acts, ref, version),
        lambda: decide(docket, who_acts, yes(case), now),
        lambda: decide(docket, who_acts, no(case, "NOT_HELD"), now),
        lambda: undo(docket, who_acts, ref, version, now),
        lambda: return_proposal(docket, who_acts, ref, version),
        lambda: prove(docket, who_acts, ref, version, "office_visit", now),
        lambda: refuse_proof(docket, who_acts, ref, version, ("NO_AUTHORITY", ENOUGH), now),
        lambda: withdraw(docket, case.requester, ref, now),
        lambda: mark_duplicate(docket, who_acts, ref, version, every[0], now),
        lambda: not_duplicate(docket, who_acts, ref, version, now),
        lambda: take_effect(docket, case.id, now),
        lambda: expire_unproved(docket, now),
        lambda: look_again(docket, [case.subject], now),
    ]
    acts[below(len(acts))]()


@pytest.mark.parametrize("seed", [2, 20261123])
def test_after_two_hundred_acts_the_counters_are_what_a_fresh_count_finds(world: World, seed: int) -> None:
    below, done = walk(seed), 0
    for _ in range(200):
        world.clock.advance(minutes=(1, 3, 11, 60 * 24)[below(4)])
        try:
            with world.at() as docket:
                one_act(world, docket, below)
            done += 1
        except CaseProblem:
            continue
    assert done > 60
    with world.looking() as docket:
        wanted = select(CaseCountRow.view, CaseCountRow.number).where(CaseCountRow.agency == HOME.id)
        kept = {view: number for view, number in docket.session.exec(wanted).all() if number}
        assert kept == counted_afresh(docket)
        states = docket.session.exec(select(func.count(func.distinct(CaseRow.state)))).one()
    assert states >= 6
