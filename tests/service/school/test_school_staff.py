"""Staff sign in by their school account: to an account that exists, with a second factor from somewhere."""

import re
from dataclasses import replace
from html import unescape
from uuid import UUID

import pyotp
import pytest
from family_given import MARCUS, MARIGOLD, NADIA
from forging_given import GONE, Claims, Forger, signed
from given import clock_of
from schooling_given import DESK_START, Visitor, events, facts_of, identities, provider_at, sourced_id
from sqlmodel import Session
from staff_given import told

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.school.kinds import Side, Trust
from rightsdesk.verification.staff import accounts
from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import school_means
from rightsdesk.web.sessions import STAFF, Sessions
from rightsdesk.web.staffroom import staff_means

PAT = Colleague(
    UUID("dddddddd-0000-4000-8000-0000000000aa"),
    "Pat Bell",
    "pat@marigold.example",
    frozenset({Role.APPROVER}),
    MARCUS,
)
QUINN = replace(PAT, id=UUID("dddddddd-0000-4000-8000-0000000000ab"), email="quinn@marigold.example", person=None)
SECOND = "/desk/marigold/second-factor"
OWN = "/desk/marigold/settings/sign-in"


@pytest.fixture
def app(portal: Portal) -> pyotp.TOTP:
    """Let Pat and Quinn work here, and return Pat's authenticator."""
    with portal.storage.write() as tx:
        staff = Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id))
        for one in (PAT, QUINN):
            staff.add(one, portal.now())
        means = staff_means(portal, tx, MARIGOLD, portal.now())
        return next(iter([enrolled(portal, means, one.id) for one in (PAT, QUINN)]))


def enrolled(portal: Portal, means: accounts.StaffMeans, account: UUID) -> pyotp.TOTP:
    accounts.begin_app(means, account)
    app = pyotp.TOTP(accounts.pending_seed(means, account) or "")
    assert accounts.confirm_app(means, account, app.at(portal.now()), portal.now())
    return app


def trust(portal: Portal, forger: Forger, **changed: object) -> None:
    with portal.storage.write() as tx:
        school_means(portal, tx, MARIGOLD, portal.now()).providers.change(provider_at(forger, **changed))


def sessions(portal: Portal, tx: Session) -> Sessions:
    return Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), portal.now(), portal.draw, STAFF)


def seated(visitor: Visitor) -> UUID | None:
    with visitor.portal.storage.read() as tx:
        return sessions(visitor.portal, tx).open(visitor.browser.cookies["__Host-rightsdesk-desk"]).staff


def enter(portal: Portal, tx: Session, visitor: Visitor) -> None:
    """Let whoever sits in this browser have shown the second factor."""
    mine = sessions(portal, tx)
    seat = mine.open(visitor.browser.cookies["__Host-rightsdesk-desk"])
    mine.store(replace(seat, second_at=portal.now()))


def at_desk(visitor: Visitor) -> bool:
    return visitor.browser.get("/desk/marigold/cases").status_code == 200


def reason(portal: Portal) -> str:
    return str(facts_of(events(portal, "sign_in_refused")[-1])["reason"])


def let_in(portal: Portal, app: pyotp.TOTP) -> Visitor:
    """Return the browser of Pat, in which the school account and the app's code were shown."""
    visitor = Visitor(portal)
    visitor.sign_in(DESK_START)
    clock_of(portal).advance(seconds=60)
    assert visitor.browser.post(SECOND, data={"totp": app.at(portal.now())}).status_code == 303
    return visitor


def test_the_account_tied_to_the_person_is_signed_in_and_the_code_follows(portal: Portal, app: pyotp.TOTP) -> None:
    visitor = Visitor(portal)
    assert visitor.sign_in(DESK_START).headers["location"] == SECOND
    assert not at_desk(visitor)
    clock_of(portal).advance(seconds=60)
    assert visitor.browser.post(SECOND, data={"totp": app.at(portal.now())}).status_code == 303
    assert at_desk(visitor)
    (link,) = identities(portal)
    assert (link.side, link.account, link.linked_by) == (Side.STAFF, PAT.id, "sourced_id")


def test_nobody_gets_an_account_by_signing_in(portal: Portal, forger: Forger, app: pyotp.TOTP) -> None:
    forger.claims["SourcedId"] = sourced_id(NADIA)
    visitor = Visitor(portal)
    page = visitor.sign_in(DESK_START)
    assert page.status_code == 400
    assert 'href="/desk/marigold/sign-in"' in page.text
    assert reason(portal) == "not_linked"
    with portal.storage.read() as tx:
        assert len(Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).every()) == 2
    assert app


def test_a_family_session_and_one_at_the_desk_are_apart(portal: Portal, app: pyotp.TOTP) -> None:
    visitor = Visitor(portal)
    path = visitor.back(visitor.away(DESK_START))
    assert visitor.browser.get(path.replace("/desk", "")).status_code == 400
    assert visitor.browser.get(path).headers["location"] == SECOND
    assert visitor.browser.get("/marigold/student").status_code == 303
    assert app


def test_who_was_removed_signs_in_no_more(portal: Portal, app: pyotp.TOTP) -> None:
    let_in(portal, app)
    with portal.storage.write() as tx:
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).remove(PAT.id, portal.now())
    assert Visitor(portal).sign_in(DESK_START).status_code == 400


@pytest.mark.parametrize(
    "told",
    [
        ({"second_factor": Trust.AMR}, {"amr": ["pwd", "mfa"]}, True),
        ({"second_factor": Trust.AMR}, {"amr": ["otp"]}, True),
        ({"second_factor": Trust.AMR}, {"amr": ["hwk"]}, True),
        ({"second_factor": Trust.AMR}, {"amr": ["pwd"]}, False),
        ({"second_factor": Trust.AMR}, {"amr": "mfa"}, False),
        ({"second_factor": Trust.AMR}, {"amr": GONE}, False),
        ({"second_factor": Trust.AMR}, {"amr": ["mfa"], "auth_time": GONE}, False),
        ({"second_factor": Trust.AMR}, {"amr": ["mfa"], "auth_time": 1}, False),
        ({"second_factor": Trust.AMR}, {"amr": ["mfa"], "auth_time": 9_999_999_999}, False),
        ({"second_factor": Trust.AMR}, {"amr": ["mfa"], "auth_time": "now"}, False),
        ({"second_factor": Trust.ACR, "acr": "urn:two"}, {"acr": "urn:two"}, True),
        ({"second_factor": Trust.ACR, "acr": "urn:two"}, {"acr": "urn:one", "amr": ["mfa"]}, False),
        ({}, {"amr": ["mfa"], "acr": ""}, False),
    ],
)
def test_a_second_factor_is_believed_where_the_row_says_so_and_the_token_proves_it_now(
    portal: Portal, forger: Forger, app: pyotp.TOTP, told: tuple[dict[str, object], dict[str, object], bool]
) -> None:
    changed, claims, expected = told
    trust(portal, forger, **changed)
    forger.claims |= claims
    visitor = Visitor(portal)
    visitor.sign_in(DESK_START)
    assert at_desk(visitor) is expected
    assert len(events(portal, "staff_signed_in")) == int(expected)
    assert app


def test_the_provider_is_asked_for_a_second_factor_of_now(portal: Portal, forger: Forger, app: pyotp.TOTP) -> None:
    assert "max_age" not in Visitor(portal).away(DESK_START)
    trust(portal, forger, second_factor=Trust.ACR, acr="urn:two")
    address = Visitor(portal).away(DESK_START)
    assert "max_age=300" in address
    assert "acr_values=urn%3Atwo" in address
    assert app


def test_a_second_factor_of_the_school_is_fresh_for_five_minutes(
    portal: Portal, forger: Forger, app: pyotp.TOTP
) -> None:
    trust(portal, forger, second_factor=Trust.AMR)
    forger.claims["amr"] = ["mfa"]
    visitor = Visitor(portal)
    visitor.sign_in(DESK_START)
    clock_of(portal).advance(minutes=5)
    assert visitor.browser.post(f"{OWN}/school/classlink").headers["location"].startswith(SECOND)
    assert app


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
    assert "ClassLink" in visitor.browser.get(OWN).text
    back = visitor.browser.get(visitor.back(connected(visitor)))
    assert back.headers["location"] == f"{OWN}?said=connected"
    assert "Your school account is connected." in visitor.browser.get(f"{OWN}?said=connected").text
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


def test_the_buttons_stand_on_the_page_of_staff(portal: Portal, forger: Forger, app: pyotp.TOTP) -> None:
    browser = Visitor(portal).browser
    assert f'href="{DESK_START}"' in browser.get("/desk/marigold/sign-in").text
    wrong = browser.post("/desk/marigold/sign-in", data={"username": "pat@marigold.example", "password": "x"})
    assert f'href="{DESK_START}"' in wrong.text
    trust(portal, forger, for_staff=False)
    assert DESK_START not in browser.get("/desk/marigold/sign-in").text
    assert browser.get(DESK_START).status_code == 404
    assert app


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
