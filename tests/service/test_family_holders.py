"""A number is not always one person: who holds it, who may not be texted, and what else shows who somebody is."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import family_given
import pytest
from family_given import (
    ELENA,
    JORDAN,
    KIM,
    LUIS,
    PEOPLE,
    RIVER,
    ROSA,
    Phone,
    assert_told,
    given_families,
    given_phone,
    person_id,
    texts,
    wait,
    words_of,
)
from given import MARIGOLD
from sqlmodel import select

from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import PersonRow, RestrictionRow
from rightsdesk.web.portal import Portal

ELENAS_PHONE = "(212) 555-0142"
REFUSED = "We cannot go on with that number. Check it on a report card, or call the office"


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal with families."""
    return given_families(tmp_path)


@pytest.fixture
def phone(portal: Portal) -> Phone:
    """Return a phone that was never here."""
    return given_phone(portal)


def test_two_parents_on_one_phone_say_who_they_are_by_first_name_and_initial(phone: Phone) -> None:
    page = words_of(phone.prove("(212) 555-0146"))
    assert phone.path == "/marigold/who"
    assert "Luis C." in page
    assert "Rosa C." in page
    assert "Costa" not in page
    assert phone.send("/marigold/who", {}).count("Choose who you are") == 2
    phone.send("/marigold/who", {"who": str(ROSA)})
    assert phone.path == "/marigold/ask"
    assert "Hello, Rosa Costa. This is about Ines." in words_of(phone.open("/marigold/ask"))


def test_somebody_who_is_not_on_the_phone_cannot_be_chosen(phone: Phone) -> None:
    phone.prove("(212) 555-0146")
    phone.send("/marigold/who", {"who": str(ELENA)})
    assert phone.status == 404


def test_a_number_nobody_confirmed_for_long_needs_the_student_number_too(phone: Phone, portal: Portal) -> None:
    phone.prove("(212) 555-0147")
    assert phone.path == "/marigold/second-proof"
    phone.open("/marigold/ask")
    assert phone.path.startswith("/marigold/phone")
    page = phone.send("/marigold/second-proof", {"student_number": ""})
    assert_told(page, "Enter the student number", "student_number")
    page = phone.send("/marigold/second-proof", {"student_number": "40117"})
    assert_told(
        page, "We cannot go on with that number. Check it on a report card, or call the office", "student_number"
    )
    phone.send("/marigold/second-proof", {"student_number": " 404 00 "})
    assert phone.path == "/marigold/ask"
    again = given_phone(portal)
    wait(portal, hours=1)
    again.prove("(212) 555-0147")
    assert again.path == "/marigold/ask"


def test_guessed_student_numbers_count_like_wrong_codes(phone: Phone) -> None:
    phone.prove("(212) 555-0147")
    for guess in range(10):
        page = phone.send("/marigold/second-proof", {"student_number": f"5000{guess}"})
    page = phone.send("/marigold/second-proof", {"student_number": "40400"})
    assert "For safety you cannot use a code today" in page
    assert phone.path == "/marigold/second-proof"


def test_nobody_linked_gets_the_same_calm_page_as_somebody_restricted(portal: Portal) -> None:
    _restrict(portal, ELENA)
    pages = []
    for number in ("(212) 555-0145", ELENAS_PHONE):
        phone = given_phone(portal)
        pages.append(phone.prove(number))
        assert phone.path in {"/marigold/student", "/marigold/second-proof"}
    assert "Let us help you in another way" in pages[0]
    assert "Call the records office at (555) 555-0134" in words_of(pages[0])
    assert pages[0] == pages[1]


def test_a_student_of_13_asks_for_themselves(phone: Phone) -> None:
    page = words_of(phone.prove("(212) 555-0144"))
    assert phone.path == "/marigold/ask"
    assert "Get a copy of the data kept about you" in page
    assert "Jordan" in page


def test_a_student_under_13_or_of_unknown_age_gets_no_code(portal: Portal) -> None:
    for born in (date(2018, 1, 1), None):
        with portal.storage.write() as tx:
            row = tx.get_one(PersonRow, JORDAN)
            vault = portal.vault.agency(MARIGOLD.id)
            where = place("people", JORDAN, "birth_date")
            row.birth_date = vault.seal(JORDAN, "identity", where, born.isoformat()) if born else None
            tx.add(row)
        page = given_phone(portal).send("/marigold/phone", {"phone": "(212) 555-0144"})
        assert "Enter the code we texted you" in page
        assert texts(portal) == []
        wait(portal, hours=2)


def test_on_a_phone_of_student_and_parent_a_student_number_opens_the_seat_of_that_student_alone(portal: Portal) -> None:
    _share(portal, JORDAN, "+12125550143")
    phone = given_phone(portal)
    phone.prove("(212) 555-0143")
    assert phone.path == "/marigold/second-proof"
    # River is Marcus's child: Jordan knows the number of a brother, and so does everybody at home.
    page = phone.send("/marigold/second-proof", {"student_number": "40201"})
    assert_told(page, REFUSED, "student_number")
    phone.open("/marigold/who")
    assert phone.status == 404
    phone.send("/marigold/second-proof", {"student_number": "40200"})
    assert phone.path == "/marigold/ask"
    assert "Get a copy of the data kept about you" in words_of(phone.open("/marigold/ask"))
    phone.open("/marigold/student")
    assert phone.path == "/marigold/ask"


def test_a_child_under_13_on_the_phone_opens_nothing_with_the_own_number(portal: Portal) -> None:
    _share(portal, RIVER, "+12125550143")
    phone = given_phone(portal)
    phone.prove("(212) 555-0143")
    for number in ("40200", "40201"):
        assert_told(phone.send("/marigold/second-proof", {"student_number": number}), REFUSED, "student_number")


def test_a_phone_shared_with_a_restricted_guardian_is_opened_by_no_student_number(portal: Portal) -> None:
    _restrict(portal, LUIS)
    pages = {}
    for number, typed in (("(212) 555-0146", "40300"), ("(212) 555-0147", "40300")):
        phone = given_phone(portal)
        asked = phone.prove(number)
        assert phone.path == "/marigold/second-proof"
        told = phone.send("/marigold/second-proof", {"student_number": typed})
        assert_told(told, REFUSED, "student_number")
        pages[number] = (asked, told)
        assert "Call the records office at (555) 555-0134" in words_of(told)
    # A number that only was not used for long looks the same, until the right student number is typed.
    assert len(set(pages.values())) == 1


def test_two_students_on_one_phone_never_choose_who_they_are(portal: Portal) -> None:
    _share(portal, KIM, "+12125550144")
    phone = given_phone(portal)
    phone.prove("(212) 555-0144")
    assert phone.path == "/marigold/second-proof"
    phone.open("/marigold/who")
    assert phone.status == 404
    phone.send("/marigold/second-proof", {"student_number": "40400"})
    assert "Kim" in words_of(phone.open("/marigold/ask"))


def test_an_order_that_comes_between_the_code_and_the_name_is_kept(portal: Portal) -> None:
    phone = given_phone(portal)
    phone.prove("(212) 555-0146")
    assert phone.path == "/marigold/who"
    _restrict(portal, LUIS)
    phone.send("/marigold/who", {"who": str(ROSA)})
    assert phone.path == "/marigold/phone"


def test_an_order_that_comes_before_the_student_number_is_kept(portal: Portal) -> None:
    wait(portal, days=200)
    phone = given_phone(portal)
    phone.prove("(212) 555-0146")
    _restrict(portal, LUIS)
    assert_told(phone.send("/marigold/second-proof", {"student_number": "40300"}), REFUSED, "student_number")


def test_a_restricted_guardian_who_left_the_roster_still_holds_the_phone(portal: Portal) -> None:
    _restrict(portal, LUIS)
    with portal.storage.write() as tx:
        tx.get_one(PersonRow, LUIS).is_active = False
    phone = given_phone(portal)
    phone.prove("(212) 555-0146")
    assert phone.path == "/marigold/second-proof"
    assert_told(phone.send("/marigold/second-proof", {"student_number": "40300"}), REFUSED, "student_number")


def test_what_a_student_number_was_worth_is_in_the_ledger_and_the_number_is_not(phone: Phone, portal: Portal) -> None:
    phone.prove("(212) 555-0147")
    for number in ("40117", "40400"):
        phone.send("/marigold/second-proof", {"student_number": number})
    with portal.storage.read() as tx:
        entries = [row for row in tx.exec(select(AuditEventRow)).all() if '"student_number"' in row.facts]
    assert [row.kind for row in entries] == ["code_wrong", "code_right"]
    assert "40400" not in "".join(row.facts for row in entries)


def test_two_equal_guardians_who_were_away_for_long_say_who_they_are_after_the_student_number(portal: Portal) -> None:
    wait(portal, days=200)
    phone = given_phone(portal)
    phone.prove("(212) 555-0146")
    phone.send("/marigold/second-proof", {"student_number": "40300"})
    assert phone.path == "/marigold/who"


def _share(portal: Portal, student: UUID, number: str) -> None:
    person = next(one for one in PEOPLE if one.id == student)
    with portal.storage.write() as tx:
        vault = portal.vault.agency(MARIGOLD.id)
        family_given._reach(tx, vault, replace(person, phone=number), person_id(800), portal)


def _restrict(portal: Portal, guardian: UUID) -> None:
    with portal.storage.write() as tx:
        now = portal.now()
        tx.add(
            RestrictionRow(
                id=uuid4(),
                agency=MARIGOLD.id,
                guardian=guardian,
                student=None,
                kind="court_order",
                begins=date(2026, 1, 1),
                set_by=uuid4(),
                set_at=now,
            )
        )


def test_a_right_code_waits_ten_minutes_for_the_name_or_the_student_number(portal: Portal) -> None:
    """Whoever sits down later at the same computer must not find the door open, and a proof must not grow young."""
    for number, page, sent in (
        ("(212) 555-0146", "/marigold/who", {"who": str(ROSA)}),
        ("(212) 555-0147", "/marigold/second-proof", {"student_number": "40400"}),
    ):
        phone = given_phone(portal)
        phone.prove(number)
        wait(portal, minutes=9)
        phone.open(page)
        assert phone.path == page
        wait(portal, minutes=1)
        phone.open(page)
        assert phone.path == "/marigold/phone"
        phone.send(page, sent)
        assert phone.path == "/marigold/phone"
