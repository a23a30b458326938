"""A number is not always one person: who holds it, who may not be texted, and what else shows who somebody is."""

from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from family_given import (
    ELENA,
    JORDAN,
    ROSA,
    Phone,
    assert_told,
    given_families,
    given_phone,
    texts,
    wait,
    words_of,
)
from given import MARIGOLD

from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import PersonRow, RestrictionRow
from rightsdesk.web.portal import Portal

ELENAS_PHONE = "(212) 555-0142"


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
    assert_told(page, "That is not the number we have. Check it on a report card, or call the office", "student_number")
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
