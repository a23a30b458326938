"""STOP and START are the owner's: what they end and bring back, and a page that tells everybody the same about them."""

from dataclasses import replace
from pathlib import Path

import pytest
from family_given import ELENA, given_phone, texts, wait
from given import MARIGOLD
from hooks_given import given_carried, speaker
from reset_given import AVA, GOOD, PATH, do_jobs, given_school, granted
from sqlmodel import select

from rightsdesk.requests.people.tables import ContactRow, PersonRow
from rightsdesk.verification.sms.port import Accepted, Refused, RefusedClass, Sent
from rightsdesk.verification.tables import ChallengeRow
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import means
from tests.verification_given import SentTexts

MINE = "(212) 555-0142"
UNKNOWN = "(646) 555-0142"  # it ends alike
HOW = "Did you reply STOP to our texts? Text START to the same number. Then ask for a new code."


@pytest.fixture
def carried(tmp_path: Path) -> tuple[Portal, SentTexts]:
    """Return a portal with families, and the carrier of its texts."""
    return given_carried(tmp_path)


def ask(portal: Portal, number: str = MINE) -> str:
    """Return the page that follows when somebody asks for a code, half an hour after whatever was before."""
    wait(portal, minutes=30)
    page = given_phone(portal).send("/marigold/phone", {"phone": number})
    texts(portal)
    return page


def test_stop_ends_codes_and_start_brings_them_back(carried: tuple[Portal, SentTexts]) -> None:
    portal, carrier = carried
    ask(portal)
    speaker(portal).reply("SM" + "7" * 32, "Stop", "+12125550142")
    ask(portal)
    assert len(carrier.texts) == 1
    speaker(portal).reply("SM" + "8" * 32, "start", "+12125550142")
    ask(portal)
    assert len(carrier.texts) == 2


def test_how_texts_come_back_stands_on_everybodys_page(carried: tuple[Portal, SentTexts]) -> None:
    portal, _ = carried
    ask(portal)
    speaker(portal).reply("SM" + "7" * 32, "STOP", "+12125550142")
    wait(portal, minutes=30)
    stopped, unknown = (given_phone(portal).send("/marigold/phone", {"phone": one}) for one in (MINE, UNKNOWN))
    texts(portal)
    assert stopped == unknown
    assert HOW in stopped
    assert HOW in given_phone(portal).open("/marigold/phone")


def test_the_notice_of_a_new_password_is_counted_and_can_be_answered(tmp_path: Path) -> None:
    portal, carrier = told(given_school(tmp_path), Accepted("SM" + "5" * 32))
    assert [one.to for one in carrier.texts] == [AVA.enrolled.phone]
    with portal.storage.read() as tx:
        tools = means(portal, tx, MARIGOLD, portal.now())
        assert tools.messages.sent_to(tools.number_keys(AVA.enrolled.phone)), "a STOP on it is heard"
        sums = {one.what: one.number for one in tools.days.since(MARIGOLD.today(portal.now())) if one.kind == "notice"}
    assert sums == {"left": 1, "accepted": 1}


def test_a_number_that_the_notice_of_a_new_password_found_to_be_none_is_used_no_more(tmp_path: Path) -> None:
    portal, _ = told(given_school(tmp_path), Refused(RefusedClass.BAD_NUMBER, 21211))
    with portal.storage.read() as tx:
        mine = select(ContactRow).where(ContactRow.person == AVA.enrolled.id, ContactRow.channel == "text")
        assert not tx.exec(mine).one().is_usable


def told(portal: Portal, answer: Sent) -> tuple[Portal, SentTexts]:
    """Return the portal at which Ava chose a new password, and the carrier that took the notice of it like this."""
    granted(portal).send(PATH, {"password": GOOD})
    carrier = SentTexts([answer])
    do_jobs(replace(portal, texts=carrier), "text_password")
    return portal, carrier


def test_whose_phone_was_locked_reads_that_in_their_own_language(carried: tuple[Portal, SentTexts]) -> None:
    portal, carrier = carried
    with portal.storage.write() as tx:
        tx.get_one(PersonRow, ELENA).language = "es"
    ask(portal)
    with portal.storage.read() as tx:
        challenge = tx.exec(select(ChallengeRow.id)).one()
    EFFECTS["texts_locked"](portal, (challenge,))
    assert "Se probaron muchas claves malas" in carrier.texts[-1].body
