"""What the office reads about codes: how many, how they ended, what they cost, why some were kept back; no numbers."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from family_given import UNKNOWN_PHONE, code_in, given_phone, texts, wait, words_of
from given import MARIGOLD
from hooks_given import given_carried, sid, speaker
from office_given import desk, hired
from spending_given import CENT, left

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.verification.sms.port import Refused, RefusedClass
from rightsdesk.verification.spending.ceilings import Ceilings, Prices
from rightsdesk.web import alarms
from rightsdesk.web.portal import Portal
from rightsdesk.web.texting import Texting
from tests.verification_given import SentTexts

PAGE = "/office/marigold/texts"


@pytest.fixture
def carried(tmp_path: Path) -> tuple[Portal, SentTexts]:
    """Return a portal whose agencies may spend a dollar in a day, and its carrier."""
    portal, carrier = given_carried(tmp_path)
    texting = Texting(prices=Prices(CENT, 4 * CENT), ceilings=Ceilings(100 * CENT, 300 * CENT))
    return replace(portal, settings=replace(portal.settings, texting=texting)), carrier


def page(portal: Portal, role: Role = Role.LEAD) -> str:
    answer = desk(portal, hired(portal, role)).get(PAGE)
    assert answer.status_code == 200
    return answer.text


def line(html: str, head: str) -> list[str]:
    """Return what stands in the row of a table behind its head: today, in 7 and in 30 days."""
    rows = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in html.split("<tr>"))
    plain = ([re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in rows)
    return next((row[1:4] for row in plain if row and row[0] == head), [])


def asked(portal: Portal, number: str = "(212) 555-0142") -> None:
    given_phone(portal).send("/marigold/phone", {"phone": number})
    texts(portal)


def test_each_thing_that_happened_is_counted_over_three_spans(carried: tuple[Portal, SentTexts]) -> None:
    portal, carrier = carried
    phone = given_phone(portal)
    phone.send("/marigold/phone", {"phone": "(212) 555-0142"})
    texts(portal)
    phone.send("/marigold/code", {"code": code_in(carrier.texts[0].body)})
    speaker(portal).report(sid(1), "delivered")
    wait(portal, days=6)
    asked(portal, "(212) 555-0143")
    speaker(portal).report(sid(2), "undelivered", 30003)
    wait(portal, days=1)
    asked(portal, "(212) 555-0145")
    wait(portal, seconds=30)
    html = page(portal)
    assert line(html, "Left by text") == ["1", "2", "3"]
    assert line(html, "Taken by the phone company") == ["1", "2", "3"]
    assert line(html, "Delivered to the phone") == ["0", "0", "1"]
    assert line(html, "Not delivered") == ["0", "1", "1"]
    assert line(html, "Code came back") == ["0", "0", "1"]
    assert line(html, "Of 100 that left, came back") == ["0", "0", "33"]
    assert line(html, "Phone company: phone was off or away") == ["0", "1", "1"]


def test_what_was_kept_back_is_told_by_reason_the_most_frequent_first(carried: tuple[Portal, SentTexts]) -> None:
    portal, carrier = carried
    carrier.answers[:] = [Refused(RefusedClass.FILTERED, 30007), Refused(RefusedClass.FILTERED, 30007)]
    asked(portal)
    asked(portal, "(212) 555-0143")
    phone = given_phone(portal)
    for _ in range(4):
        phone.send("/marigold/phone", {"phone": "(212) 555-0145"})
        wait(portal, minutes=2)
    html = page(portal)
    assert line(html, "Phone company: filtered") == ["2", "2", "2"]
    assert line(html, "Asked too often") == ["1", "1", "1"]
    assert html.index("Phone company: filtered") < html.index("Asked too often")


def test_a_number_that_nobody_has_leaves_no_trace_here_that_one_on_file_would_not(
    carried: tuple[Portal, SentTexts],
) -> None:
    portal, _ = carried
    before = page(portal)
    asked(portal, UNKNOWN_PHONE)
    assert words_of(page(portal)) == words_of(before), "what was only asked for is nobody's message"


def test_the_cost_stands_beside_its_ceiling(carried: tuple[Portal, SentTexts]) -> None:
    portal, _ = carried
    left(portal.storage.engine, 1, portal.now() - timedelta(hours=1), 49 * CENT, 1)
    asked(portal)
    html = page(portal)
    assert "0.50 of 1.00" in words_of(html)
    assert 'value="50"' in html
    wait(portal, hours=24)
    assert "0.00 of 1.00" in words_of(page(portal))


def test_why_codes_stand_still_is_said_at_once_and_since_when_after_it_was_looked_at(
    carried: tuple[Portal, SentTexts],
) -> None:
    portal, _ = carried
    assert "Codes are sent" in page(portal)
    left(portal.storage.engine, 30, portal.now() - timedelta(minutes=5))
    words = words_of(page(portal))
    assert "Codes stand still: too few of them come back" in words
    assert "Families are offered other ways. The operator is told." in words
    assert "Codes are sent" not in words
    alarms.watch_codes(portal, ())
    wait(portal, hours=1)
    alarms.watch_codes(portal, ())
    assert "Codes are sent" in page(portal)


def test_half_of_the_money_is_a_warning_and_codes_go_on(carried: tuple[Portal, SentTexts]) -> None:
    portal, _ = carried
    left(portal.storage.engine, 1, portal.now(), 60 * CENT, 1)
    alarms.watch_codes(portal, ())
    words = words_of(page(portal))
    assert "Codes have cost half of what they may cost in a day" in words
    assert "Families are offered other ways" not in words


def test_phones_that_want_none_are_counted_and_start_takes_one_off(carried: tuple[Portal, SentTexts]) -> None:
    portal, _ = carried
    asked(portal)
    speaker(portal).reply("SM" + "9" * 32, "STOP", "+12125550142")
    assert "Codes by text 1 Calls 0 Notices by text 1" in words_of(page(portal))
    speaker(portal).reply("SM" + "8" * 32, "START", "+12125550142")
    assert "Codes by text 0 Calls 0 Notices by text 0" in words_of(page(portal))


def test_nobodys_number_or_name_stands_there(carried: tuple[Portal, SentTexts]) -> None:
    portal, _ = carried
    asked(portal)
    speaker(portal).report(sid(1), "undelivered", 30003)
    html = page(portal)
    assert not [one for one in ("555-0142", "5550142", "Elena", "Delgado", sid(1)) if one in html]


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.LEAD, Role.AUDITOR])
def test_whoever_runs_or_audits_the_office_may_look(carried: tuple[Portal, SentTexts], role: Role) -> None:
    assert "Codes a day" in page(carried[0], role)


def test_nobody_else_may(carried: tuple[Portal, SentTexts]) -> None:
    portal, _ = carried
    for role in set(Role) - {Role.ADMINISTRATOR, Role.LEAD, Role.AUDITOR}:
        assert desk(portal, hired(portal, role)).get(PAGE).status_code == 404


def test_another_agencys_messages_are_not_counted_here(carried: tuple[Portal, SentTexts]) -> None:
    portal, _ = carried
    left(portal.storage.engine, 1, portal.now(), 70 * CENT, 1, agency=hired(portal, Role.LEAD))
    assert "0.00 of 1.00" in words_of(page(portal))
    assert MARIGOLD.short_name in page(portal)
