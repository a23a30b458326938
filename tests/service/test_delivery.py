"""New York lets a copy go out online only to a family that agreed to it (8 NYCRR 121.12)."""

from dataclasses import replace
from pathlib import Path

import pytest
from desk_given import MARIGOLD as NEW_YORK
from desk_given import PRIYA, Clock, at_the_desk, open_portal
from desk_given import ask as filed
from family_given import MARIGOLD, Phone, field_value, given_families, given_phone, words_of
from sqlmodel import col, select, update

from rightsdesk.requests.agencies.tables import AgencyRow
from rightsdesk.requests.cases.case import Case, Delivery, Kind
from rightsdesk.requests.cases.states import Move, State
from rightsdesk.requests.cases.tables import CaseRow
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.web.portal import Portal

HOW = "How do you want to see it?"
CHOOSE = "Choose how you want to see it"


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    portal = given_families(data_folder)
    with portal.storage.write() as tx:
        laws = "us-ferpa us-ny-2d"
        tx.exec(update(AgencyRow).where(col(AgencyRow.id) == MARIGOLD.id).values(laws=laws))
    return portal


@pytest.fixture
def phone(portal: Portal) -> Phone:
    phone = given_phone(portal)
    phone.prove("(212) 555-0142")
    return phone


def cases(portal: Portal) -> list[Case]:
    with portal.storage.read() as tx:
        docket = portal.docket(tx, MARIGOLD, portal.now())
        return [docket.cases.numbered(number) for number in tx.exec(select(CaseRow.id)).all()]


def facts(portal: Portal) -> str:
    with portal.storage.read() as tx:
        return tx.exec(select(AuditEventRow.facts).where(AuditEventRow.kind == "filed")).one()


def sent(phone: Phone, page: str, delivery: str | None) -> str:
    fields: dict[str, object] = {"once": field_value(page, "once")}
    return phone.send("/marigold/check", fields | ({} if delivery is None else {"delivery": delivery}))


def moved(portal: Portal, case: Case, *moves: Move) -> None:
    with portal.storage.write() as tx:
        docket = portal.docket(tx, MARIGOLD, portal.now())
        for move in moves:
            granted = tuple(replace(one, outcome="approve") for one in case.elements)
            case = docket.cases.save(case, case.move(move, elements=granted, took_effect_at=portal.now()))


def test_nothing_is_chosen_for_the_family_and_without_a_choice_nothing_is_sent(portal: Portal, phone: Phone) -> None:
    page = phone.send("/marigold/ask", {"kind": "access"})
    assert HOW in page
    assert " checked" not in page
    for wrong in (None, "", "pigeon"):
        again = sent(phone, page, wrong)
        assert phone.status == 422
        assert again.count(CHOOSE) == 2
        assert 'href="#delivery"' in again
        assert 'id="delivery"' in again
    assert cases(portal) == []


def test_a_family_that_agrees_gets_its_copy_online_and_that_is_written_down(portal: Portal, phone: Phone) -> None:
    sent(phone, phone.send("/marigold/ask", {"kind": "access"}), "electronic")
    (case,) = cases(portal)
    assert case.delivery is Delivery.ELECTRONIC
    assert '["delivery","electronic"]' in facts(portal)


def test_a_family_that_does_not_agree_is_told_that_the_office_arranges_it(portal: Portal, phone: Phone) -> None:
    sent(phone, phone.send("/marigold/ask", {"kind": "access"}), "office")
    (case,) = cases(portal)
    assert case.delivery is Delivery.OFFICE
    assert '["delivery","office"]' in facts(portal)
    moved(portal, case, Move.APPROVE, Move.TAKE_EFFECT)
    page = words_of(phone.open(f"/marigold/requests/{case.reference}"))
    assert "The office calls you to agree on a day to see it at the school" in page
    (case,) = cases(portal)
    moved(portal, case, Move.FINISH)
    page = words_of(phone.open(f"/marigold/requests/{case.reference}"))
    assert "You saw it at the school, or got it on paper. You can ask again at any time." in page


def test_the_choice_is_kept_when_the_same_is_asked_twice(phone: Phone) -> None:
    sent(phone, phone.send("/marigold/ask", {"kind": "access"}), "office")
    again = sent(phone, phone.send("/marigold/ask", {"kind": "access"}), "office")
    assert phone.status == 409
    assert 'value="office" checked' in again


def test_only_a_request_to_see_data_asks_how(phone: Phone) -> None:
    phone.send("/marigold/ask", {"kind": "erasure"})
    assert HOW not in phone.send("/marigold/details", {"elements": "picture"})


def test_where_no_law_asks_for_consent_nobody_is_asked(data_folder: Path) -> None:
    portal = given_families(data_folder)
    phone = given_phone(portal)
    phone.prove("(212) 555-0142")
    page = phone.send("/marigold/ask", {"kind": "access"})
    assert HOW not in page
    sent(phone, page, None)
    (case,) = cases(portal)
    assert case.delivery is Delivery.ELECTRONIC


def test_what_nobody_agreed_to_is_no_consent(data_folder: Path) -> None:
    portal = open_portal(data_folder, Clock())
    assert filed(portal, Kind.ACCESS, wanted=(), delivery=None).delivery is Delivery.OFFICE
    assert filed(portal, delivery=None).delivery is Delivery.ELECTRONIC


@pytest.mark.parametrize(("field", "kept"), [("electronic", "electronic"), ("office", "office"), ("x", "office")])
def test_the_desk_enters_how_a_family_that_called_wants_to_see_it(data_folder: Path, field: str, kept: str) -> None:
    portal = open_portal(data_folder, Clock())
    priya = at_the_desk(portal, PRIYA)
    page = priya.get("/desk/marigold/enter", params={"person": "Elena"}).text
    assert "If they want to see it: how?" in page
    fields = {"once": field_value(page, "once"), "pair": field_value(page, "pair"), "kind": "access"}
    fields |= {"channel": "phone", "means": "call_back", "delivery": field}
    assert priya.post("/desk/marigold/enter", data=fields).status_code == 200
    with portal.storage.read() as tx:
        assert tx.exec(select(CaseRow.delivery).where(CaseRow.agency == NEW_YORK.id)).all() == [kept]


def test_a_state_that_is_being_done_is_told_by_its_delivery_alone(portal: Portal, phone: Phone) -> None:
    sent(phone, phone.send("/marigold/ask", {"kind": "access"}), "electronic")
    (case,) = cases(portal)
    moved(portal, case, Move.APPROVE, Move.TAKE_EFFECT)
    (case,) = cases(portal)
    assert case.state is State.FULFILLING
    assert "The office calls you" not in phone.open(f"/marigold/requests/{case.reference}")
