"""Passkeys over HTTP: what a hostile device, browser or site sends opens nothing, and leaves no trace of why."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from desk_given import ELENA, MATEO, PLUM, PRIYA, Clock
from passkeys_given import (
    LISTS,
    PRESENT,
    SHOWN,
    VERIFIED,
    Device,
    browser,
    events,
    given_passkey,
    is_in,
    portal_at,
    rows,
    shown,
    sit,
)
from sqlmodel import select

from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.verification.passkeys.tables import PasskeyChallengeRow
from rightsdesk.web.duties import sweep_sessions
from rightsdesk.web.portal import Portal
from rightsdesk.web.sessions import REQUESTER, STAFF

LIST, SHOW = LISTS[REQUESTER], SHOWN[REQUESTER]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(data_folder: Path, clock: Clock) -> Portal:
    return portal_at(data_folder, clock)


@pytest.fixture
def elenas(portal: Portal) -> Device:
    """Return Elena's phone, with a passkey on it."""
    return given_passkey(portal, REQUESTER, ELENA)


def asked(portal: Portal) -> list[PasskeyChallengeRow]:
    with portal.storage.read() as tx:
        return list(tx.exec(select(PasskeyChallengeRow)).all())


# What works.


def test_a_parent_comes_in_again_by_a_passkey_without_saying_who_they_are(portal: Portal, elenas: Device) -> None:
    assert is_in(shown(portal, elenas))
    (passkey,) = rows(portal)
    assert events(portal, "signed_in") == [
        (f"requester:{ELENA}", f'[["by","passkey"],["passkey","{passkey.id}"]]'),
    ]
    assert (passkey.used_at, passkey.sign_count) == (portal.now(), 2)


def test_a_passkey_leads_on_to_where_somebody_wanted_to_go_but_never_to_another_site(
    portal: Portal, elenas: Device
) -> None:
    for wish, end in (("/marigold/requests", "/marigold/requests"), ("//evil.example/", "/marigold/student")):
        found = browser(portal)
        answer = elenas.show(found.post(f"{SHOW}/ask").json())
        assert found.post(SHOW, data={"answer": answer, "next": wish}).url.path == end


def test_the_question_names_nobody_and_asks_for_the_devices_own_lock(portal: Portal) -> None:
    given_passkey(portal, REQUESTER, ELENA)
    options = browser(portal).post(f"{SHOW}/ask").json()
    assert (options["rpId"], options["userVerification"]) == ("localhost", "required")
    assert options.get("allowCredentials", []) == []
    made = sit(portal, REQUESTER, ELENA).post(f"{LIST}/ask").json()
    assert (made["attestation"], made["authenticatorSelection"]["residentKey"]) == ("none", "required")
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert (made["rp"]["id"], len(made["excludeCredentials"])) == ("localhost", 1)
    # Two parents with one tablet see whose is whose; the handle beside it says nothing.
    assert made["user"]["name"] == "Elena Delgado, Marigold Unified"
    assert ELENA.hex not in str(made)


def test_the_page_is_the_same_whether_or_not_anybody_has_a_passkey(portal: Portal) -> None:
    before = browser(portal).get("/marigold/phone").text
    given_passkey(portal, REQUESTER, ELENA)
    assert browser(portal).get("/marigold/phone").text == before
    assert browser(portal).get(SHOW).text.replace(SHOW, "/marigold/phone") == before.replace(SHOW, "/marigold/phone")


def test_a_device_that_keeps_no_counter_works_again_and_again(portal: Portal) -> None:
    device = given_passkey(portal, REQUESTER, ELENA, Device(step=0))
    assert [is_in(shown(portal, device)) for _ in range(2)] == [True, True]


def test_whoever_sat_at_this_browser_before_leaves_nothing_to_the_next(portal: Portal, elenas: Device) -> None:
    mateo = sit(portal, REQUESTER, MATEO)
    mateo.post("/marigold/ask", data={"kind": "erasure"})
    mateo.post("/marigold/details", data={"elements": "picture", "details": "This is mine alone."})
    answer = elenas.show(mateo.post(f"{SHOW}/ask").json())
    page = mateo.post(SHOW, data={"answer": answer, "next": "/marigold/details"})
    assert "This is mine alone." not in page.text + mateo.get("/marigold/student").text
    assert page.url.path == "/marigold/student", "her own answers, and there are none"


# Hostile answers.


@pytest.mark.parametrize(
    "bent",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "http://localhost:8443"},
        {"host": "evil.example"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"signature": b"x" * 70},
        {"type": "webauthn.create"},
        {"challenge": "AAAA"},
        {"handle": b"somebody else"},
    ],
    ids=lambda bent: "-".join(f"{name}" for name in bent),
)
def test_a_bent_answer_opens_nothing(portal: Portal, elenas: Device, bent: dict[str, object]) -> None:
    found = browser(portal)
    page = found.post(SHOW, data={"answer": elenas.show(found.post(f"{SHOW}/ask").json(), **bent)})
    assert (page.status_code, "That did not work." in page.text) == (422, True)
    assert not is_in(found)
    assert is_in(shown(portal, elenas)), "and it spoils nothing"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{",
        "[]",
        "null",
        '{"response":1}',
        '{"response":{}}',
        '{"response":{"clientDataJSON":"e30"}}',
        '{"response":{"clientDataJSON":7}}',
        "9" * 20000,
        "[" * 9000,
        '{"response":{"clientDataJSON":"' + "W1tb" * 3000 + '"}}',
    ],
)
def test_what_is_no_answer_at_all_is_refused(portal: Portal, answer: str) -> None:
    found = browser(portal)
    found.post(f"{SHOW}/ask")
    assert found.post(SHOW, data={"answer": answer}).status_code == 422


def test_a_signature_of_another_key_opens_nothing(portal: Portal, elenas: Device) -> None:
    number, other = next(iter(elenas.keys)), Device()
    found = browser(portal)
    options = found.post(f"{SHOW}/ask").json()
    other.make({"user": {"id": "AAAA"}, "challenge": "AAAA"}, credential=number)
    other.keys[number] = (other.keys[number][0], elenas.keys[number][1])
    assert found.post(SHOW, data={"answer": other.show(options)}).status_code == 422
    assert not is_in(found)


def test_a_credential_that_nobody_has_opens_nothing(portal: Portal, elenas: Device) -> None:
    stranger, found = Device(), browser(portal)
    options = found.post(f"{SHOW}/ask").json()
    stranger.make({"user": {"id": "AAAA"}, "challenge": "AAAA"})
    known = browser(portal)
    refused = known.post(SHOW, data={"answer": elenas.show(known.post(f"{SHOW}/ask").json(), flags=PRESENT)})
    page = found.post(SHOW, data={"answer": stranger.show(options)})
    assert (page.status_code, page.text) == (refused.status_code, refused.text), "told as any other refusal"


def test_an_answer_works_once(portal: Portal, elenas: Device) -> None:
    found = browser(portal)
    answer = elenas.show(found.post(f"{SHOW}/ask").json())
    found.post(SHOW, data={"answer": answer})
    found.post("/marigold/leave")
    assert found.post(SHOW, data={"answer": answer}).status_code == 422
    assert not is_in(found)


def test_a_refused_answer_uses_its_question_up_too(portal: Portal, elenas: Device) -> None:
    found = browser(portal)
    options = found.post(f"{SHOW}/ask").json()
    found.post(SHOW, data={"answer": elenas.show(options, flags=PRESENT)})
    assert found.post(SHOW, data={"answer": elenas.show(options)}).status_code == 422


def test_the_question_of_another_session_is_no_good_here(portal: Portal, elenas: Device) -> None:
    theirs, mine = browser(portal), browser(portal)
    mine.post(f"{SHOW}/ask")
    answer = elenas.show(theirs.post(f"{SHOW}/ask").json())
    assert mine.post(SHOW, data={"answer": answer}).status_code == 422


def test_a_question_to_make_a_passkey_is_none_to_show_one(portal: Portal, elenas: Device) -> None:
    elena = sit(portal, REQUESTER, ELENA)
    assert elena.post(SHOW, data={"answer": elenas.show(elena.post(f"{LIST}/ask").json())}).status_code == 422


@pytest.mark.parametrize(("after", "works"), [(timedelta(minutes=5, seconds=-1), True), (timedelta(minutes=5), False)])
def test_a_question_holds_for_five_minutes(
    portal: Portal, clock: Clock, elenas: Device, after: timedelta, *, works: bool
) -> None:
    found = browser(portal)
    answer = elenas.show(found.post(f"{SHOW}/ask").json())
    clock.at += after
    found.post(SHOW, data={"answer": answer})
    assert is_in(found) is works


def test_two_tabs_may_ask_and_questions_that_nobody_answered_are_removed(portal: Portal, clock: Clock) -> None:
    found = browser(portal)
    for _ in range(9):
        found.post(f"{SHOW}/ask")
    assert len(asked(portal)) == 5
    clock.at += timedelta(minutes=5)
    sweep_sessions(portal, ())
    assert asked(portal) == []


def test_a_form_from_another_site_asks_nothing_and_opens_nothing(portal: Portal, elenas: Device) -> None:
    found = browser(portal)
    answer = elenas.show(found.post(f"{SHOW}/ask").json())
    for path, fields in ((f"{SHOW}/ask", {}), (SHOW, {"answer": answer})):
        assert found.post(path, data=fields, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert len(asked(portal)) == 1
    assert not is_in(found)


def test_a_passkey_opens_nothing_at_another_agency(portal: Portal, elenas: Device) -> None:
    with portal.storage.write() as tx:
        Agencies(tx).add(PLUM, portal.now())
    found = browser(portal)
    answer = elenas.show(found.post("/plum/passkey/ask").json())
    assert found.post("/plum/passkey", data={"answer": answer}).status_code == 422
    assert found.get("/plum/requests").url.path == "/plum/phone"


def test_a_familys_passkey_opens_nothing_at_the_desk_nor_the_other_way(portal: Portal, elenas: Device) -> None:
    priyas = given_passkey(portal, STAFF, PRIYA)
    assert not is_in(shown(portal, elenas, STAFF), STAFF)
    assert not is_in(shown(portal, priyas))


def test_a_counter_that_goes_back_stops_the_passkey_and_its_owner_sees_it(portal: Portal, elenas: Device) -> None:
    shown(portal, elenas, count=9)
    assert not is_in(shown(portal, elenas, count=9))
    assert not is_in(shown(portal, elenas, count=10)), "the right one too: nobody knows which is the copy"
    assert "Stopped: it may have been copied" in sit(portal, REQUESTER, ELENA).get(LIST).text
    assert '["reason","copied"]' in events(portal, "passkey_refused")[0][1]


def test_an_address_in_numbers_has_no_passkeys_and_no_button(portal: Portal) -> None:
    plain = replace(portal, settings=replace(portal.settings, public_url="http://127.0.0.1"))
    found = browser(plain)
    assert found.post(f"{SHOW}/ask").status_code == 404
    assert "data-passkey" not in found.get("/marigold/phone").text
    assert "data-passkey" in browser(portal).get("/marigold/phone").text
