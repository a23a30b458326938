"""What a decision must hold, on real tables."""

from dataclasses import replace
from pathlib import Path

import pytest
from cases_acts_given import refused, ruled
from cases_given import World, given_world, no, partly, yes
from cases_people_given import ELENA, ENOUGH, HOME, LUCIA, PRIYA

from rightsdesk.requests.cases.case import Kind, Outcome
from rightsdesk.requests.cases.errors import (
    AuthorityEnded,
    BadDecision,
    LetterNotReady,
    LiveValueChanged,
)
from rightsdesk.requests.cases.ruling import ElementRuling, choices, mark
from rightsdesk.requests.cases.states import State

NAME, GRADE = "name.family", "grade"
ALLOWED = ElementRuling(NAME, Outcome.APPROVE)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


# What a decision must hold.


def test_a_partial_answer_has_its_own_ground_and_words_for_each_refused_part(world: World) -> None:
    case = world.file(Kind.CORRECTION, NAME, GRADE)
    own = ElementRuling(GRADE, Outcome.DENY, "SUBSTANTIVE_DECISION", "The grade is the teachers' to give, not ours.")
    case = ruled(world, PRIYA, partly(case, replace(ALLOWED, accepted=" Delgado-Ruiz "), own, ground="ACCURATE"))
    told = {one.element: (one.outcome, one.ground, one.text, one.accepted) for one in world.case(case).elements}
    assert told == {
        NAME: ("approve", "", "", "Delgado-Ruiz"),
        GRADE: ("deny", "SUBSTANTIVE_DECISION", "The grade is the teachers' to give, not ours.", ""),
    }
    assert case.state is State.PARTLY_APPROVED


@pytest.mark.parametrize(
    "answers",
    [
        (ALLOWED,),
        (ALLOWED, ElementRuling("school", Outcome.DENY, "ACCURATE", ENOUGH)),
        (ALLOWED, ElementRuling(GRADE, Outcome.APPROVE)),
        (ElementRuling(NAME, Outcome.DENY, "ACCURATE", ENOUGH), ElementRuling(GRADE, Outcome.DENY, "ACCURATE", ENOUGH)),
        (ALLOWED, ElementRuling(GRADE, Outcome.DENY, "", ENOUGH)),
        (ALLOWED, ElementRuling(GRADE, Outcome.DENY, "ACCURATE", "too short")),
        (ALLOWED, ElementRuling(GRADE, Outcome.PARTIAL, "ACCURATE", ENOUGH)),
        (),
    ],
)
def test_an_answer_in_part_that_is_not_whole_is_refused(world: World, answers: tuple[ElementRuling, ...]) -> None:
    case = world.file(Kind.CORRECTION, NAME, GRADE)
    refused(world, BadDecision, lambda: ruled(world, PRIYA, partly(case, *answers)))


@pytest.mark.parametrize(
    ("kind", "ground"),
    [
        (Kind.ACCESS, "ACCURATE"),
        (Kind.ACCESS, "EXCESSIVE"),
        (Kind.CORRECTION, "RETENTION_REQUIRED"),
        (Kind.ERASURE, "EXCESSIVE"),
        (Kind.ACCESS, "NO_SUCH_RIGHT"),
        (Kind.ERASURE, "PENDING_ACCESS_REQUEST"),
        (Kind.ACCESS, "BECAUSE"),
        (Kind.ACCESS, ""),
    ],
)
def test_a_ground_that_not_every_law_knows_is_refused(world: World, kind: Kind, ground: str) -> None:
    case = world.file(kind)
    refused(world, BadDecision, lambda: ruled(world, PRIYA, no(case, ground)))
    with world.looking() as docket:
        assert ground not in {one.ground.code for one in choices(docket, case) if one.fits}


def test_a_law_about_other_data_takes_no_ground_away(tmp_path: Path) -> None:
    world = given_world(tmp_path, replace(HOME, laws=(*HOME.laws, "us-ppra", "us-idea")))
    case = world.file(Kind.ACCESS)
    assert case.due_rule.startswith("us-ferpa")
    assert ruled(world, PRIYA, no(case, "NOT_EDUCATION_RECORD")).state is State.DENIED


@pytest.mark.parametrize(("text", "fits"), [("x" * 19, False), (" " * 9 + "x" * 19, False), ("x" * 20, True)])
def test_a_refusal_is_explained_in_twenty_letters_or_more(world: World, text: str, *, fits: bool) -> None:
    case = world.file()
    if not fits:
        refused(world, BadDecision, lambda: ruled(world, PRIYA, no(case, text=text)), "20 letters")
    else:
        assert ruled(world, PRIYA, no(case, text=text)).state is State.DENIED


def test_words_without_end_are_refused(world: World) -> None:
    case = world.file()
    refused(world, BadDecision, lambda: ruled(world, PRIYA, no(case, text="x" * 4001)), "4,000")


def test_a_live_value_that_changed_is_looked_at_first(world: World) -> None:
    case = world.file()
    with world.at() as docket:
        docket.live.write(LUCIA, NAME, "Delgado Paz", "MGD-2222-2222", world.now)  # type: ignore[attr-defined]
    refused(world, LiveValueChanged, lambda: ruled(world, PRIYA, yes(case)))
    with world.at() as docket:
        docket.live.write(LUCIA, NAME, "Delgado Luz", "MGD-3333-3333", world.now)  # type: ignore[attr-defined]
    refused(world, LiveValueChanged, lambda: ruled(world, PRIYA, yes(case, saw=((NAME, mark("Delgado Paz")),))))
    assert ruled(world, PRIYA, yes(case, saw=((NAME, mark("Delgado Luz")),))).state is State.APPROVED


def test_a_refusal_does_not_ask_whether_the_value_changed(world: World) -> None:
    case = world.file()
    with world.at() as docket:
        docket.live.write(LUCIA, NAME, "Delgado Paz", "MGD-2222-2222", world.now)  # type: ignore[attr-defined]
    assert ruled(world, PRIYA, no(case)).state is State.DENIED


def test_a_grant_needs_living_authority_and_a_refusal_does_not(world: World) -> None:
    one, other = world.file(), world.file(Kind.ACCESS)
    world.freeze(LUCIA, world.now)
    refused(world, AuthorityEnded, lambda: ruled(world, PRIYA, yes(one)))
    world.freeze(LUCIA, None)
    world.restrict(ELENA)
    refused(world, AuthorityEnded, lambda: ruled(world, PRIYA, yes(one)))
    assert ruled(world, PRIYA, no(other, "NOT_HELD")).state is State.DENIED


def test_a_refusal_whose_letter_lacks_what_a_law_wants_is_not_recorded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rightsdesk.requests.cases import lettering  # noqa: PLC0415 - only here its offices are taken away

    case = world.file()
    monkeypatch.setattr(lettering.Terms, "contact", lambda _self, _agency: "")
    refused(world, LetterNotReady, lambda: ruled(world, PRIYA, no(case)), "hearing_contact")
