"""Whom a school account signs in: by the roster's own ids, never a child, never twice, never by an e-mail address."""

from uuid import UUID

import pytest
from family_given import ELENA, JORDAN, LUCIA, MARCUS, MARIGOLD, NADIA, SKY
from forging_given import GONE, Forger
from schooling_given import Visitor, events, facts_of, identities, provider_at, sourced_id
from sqlmodel import select

from rightsdesk.requests.people.tables import PersonRow
from rightsdesk.verification.school.kinds import LinkKey
from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import school_means


def test_who_says_this_is_not_me_is_signed_out_and_not_linked_again(visitor: Visitor, portal: Portal) -> None:
    visitor.sign_in()
    answer = visitor.browser.post("/marigold/school-account", data={"do": "not_me"})
    assert answer.status_code == 200
    assert "Thank you for telling us" in answer.text
    assert visitor.browser.get("/marigold/student").status_code == 303
    assert identities(portal)[0].unlinked_at is not None
    (parted,) = events(portal, "school_unlinked")
    assert (parted.subject, facts_of(parted)["reason"]) == (MARCUS, "not_me")
    assert Visitor(portal).sign_in().status_code == 400
    assert facts_of(events(portal, "sign_in_refused")[-1])["reason"] == "parted"


def test_the_office_can_undo_a_parting(visitor: Visitor, portal: Portal) -> None:
    visitor.sign_in()
    visitor.browser.post("/marigold/school-account", data={"do": "not_me"})
    with portal.storage.write() as tx:
        tools = school_means(portal, tx, MARIGOLD, portal.now()).identities
        assert tools.allow_again(identities(portal)[0].id)
    assert Visitor(portal).sign_in().headers["location"] == "/marigold/school-account"


@pytest.mark.parametrize("person", [SKY, LUCIA], ids=["six", "twelve"])
def test_nobody_under_13_signs_in(visitor: Visitor, portal: Portal, forger: Forger, person: UUID) -> None:
    forger.claims["SourcedId"] = sourced_id(person)
    assert visitor.sign_in().status_code == 400
    assert facts_of(events(portal, "sign_in_refused")[-1])["reason"] == "age"
    assert identities(portal) == []


def test_nobody_of_an_age_that_nobody_knows_signs_in(visitor: Visitor, portal: Portal, forger: Forger) -> None:
    forger.claims["SourcedId"] = sourced_id(JORDAN)
    with portal.storage.write() as tx:
        tx.exec(select(PersonRow).where(PersonRow.id == JORDAN)).one().birth_date = None
    assert visitor.sign_in().status_code == 400
    assert identities(portal) == []


def test_a_student_of_16_signs_in_and_is_looked_at_each_time(visitor: Visitor, portal: Portal, forger: Forger) -> None:
    forger.claims["SourcedId"] = sourced_id(JORDAN)
    visitor.sign_in()
    assert "Jordan Bell" in visitor.browser.get("/marigold/school-account").text
    assert visitor.confirm().headers["location"] == "/marigold/ask"
    with portal.storage.write() as tx:
        tx.exec(select(PersonRow).where(PersonRow.id == JORDAN)).one().birth_date = None
    assert Visitor(portal).sign_in().status_code == 400


def test_somebody_who_left_the_record_signs_in_no_more(visitor: Visitor, portal: Portal) -> None:
    visitor.sign_in()
    visitor.confirm()
    with portal.storage.write() as tx:
        tx.exec(select(PersonRow).where(PersonRow.id == MARCUS)).one().is_active = False
    assert Visitor(portal).sign_in().status_code == 400


@pytest.mark.parametrize(
    ("link_key", "claim", "found"),
    [
        (LinkKey.STUDENT_NUMBER, "number", ("40200", JORDAN)),
        (LinkKey.USERNAME, "preferred_username", ("Nadia", NADIA)),
        (LinkKey.SOURCED_ID, "SourcedId", (sourced_id(ELENA), ELENA)),
    ],
)
def test_the_agency_says_by_what_people_are_found(
    portal: Portal, forger: Forger, link_key: LinkKey, claim: str, found: tuple[str, UUID]
) -> None:
    value, person = found
    with portal.storage.write() as tx:
        tools = school_means(portal, tx, MARIGOLD, portal.now()).providers
        tools.change(provider_at(forger, link_key=link_key, link_claim=claim))
    forger.claims |= {"SourcedId": GONE, claim: value}
    assert Visitor(portal).sign_in().headers["location"] == "/marigold/school-account"
    assert identities(portal)[0].account == person


@pytest.mark.parametrize("said", [GONE, "", "id-nobody", ["id-3"], True, {"id": "id-3"}, " "])
def test_nobody_is_found_by_less(visitor: Visitor, portal: Portal, forger: Forger, said: object) -> None:
    forger.claims["SourcedId"] = said
    assert visitor.sign_in().status_code == 400
    assert identities(portal) == []
    assert facts_of(events(portal, "sign_in_refused")[-1]) == {
        "provider": "classlink",
        "purpose": "family",
        "reason": "not_linked",
        "detail": "nobody",
    }


def test_an_e_mail_address_links_nobody(visitor: Visitor, portal: Portal, forger: Forger) -> None:
    forger.claims |= {"SourcedId": GONE, "email": "marcus@example.com", "email_verified": True}
    assert visitor.sign_in().status_code == 400
    assert identities(portal) == []


def test_a_second_school_account_of_one_person_waits_for_the_office(
    visitor: Visitor, portal: Portal, forger: Forger
) -> None:
    visitor.sign_in()
    visitor.confirm()
    forger.claims["sub"] = "somebody-else"
    assert Visitor(portal).sign_in().status_code == 400
    assert facts_of(events(portal, "sign_in_refused")[-1])["reason"] == "taken"
    assert len(identities(portal)) == 1


def test_the_link_stands_on_the_subject_not_on_what_it_was_found_by(
    visitor: Visitor, portal: Portal, forger: Forger
) -> None:
    visitor.sign_in()
    visitor.confirm()
    forger.claims["SourcedId"] = sourced_id(ELENA)
    again = Visitor(portal)
    again.sign_in()
    assert "Jordan" in again.browser.get("/marigold/student").text
    assert len(identities(portal)) == 1


def test_whoever_sat_here_before_leaves_nothing_to_somebody_else(visitor: Visitor, forger: Forger) -> None:
    visitor.sign_in()
    visitor.confirm()
    visitor.browser.post("/marigold/student", data={"student": str(JORDAN)})
    visitor.browser.post("/marigold/ask", data={"kind": "access"})
    forger.claims |= {"SourcedId": sourced_id(ELENA), "sub": "elena"}
    visitor.sign_in()
    assert visitor.browser.get("/marigold/requests").status_code == 303
    visitor.confirm()
    assert "Jordan" not in visitor.browser.get("/marigold/check").text


def test_the_same_subject_of_another_tenant_or_issuer_is_somebody_else(
    visitor: Visitor, portal: Portal, forger: Forger
) -> None:
    visitor.sign_in()
    visitor.confirm()
    with portal.storage.write() as tx:
        school_means(portal, tx, MARIGOLD, portal.now()).providers.change(provider_at(forger, tenant="2002"))
    forger.claims |= {"TenantId": 2002, "SourcedId": GONE}
    assert Visitor(portal).sign_in().status_code == 400
    assert facts_of(events(portal, "sign_in_refused")[-1])["reason"] == "not_linked"
