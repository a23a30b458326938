"""A family's passkeys over HTTP: whom they let in, how they are made and kept, and when they end."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from desk_given import ELENA, LUCIA, MARIGOLD, MATEO, Clock
from passkeys_given import (
    LISTS,
    PRESENT,
    SHOWN,
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
from starlette.testclient import TestClient

from rightsdesk.requests.people.fields.store import Fields
from rightsdesk.requests.people.tables import ContactRow, PersonRow
from rightsdesk.verification.passkeys.store import FAMILY, STAFF, Passkeys
from rightsdesk.verification.passkeys.tables import PasskeyChallengeRow
from rightsdesk.web import ways_in
from rightsdesk.web.app import app_of
from rightsdesk.web.backups.store import close_doors
from rightsdesk.web.portal import Portal
from rightsdesk.web.reindexing import renew_keys
from rightsdesk.web.sessions import REQUESTER

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


def changed(portal: Portal, who: UUID, **values: object) -> None:
    with portal.storage.write() as tx:
        row = tx.get(PersonRow, who)
        for name, value in values.items():
            setattr(row, name, value)
        tx.add(row)


# Whom it lets in: nobody whom a text code would not.


def test_who_left_the_roster_does_not_come_in(portal: Portal, elenas: Device) -> None:
    changed(portal, ELENA, is_active=False)
    assert not is_in(shown(portal, elenas))
    changed(portal, ELENA, is_active=True)
    assert is_in(shown(portal, elenas))


@pytest.mark.parametrize(("student", "works"), [(MATEO, True), (LUCIA, False)])
def test_a_student_under_13_does_not_come_in(portal: Portal, student: UUID, *, works: bool) -> None:
    assert is_in(shown(portal, given_passkey(portal, REQUESTER, student))) is works


def test_a_student_whose_age_is_not_known_does_not_come_in(portal: Portal) -> None:
    device = given_passkey(portal, REQUESTER, MATEO)
    changed(portal, MATEO, birth_date=None)
    assert not is_in(shown(portal, device))


def test_a_passkey_ends_with_the_number_that_it_was_set_up_with(portal: Portal, elenas: Device) -> None:
    """Whoever was given an old number of hers, and set one up before the school heard of it, is out from then on."""
    with portal.storage.write() as tx:
        fields = Fields(tx, MARIGOLD, portal.vault.agency(MARIGOLD.id))
        fields.write_contact(ELENA, "mobile", "+15555550177", portal.now(), portal.fresh_id())
    assert not is_in(shown(portal, elenas))
    assert "no longer yours" in sit(portal, REQUESTER, ELENA).get(LIST).text
    assert '["reason","root"]' in events(portal, "passkey_refused")[0][1]


def test_a_number_that_cannot_be_used_any_more_holds_no_passkey(portal: Portal, elenas: Device) -> None:
    with portal.storage.write() as tx:
        contact = tx.exec(select(ContactRow).where(ContactRow.person == ELENA)).one()
        contact.is_usable = False
        tx.add(contact)
    assert not is_in(shown(portal, elenas))


def test_a_passkey_made_after_coming_in_by_a_passkey_rests_on_the_same_number(portal: Portal, elenas: Device) -> None:
    second, here = Device(), shown(portal, elenas)
    answer = second.make(here.post(f"{LIST}/ask").json())
    assert here.post(LIST, data={"do": "add", "answer": answer}).url.path == LIST
    assert len({one.rests_on for one in rows(portal)}) == 1
    assert is_in(shown(portal, second))


def test_a_passkey_of_somebody_who_was_erased_is_gone(portal: Portal, elenas: Device) -> None:
    with portal.storage.write() as tx:
        ways_in.end(portal, portal.docket(tx, MARIGOLD, portal.now()), ELENA, portal.now())
    assert rows(portal) == []
    assert not is_in(shown(portal, elenas))


# Making and keeping.


@pytest.mark.parametrize(
    "bent",
    [
        {"origin": "https://evil.example"},
        {"host": "evil.example"},
        {"flags": PRESENT},
        {"type": "webauthn.get"},
        {"challenge": "AAAA"},
    ],
    ids=lambda bent: "-".join(f"{name}" for name in bent),
)
def test_a_passkey_that_was_not_made_as_it_has_to_be_is_not_kept(portal: Portal, bent: dict[str, object]) -> None:
    elena = sit(portal, REQUESTER, ELENA)
    answer = Device().make(elena.post(f"{LIST}/ask").json(), **bent)
    page = elena.post(LIST, data={"do": "add", "answer": answer})
    assert (page.status_code, "That did not work" in page.text, rows(portal)) == (422, True, [])


def test_a_known_credential_is_not_taken_by_somebody_else(portal: Portal, elenas: Device) -> None:
    mateo, number = sit(portal, REQUESTER, MATEO), next(iter(elenas.keys))
    answer = Device().make(mateo.post(f"{LIST}/ask").json(), credential=number)
    assert mateo.post(LIST, data={"do": "add", "answer": answer}).status_code == 422
    assert is_in(shown(portal, elenas))


def test_ten_are_enough(portal: Portal) -> None:
    elena = sit(portal, REQUESTER, ELENA)
    asked = [elena.post(f"{LIST}/ask") for _ in range(2)]
    for _ in range(9):
        given_passkey(portal, REQUESTER, ELENA)
    answers = [Device().make(one.json()) for one in asked]
    assert [elena.post(LIST, data={"do": "add", "answer": one}).status_code for one in answers] == [200, 422]
    assert len(rows(portal)) == 10
    assert elena.post(f"{LIST}/ask").status_code == 409
    assert "data-makes" not in elena.get(LIST).text
    assert "Remove one first" in elena.post(LIST, data={"do": "add", "answer": answers[1]}).text


def test_only_sealed_text_and_keyed_indexes_are_kept(portal: Portal, elenas: Device) -> None:
    number, elena = next(iter(elenas.keys)), sit(portal, REQUESTER, ELENA)
    elena.post(LIST, data={"do": "rename", "label": "Elena's kitchen", "passkey": str(rows(portal)[0].id)})
    kept = rows(portal)[0]
    assert number.hex() not in repr(kept.model_dump())
    assert b"kitchen" not in kept.label + kept.key


def test_a_passkey_works_after_the_keys_of_the_agency_were_renewed(portal: Portal, elenas: Device) -> None:
    before = rows(portal)[0].credential
    renew_keys(portal, MARIGOLD)
    assert rows(portal)[0].credential != before
    assert is_in(shown(portal, elenas))


def test_nothing_is_added_or_removed_without_a_fresh_proof(portal: Portal) -> None:
    given_passkey(portal, REQUESTER, ELENA)
    stale = sit(portal, REQUESTER, ELENA, ago=timedelta(minutes=5))
    for path, fields in ((f"{LIST}/ask", {}), (LIST, {"do": "remove", "passkey": str(rows(portal)[0].id)})):
        answer = stale.post(path, data=fields, follow_redirects=False)
        assert answer.headers["location"].partition("?")[0] == "/marigold/phone", path
    assert len(rows(portal)) == 1
    assert "Show who you are once more" in stale.get(LIST).text


def test_a_passkey_is_renamed_and_removed_by_its_owner_alone(portal: Portal, elenas: Device) -> None:
    number, elena, mateo = str(rows(portal)[0].id), sit(portal, REQUESTER, ELENA), sit(portal, REQUESTER, MATEO)
    for fields in ({"do": "rename", "label": "Mine"}, {"do": "remove"}):
        mateo.post(LIST, data=fields | {"passkey": number})
    assert "Mine" not in elena.get(LIST).text
    page = elena.post(LIST, data={"do": "rename", "label": "Kitchen <tablet>", "passkey": number})
    assert "Kitchen &lt;tablet&gt;" in page.text
    elena.post(LIST, data={"do": "remove", "passkey": number})
    assert (rows(portal), is_in(shown(portal, elenas))) == ([], False)
    assert [one[0] for one in events(portal, "passkey_removed")] == [f"requester:{ELENA}"]


def test_the_offer_is_declined_once_and_gone_where_there_is_one(portal: Portal) -> None:
    elena, offer = sit(portal, REQUESTER, ELENA), "Set it up"
    assert offer in elena.get("/marigold/requests").text
    page = elena.post(f"{LIST}/later", data={"next": "/marigold/requests"})
    assert (page.url.path, offer in page.text) == ("/marigold/requests", False)
    assert offer not in elena.get("/marigold/requests").text
    assert elena.post(f"{LIST}/later", data={"next": "https://evil.example"}).url.path == "/marigold/requests"
    given_passkey(portal, REQUESTER, ELENA)
    assert offer not in sit(portal, REQUESTER, ELENA).get("/marigold/requests").text
    assert LIST in elena.get("/marigold/requests").text, "the list stays within reach"


def test_whoever_comes_in_by_a_passkey_may_ask_and_no_number_is_made_up(portal: Portal, elenas: Device) -> None:
    here = shown(portal, elenas)
    here.post("/marigold/student", data={"student": str(MATEO)})
    here.post("/marigold/ask", data={"kind": "access"})
    page = here.get("/marigold/check")
    assert page.url.path == "/marigold/check"
    assert "ending in" not in page.text


def test_a_browser_that_nobody_proved_themselves_at_sees_no_list(portal: Portal) -> None:
    assert browser(portal).get(LIST).url.path == "/marigold/phone"


def test_removing_one_ends_what_is_open_elsewhere(portal: Portal, elenas: Device) -> None:
    """A tablet is lost: whoever found it is out at once, and not when the hour is over."""
    thief, elena = shown(portal, elenas), sit(portal, REQUESTER, ELENA)
    assert is_in(thief)
    elena.post(LIST, data={"do": "remove", "passkey": str(rows(portal)[0].id)})
    assert is_in(elena)
    assert not is_in(thief)


def test_a_backup_brings_no_removed_passkey_back(portal: Portal, elenas: Device) -> None:
    """Nobody knows which were removed since the copy was made, so each is set up anew."""
    with portal.storage.write() as tx:
        close_doors(tx, portal.now())
    assert not is_in(shown(portal, elenas))
    assert "put back from a copy" in sit(portal, REQUESTER, ELENA).get(LIST).text


def test_one_place_asks_a_hundred_times_in_ten_minutes_and_shuts_nobody_else_out(portal: Portal) -> None:
    def at(host: str) -> TestClient:
        headers = {"sec-fetch-site": "same-origin"}
        return TestClient(app_of(portal), portal.settings.public_url, headers=headers, client=(host, 50000))

    asked = [at("203.0.113.9").post(f"{SHOW}/ask").status_code for _ in range(101)]
    assert asked == [200] * 100 + [429]
    with portal.storage.read() as tx:
        assert len(tx.exec(select(PasskeyChallengeRow)).all()) == 100
    assert at("203.0.113.10").post(f"{SHOW}/ask").status_code == 200


@pytest.mark.parametrize(("agency", "side"), [(UUID(int=7), FAMILY), (MARIGOLD.id, STAFF)], ids=["agency", "side"])
def test_a_store_knows_the_passkeys_of_its_own_agency_and_side_alone(
    portal: Portal, elenas: Device, agency: UUID, side: str
) -> None:
    """Before any signature is looked at: what else refuses a foreign one is no reason to find it."""
    (one,) = rows(portal)
    with portal.storage.write() as tx:
        others = Passkeys(tx, agency, side, portal.vault.agency(MARIGOLD.id))
        assert others.found(next(iter(elenas.keys))) is None
        assert (others.numbered(one.id), list(others.of(ELENA)), others.count(ELENA)) == (None, [], 0)
        assert not others.rename(ELENA, one.id, "mine")
        assert not others.remove(ELENA, one.id)
        assert others.remove_all(ELENA) == 0
