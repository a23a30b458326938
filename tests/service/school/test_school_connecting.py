"""Staff connect a school account to theirs and take it off, on the page of how they sign in, with a fresh proof."""

import re
from dataclasses import replace
from html import unescape

import pyotp
from family_given import MARIGOLD
from forging_given import GONE, Claims, Forger, signed
from given import clock_of
from school_staff_given import OWN, PAT, QUINN, SECOND, enter, let_in, reason, seated, sessions, trust
from schooling_given import DESK_START, Visitor, events, facts_of, identities
from staff_given import told

from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import school_means


def connected(visitor: Visitor) -> str:
    """Press the button of one's own page, and return the address of the provider that stands on the page."""
    page = visitor.browser.post(f"{OWN}/school/classlink")
    assert page.status_code == 200, page.text
    found = re.search(r'href="(http://127[^"]+)"', page.text)
    assert found
    return unescape(found[1])


def test_who_is_signed_in_with_both_factors_connects_an_account(
    portal: Portal, forger: Forger, app: pyotp.TOTP
) -> None:
    visitor = let_in(portal, app)
    with portal.storage.write() as tx:
        (link,) = identities(portal)
        school_means(portal, tx, MARIGOLD, portal.now()).identities.allow_again(link.id)
        school_means(portal, tx, MARIGOLD, portal.now()).identities.forget(PAT.id)
    forger.claims |= {"SourcedId": GONE, "sub": "pat"}
    assert "Connect your ClassLink account" in visitor.browser.get(OWN).text
    back = visitor.browser.get(visitor.back(connected(visitor)))
    assert back.headers["location"] == f"{OWN}?said=connected"
    page = visitor.browser.get(f"{OWN}?said=connected").text
    assert "Your school account is connected." in page
    assert "Connect another ClassLink account" in page
    (link,) = identities(portal)
    assert (link.account, link.linked_by) == (PAT.id, "connected")
    assert Visitor(portal).sign_in(DESK_START).headers["location"] == SECOND
    assert told(portal, PAT.email)[-1] == "staff_school_connected"


def test_another_page_cannot_connect_an_account(portal: Portal, app: pyotp.TOTP) -> None:
    visitor = let_in(portal, app)
    assert visitor.browser.get(f"{OWN}/school/classlink").status_code == 405
    cross = visitor.browser.post(f"{OWN}/school/classlink", headers={"sec-fetch-site": "cross-site"})
    assert cross.status_code == 403


def test_what_was_begun_to_connect_ends_with_the_session(portal: Portal, forger: Forger, app: pyotp.TOTP) -> None:
    visitor = let_in(portal, app)
    path = visitor.back(connected(visitor))
    visitor.browser.post("/desk/marigold/sign-out")
    assert visitor.browser.get(path).status_code == 400
    assert forger.issuer


def test_what_somebody_else_began_in_this_browser_connects_nothing(portal: Portal, app: pyotp.TOTP) -> None:
    visitor = let_in(portal, app)
    path = visitor.back(connected(visitor))
    with portal.storage.write() as tx:
        tools, (link,) = school_means(portal, tx, MARIGOLD, portal.now()), identities(portal)
        tools.identities.forget(PAT.id)
        assert tools.identities.link(replace(link, account=QUINN.id))
    assert visitor.sign_in(DESK_START).headers["location"] == SECOND, "Quinn, in the same browser"
    assert seated(visitor) == QUINN.id
    with portal.storage.write() as tx:
        school_means(portal, tx, MARIGOLD, portal.now()).identities.forget(QUINN.id)
        enter(portal, tx, visitor)
    assert visitor.browser.get(path).status_code == 400
    assert identities(portal) == []


def test_a_session_that_was_ended_while_the_provider_was_asked_connects_nothing(
    portal: Portal, forger: Forger, app: pyotp.TOTP
) -> None:
    def meanwhile(forger: Forger, claims: Claims) -> str:
        with portal.storage.write() as tx:
            sessions(portal, tx).end_all(staff=PAT.id)
        return signed(forger, claims)

    visitor = let_in(portal, app)
    forger.token = meanwhile
    forger.claims |= {"sub": "another"}
    assert visitor.browser.get(visitor.back(connected(visitor))).status_code == 400
    assert len(identities(portal)) == 1


def test_an_account_that_is_somebody_elses_is_not_connected(portal: Portal, app: pyotp.TOTP) -> None:
    visitor = let_in(portal, app)
    with portal.storage.write() as tx:
        link = identities(portal)[0]
        tools = school_means(portal, tx, MARIGOLD, portal.now())
        tools.identities.forget(PAT.id)
        assert tools.identities.link(replace(link, account=QUINN.id))
    page = visitor.browser.get(visitor.back(connected(visitor)))
    assert (page.status_code, reason(portal)) == (400, "taken")
    assert "signs in a colleague here" in page.text
    assert f'href="{OWN}"' in page.text
    assert [one.account for one in identities(portal)] == [QUINN.id]


def test_an_account_can_be_taken_off_again(portal: Portal, app: pyotp.TOTP) -> None:
    visitor = let_in(portal, app)
    (link,) = identities(portal)
    answer = visitor.browser.post(f"{OWN}/school", data={"identity": str(link.id)})
    assert answer.headers["location"] == f"{OWN}?said=saved"
    assert facts_of(events(portal, "school_unlinked")[-1])["reason"] == "own_wish"
    assert Visitor(portal).sign_in(DESK_START).status_code == 400
    assert told(portal, PAT.email)[-1] == "staff_school_removed"


def test_it_stands_on_the_page_of_how_one_signs_in_and_nowhere_else(
    portal: Portal, forger: Forger, app: pyotp.TOTP
) -> None:
    visitor = let_in(portal, app)
    page = visitor.browser.get(OWN).text
    assert "Your ClassLink account signs you in here, since" in page
    assert f'action="{OWN}/school/classlink"' in page
    assert f'action="{OWN}/school"' in page
    assert "ClassLink" not in visitor.browser.get("/desk/marigold/settings").text
    trust(portal, forger, for_staff=False)
    page = visitor.browser.get(OWN).text
    assert f'action="{OWN}/school"' in page, "what is connected can be taken off"
    assert "school/classlink" not in page


def test_taking_it_off_needs_a_fresh_second_factor_too(portal: Portal, app: pyotp.TOTP) -> None:
    visitor = let_in(portal, app)
    (link,) = identities(portal)
    clock_of(portal).advance(minutes=6)
    answer = visitor.browser.post(f"{OWN}/school", data={"identity": str(link.id)})
    assert answer.headers["location"] == f"{SECOND}?next={OWN}"
    assert identities(portal) == [link]
