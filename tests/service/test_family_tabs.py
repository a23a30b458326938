"""Two tabs of one browser: only what a page showed can be sent from it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from family_given import JORDAN, RIVER, Phone, field_value, given_families, given_phone, words_of
from given import MARIGOLD
from sqlmodel import select

from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.tables import CaseRow
from rightsdesk.web.portal import Portal

ELENAS_PHONE = "(212) 555-0142"
FIX = {"elements": ["name.family"], "correction.name.family": "Delgado", "details": "Está mal en la lista."}
DELETE = {"elements": ["picture"]}


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal with families."""
    return given_families(tmp_path)


@pytest.fixture
def elena(portal: Portal) -> Phone:
    """Return the phone of a mother of one, who has shown who she is."""
    phone = given_phone(portal)
    phone.prove(ELENAS_PHONE)
    return phone


def cases(portal: Portal) -> list[Case]:
    """Return every case, oldest first."""
    with portal.storage.read() as tx:
        docket = portal.docket(tx, MARIGOLD, portal.now())
        return [docket.cases.numbered(one) for one in tx.exec(select(CaseRow.id).order_by(CaseRow.filed_at)).all()]


@pytest.mark.parametrize(
    "change",
    [
        lambda phone: phone.send("/marigold/ask", {"kind": "erasure"}) and phone.send("/marigold/details", DELETE),
        lambda phone: phone.send("/marigold/details", FIX | {"details": "Another text."}),
        lambda phone: phone.send("/marigold/details", FIX | {"correction.name.family": "Delgada"}),
    ],
)
def test_what_one_tab_shows_does_not_send_what_another_tab_changed(
    elena: Phone, portal: Portal, change: Callable[[Phone], str]
) -> None:
    elena.send("/marigold/ask", {"kind": "correction"})
    shown = field_value(elena.send("/marigold/details", FIX), "once")
    change(elena)
    page = elena.send("/marigold/check", {"once": shown})
    assert elena.status == 409
    assert "Your answers changed in another tab. Check them again" in words_of(page)
    assert cases(portal) == []
    elena.send("/marigold/check", {"once": field_value(page, "once")})
    elena.send("/marigold/check", {"once": field_value(page, "once")})
    assert len(cases(portal)) == 1


def test_another_student_chosen_in_another_tab_is_not_sent_from_this_one(portal: Portal) -> None:
    phone = given_phone(portal)
    phone.prove("(212) 555-0143")
    phone.send("/marigold/student", {"student": str(RIVER)})
    shown = field_value(phone.send("/marigold/ask", {"kind": "access"}), "once")
    phone.send("/marigold/student", {"student": str(JORDAN)})
    phone.send("/marigold/check", {"once": shown})
    assert phone.status == 409
    assert cases(portal) == []


def test_the_same_answers_given_again_in_another_tab_change_nothing(elena: Phone, portal: Portal) -> None:
    elena.send("/marigold/ask", {"kind": "correction"})
    shown = field_value(elena.send("/marigold/details", FIX), "once")
    elena.send("/marigold/details", FIX)
    elena.send("/marigold/check", {"once": shown})
    assert len(cases(portal)) == 1
