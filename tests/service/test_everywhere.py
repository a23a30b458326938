"""What is done for every agency goes on at the others when one of them is damaged."""

from pathlib import Path

import pytest
from given import MARIGOLD, PLUM, given_agency, given_portal

from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.everywhere import each_agency
from rightsdesk.web.portal import Portal

DUTIES = ("effects_due", "look_again", "sweep_packages", "sweep_codes")


class Damaged(Exception):
    """Something of an agency cannot be read."""


@pytest.mark.parametrize("damaged", [[MARIGOLD], [PLUM], [MARIGOLD, PLUM], []])
def test_the_others_have_theirs_and_the_fault_is_told(tmp_path: Path, damaged: list) -> None:
    portal, had = given_portal(tmp_path), set[str]()
    for agency in (MARIGOLD, PLUM):
        given_agency(portal, agency)

    @each_agency
    def act(portal: Portal, agency: str) -> None:  # noqa: ARG001 - the interface
        if agency in {str(one.id) for one in damaged}:
            raise Damaged
        had.add(agency)

    told = None
    try:
        act(portal, ())
    except Damaged as fault:
        told = fault
    assert (told is not None) == bool(damaged)
    assert had == {str(one.id) for one in (MARIGOLD, PLUM) if one not in damaged}


@pytest.mark.parametrize("duty", DUTIES)
def test_each_duty_about_families_is_done_so(duty: str) -> None:
    made = each_agency(lambda portal, agency: None)  # noqa: ARG005 - the interface
    assert EFFECTS[duty].__code__ is made.__code__
