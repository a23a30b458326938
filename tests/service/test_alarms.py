"""What the operator is told about codes: once, by mail; for as long as it stands also by the doctor and the figures."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from family_given import given_families, given_phone, wait
from given import MARIGOLD, NOON, PLUM, given_agency
from metering_given import counting, figures, scraped
from spending_given import CENT, left, work
from sqlmodel import select

from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.verification.sms.port import Refused, RefusedClass
from rightsdesk.verification.spending.ceilings import Ceilings, Prices
from rightsdesk.verification.spending.store import Alarms
from rightsdesk.verification.spending.tables import PORTAL
from rightsdesk.web import alarms, checkup
from rightsdesk.web.borders import own_ledger
from rightsdesk.web.portal import Portal
from rightsdesk.web.texting import Texting
from tests.verification_given import SentTexts

OPERATOR = "duty@example.org"
HALF = "codes of marigold have cost half of the day's ceiling"
MOST = "codes of marigold have cost four fifths of the day's ceiling"
WHOLE = "codes of marigold stand still: the day's ceiling is reached"
PUMPED = "codes of marigold stand still: under 40 % of them come back"


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal of which one agency may spend a dollar in a day, and all together three."""
    return settled(given_families(tmp_path))


def settled(portal: Portal, operator: str = OPERATOR) -> Portal:
    texting = Texting(prices=Prices(text=CENT), ceilings=Ceilings(100 * CENT, 300 * CENT), operator=operator)
    return replace(portal, settings=replace(portal.settings, texting=texting))


def spend(portal: Portal, cents: int) -> None:
    """Let a code leave that cost so much, come back, and everything that watches look."""
    left(portal.storage.engine, 1, portal.now(), cents * CENT, 1)
    watch(portal)


def watch(portal: Portal) -> None:
    alarms.watch_codes(portal, ())
    work(portal, "tell_operator")


def letters(portal: Portal) -> list[Mapping[str, str]]:
    """Return the mails so far, oldest first."""
    file = Path(portal.settings.mail.place)
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def subjects(portal: Portal) -> list[str]:
    return [one["subject"].removeprefix("Rightsdesk: ") for one in letters(portal)]


def test_each_share_of_the_ceiling_is_told_once(portal: Portal) -> None:
    spend(portal, 49)
    assert subjects(portal) == []
    told = []
    for cents, subject in ((1, HALF), (30, MOST), (20, WHOLE)):
        wait(portal, seconds=1)
        spend(portal, cents)
        watch(portal)
        told.append(subject)
        assert subjects(portal) == told
    assert {one["to"] for one in letters(portal)} == {OPERATOR}


def test_a_letter_says_what_to_do_and_names_nobody(portal: Portal) -> None:
    given_phone(portal).send("/marigold/phone", {"phone": "(212) 555-0142"})
    work(portal, "text_code")
    spend(portal, 99)
    told = next(one for one in letters(portal) if one["subject"].endswith(WHOLE))
    assert "Raise RIGHTSDESK_SPEND_A_DAY or RIGHTSDESK_AGENCY_SPEND_A_DAY if it is real." in told["body"]
    assert portal.settings.public_url in told["body"]
    whole = json.dumps(letters(portal))
    assert not [one for one in ("5550142", "Elena", "Delgado", "0142") if one in whole]


def test_what_all_agencies_cost_is_an_alarm_of_its_own(portal: Portal) -> None:
    given_agency(portal, PLUM)
    for agency in (MARIGOLD, PLUM):
        left(portal.storage.engine, 1, NOON, 75 * CENT, 1, agency.id)
    watch(portal)
    whose = ("marigold", "plum-hollow", "all agencies")
    assert sorted(subjects(portal)) == sorted(HALF.replace("marigold", one) for one in whose)
    with portal.storage.read() as tx:
        assert [one.what for one in Alarms(tx, PORTAL).standing()] == ["spend_50"]


def test_without_an_address_nobody_is_mailed_and_the_alarm_still_stands(tmp_path: Path) -> None:
    portal = settled(given_families(tmp_path), operator="")
    spend(portal, 60)
    assert letters(portal) == []
    assert stand(portal) == {"spend_50"}


def stand(portal: Portal) -> set[str]:
    with portal.storage.read() as tx:
        return {alarm for _, alarm, _ in alarms.standing(tx)}


def test_an_alarm_ends_by_itself_and_is_told_again_after_six_hours_at_the_earliest(portal: Portal) -> None:
    left(portal.storage.engine, 30, NOON - timedelta(minutes=5))
    watch(portal)
    assert (subjects(portal), stand(portal)) == ([PUMPED], {"pumped"})
    wait(portal, hours=1)
    watch(portal)
    assert stand(portal) == set()
    left(portal.storage.engine, 30, portal.now() - timedelta(minutes=5))
    watch(portal)
    assert (subjects(portal), stand(portal)) == ([PUMPED], {"pumped"}), "it came back too soon to be told again"
    wait(portal, hours=6)
    watch(portal)
    left(portal.storage.engine, 30, portal.now() - timedelta(minutes=5))
    watch(portal)
    assert subjects(portal) == [PUMPED, PUMPED]


def test_an_alarm_that_stands_for_a_day_is_told_once(portal: Portal) -> None:
    spend(portal, 60)
    for _ in range(23):
        wait(portal, hours=1)
        watch(portal)
    assert subjects(portal) == [HALF]


def test_a_refused_account_is_told_with_the_code_that_met_it_and_not_a_minute_later(portal: Portal) -> None:
    refusing = replace(portal, texts=SentTexts([Refused(RefusedClass.ACCOUNT, 20003)]))
    given_phone(portal).send("/marigold/phone", {"phone": "(212) 555-0142"})
    work(refusing, "text_code", "tell_operator")
    assert subjects(portal) == ["codes of marigold stand still: the carrier refuses the account"]


def test_two_who_look_at_once_tell_it_once(portal: Portal) -> None:
    left(portal.storage.engine, 1, NOON, 60 * CENT, 1)
    for _ in "ab":
        alarms.look(portal, MARIGOLD)
    work(portal, "tell_operator")
    assert subjects(portal) == [HALF]


def test_the_ledger_keeps_that_codes_stood_still(portal: Portal) -> None:
    left(portal.storage.engine, 30, NOON - timedelta(minutes=5), 10 * CENT)
    watch(portal)
    watch(portal)
    assert recorded(portal, MARIGOLD.id) == ["codes_pumped", "codes_spend_100", "codes_spend_50", "codes_spend_80"]
    assert recorded(portal, own_ledger(portal.settings.region)) == [
        "codes_spend_100", "codes_spend_50", "codes_spend_80",
    ]  # fmt: skip


def recorded(portal: Portal, ledger: UUID) -> list[str]:
    """Return what security events a ledger has, by name."""
    with portal.storage.read() as tx:
        kept = select(AuditEventRow.facts).where(AuditEventRow.agency == ledger, AuditEventRow.kind == "security_event")
        return sorted(dict(json.loads(facts))["what"] for facts in tx.exec(kept))


def test_the_doctor_says_what_stands_since_when_and_what_to_do(portal: Portal) -> None:
    def found() -> dict[str, tuple[bool, str]]:
        return {one.what: (one.is_well, one.fix) for one in checkup.within(portal) if "codes" in one.what}

    assert found() == {"no alarm about codes stands": (True, "")}
    spend(portal, 60)
    ((what, (is_well, _)),) = found().items()
    assert (what, is_well) == (f"{HALF}, since 2026-11-23 17:00 UTC", True)
    wait(portal, minutes=1)
    spend(portal, 40)
    is_well, fix = found()[f"{WHOLE}, since 2026-11-23 17:01 UTC"]
    assert not is_well
    assert "RIGHTSDESK_SPEND_A_DAY" in fix


def test_the_figures_hold_each_alarm_and_what_part_of_the_money_is_gone(portal: Portal) -> None:
    spend(portal, 60)
    text = scraped(counting(portal))
    found = figures(text)
    assert found["rightsdesk_code_alarms", "marigold", "spend_50"] == 1
    assert not [one for one in found if one[0] == "rightsdesk_code_alarms" and one[2] != "spend_50"]
    assert found["rightsdesk_codes_spent_ratio", "marigold"] == pytest.approx(0.6)
    assert found["rightsdesk_codes_spent_ratio", ""] == pytest.approx(0.2)
    assert MARIGOLD.id.hex not in text.replace("-", "")
