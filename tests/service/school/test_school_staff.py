"""Staff sign in by their school account: to an account that exists, with a second factor from somewhere."""

import pyotp
import pytest
from family_given import MARIGOLD, NADIA
from forging_given import GONE, Forger
from given import clock_of
from school_staff_given import OWN, PAT, SECOND, at_desk, let_in, reason, trust, waiting_code
from schooling_given import DESK_START, Visitor, events, identities, sourced_id
from staff_given import told

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.school.kinds import Side, Trust
from rightsdesk.web.portal import Portal


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
    "said",
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
    portal: Portal, forger: Forger, app: pyotp.TOTP, said: tuple[dict[str, object], dict[str, object], bool]
) -> None:
    changed, claims, expected = said
    let_in(portal, app)
    trust(portal, forger, **changed)
    forger.claims |= claims
    visitor = Visitor(portal)
    visitor.sign_in(DESK_START)
    assert at_desk(visitor) is expected
    assert len(events(portal, "staff_signed_in")) == 1 + int(expected)


def test_a_provider_that_somebody_enters_takes_the_place_of_no_colleagues_app(
    portal: Portal, forger: Forger, app: pyotp.TOTP
) -> None:
    trust(portal, forger, second_factor=Trust.AMR)
    forger.claims["amr"] = ["mfa"]
    for visitor in (Visitor(portal), Visitor(portal)):
        assert visitor.sign_in(DESK_START).headers["location"] == SECOND
        assert not at_desk(visitor)
    assert told(portal, PAT.email).count("staff_school_connected") == 1  # and its owner hears of the link, once
    clock_of(portal).advance(seconds=60)
    assert visitor.browser.post(SECOND, data={"totp": app.at(portal.now())}).status_code == 303
    later = Visitor(portal)
    later.sign_in(DESK_START)
    assert at_desk(later)  # the two were shown together once


def test_who_has_a_school_account_is_found_by_no_other_one(portal: Portal, forger: Forger, app: pyotp.TOTP) -> None:
    let_in(portal, app)
    trust(portal, forger, tenant="4711")
    forger.claims |= {"TenantId": 4711, "sub": "somebody-else"}
    assert Visitor(portal).sign_in(DESK_START).status_code == 400
    assert reason(portal) == "taken"


def test_a_desk_that_somebody_walked_away_from_sets_up_no_app(portal: Portal, forger: Forger) -> None:
    with portal.storage.write() as tx:
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).add(PAT, portal.now())
    trust(portal, forger, second_factor=Trust.AMR)
    forger.claims["amr"] = ["mfa"]
    visitor = Visitor(portal)
    visitor.sign_in(DESK_START)
    assert visitor.browser.post(f"{OWN}/authenticator", data={"do": "begin"}).status_code == 303
    clock_of(portal).advance(minutes=61)
    assert visitor.browser.get("/desk/marigold/authenticator").headers["location"] == "/desk/marigold/sign-in"
    assert visitor.browser.post("/desk/marigold/authenticator", data={"totp": waiting_code(portal)}).status_code == 303
    assert not at_desk(visitor)
    visitor.sign_in(DESK_START)
    assert at_desk(visitor)


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
    let_in(portal, app)
    trust(portal, forger, second_factor=Trust.AMR)
    forger.claims["amr"] = ["mfa"]
    visitor = Visitor(portal)
    visitor.sign_in(DESK_START)
    clock_of(portal).advance(minutes=5)
    assert visitor.browser.post(f"{OWN}/school/classlink").headers["location"].startswith(SECOND)
    assert app


def test_the_buttons_stand_on_the_page_of_staff(portal: Portal, forger: Forger, app: pyotp.TOTP) -> None:
    browser = Visitor(portal).browser
    assert f'href="{DESK_START}"' in browser.get("/desk/marigold/sign-in").text
    wrong = browser.post("/desk/marigold/sign-in", data={"username": "pat@marigold.example", "password": "x"})
    assert f'href="{DESK_START}"' in wrong.text
    trust(portal, forger, for_staff=False)
    assert DESK_START not in browser.get("/desk/marigold/sign-in").text
    assert browser.get(DESK_START).status_code == 404
    assert app
