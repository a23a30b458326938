"""What was shown in a session, when, and what it lets its owner do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from rightsdesk.verification.assurance import FRESH, NEEDED, Act, Proof, ProofKind
from rightsdesk.web.seats import REQUESTER, STAFF, Seat

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOMEBODY = UUID(int=7)
PARENT = Seat("hash", "token", REQUESTER, person=SOMEBODY, proved_at=NOON)
APPROVER = Seat("hash", "token", STAFF, staff=SOMEBODY, second_at=NOON)
STALE = NOON + FRESH
GRAVE = sorted(act for act, needed in NEEDED.items() if needed.within)


def test_each_act_stands_in_the_table() -> None:
    assert set(NEEDED) == set(Act)
    assert all(needed.within in {None, FRESH} for needed in NEEDED.values())


@pytest.mark.parametrize("act", GRAVE)
def test_a_grave_act_needs_a_proof_younger_than_five_minutes(act: Act) -> None:
    seat = PARENT if ProofKind.TEXT_CODE in NEEDED[act].kinds else APPROVER
    assert seat.needs(act, STALE - timedelta(seconds=1)) is None
    assert seat.needs(act, STALE) is NEEDED[act]


@pytest.mark.parametrize("act", sorted(Act))
def test_a_parent_does_nothing_at_the_desk_and_an_approver_nothing_as_a_parent(act: Act) -> None:
    is_family = ProofKind.TEXT_CODE in NEEDED[act].kinds
    assert (PARENT.needs(act, NOON) is None) is is_family
    assert (APPROVER.needs(act, NOON) is None) is not is_family


def test_a_password_lets_a_student_ask_and_opens_no_copy() -> None:
    student = replace(PARENT, proved_by=ProofKind.PASSWORD)
    assert student.needs(Act.FILE, NOON) is None
    assert student.needs(Act.SEE_REQUESTS, NOON) is None
    assert student.needs(Act.OPEN_PACKAGE, NOON) is NEEDED[Act.OPEN_PACKAGE]


def test_a_student_number_is_worth_nothing_by_itself() -> None:
    seat = replace(PARENT, proved_by=ProofKind.STUDENT_NUMBER)
    assert all(seat.needs(act, NOON) for act in Act)


def test_an_older_proof_beside_the_last_one_keeps_its_own_age() -> None:
    seat = replace(
        PARENT, proved_by=ProofKind.PASSWORD, proved_at=STALE, also_proved=(Proof(ProofKind.TEXT_CODE, NOON),)
    )
    assert seat.needs(Act.OPEN_PACKAGE, STALE) is NEEDED[Act.OPEN_PACKAGE]
    assert seat.means == "password/text_code"


@pytest.mark.parametrize("kind", [ProofKind.PASSKEY, ProofKind.SCHOOL_SECOND_FACTOR])
def test_staff_may_show_a_passkey_or_the_second_factor_of_their_school(kind: ProofKind) -> None:
    assert replace(APPROVER, second_by=kind).needs(Act.DECIDE_ERASURE, NOON) is None
    one_factor = replace(APPROVER, second_by=ProofKind.SCHOOL_SIGN_IN)
    assert one_factor.needs(Act.WORK_AT_DESK, NOON) is NEEDED[Act.WORK_AT_DESK]


def test_nobody_may_do_anything() -> None:
    assert all(Seat("hash", "token").needs(act, NOON) for act in Act)
