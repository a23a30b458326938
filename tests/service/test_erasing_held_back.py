"""What holds a deletion back, for how long, and that it takes no other one's turn."""

from pathlib import Path

import pytest
from erasing_given import approved
from fulfilment_given import ANA, BO, LEO, District, a_district
from sqlmodel import select, update

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.effects import look_again, lose_authority
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.withdrawing import withdraw
from rightsdesk.requests.fulfilment.erasing import OPEN_ACCESS
from rightsdesk.requests.people.tables import GuardianshipRow
from rightsdesk.web import casework
from rightsdesk.web.effects import EFFECTS


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_district(data_folder)


def lose_right(district: District, case: Case) -> None:
    """End the right of a request's requester as the next look at open cases does."""
    with district.at() as docket:
        link = docket.session.exec(
            select(GuardianshipRow).where(
                GuardianshipRow.student == case.subject, GuardianshipRow.guardian == case.requester
            )
        ).one()
        link.is_active = False
        docket.session.add(link)
        docket.session.flush()
        assert look_again(docket, [case.subject], district.now) == 1


def test_a_request_to_see_whose_requester_lost_the_right_holds_no_deletion_back(district: District) -> None:
    person = district.one(BO)
    district.hold(person)
    case = approved(district, "picture")
    (seeing,) = district.ask(Kind.ACCESS, district.one(LEO), person)
    lose_right(district, seeing)
    assert district.found(seeing).state is State.AWAITING_PROOF
    assert district.erase(case).state is State.FULFILLED
    assert district.live(person, "picture") == ""


@pytest.mark.parametrize(("days", "ends"), [(80, State.FULFILLING), (91, State.FULFILLED)])
def test_a_request_to_see_without_proof_holds_a_deletion_back_for_ninety_days(
    district: District, days: int, ends: State
) -> None:
    person = district.one(BO)
    district.hold(person)
    (seeing,) = district.ask(Kind.ACCESS, district.one(LEO), person)
    with district.at() as docket:
        lose_authority(docket, docket.cases.numbered(seeing.id))
    district.wait(days=days)
    case = approved(district, "picture")
    assert district.erase(case).state is ends


def test_a_deletion_that_is_held_back_takes_no_other_ones_turn_and_is_tried_every_hour(district: District) -> None:
    held, free = approved(district, "picture"), approved(district, "picture", about=ANA)
    (seeing,) = district.ask(Kind.ACCESS, district.one(LEO), district.one(BO))
    district.wait(days=8)
    assert district.effect("erase", held).blocked == OPEN_ACCESS
    with district.looking() as docket:
        assert list(docket.cases.due_to_erase(district.now, limit=1)) == [free.id]
    with district.at() as docket:
        withdraw(docket, district.one(LEO), seeing.reference, district.now)
    EFFECTS["look_again"](district.portal, ())
    assert "erase" in district.work_off()
    assert district.found(held).state is State.FULFILLED


def test_the_daily_look_reaches_everybody_however_few_it_looks_at_in_one_turn(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(casework, "_AT_ONCE", 1)
    asked = [case for who in (BO, ANA) for case in district.ask(Kind.ACCESS, district.one(LEO), district.one(who))]
    assert len(asked) == 2
    with district.at() as docket:
        docket.session.execute(update(GuardianshipRow).values(is_active=False))
    EFFECTS["look_again"](district.portal, ())
    assert [district.found(case).state for case in asked] == [State.AWAITING_PROOF] * 2
