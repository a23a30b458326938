"""Whoever is invited to the desk may join by their school account: in the browser of the link, once, with their own."""

import re
from dataclasses import replace
from html import unescape
from typing import Final
from uuid import UUID

import httpx2
import pyotp
import pytest
from family_given import MARIGOLD
from forging_given import GONE, Claims, Forger, saying, signed
from given import clock_of
from schooling_given import DESK_START, Visitor, events, facts_of, identities, provider_at
from sqlmodel import Session
from staff_given import APP, CASES, CHOOSE, JOIN, OTHER, SECOND, SIGN_IN, seed_in, told

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.school.kinds import ProviderKind, Side, Trust
from rightsdesk.verification.staff import factors
from rightsdesk.verification.staff.invitations.inviting import LIFE, Purpose, Way, invite
from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import school_means
from rightsdesk.web.sessions import STAFF, Sessions
from rightsdesk.web.staffroom import staff_means

KIM: Final = Colleague(
    UUID("dddddddd-0000-4000-8000-0000000000ad"), "Kim Bell", "kim@marigold.example", frozenset({Role.APPROVER})
)
LEE: Final = replace(KIM, id=UUID("dddddddd-0000-4000-8000-0000000000ae"), name="Lee", email="lee@marigold.example")
PRESS: Final = f"{JOIN}/classlink"


@pytest.fixture(autouse=True)
def hired(portal: Portal, forger: Forger) -> None:
    """Let Kim and Lee work here; the school's account says nothing by which the roster would find anybody."""
    forger.claims |= {"SourcedId": GONE, "sub": "kim"}
    with portal.storage.write() as tx:
        for one in (KIM, LEE):
            Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).add(one, portal.now())


def link_for(portal: Portal, who: Colleague = KIM, purpose: Purpose = Purpose.JOIN) -> str:
    """Return the secret of a printed link."""
    with portal.storage.write() as tx:
        means = staff_means(portal, tx, MARIGOLD, portal.now())
        return invite(means, who.id, purpose, Way.PRINT, "operator", portal.now()).token


def opened(portal: Portal, who: Colleague = KIM, visitor: Visitor | None = None) -> Visitor:
    """Open the link of an invitation in a browser, and return it."""
    visitor = visitor or Visitor(portal)
    answer = visitor.browser.post(JOIN, data={"invitation": link_for(portal, who)})
    assert answer.headers["location"] == CHOOSE
    return visitor


def pressed(visitor: Visitor) -> str:
    """Press the button of the school's sign-in, and return the address of the provider that stands on the page."""
    page = visitor.browser.post(PRESS)
    assert page.status_code == 200, page.headers
    (found,) = re.findall(r'href="(http://127[^"]+)"', page.text)
    return unescape(found)


def joined(visitor: Visitor) -> httpx2.Response:
    """Press it, sign in at the provider, and return what the way back is answered with."""
    return visitor.browser.get(visitor.back(pressed(visitor)))


def reason(portal: Portal) -> str:
    return str(facts_of(events(portal, "sign_in_refused")[-1])["reason"])


def changed(portal: Portal, forger: Forger, **fields: object) -> None:
    with portal.storage.write() as tx:
        school_means(portal, tx, MARIGOLD, portal.now()).providers.change(provider_at(forger, **fields))


# The way in.


def test_who_is_invited_joins_by_the_schools_sign_in_and_sets_up_an_app(portal: Portal) -> None:
    visitor = opened(portal)
    page = visitor.browser.get(CHOOSE).text
    assert f'action="{PRESS}"' in page
    assert "Join with ClassLink" in page
    assert KIM.email in visitor.browser.post(PRESS).text, "the page says whose account it will open"
    assert joined(visitor).headers["location"] == APP
    code = pyotp.TOTP(seed_in(visitor.browser.get(APP).text)).at(portal.now())
    assert visitor.browser.post(APP, data={"totp": code}).status_code == 200
    assert visitor.browser.get(CASES).status_code == 200
    (link,) = identities(portal)
    assert (link.side, link.account, link.linked_by) == (Side.STAFF, KIM.id, "invited")
    assert told(portal, KIM.email) == ["staff_school_connected", "staff_app_enrolled"]
    assert Visitor(portal).sign_in(DESK_START).headers["location"] == SECOND


def test_a_second_factor_that_the_school_proved_is_enough(portal: Portal, forger: Forger) -> None:
    changed(portal, forger, second_factor=Trust.AMR)
    forger.claims["amr"] = ["mfa"]
    visitor = opened(portal)
    assert "max_age=300" in pressed(visitor)
    assert joined(visitor).headers["location"] == CASES
    assert visitor.browser.get(CASES).status_code == 200
    assert len(events(portal, "staff_signed_in")) == 1


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (ProviderKind.GOOGLE, "&prompt=select_account"),
        (ProviderKind.ENTRA, "&prompt=login"),
        (ProviderKind.OTHER, "&prompt=login"),
        (ProviderKind.CLASSLINK, ""),
    ],
)
def test_a_provider_that_can_is_told_to_ask_who_is_there(
    portal: Portal, forger: Forger, kind: ProviderKind, asked: str
) -> None:
    changed(portal, forger, kind=kind)
    address = pressed(opened(portal))
    assert ("prompt=" in address, asked in address) == (bool(asked), True)
    assert "prompt=" not in Visitor(portal).away(DESK_START)


def test_an_agency_whose_provider_is_not_for_staff_shows_no_button(portal: Portal, forger: Forger) -> None:
    changed(portal, forger, for_staff=False)
    visitor = opened(portal)
    assert "/join/" not in visitor.browser.get(CHOOSE).text
    assert visitor.browser.post(PRESS).status_code == 404


def test_the_button_still_stands_there_after_a_poor_password(portal: Portal) -> None:
    assert f'action="{PRESS}"' in opened(portal).browser.post(CHOOSE, data={"password": "poor"}).text


def test_a_link_for_a_new_password_alone_offers_no_other_way(portal: Portal) -> None:
    visitor = Visitor(portal)
    visitor.browser.post(JOIN, data={"invitation": link_for(portal, purpose=Purpose.PASSWORD)})
    assert "/join/" not in visitor.browser.get(CHOOSE).text
    assert visitor.browser.post(PRESS).headers["location"] == CHOOSE
    assert events(portal, "sign_in_begun") == []


# The link and the browser.


def test_the_link_is_used_up_and_each_answer_counts_once(portal: Portal) -> None:
    token, visitor, other = link_for(portal), Visitor(portal), Visitor(portal)
    visitor.browser.post(JOIN, data={"invitation": token})
    path = visitor.back(pressed(visitor))
    assert visitor.browser.get(path).status_code == 303
    assert visitor.browser.get(path).status_code == 400
    assert other.browser.post(JOIN, data={"invitation": token}).status_code == 422
    assert other.browser.post(PRESS).headers["location"].startswith(SIGN_IN)
    assert len(identities(portal)) == 1


def test_a_link_that_is_over_offers_nothing(portal: Portal) -> None:
    token, visitor = link_for(portal), Visitor(portal)
    clock_of(portal).at += LIFE
    assert visitor.browser.post(JOIN, data={"invitation": token}).status_code == 422
    assert visitor.browser.post(PRESS).headers["location"].startswith(SIGN_IN)


def test_half_an_hour_after_the_link_it_is_over(portal: Portal) -> None:
    visitor = opened(portal)
    clock_of(portal).advance(minutes=25)
    path = visitor.back(pressed(visitor))
    clock_of(portal).advance(minutes=5)
    assert visitor.browser.get(path).status_code == 400
    assert identities(portal) == []


def test_another_page_cannot_press_it(portal: Portal) -> None:
    visitor = opened(portal)
    assert visitor.browser.get(PRESS).status_code == 405
    assert visitor.browser.post(PRESS, headers={"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("who", [None, KIM, LEE], ids=["nobody", "invited-too", "a-colleague"])
def test_an_answer_counts_in_the_browser_that_began_alone(portal: Portal, who: Colleague | None) -> None:
    path = opened(portal).back(pressed(opened(portal)))
    other = opened(portal, who) if who else Visitor(portal)
    assert other.browser.get(path).status_code == 400
    refusals = [facts_of(one)["reason"] for one in events(portal, "sign_in_refused")]
    assert refusals == (["state"] if who else []), "a stranger's answer is no event"
    assert identities(portal) == []


def test_what_was_begun_before_another_link_was_opened_here_does_not_count(portal: Portal) -> None:
    visitor = opened(portal)
    path = visitor.back(pressed(visitor))
    opened(portal, LEE, visitor)
    assert visitor.browser.get(path).status_code == 400
    assert identities(portal) == []


def test_who_chose_a_password_meanwhile_goes_on_with_that(portal: Portal) -> None:
    visitor = opened(portal)
    path = visitor.back(pressed(visitor))
    assert visitor.browser.post(CHOOSE, data={"password": OTHER}).headers["location"] == APP
    assert visitor.browser.get(path).status_code == 400
    assert visitor.browser.post(PRESS).headers["location"] == APP
    assert identities(portal) == []


def test_a_family_sign_in_is_no_answer_to_it_and_it_is_none_to_one(portal: Portal) -> None:
    visitor = opened(portal)
    path = visitor.back(pressed(visitor))
    assert visitor.browser.get(path.replace("/desk", "")).status_code == 400
    assert identities(portal) == []


def end_sessions(portal: Portal, tx: Session) -> None:
    Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), portal.now(), portal.draw, STAFF).end_all(staff=KIM.id)


def test_a_session_that_the_office_ended_while_the_provider_was_asked_connects_nothing(
    portal: Portal, forger: Forger
) -> None:
    def meanwhile(forger: Forger, claims: Claims) -> str:
        with portal.storage.write() as tx:
            end_sessions(portal, tx)
        return signed(forger, claims)

    forger.token = meanwhile
    visitor = opened(portal)
    assert joined(visitor).status_code == 400
    assert identities(portal) == []
    assert told(portal, KIM.email) == []
    assert visitor.browser.get(CASES).headers["location"].startswith(SIGN_IN)


# Somebody else's account, and whoever comes back.


def test_an_account_that_signs_in_a_colleague_is_refused_in_words(portal: Portal) -> None:
    joined(opened(portal, LEE))
    visitor = opened(portal)
    page = joined(visitor)
    assert (page.status_code, reason(portal)) == (400, "taken")
    assert "signs in a colleague here" in page.text
    assert (LEE.name in page.text, LEE.email in page.text) == (False, False)
    assert f'href="{CHOOSE}"' in page.text
    assert f'href="{DESK_START}"' not in page.text, "that would sign the colleague in"
    assert [one.account for one in identities(portal)] == [LEE.id]
    assert visitor.browser.post(CHOOSE, data={"password": OTHER}).headers["location"] == APP


def test_a_provider_that_is_down_leaves_the_password(portal: Portal, forger: Forger) -> None:
    visitor = opened(portal)
    path = visitor.back(pressed(visitor))
    forger.answers["/token"] = saying(b"", 503)
    page = visitor.browser.get(path)
    assert (page.status_code, f'href="{CHOOSE}"' in page.text) == (503, True)
    assert visitor.browser.post(CHOOSE, data={"password": OTHER}).headers["location"] == APP


def test_who_joined_by_the_school_alone_counts_as_joined_until_it_is_taken_off(portal: Portal) -> None:
    def has_joined() -> bool:
        with portal.storage.read() as tx:
            return factors.has_joined(staff_means(portal, tx, MARIGOLD, portal.now()), KIM.id)

    assert not has_joined()
    joined(opened(portal))
    assert has_joined()
    with portal.storage.write() as tx:
        school_means(portal, tx, MARIGOLD, portal.now()).identities.part(identities(portal)[0].id, "x", portal.now())
    assert not has_joined()


def test_who_was_removed_and_comes_back_joins_with_the_same_school_account(portal: Portal) -> None:
    joined(opened(portal))
    with portal.storage.write() as tx:
        factors.forget(staff_means(portal, tx, MARIGOLD, portal.now()), KIM.id, portal.now())
    assert identities(portal) == []
    assert joined(opened(portal, LEE)).headers["location"] == APP
