"""The ceiling of costs and the breaker are one for all processes of a portal, and outlive each of them."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from family_given import Phone, given_families, given_phone, wait, words_of
from given import clock_of, counted_draw
from serving_given import a_twin
from spending_given import CENT, left, work

from rightsdesk.verification.spending.ceilings import Ceilings, Prices
from rightsdesk.web.app import wire
from rightsdesk.web.portal import Portal
from rightsdesk.web.texting import Texting

STILL: Final = "We cannot send texts at this time. Use another way"


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal with families, whose agencies may spend two texts in a day."""
    portal = given_families(tmp_path)
    texting = Texting(prices=Prices(text=CENT), ceilings=Ceilings(2 * CENT, 100 * CENT))
    return replace(portal, settings=replace(portal.settings, texting=texting))


def restarted(portal: Portal) -> Portal:
    """Return the portal as another process opens it, or this one once it was started again."""
    return wire(portal.settings, clock_of(portal), counted_draw("another process"))


def ask(portal: Portal, number: str) -> Phone:
    """Return a phone that asked this process for a code."""
    phone = given_phone(portal)
    phone.send("/marigold/phone", {"phone": number})
    return phone


def shown(phone: Phone) -> str:
    """Return the words of the page it is at."""
    assert phone.answer is not None
    return words_of(phone.answer.text)


def sent(portal: Portal) -> int:
    """Return how many texts left, by whichever process."""
    file = Path(portal.settings.sms.place)
    return len(file.read_text("utf-8").splitlines()) if file.exists() else 0


def test_what_one_process_spends_is_gone_for_every_other_and_after_a_restart(portal: Portal) -> None:
    other = restarted(portal)
    for process, number in ((portal, "(212) 555-0142"), (other, "(212) 555-0143")):
        phone = ask(process, number)
        assert phone.path == "/marigold/code"
        assert work(process, "text_code") == 1
    assert sent(portal) == 2
    for process in (portal, other, restarted(portal)):
        assert STILL in shown(ask(process, "(212) 555-0145"))


def test_a_code_that_was_asked_for_before_the_money_was_gone_is_kept_back_by_any_worker(portal: Portal) -> None:
    phones = [ask(portal, f"(212) 555-014{last}") for last in (2, 3, 5)]
    assert {one.path for one in phones} == {"/marigold/code"}
    assert work(restarted(portal), "text_code") == 3
    assert sent(portal) == 2


def test_another_process_tells_a_family_that_codes_stand_still(portal: Portal) -> None:
    left(portal.storage.engine, 30, portal.now() - timedelta(minutes=5))
    with a_twin(portal) as there:
        page = there.post("/marigold/phone", data={"phone": "(212) 555-0142"})
    assert STILL in words_of(page.text)
    wait(portal, hours=1)
    with a_twin(portal) as there:
        page = there.post("/marigold/phone", data={"phone": "(212) 555-0142"})
    assert page.history[0].headers["location"].endswith("/marigold/code")
