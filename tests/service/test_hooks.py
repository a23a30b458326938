"""What the carrier reports: taken only when it is signed by it and about a message of ours, and then only once."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import pytest
from family_given import ELENA, given_phone, texts, wait
from given import MARIGOLD
from hooks_given import CARRIER, HOOK, Speaker, given_carried, sid, speaker
from sqlmodel import select
from twilio.request_validator import RequestValidator

from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.people.tables import ContactRow
from rightsdesk.verification.challenges import Purpose
from rightsdesk.verification.delivery.reports import LARGEST, Delivered
from rightsdesk.verification.delivery.tables import MessageRow
from rightsdesk.verification.sms.port import TextKind
from rightsdesk.verification.tables import ChallengeRow
from rightsdesk.web.borders import own_ledger
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import means
from tests.verification_given import SentTexts

ELENAS: tuple[str, str] = ("(212) 555-0142", "+12125550142")


@pytest.fixture
def carried(tmp_path: Path) -> tuple[Portal, SentTexts]:
    """Return a portal whose texts leave by a carrier, and the carrier."""
    return given_carried(tmp_path)


@pytest.fixture
def portal(carried: tuple[Portal, SentTexts]) -> Portal:
    """Return the portal, from which Elena was sent a code."""
    portal, _ = carried
    given_phone(portal).send("/marigold/phone", {"phone": ELENAS[0]})
    texts(portal)
    return portal


@pytest.fixture
def twilio(portal: Portal) -> Speaker:
    """Return the carrier at the hook."""
    return speaker(portal)


def state(portal: Portal, number: int = 1) -> Delivered:
    """Return how far the n-th text got, as far as we know."""
    with portal.storage.read() as tx:
        return tx.get_one(MessageRow, sid(number)).state


def sums(portal: Portal) -> dict[str, int]:
    """Return what was counted today of codes by text."""
    with portal.storage.read() as tx:
        tools = means(portal, tx, MARIGOLD, portal.now())
        return {one.what: one.number for one in tools.days.since(MARIGOLD.today(portal.now())) if one.kind == "code"}


def contacts(portal: Portal) -> list[ContactRow]:
    """Return Elena's contact points."""
    with portal.storage.read() as tx:
        return list(tx.exec(select(ContactRow).where(ContactRow.person == ELENA)))


def recorded(portal: Portal, kind: str, agency: UUID = MARIGOLD.id) -> list[str]:
    """Return the facts of what the ledger has of a kind."""
    with portal.storage.read() as tx:
        mine = select(AuditEventRow).where(AuditEventRow.agency == agency, AuditEventRow.kind == kind)
        return [row.facts for row in tx.exec(mine)]


def test_a_delivered_text_is_counted_once_however_often_it_is_told(portal: Portal, twilio: Speaker) -> None:
    for status in ("queued", "sent", "delivered", "delivered", "delivered"):
        answer = twilio.report(sid(1), status)
        assert (answer.status_code, answer.content) == (204, b"")
    assert state(portal) is Delivered.DELIVERED
    assert sums(portal) == {"left": 1, "accepted": 1, "reported.delivered": 1}
    (facts,) = recorded(portal, "code_delivered")
    assert "5550142" not in facts


def test_a_late_report_takes_nothing_back(portal: Portal, twilio: Speaker) -> None:
    for status in ("delivered", "sent", "queued", "undelivered", "failed"):
        assert twilio.report(sid(1), status, 30003 if status == "failed" else 0).status_code == 204
    assert state(portal) is Delivered.DELIVERED
    assert sums(portal) == {"left": 1, "accepted": 1, "reported.delivered": 1}


def test_a_report_changes_no_proof(portal: Portal, twilio: Speaker) -> None:
    def challenges() -> list[tuple[object, ...]]:
        with portal.storage.read() as tx:
            return [
                (one.id, one.purpose, one.tries, one.used_at, one.expires_at) for one in tx.exec(select(ChallengeRow))
            ]

    before = challenges()
    assert [one[1] for one in before] == [Purpose.FILE_REQUEST]
    for status in ("delivered", "failed"):
        twilio.report(sid(1), status)
    assert challenges() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "another secret"},
        {"account": "AC" + "b" * 32},
        {"url": f"https://evil.example{HOOK}"},
        {"url": f"https://testserver{HOOK}?more=1"},
        {"url": f"http://testserver{HOOK}"},
    ],
    ids=["another secret", "another account", "another host", "another query", "another scheme"],
)
def test_what_the_carrier_did_not_sign_for_our_address_changes_nothing(
    portal: Portal, twilio: Speaker, wrong: dict[str, str]
) -> None:
    answer = replace(twilio, **wrong).report(sid(1), "delivered")
    assert (answer.status_code, answer.content) == (403, b"")
    assert state(portal) is Delivered.ACCEPTED


def test_the_address_is_the_configured_one_and_never_the_callers(portal: Portal, twilio: Speaker) -> None:
    fields = {"MessageSid": sid(1), "MessageStatus": "delivered"}
    lying = replace(twilio, url=f"https://localhost{HOOK}")
    told = {"x-forwarded-host": "localhost", "x-forwarded-proto": "https"}
    assert lying.post(fields, host="localhost", **told).status_code == 403
    assert twilio.post(fields, host="localhost", **told).status_code == 204
    assert state(portal) is Delivered.DELIVERED


def test_the_query_belongs_to_what_is_signed(portal: Portal, twilio: Speaker) -> None:
    fields = {"AccountSid": twilio.account, "MessageSid": sid(1), "MessageStatus": "delivered"}
    path = f"{HOOK}?a=%2F&b"
    signature = RequestValidator(twilio.token).compute_signature(f"https://testserver{path}", fields)
    assert twilio.raw(urlencode(fields), HOOK, **{"x-twilio-signature": signature}).status_code == 403
    assert twilio.raw(urlencode(fields), path, **{"x-twilio-signature": signature}).status_code == 204
    assert state(portal) is Delivered.DELIVERED


@pytest.mark.parametrize("signature", [{}, {"x-twilio-signature": ""}, {"x-twilio-signature": "bm9uZQ=="}])
def test_a_missing_signature_is_refused_like_a_wrong_one(
    portal: Portal, twilio: Speaker, signature: dict[str, str]
) -> None:
    body = f"AccountSid={twilio.account}&MessageSid={sid(1)}&MessageStatus=delivered"
    answer = twilio.raw(body, **signature)
    assert (answer.status_code, answer.content) == (403, b"")
    assert state(portal) is Delivered.ACCEPTED


@pytest.mark.parametrize(
    "body",
    [
        "AccountSid={0}&MessageSid={1}&MessageStatus=delivered&MessageStatus=delivered",
        "AccountSid={0}&MessageSid={1}&MessageStatus=delivered&Surprise=1",
        "AccountSid={0}&MessageSid={1}&MessageStatus=delivered&Body=" + "x" * LARGEST,
        "AccountSid={0}&MessageSid={1}&MessageStatus",
        "",
        "\u00e9=1",
    ],
    ids=["twice", "unknown", "large", "no value", "empty", "not ascii"],
)
def test_a_body_that_is_not_a_report_is_refused_before_its_signature(
    portal: Portal, twilio: Speaker, body: str
) -> None:
    whole = body.format(twilio.account, sid(1))
    signature = RequestValidator(twilio.token).compute_signature(twilio.url, dict(parse_qsl(whole)))
    answer = twilio.raw(whole, **{"x-twilio-signature": signature})
    assert (answer.status_code, answer.content) == (403, b"")
    assert state(portal) is Delivered.ACCEPTED


def test_only_a_form_is_read(portal: Portal, twilio: Speaker) -> None:
    fields = {"MessageSid": sid(1), "MessageStatus": "delivered"}
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x"):
        assert twilio.post(fields, **{"content-type": kind}).status_code == 403
    assert state(portal) is Delivered.ACCEPTED
    assert twilio.browser.get(HOOK).status_code == 405


@pytest.mark.parametrize("status", ["", "arrived", "DELIVERED", "read"])
def test_a_state_that_nobody_knows_is_refused(portal: Portal, twilio: Speaker, status: str) -> None:
    assert twilio.report(sid(1), status).status_code == 403
    assert state(portal) is Delivered.ACCEPTED


@pytest.mark.parametrize("unknown", [sid(9), "SM1", "CA" + "0" * 31 + "1", "", "file"])
def test_a_message_we_did_not_send_is_refused(twilio: Speaker, unknown: str) -> None:
    assert twilio.report(unknown, "delivered").status_code == 403


def test_a_message_is_forgotten_after_thirty_days_and_its_report_refused(portal: Portal, twilio: Speaker) -> None:
    wait(portal, days=30)
    with portal.storage.write() as tx:
        assert means(portal, tx, MARIGOLD, portal.now()).messages.sweep(portal.now()) == 1
    assert twilio.report(sid(1), "delivered").status_code == 403


def test_a_bad_number_is_used_no_more(portal: Portal, twilio: Speaker) -> None:
    twilio.report(sid(1), "failed", 21614)
    (point,) = contacts(portal)
    assert (point.is_usable, point.unusable_at) == (False, portal.now())
    assert sums(portal)["refused.bad_number"] == 1


def test_a_phone_that_was_off_stays_usable(portal: Portal, twilio: Speaker) -> None:
    twilio.report(sid(1), "undelivered", 30003)
    (point,) = contacts(portal)
    assert (point.is_usable, point.unusable_at) == (True, None)
    with portal.storage.read() as tx:
        tools = means(portal, tx, MARIGOLD, portal.now())
        assert tools.messages.unreached(point.id, portal.now() - timedelta(days=1)) == 1


def test_a_wrong_signature_is_noted_once_an_hour_in_the_regions_own_ledger(portal: Portal, twilio: Speaker) -> None:
    forger = replace(twilio, token="guessed")
    for _ in range(5):
        forger.report(sid(1), "delivered")
    ours = own_ledger(portal.settings.region)
    assert recorded(portal, "security_event", ours) == ['[["what","hook_signature"]]']
    wait(portal, hours=1)
    forger.report(sid(1), "delivered")
    assert len(recorded(portal, "security_event", ours)) == 2


def opted_out(portal: Portal) -> set[TextKind]:
    """Return what Elena's phone wants no more of."""
    with portal.storage.read() as tx:
        tools = means(portal, tx, MARIGOLD, portal.now())
        keys = tools.number_keys(ELENAS[1])
        return {kind for kind in TextKind if tools.sends.opted_out(keys, kind)}


def test_stop_and_start_are_heard_from_the_carrier(portal: Portal, twilio: Speaker) -> None:
    assert twilio.reply(sid(71), "stop ", ELENAS[1]).status_code == 204
    assert opted_out(portal) == {TextKind.CODE, TextKind.NOTICE}
    assert twilio.reply(sid(72), "START", ELENAS[1]).status_code == 204
    assert opted_out(portal) == set()


def test_a_stop_or_start_that_is_sent_to_us_again_does_nothing(portal: Portal, twilio: Speaker) -> None:
    twilio.reply(sid(71), "STOP", ELENAS[1])
    twilio.reply(sid(72), "START", ELENAS[1])
    assert twilio.reply(sid(71), "STOP", ELENAS[1]).status_code == 204
    assert opted_out(portal) == set()
    twilio.reply(sid(73), "STOP", ELENAS[1])
    twilio.reply(sid(72), "START", ELENAS[1])
    assert opted_out(portal) == {TextKind.CODE, TextKind.NOTICE}


def test_the_carriers_own_word_for_it_counts_before_what_was_typed(portal: Portal, twilio: Speaker) -> None:
    twilio.reply(sid(71), "basta", ELENAS[1], OptOutType="STOP")
    assert opted_out(portal) == {TextKind.CODE, TextKind.NOTICE}


@pytest.mark.parametrize("word", ["HELP", "Stop it please", "482913", ""])
def test_other_words_of_a_family_are_not_kept(portal: Portal, twilio: Speaker, word: str) -> None:
    assert twilio.reply(sid(71), word, ELENAS[1]).status_code == 403
    assert opted_out(portal) == set()


def test_a_stop_from_a_phone_we_never_wrote_to_or_to_a_number_not_ours_is_kept_by_nobody(
    portal: Portal, twilio: Speaker
) -> None:
    assert twilio.reply(sid(71), "STOP", "+12125550143").status_code == 204
    assert twilio.reply(sid(72), "STOP", ELENAS[1], to="+12125550199").status_code == 403
    with portal.storage.read() as tx:
        assert means(portal, tx, MARIGOLD, portal.now()).sends.opt_outs() == {}


def test_stop_on_a_notice_leaves_sign_in_alone_where_notices_have_a_number_of_their_own(tmp_path: Path) -> None:
    portal, carrier = given_carried(tmp_path, replace(CARRIER, notices_sender="+12125550101"))
    phone = given_phone(portal)
    phone.send("/marigold/phone", {"phone": ELENAS[0]})
    texts(portal)
    speaker(portal).reply(sid(71), "STOP", ELENAS[1], to="+12125550101")
    assert opted_out(portal) == {TextKind.NOTICE}
    wait(portal, minutes=1)
    given_phone(portal).send("/marigold/phone", {"phone": ELENAS[0]})
    texts(portal)
    assert len(carrier.texts) == 2


def test_a_text_that_the_carrier_stopped_on_its_way_counts_as_stop(portal: Portal, twilio: Speaker) -> None:
    twilio.report(sid(1), "failed", 21610)
    assert opted_out(portal) == {TextKind.CODE, TextKind.NOTICE}


def test_without_a_carrier_nobody_is_heard(tmp_path: Path) -> None:
    from family_given import given_families  # noqa: PLC0415 - here alone

    portal = given_families(tmp_path)
    answer = speaker(portal).report(sid(1), "delivered")
    assert (answer.status_code, answer.content) == (403, b"")
