"""Which act needs which proof, and which number proves whom."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import pytest

from rightsdesk.verification.assurance import NEEDED, Act, Proof, ProofKind, needs, renewed
from rightsdesk.verification.numbers_on_file import Holder, Sufficiency, Verdict, judge_number

NOON: Final = datetime(2026, 11, 23, 17, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)
DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)
MOTHER, FATHER = UUID(int=1), UUID(int=2)
A_HOLDER: Final = Holder(MOTHER, UUID(int=11), True, NOON - DAY, None, "guardian")
THE_OTHER: Final = replace(A_HOLDER, person=FATHER, contact=UUID(int=12))
A_STUDENT: Final = replace(A_HOLDER, person=UUID(int=3), contact=UUID(int=13))
TEXT: Final = Proof(ProofKind.TEXT_CODE, NOON)
SECOND_FACTOR: Final = Proof(ProofKind.SECOND_FACTOR, NOON)


def test_one_confirmed_holder_is_proven() -> None:
    assert judge_number([A_HOLDER], NOON) == Verdict(Sufficiency.ONE, (MOTHER,))


def test_one_person_with_the_number_twice_is_one() -> None:
    twice = [A_HOLDER, replace(A_HOLDER, contact=UUID(int=13))]
    assert judge_number(twice, NOON) == Verdict(Sufficiency.ONE, (MOTHER,))


def test_two_guardians_of_equal_standing_choose_who_they_are() -> None:
    assert judge_number([THE_OTHER, A_HOLDER], NOON) == Verdict(Sufficiency.WHO, (MOTHER, FATHER))


@pytest.mark.parametrize("holders", [[], [replace(A_HOLDER, may_text=False)]])
def test_nobody_is_proven_by_a_number_that_may_not_be_texted(holders: list[Holder]) -> None:
    assert judge_number(holders, NOON) == Verdict(Sufficiency.NOBODY)


@pytest.mark.parametrize("standing", ["student", "restricted"])
@pytest.mark.parametrize("may_text", [True, False])
def test_among_different_standings_a_student_number_shows_the_student_alone(standing: str, may_text: bool) -> None:  # noqa: FBT001 - a row of a table
    other = replace(THE_OTHER, standing=standing, may_text=may_text)
    shown = (FATHER,) if standing == "student" and may_text else ()
    assert judge_number([A_HOLDER, other], NOON) == Verdict(Sufficiency.SECOND_PROOF, shown)


def test_where_one_holder_is_restricted_a_student_number_shows_nobody() -> None:
    holders = [A_HOLDER, replace(THE_OTHER, standing="restricted"), replace(A_STUDENT, standing="student")]
    assert judge_number(holders, NOON) == Verdict(Sufficiency.SECOND_PROOF)


def test_students_on_one_phone_are_shown_by_their_own_numbers_and_never_choose() -> None:
    older, younger = replace(A_HOLDER, standing="student"), replace(THE_OTHER, standing="student")
    assert judge_number([younger, older], NOON) == Verdict(Sufficiency.SECOND_PROOF, (MOTHER, FATHER))
    too_young = replace(younger, may_text=False)
    assert judge_number([too_young, older], NOON) == Verdict(Sufficiency.SECOND_PROOF, (MOTHER,))


def test_two_guardians_with_orders_about_different_children_do_not_choose_each_other() -> None:
    holders = [replace(one, standing="restricted") for one in (A_HOLDER, THE_OTHER)]
    assert judge_number(holders, NOON) == Verdict(Sufficiency.SECOND_PROOF)
    assert judge_number(holders[:1], NOON) == Verdict(Sufficiency.ONE, (MOTHER,))


def test_a_number_is_confirmed_for_180_days_and_not_a_second_longer() -> None:
    old = replace(A_HOLDER, confirmed_at=NOON - 180 * DAY)
    assert judge_number([old], NOON).sufficiency is Sufficiency.ONE
    assert judge_number([old], NOON + SECOND).sufficiency is Sufficiency.SECOND_PROOF
    assert judge_number([replace(old, confirmed_at=None)], NOON).sufficiency is Sufficiency.SECOND_PROOF


def test_a_replaced_number_cools_down_for_seven_days() -> None:
    new = replace(A_HOLDER, replaced_at=NOON - 7 * DAY)
    assert judge_number([new], NOON - SECOND).sufficiency is Sufficiency.SECOND_PROOF
    assert judge_number([new], NOON).sufficiency is Sufficiency.ONE


def test_a_family_files_with_any_proof_of_its_session() -> None:
    later = NOON + 59 * MINUTE
    assert needs(Act.FILE, [TEXT], later) is None
    assert needs(Act.FILE, [Proof(ProofKind.SCHOOL_SIGN_IN, NOON)], later) is None
    assert needs(Act.FILE, [], later) is NEEDED[Act.FILE]


def test_opening_a_package_needs_a_proof_younger_than_five_minutes() -> None:
    assert needs(Act.OPEN_PACKAGE, [TEXT], NOON + 5 * MINUTE - SECOND) is None
    assert needs(Act.OPEN_PACKAGE, [TEXT], NOON + 5 * MINUTE) is NEEDED[Act.OPEN_PACKAGE]


@pytest.mark.parametrize("act", [act for act in Act if ProofKind.SECOND_FACTOR in NEEDED[act].kinds])
def test_staff_can_do_nothing_with_a_password_or_a_text_alone(act: Act) -> None:
    assert needs(act, [TEXT, Proof(ProofKind.PASSWORD, NOON)], NOON) is NEEDED[act]
    assert needs(act, [SECOND_FACTOR], NOON) is None


@pytest.mark.parametrize("act", [Act.DECIDE_ERASURE, Act.CHANGE_STAFF, Act.OPEN_PACKAGE_AS_STAFF])
def test_grave_acts_of_staff_need_a_fresh_second_factor(act: Act) -> None:
    assert needs(act, [SECOND_FACTOR], NOON + 5 * MINUTE) is NEEDED[act]
    assert needs(Act.DECIDE, [SECOND_FACTOR], NOON + 7 * 60 * MINUTE) is None


def test_working_through_the_erasure_queue_keeps_the_proof_fresh_for_half_an_hour() -> None:
    proof = SECOND_FACTOR
    for minute in range(4, 32, 4):
        now = NOON + minute * MINUTE
        assert (needs(Act.DECIDE_ERASURE, [proof], now) is None) is (minute < 30)
        proof = renewed(proof, Act.DECIDE_ERASURE, now)
    assert needs(Act.CHANGE_STAFF, [proof], NOON + 29 * MINUTE) is NEEDED[Act.CHANGE_STAFF]


def test_a_stale_proof_is_not_renewed_and_other_acts_renew_nothing() -> None:
    assert renewed(SECOND_FACTOR, Act.DECIDE_ERASURE, NOON + 6 * MINUTE) == SECOND_FACTOR
    assert renewed(SECOND_FACTOR, Act.DECIDE, NOON + MINUTE) == SECOND_FACTOR
