"""The passkeys of a family as the office sees them: whose word "that was not me" ends one, and an order does."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from desk_given import DANA, ELENA, LUCIA, MATEO, ROSA, Clock, cookie
from passkeys_given import COOKIES, Device, browser, events, given_passkey, is_in, portal_at, rows, shown
from sqlmodel import select
from starlette.testclient import TestClient

from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import ContactRow, PersonIndexRow
from rightsdesk.web.portal import Portal
from rightsdesk.web.sessions import REQUESTER, STAFF

PERSON = f"/office/marigold/people/{ELENA}"


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


def desk(portal: Portal, who: UUID = ROSA, ago: timedelta = timedelta(minutes=1)) -> TestClient:
    """Return a browser in which a member of staff is signed in, under the address that passkeys are bound to."""
    found = browser(portal)
    found.cookies.set(COOKIES[STAFF], cookie(portal, who, ago), domain="localhost.local")
    return found


def ended(portal: Portal, client: TestClient, number: object = None) -> str:
    """End Elena's passkey at the office and return the page that follows."""
    return client.post(f"{PERSON}/passkeys", data={"passkey": str(number or rows(portal)[0].id)}).text


def test_the_office_sees_the_passkeys_of_a_person_and_ends_one_that_they_did_not_set_up(
    portal: Portal, elenas: Device
) -> None:
    thief, office = shown(portal, elenas), desk(portal)
    page = office.get(PERSON).text
    assert "Fingerprint or face" in page
    assert "It signs nobody in any more" in ended(portal, office)
    assert rows(portal) == []
    assert not is_in(thief)
    assert not is_in(shown(portal, elenas))
    assert events(portal, "passkey_removed")[-1][0] == f"staff:{ROSA}"
    assert "Fingerprint or face" not in office.get(PERSON).text


@pytest.mark.usefixtures("elenas")
def test_ending_one_takes_an_administrator_and_a_fresh_second_factor(portal: Portal) -> None:
    for client in (desk(portal, DANA), desk(portal, ROSA, timedelta(minutes=6))):
        ended(portal, client)
        assert len(rows(portal)) == 1
    assert desk(portal, DANA).get(PERSON).status_code == 404


def test_no_passkey_is_ended_on_the_page_of_somebody_else(portal: Portal, elenas: Device) -> None:
    office = desk(portal)
    other = office.post(f"/office/marigold/people/{MATEO}/passkeys", data={"passkey": str(rows(portal)[0].id)})
    assert other.status_code == 404
    assert office.post(f"{PERSON}/passkeys", data={"passkey": "none"}).status_code == 404
    assert is_in(shown(portal, elenas))


@pytest.mark.usefixtures("elenas")
def test_an_order_ends_the_passkeys_that_rest_on_the_phone_of_whoever_is_kept_away(portal: Portal) -> None:
    """It lies in the hand of the one who is kept away, also when the school's record says so no more."""
    share(portal)
    office = desk(portal)
    form = {"guardian": str(ELENA), "scope": "one", "kind": "court_order", "paper": "FL-1", "until": ""}
    mateos = given_passkey(portal, REQUESTER, MATEO)
    office.post(f"/office/marigold/people/{LUCIA}/restrict", data=form)
    assert [one.owner for one in rows(portal)] == [ELENA]  # her own opens nothing about the child
    assert not is_in(shown(portal, mateos))


def share(portal: Portal) -> None:
    """Give Mateo Elena's number."""
    with portal.storage.write() as tx:
        mine = tx.exec(select(ContactRow).where(ContactRow.person == ELENA, ContactRow.channel == "text")).one()
        vault, contact = portal.vault.agency(mine.agency), portal.fresh_id()
        number = vault.unseal(ELENA, "identity", place("contacts", mine.id, "value"), mine.value)
        value = vault.seal(MATEO, "identity", place("contacts", contact, "value"), number)
        tx.add(
            ContactRow(id=contact, agency=mine.agency, person=MATEO, channel="text", value=value, added_at=portal.now())
        )
        tx.flush()
        for who, point in ((MATEO, contact), (ELENA, mine.id)):
            index = vault.index("number", number)
            known = select(PersonIndexRow).where(PersonIndexRow.person == who, PersonIndexRow.purpose == "number")
            if tx.exec(known).first() is None:
                tx.add(PersonIndexRow(agency=mine.agency, purpose="number", value=index, person=who, contact=point))
