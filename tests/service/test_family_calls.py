"""A code by call: the other channel where the carrier allows it, with the same challenge, counters and limits."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from family_given import Phone, code_in, given_families, given_phone, texts, wait, words_of
from given import MARIGOLD
from hooks_given import CARRIER, given_carried
from sqlmodel import select

from rightsdesk.verification.sms.port import TextKind
from rightsdesk.verification.tables import ChallengeRow
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import means

MINE = "(212) 555-0142"


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal with families."""
    return given_families(tmp_path)


@pytest.fixture
def phone(portal: Portal) -> Phone:
    """Return a phone for which a code was asked by text half a minute ago."""
    phone = given_phone(portal)
    phone.send("/marigold/phone", {"phone": MINE})
    texts(portal)
    wait(portal, seconds=30)
    return phone


def lines(portal: Portal) -> list[dict[str, str]]:
    """Return everything that left, oldest first."""
    texts(portal)
    return [json.loads(line) for line in Path(portal.settings.sms.place).read_text("utf-8").splitlines()]


def call(phone: Phone) -> str:
    return phone.send("/marigold/code", {"channel": "voice"})


def test_a_voice_reads_the_code_twice_digit_by_digit_and_names_nobody(phone: Phone, portal: Portal) -> None:
    page = words_of(call(phone))
    assert "We will call you in a moment. A voice reads the 6 numbers to you two times." in page
    text, spoken = lines(portal)
    assert (text["kind"], spoken["kind"], spoken["to"]) == ("code", "call", text["to"])
    digits = [one for one in spoken["body"].split() if one.isdigit() and len(one) == 1]
    assert digits[:6] == digits[6:12]
    assert spoken["body"].startswith("Hello. This is the code you asked for.")
    assert not [name for name in ("Elena", "Delgado", "Lucía", "Marigold") if name in spoken["body"]]
    phone.send("/marigold/code", {"code": "".join(digits[:6])})
    assert phone.path == "/marigold/ask"


def test_the_voice_speaks_the_language_of_the_page(portal: Portal) -> None:
    phone = given_phone(portal, "es")
    phone.send("/marigold/phone", {"phone": MINE})
    wait(portal, seconds=30)
    assert "Le llamaremos en un momento" in words_of(call(phone))
    assert "Esta es la clave que pidió." in lines(portal)[-1]["body"]


def test_the_text_before_the_call_still_works(phone: Phone, portal: Portal) -> None:
    call(phone)
    first = code_in(lines(portal)[0]["body"])
    phone.send("/marigold/code", {"code": first})
    assert phone.path == "/marigold/ask"


def test_a_call_waits_and_counts_like_a_text(phone: Phone, portal: Portal) -> None:
    call(phone)
    assert "You can ask for a new one in 60 seconds" in words_of(call(phone))
    wait(portal, seconds=60)
    call(phone)
    assert len(lines(portal)) == 3
    wait(portal, seconds=120)
    assert "We sent you many codes today" in words_of(call(phone))
    assert len(lines(portal)) == 3


def test_wrong_tries_are_not_given_back_by_a_call(phone: Phone, portal: Portal) -> None:
    for guess in ("000000", "000001"):
        phone.send("/marigold/code", {"code": guess})
    call(phone)
    with portal.storage.read() as tx:
        (challenge,) = tx.exec(select(ChallengeRow)).all()
    assert (challenge.tries, challenge.sends) == (2, 2)


def test_a_call_costs_its_own_price(phone: Phone, portal: Portal) -> None:
    call(phone)
    lines(portal)
    with portal.storage.read() as tx:
        tools = means(portal, tx, MARIGOLD, portal.now())
        assert tools.sends.spent(portal.now()) == 12_500 + 50_000


def test_a_phone_that_wants_no_calls_is_not_called_and_the_page_says_the_same(phone: Phone, portal: Portal) -> None:
    with portal.storage.write() as tx:
        tools = means(portal, tx, MARIGOLD, portal.now())
        tools.sends.opt_out(tools.number_keys("+12125550142")[0], portal.now(), TextKind.CALL)
    assert "We will call you in a moment" in words_of(call(phone))
    assert [one["kind"] for one in lines(portal)] == ["code"]
    wait(portal, minutes=2)
    phone.send("/marigold/code", {"again": "1"})
    assert [one["kind"] for one in lines(portal)] == ["code", "code"]


def test_whoever_stopped_texts_can_still_be_called(phone: Phone, portal: Portal) -> None:
    with portal.storage.write() as tx:
        tools = means(portal, tx, MARIGOLD, portal.now())
        tools.sends.opt_out(tools.number_keys("+12125550142")[0], portal.now(), TextKind.CODE)
    call(phone)
    assert [one["kind"] for one in lines(portal)] == ["code", "call"]


def test_known_and_unknown_numbers_are_offered_and_told_the_same(portal: Portal) -> None:
    phones = {number: given_phone(portal) for number in (MINE, "(646) 555-0142")}
    asked = [phone.send("/marigold/phone", {"phone": number}) for number, phone in phones.items()]
    wait(portal, seconds=30)
    called = [call(phone) for phone in phones.values()]
    lines(portal)
    after = [phone.open("/marigold/code") for phone in phones.values()]
    assert [len(set(pages)) for pages in (asked, called, after)] == [1, 1, 1]
    assert "Call me instead" in asked[0]


def test_where_the_carrier_makes_no_calls_none_is_offered_and_a_text_takes_its_place(tmp_path: Path) -> None:
    portal, carrier = given_carried(tmp_path, replace(CARRIER, calls_sender=""))
    phone = given_phone(portal)
    assert "Call me instead" not in phone.send("/marigold/phone", {"phone": MINE})
    wait(portal, seconds=30)
    assert "We sent a new code" in words_of(call(phone))
    texts(portal)
    assert (len(carrier.texts), carrier.calls) == (2, [])


def test_whoever_asked_three_times_sees_the_other_ways_first_on_file_or_not(portal: Portal) -> None:
    for number in (MINE, "(646) 555-0142"):
        phone = given_phone(portal)
        phone.send("/marigold/phone", {"phone": number})
        for seconds in (30, 60):
            assert "<details open>" not in phone.open("/marigold/code")
            wait(portal, seconds=seconds)
            phone.send("/marigold/code", {"again": "1"})
        assert "<details open>" in phone.open("/marigold/code")
        wait(portal, hours=2)
