"""Attacks on the proof, over HTTP: spread guesses, replays, skipped steps, forged headers, ways on to other sites."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from alike_given import NUMBERS, given_numbers, given_stranger
from desk_given import PRIYA, Clock, at_the_desk, open_portal
from family_given import ELENA, ROSA, UNKNOWN_PHONE, Phone, code_in, given_families, given_phone, texts, wait
from given import MARIGOLD, PUBLIC_URL, given_browser
from sqlmodel import select
from starlette.testclient import TestClient

from rightsdesk.verification.tables import ChallengeRow, CountRow
from rightsdesk.web.app import app_of
from rightsdesk.web.family.seating import SECOND_PROOF, WHO
from rightsdesk.web.portal import Portal
from rightsdesk.web.routes import SCREENS
from rightsdesk.web.screens import Screen, Who
from rightsdesk.web.sessions import REQUESTER, Sessions

ATTACKER = ("203.0.113.5", 50000)
COOKIE = "__Host-rightsdesk"
ELENAS = NUMBERS["known"]
PROVED = [one for one in SCREENS if one.who is Who.PROVED]
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "/marigold/../../evil",
    "/marigold/%2e%2E/evil",
    "/marigold/./../evil?a=b",
    "/marigold/..",
    "/marigold/ask\r\nSet-Cookie: a=b",
    "javascript:alert(1)",
    "/%2f/evil.example",
    "/otheragency/requests",
    "/marigold/ask#//evil.example",
    " /marigold/ask",
    "/marigold@evil.example/",
]


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    return given_numbers(tmp_path)


def test_guesses_spread_over_many_sessions_share_the_ten_of_a_day(portal: Portal) -> None:
    strangers = []
    for _ in range(3):
        strangers.append(given_stranger(portal))
        strangers[-1].send("/marigold/phone", {"phone": ELENAS})
        wait(portal, minutes=2)
    sent = [one for one in texts(portal) if "#" in one]
    right = code_in(sent[-1])
    told = [one.send("/marigold/code", {"code": f"{n:06}"}).status for one in strangers for n in range(1, 6)]
    assert set(told) == {422}
    assert strangers[-1].send("/marigold/code", {"code": right}).status == 422, "the day is spent, even for the code"
    with portal.storage.read() as tx:
        assert tx.exec(select(CountRow.failures).where(CountRow.kind == "number")).all() == [10]


def test_a_code_read_over_a_shoulder_works_in_no_other_browser(portal: Portal) -> None:
    victim, thief = given_phone(portal), given_phone(portal)
    victim.send("/marigold/phone", {"phone": ELENAS})
    thief.send("/marigold/phone", {"phone": UNKNOWN_PHONE})
    code = next(code_in(one) for one in texts(portal))
    thief.send("/marigold/code", {"code": code})
    assert thief.status == 422
    victim.send("/marigold/code", {"code": code})
    assert victim.path == "/marigold/ask"
    again = given_browser(portal)
    again.cookies.set(COOKIE, str(thief.browser.cookies[COOKIE]))
    assert again.post("/marigold/code", data={"code": code}).status_code == 422


def test_a_planted_cookie_is_worth_nothing_after_the_victim_proved(portal: Portal) -> None:
    attacker = given_phone(portal)
    attacker.send("/marigold/phone", {"phone": UNKNOWN_PHONE})
    planted = str(attacker.browser.cookies[COOKIE])
    victim = given_phone(portal)
    victim.browser.cookies.set(COOKIE, planted)
    wait(portal, minutes=1)
    victim.prove(ELENAS)
    assert victim.path == "/marigold/ask"
    assert victim.browser.cookies.get(COOKIE, domain="testserver.local") != planted
    thief = given_browser(portal)
    thief.cookies.set(COOKIE, planted)
    assert thief.get("/marigold/requests").headers["location"].startswith("/marigold/phone")


@pytest.mark.parametrize("screen", PROVED, ids=lambda one: one.name)
@pytest.mark.parametrize("step", ["nobody", "asked", WHO, SECOND_PROOF])
def test_no_step_of_the_proof_can_be_skipped(screen: Screen, step: str, tmp_path: Path) -> None:
    portal = given_families(tmp_path)
    phone = given_phone(portal)
    if step != "nobody":
        phone.send("/marigold/phone", {"phone": "(212) 555-0146"})
        _at_step(portal, phone, step)
    path = screen.path.format(agency="marigold", reference="MGD-7K3F-92QX", student=ELENA)
    before = _rows(portal)
    answers = [phone.browser.get(path)] if screen.get else []
    answers += [phone.browser.post(path, data={"kind": "access", "once": "x"})] if screen.post else []
    for answer in answers:
        assert answer.status_code == 303
        assert urlsplit(answer.headers["location"]).path == "/marigold/phone"
    assert _rows(portal) == before


def _at_step(portal: Portal, phone: Phone, step: str) -> None:
    if step == "asked":
        return
    with portal.storage.write() as tx:
        sessions = Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), portal.now(), portal.draw, REQUESTER)
        seat = sessions.open(str(phone.browser.cookies[COOKIE]))
        sessions.store(replace(seat, candidates=(ROSA,), purpose=step))


def _rows(portal: Portal) -> list[tuple[str, int]]:
    with portal.storage.read() as tx:
        return [(one.id, one.tries) for one in tx.exec(select(ChallengeRow)).all()]


def test_a_forged_address_gives_no_new_budget(portal: Portal) -> None:
    told = []
    for number in range(11):
        forged = {"x-forwarded-for": f"198.51.100.{number}", "forwarded": f"for=198.51.100.{number}"}
        headers = forged | {"sec-fetch-site": "same-origin"}
        one = TestClient(app_of(portal), PUBLIC_URL, headers=headers, follow_redirects=False, client=ATTACKER)
        told.append(one.post("/marigold/phone", data={"phone": f"(646) 555-01{number:02}"}).status_code)
    assert told == [303] * 10 + [422]


@pytest.mark.parametrize("header", ["x-forwarded-host", "x-original-url", "x-rewrite-url", "x-forwarded-proto"])
def test_no_header_changes_the_host_a_text_names(header: str, portal: Portal) -> None:
    phone = given_phone(portal)
    phone.browser.headers[header] = "evil.example"
    phone.send("/marigold/phone", {"phone": ELENAS})
    assert phone.status == 200
    (sent,) = texts(portal)
    assert "evil" not in sent
    assert f"@{portal.settings.host} #" in sent


def test_a_strange_host_gets_no_page_and_sends_no_text(portal: Portal) -> None:
    browser = given_browser(portal)
    answer = browser.post("/marigold/phone", data={"phone": ELENAS}, headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert texts(portal) == []


@pytest.mark.parametrize("wish", ELSEWHERE)
def test_no_proof_leads_on_to_another_place(wish: str, portal: Portal) -> None:
    phone = given_phone(portal)
    phone.send("/marigold/phone", {"phone": ELENAS, "next": wish})
    phone.send("/marigold/code", {"code": code_in(texts(portal)[-1])})
    assert phone.path == "/marigold/ask"


@pytest.mark.parametrize("wish", ELSEWHERE)
def test_no_sign_in_at_the_desk_leads_on_to_another_place(wish: str, tmp_path: Path) -> None:
    portal = open_portal(tmp_path, Clock())
    desk = at_the_desk(portal, PRIYA)
    page = desk.get("/desk/marigold/second-factor", params={"next": wish}).text
    assert "evil.example" not in page.split("<main", 1)[1]
