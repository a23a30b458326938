"""A deletion that was opened again after it was carried out is carried out once more, with its own certificate."""

from pathlib import Path

import pytest
from erasing_given import approved
from fulfilment_given import BO, DANA, HELD, PRIYA, District, a_district

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.cases.case import Approver, Case
from rightsdesk.requests.cases.reopening import reopen
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.fulfilment.certificates import read

WHY = "The family says that a picture came back."


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_district(data_folder)


def certificate(district: District, case: Case) -> str:
    with district.looking() as docket:
        row = read(docket, case)
        assert row is not None
        return row.document


def test_a_reopened_deletion_runs_again_to_its_end(district: District) -> None:
    student = district.one(BO)
    district.hold(student, *HELD)
    case = district.erase(approved(district, "picture"))
    first = certificate(district, case)
    assert case.state is State.FULFILLED
    with district.at() as docket:
        chief = Approver(DANA, frozenset({Role.ADMINISTRATOR, Role.APPROVER}), None, district.now)
        again = reopen(docket, chief, case.reference, case.version, WHY, district.now)
    assert again.state is State.IN_REVIEW
    assert district.live(student, "picture") == ""
    district.hold(student, *HELD)
    done = district.erase(district.grant(again))
    assert (done.state, district.live(student, "picture")) == (State.FULFILLED, "")
    second = certificate(district, done)
    assert second != first
    assert '"records":1' in second
    assert done.decided_by == PRIYA
