"""A family asks: see it, fix it, delete it, for a child or for themselves, with every refusal in words."""

from html import unescape
from pathlib import Path

import pytest
from family_given import (
    JORDAN,
    LUCIA,
    RIVER,
    Phone,
    field_value,
    given_families,
    given_phone,
    wait,
    words_of,
)
from given import MARIGOLD
from sqlmodel import select

from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.tables import CaseRow
from rightsdesk.web.portal import Portal

ELENAS_PHONE = "(212) 555-0142"
FIX = {"elements": ["name.family"], "correction.name.family": "Delgado", "details": "Está mal en la lista."}


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal with families."""
    return given_families(tmp_path)


@pytest.fixture
def elena(portal: Portal) -> Phone:
    """Return the phone of a mother of one, who has shown who she is."""
    phone = given_phone(portal)
    phone.prove(ELENAS_PHONE)
    return phone


def cases(portal: Portal) -> list[Case]:
    """Return every case, oldest first."""
    with portal.storage.read() as tx:
        docket = portal.docket(tx, MARIGOLD, portal.now())
        return [docket.cases.numbered(one) for one in tx.exec(select(CaseRow.id).order_by(CaseRow.filed_at)).all()]


def test_to_see_everything_takes_no_question_more_than_needed(elena: Phone, portal: Portal) -> None:
    page = elena.send("/marigold/ask", {"kind": "access"})
    assert elena.path == "/marigold/check"
    assert "January 7, 2027" in page
    sent = words_of(elena.send("/marigold/check", {"once": field_value(page, "once")}))
    (case,) = cases(portal)
    assert elena.path == f"/marigold/sent/{case.reference}"
    assert case.reference in sent
    assert "By January 7, 2027: you get an answer" in sent
    assert "Marigold Unified School District has your request and answers it." in sent
    assert "The date comes from FERPA: 20 USC 1232g" in sent
    assert (case.kind, case.subject, case.language, case.channel) == ("access", LUCIA, "en", "portal")
    assert len(case.elements) > 10


def test_to_fix_keeps_what_is_and_what_should_be(elena: Phone, portal: Portal) -> None:
    page = words_of(elena.send("/marigold/ask", {"kind": "correction"}))
    assert "Last name Now: Delgato" in page.replace("Last nameNow", "Last name Now")
    page = elena.send("/marigold/details", FIX)
    assert "Now: Delgato Should be: Delgado" in words_of(page)
    assert "Está mal en la lista." in page
    sent = words_of(elena.send("/marigold/check", {"once": field_value(page, "once")}))
    assert "how to ask for a hearing" in sent
    (case,) = cases(portal)
    assert [(one.element, one.filed, one.proposed) for one in case.elements] == [("name.family", "Delgato", "Delgado")]
    assert case.details == "Está mal en la lista."


def test_to_delete_as_a_parent_is_one_case_of_the_agency(elena: Phone, portal: Portal) -> None:
    page = elena.send("/marigold/ask", {"kind": "erasure"})
    assert "The district decides about these" in words_of(page)
    assert "Lucía added these" in words_of(page)
    page = elena.send("/marigold/details", {"elements": ["picture", "files"], "details": ""})
    elena.send("/marigold/check", {"once": field_value(page, "once")})
    (case,) = cases(portal)
    assert case.touching() == ("files", "picture")


def test_a_student_deletes_what_is_their_own_in_a_second_case_at_once(portal: Portal) -> None:
    phone = given_phone(portal)
    phone.prove("(212) 555-0144")
    page = words_of(phone.send("/marigold/ask", {"kind": "erasure"}))
    assert "You added these. You can delete them today" in page
    page = phone.send("/marigold/details", {"elements": ["picture", "files"]})
    assert "What you added is gone from your pages at once" in words_of(page)
    sent = words_of(phone.send("/marigold/check", {"once": field_value(page, "once")}))
    found = cases(portal)
    assert {case.owner for case in found} == {"agency", "self"}
    assert all(case.reference in sent for case in found)
    page_sent = phone.open(phone.path)
    assert all(f'href="/marigold/requests/{case.reference}/withdraw"' in page_sent for case in found)
    assert "The student, on the school\u2019s list" in words_of(page)
    assert {case.subject for case in found} == {JORDAN}


def test_the_same_form_sent_twice_is_one_request(elena: Phone, portal: Portal) -> None:
    page = elena.send("/marigold/ask", {"kind": "access"})
    once = field_value(page, "once")
    first = elena.send("/marigold/check", {"once": once})
    assert elena.send("/marigold/check", {"once": once}) == first
    assert len(cases(portal)) == 1


def test_the_same_question_asked_again_names_the_open_request(elena: Phone, portal: Portal) -> None:
    for _ in range(2):
        page = elena.send("/marigold/ask", {"kind": "access"})
        wait(portal, minutes=1)
        page = elena.send("/marigold/check", {"once": field_value(page, "once")})
    (case,) = cases(portal)
    words = f"You already asked this on November 23, 2026. It is still open: {case.reference}"
    assert words in words_of(page)
    assert f'<a href="/marigold/requests/{case.reference}">{words}</a>' in page
    assert elena.status == 409


def test_a_father_of_three_chooses_the_student_first(portal: Portal) -> None:
    phone = given_phone(portal)
    page = words_of(phone.prove("(212) 555-0143"))
    assert phone.path == "/marigold/student"
    assert "Hello, Marcus Bell. The school has linked these students to you." in page
    assert "Sky Bell" in page
    assert "Grade K, Alder Creek Middle School" in page
    assert phone.send("/marigold/student", {}).count("Choose a student") == 2
    phone.send("/marigold/student", {"student": str(LUCIA)})
    assert phone.status == 404
    phone.send("/marigold/student", {"student": "nonsense"})
    assert phone.status == 404
    phone.send("/marigold/student", {"student": str(RIVER)})
    assert phone.path == "/marigold/ask"
    page = phone.send("/marigold/ask", {"kind": "access"})
    phone.send("/marigold/check", {"once": field_value(page, "once")})
    assert [case.subject for case in cases(portal)] == [RIVER]


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("correction", {}, "Tick what is wrong"),
        ("erasure", {}, "Tick what you want deleted"),
        ("correction", {"elements": ["name.family"]}, "Write what the last name should be"),
        ("correction", {"elements": ["grade"], "correction.grade": "13"}, "Enter a grade from K to 12"),
        ("correction", {"elements": ["school"], "correction.school": "Hogwarts"}, "Choose a school from the list"),
        (
            "correction",
            {"elements": ["email"], "correction.email": "lucia"},
            "Enter an e-mail address, like name@school.example",
        ),
        (
            "correction",
            {"elements": ["mobile"], "correction.mobile": "12"},
            "Enter a mobile number with 10 digits, like (555) 555-0142",
        ),
        ("correction", FIX | {"details": "x" * 2140}, "Use 2,000 letters or fewer. You have used 2,140"),
    ],
)
def test_what_is_missing_is_told_twice_and_what_was_typed_stays(
    elena: Phone, kind: str, fields: dict[str, object], words: str
) -> None:
    elena.send("/marigold/ask", {"kind": kind})
    page = elena.send("/marigold/details", fields)
    assert elena.status == 422
    assert "<title>Error: " in page
    assert unescape(page).count(words) == 2
    assert all(str(value)[:60] in page for key, value in fields.items() if key not in {"elements", "correction.school"})


@pytest.mark.parametrize("grade", ["K", "k", "1", "07", "12"])
def test_every_grade_from_k_to_12_is_taken(elena: Phone, grade: str) -> None:
    elena.send("/marigold/ask", {"kind": "correction"})
    elena.send("/marigold/details", {"elements": ["grade"], "correction.grade": grade})
    assert elena.path == "/marigold/check"


@pytest.mark.parametrize("name", ["O\u2019Brien-Ñandú", "李", "عائشة", "d'Arc Jr."])
def test_every_name_is_taken_as_it_is_written(elena: Phone, name: str) -> None:
    elena.send("/marigold/ask", {"kind": "correction"})
    page = elena.send("/marigold/details", {"elements": ["name.given"], "correction.name.given": name})
    assert elena.path == "/marigold/check"
    assert name in unescape(page)


def test_nothing_chosen_is_told(elena: Phone) -> None:
    assert elena.send("/marigold/ask", {}).count("Choose what you want to ask for") == 2
    assert elena.send("/marigold/ask", {"kind": "restriction"})
    assert elena.status == 404


@pytest.mark.parametrize(
    ("path", "kind", "group"),
    [("ask", "", "kind"), ("details", "correction", "elements"), ("details", "erasure", "elements")],
)
def test_a_group_of_choices_is_read_with_its_hint_and_its_mistake(
    elena: Phone, path: str, kind: str, group: str
) -> None:
    page = elena.send("/marigold/ask", {"kind": kind}) if kind else elena.open("/marigold/ask")
    assert f'<fieldset class="field" aria-describedby="{group}-hint">' in page
    assert f'id="{group}-hint"' in page
    page = elena.send(f"/marigold/{path}")
    assert f'<fieldset class="field err" aria-describedby="{group}-hint {group}-err">' in page
    assert f'id="{group}-err"' in page


def test_another_kind_of_request_starts_with_nothing_ticked(elena: Phone) -> None:
    elena.send("/marigold/ask", {"kind": "correction"})
    elena.send("/marigold/details", FIX)
    elena.send("/marigold/ask", {"kind": "erasure"})
    assert " checked" not in elena.open("/marigold/details")


def test_words_about_one_student_go_into_no_other_students_request(portal: Portal) -> None:
    phone = given_phone(portal)
    phone.prove("(212) 555-0143")
    phone.send("/marigold/student", {"student": str(RIVER)})
    phone.send("/marigold/ask", {"kind": "correction"})
    phone.send("/marigold/details", FIX)
    phone.send("/marigold/student", {"student": str(JORDAN)})
    phone.send("/marigold/ask", {"kind": "correction"})
    assert FIX["details"] not in phone.open("/marigold/details")


def test_back_shows_what_was_answered(elena: Phone) -> None:
    elena.send("/marigold/ask", {"kind": "correction"})
    elena.send("/marigold/details", FIX)
    page = elena.open("/marigold/details")
    assert 'value="Delgado"' in page
    assert " checked" in page
    assert 'value="correction" checked' in elena.open("/marigold/ask")


def test_pages_opened_out_of_turn_lead_to_the_question_that_is_missing(portal: Portal) -> None:
    phone = given_phone(portal)
    for path in ("student", "ask", "details", "check", "requests", "sent/MGD-2222-2222"):
        phone.open(f"/marigold/{path}")
        assert phone.path == f"/marigold/phone?next=/marigold/{path}"
    phone.open("/marigold/code")
    assert phone.path.startswith("/marigold/phone")
    phone.prove("(212) 555-0143")
    for path in ("ask", "details", "check"):
        phone.open(f"/marigold/{path}")
        assert phone.path == "/marigold/student"


def test_a_word_of_markup_stays_a_word(elena: Phone) -> None:
    elena.send("/marigold/ask", {"kind": "correction"})
    page = elena.send("/marigold/details", FIX | {"details": "<script>alert(1)</script>"})
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_language_of_the_page_is_the_language_of_the_case(portal: Portal) -> None:
    phone = given_phone(portal, "es-US,es;q=0.9")
    page = phone.prove(ELENAS_PHONE)
    assert "¿Qué quiere pedir?" in page
    assert '<html lang="es"' in page
    page = phone.send("/marigold/ask", {"kind": "access"})
    assert "Español" in page
    phone.send("/marigold/check", {"once": field_value(page, "once")})
    assert [case.language for case in cases(portal)] == ["es"]
