"""What a stranger can have the ledger keep: of refusals that nobody had to look at, a hundred in ten minutes."""

from pathlib import Path

import pytest
from family_given import given_families, given_phone
from given import MARIGOLD, clock_of, given_browser
from sqlmodel import col, func, select

from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.verification.challenges import TRIES
from rightsdesk.verification.errands import Reason
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import means

MOST = 100  # in ten minutes, for each reason


def _noted(portal: Portal, kind: str) -> int:
    with portal.storage.read() as tx:
        mine = select(func.count()).select_from(AuditEventRow).where(col(AuditEventRow.kind) == kind)
        return tx.exec(mine).one()


@pytest.mark.parametrize(
    ("path", "sent", "kind"),
    [
        ("/desk/marigold/join", {"invitation": "abc"}, "staff_refused"),
        ("/marigold/passkey", {"answer": '{"response": {}}'}, "passkey_refused"),
        ("/marigold/phone", {"phone": "202-555-0147"}, "code_refused"),
    ],
)
def test_what_nobody_looked_at_does_not_fill_the_ledger(
    data_folder: Path, path: str, sent: dict[str, str], kind: str
) -> None:
    portal = given_families(data_folder)
    answers = {given_browser(portal).post(path, data=sent).status_code for _ in range(MOST + 20)}
    assert answers <= {303, 422}
    assert _noted(portal, kind) == MOST
    clock_of(portal).advance(minutes=20)
    given_browser(portal).post("/desk/marigold/join", data={"invitation": "abc"})
    assert _noted(portal, "staff_refused") == 1 + MOST * (kind == "staff_refused")


def test_each_password_that_was_looked_at_is_noted_whatever_else_is_sent(data_folder: Path) -> None:
    portal = given_families(data_folder)
    for number in range(MOST + 20):
        given_browser(portal).post("/desk/marigold/join", data={"invitation": str(number)})
    wrong = {"username": "nobody@marigold.example", "password": "x"}
    given_browser(portal).post("/desk/marigold/sign-in", data=wrong)
    assert _noted(portal, "staff_refused") == MOST + 1


def test_each_wrong_code_that_was_looked_at_is_noted_whatever_else_is_sent(data_folder: Path) -> None:
    portal = given_families(data_folder)
    guess(portal, "+12125550142", MOST + 20)
    looked_at = _noted(portal, "code_wrong")
    guess(portal, "+12125550147", TRIES)
    assert _noted(portal, "code_wrong") == looked_at + TRIES


def guess(portal: Portal, phone: str, times: int) -> None:
    """Ask for a code and type so many wrong ones; after the fifth none is looked at."""
    browser = given_phone(portal)
    browser.send("/marigold/phone", {"phone": phone})
    for _ in range(times):
        browser.send("/marigold/code", {"code": "000000"})


def test_each_text_that_was_held_back_for_its_cost_is_noted(data_folder: Path) -> None:
    portal = given_families(data_folder)
    with portal.storage.write() as tx:
        tools = means(portal, tx, MARIGOLD, portal.now())
        for number in range(MOST + 20):
            tools.note("code_refused", f"c{number}", ("reason", Reason.SPENT))
    assert _noted(portal, "code_refused") == MOST + 20
