"""School sign-ins begun again and again from one place, and begun anew by somebody who is signed in already."""

from dataclasses import replace

import pytest
from family_given import MARIGOLD
from forging_given import GONE, Forger
from given import PUBLIC_URL, clock_of
from schooling_given import START, Visitor, events, provider_at
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.verification.school.kinds import ProviderKind
from rightsdesk.web.app import app_of
from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import school_means

PLACE = "203.0.113.5"
BACK = "/marigold/sign-in/classlink/callback"
MOST = 300  # in ten minutes


def _at(portal: Portal, address: str) -> TestClient:
    headers = {"sec-fetch-site": "same-origin"}
    return TestClient(app_of(portal), PUBLIC_URL, headers=headers, follow_redirects=False, client=(address, 50000))


def _begun(portal: Portal, number: int) -> list[int]:
    browser = _at(portal, PLACE)
    return [browser.get(START).status_code for _ in range(number)]


def test_one_place_begins_so_often_and_then_reads_of_other_ways(portal: Portal) -> None:
    assert _begun(portal, MOST + 2) == [303] * MOST + [429] * 2
    assert len(events(portal, "sign_in_begun")) == MOST
    shut = _at(portal, PLACE).get(START).text
    assert "/marigold/phone" in shut
    assert "/marigold/paper" in shut
    assert _at(portal, "198.51.100.9").get(START).status_code == 303
    clock_of(portal).advance(minutes=10)
    assert _begun(portal, 1) == [303]


def test_a_place_that_is_used_up_writes_no_more_in_the_ledger_by_answers_that_are_refused(portal: Portal) -> None:
    browser = _at(portal, PLACE)
    assert browser.get(START).status_code == 303
    told = [browser.get(f"{BACK}?state={number}&code=x").status_code for number in range(MOST + 20)]
    assert set(told) == {400}
    assert len(events(portal, "sign_in_begun")) + len(events(portal, "sign_in_refused")) == MOST


def test_a_school_that_is_listed_begins_as_often_as_it_has_people(portal: Portal) -> None:
    with portal.storage.write() as tx:
        agencies = Agencies(tx)
        agencies.change(replace(agencies.named(MARIGOLD.slug), own_blocks=("203.0.113.0/24",)))
    assert _begun(portal, MOST + 2) == [303] * (MOST + 2)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (ProviderKind.GOOGLE, "&prompt=select_account"),
        (ProviderKind.ENTRA, "&prompt=login"),
        (ProviderKind.OTHER, "&prompt=login"),
        (ProviderKind.CLASSLINK, ""),
    ],
)
def test_whoever_is_signed_in_and_shows_anew_who_they_are_is_asked_by_the_school(
    portal: Portal, visitor: Visitor, forger: Forger, kind: ProviderKind, asked: str
) -> None:
    assert visitor.sign_in().status_code == 303
    visitor.confirm()
    with portal.storage.write() as tx:
        school_means(portal, tx, MARIGOLD, portal.now()).providers.change(provider_at(forger, kind=kind))
    assert "prompt=" not in Visitor(portal).away()
    address = visitor.away()
    assert ("prompt=" in address, asked in address) == (bool(asked), True)
    assert ("max_age=300" in address) is (asked == "&prompt=login")


@pytest.mark.parametrize(
    ("kind", "told", "is_fresh"),
    [
        (ProviderKind.OTHER, 3600, False),
        (ProviderKind.OTHER, None, False),
        (ProviderKind.OTHER, 20, True),
        (ProviderKind.CLASSLINK, 3600, False),
        (ProviderKind.CLASSLINK, None, True),  # it never says
    ],
)
def test_an_older_sign_in_at_the_school_is_no_proof_of_now(
    portal: Portal, visitor: Visitor, forger: Forger, kind: ProviderKind, told: int | None, *, is_fresh: bool
) -> None:
    """Somebody who finds a browser open can strike from the address that the school is to ask who is there."""
    visitor.sign_in()
    visitor.confirm()
    with portal.storage.write() as tx:
        school_means(portal, tx, MARIGOLD, portal.now()).providers.change(provider_at(forger, kind=kind))
    clock_of(portal).advance(minutes=6)
    forger.claims["auth_time"] = GONE if told is None else int(portal.now().timestamp()) - told
    assert visitor.sign_in().status_code == (303 if is_fresh else 400)
    added = visitor.browser.post("/marigold/passkeys", data={"do": "remove", "passkey": str(portal.fresh_id())})
    assert added.headers["location"].startswith("/marigold/passkeys") is is_fresh
