"""A family follows what it asked: one box that says where it stands, messages, the copy, taking it back."""

import re
from html import unescape
from pathlib import Path

import pytest
from family_given import Phone, asked, code_in, field_value, fix, given_families, given_phone, texts, wait, words_of
from following_given import ELENAS_PHONE, QUESTION, SECRET_NOTE, Desk, given_desk
from given import MARIGOLD

from rightsdesk.requests.cases import effects
from rightsdesk.requests.cases.case import Outcome
from rightsdesk.web.portal import Portal


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal with families and an approver."""
    return given_desk(given_families(tmp_path))


@pytest.fixture
def elena(portal: Portal) -> Phone:
    """Return the phone of a mother who has shown who she is."""
    phone = given_phone(portal)
    phone.prove(ELENAS_PHONE)
    return phone


def test_the_list_names_each_request_with_its_state_and_date(elena: Phone) -> None:
    reference = fix(elena)
    page = words_of(elena.open("/marigold/requests"))
    assert f"Fix the data kept about Lucía{reference}" in page.replace(f" {reference}", reference)
    assert "Received. Answer by January 7, 2027" in page


def test_a_decision_shows_only_after_it_took_effect(elena: Phone, portal: Portal) -> None:
    reference = fix(elena)
    desk = Desk(portal, reference)
    desk.claim()
    desk.rule(Outcome.DENY, "ACCURATE", "We looked at the birth certificate and it says Delgato.")
    held = words_of(elena.open(f"/marigold/requests/{reference}"))
    assert "Being looked at" in held
    assert "birth certificate" not in held
    wait(portal, minutes=11)
    desk.leave()
    page = words_of(elena.open(f"/marigold/requests/{reference}"))
    assert "Answered" in page
    assert "The district said no" in page
    assert "We looked at the birth certificate and it says Delgato." in page


def test_a_request_granted_in_part_does_not_read_as_if_all_was_done(elena: Phone, portal: Portal) -> None:
    fields = {"elements": ["name.family", "grade"], "correction.name.family": "Delgado", "correction.grade": "8"}
    desk = Desk(portal, asked(elena, "correction", **fields))
    desk.grant_part()
    wait(portal, minutes=11)
    desk.leave()
    desk.finish()
    page = words_of(elena.open(f"/marigold/requests/{desk.reference}"))
    assert "A part of what you asked was done." in page
    assert "The change was made." not in page


def test_a_mistake_in_a_message_can_be_read_in_another_language_or_loaded_again(elena: Phone) -> None:
    status = f"/marigold/requests/{fix(elena)}"
    page = elena.send(f"{status}/messages", {"message": ""})
    (other,) = re.findall(r'class="tool" href="([^"]*)"', page)
    assert "Escriba al distrito" in elena.open(unescape(other))
    elena.open(f"{status}/messages")
    assert (elena.path, elena.status) == (status, 200)


def test_a_question_is_answered_and_a_note_for_staff_is_never_seen(elena: Phone, portal: Portal) -> None:
    reference = fix(elena)
    Desk(portal, reference).ask()
    page = elena.open(f"/marigold/requests/{reference}")
    assert "We need one more thing" in page
    assert "Priya Nair, Marigold Unified" in words_of(page)
    assert QUESTION in page
    assert "December 7, 2026" in page
    assert SECRET_NOTE not in page
    empty = elena.send(f"/marigold/requests/{reference}/messages", {"message": "  "})
    assert empty.count("Write your message") == 2
    page = elena.send(f"/marigold/requests/{reference}/messages", {"message": "Sí, todo lo que tengan."})
    assert elena.path == f"/marigold/requests/{reference}"
    assert "Sí, todo lo que tengan." in page
    assert "Being looked at" in page


def test_a_message_that_took_too_long_is_still_there_after_the_new_code(elena: Phone, portal: Portal) -> None:
    reference = asked(elena, "access")
    status = f"/marigold/requests/{reference}"
    wait(portal, minutes=16)
    page = elena.send(f"{status}/messages", {"message": "Written slowly."})
    assert "You were away for 15 minutes" in words_of(page)
    elena.send("/marigold/phone", {"phone": ELENAS_PHONE, "next": field_value(page, "next")})
    page = elena.send("/marigold/code", {"code": code_in(texts(portal)[-1])})
    assert elena.path == status
    assert re.search(r"<textarea[^>]*>\s*Written slowly\.</textarea>", page)
    page = elena.send(f"{status}/messages", {"message": "Written slowly."})
    assert page.count("Written slowly.") == 1


def test_a_request_is_taken_back_after_one_question(elena: Phone) -> None:
    reference = fix(elena)
    assert "Take back this request?" in elena.open(f"/marigold/requests/{reference}/withdraw")
    assert "Received" in elena.open(f"/marigold/requests/{reference}")
    for _ in range(2):
        page = words_of(elena.send(f"/marigold/requests/{reference}/withdraw"))
        assert "You took this back" in page
    assert "Take back this request" not in page


def test_a_request_that_was_answered_is_not_taken_back_in_silence(elena: Phone, portal: Portal) -> None:
    reference = fix(elena)
    desk = Desk(portal, reference)
    desk.claim()
    desk.rule(Outcome.DENY, "ACCURATE", "We looked at the birth certificate and it says Delgato.")
    wait(portal, minutes=11)
    desk.leave()
    page = elena.send(f"/marigold/requests/{reference}/withdraw")
    assert elena.status == 409
    assert "This request has been answered. It cannot be taken back any more." in words_of(page)
    assert f'href="/marigold/requests/{reference}"' in page


def test_an_unknown_reference_and_another_familys_read_alike(elena: Phone, portal: Portal) -> None:
    reference = fix(elena)
    marcus = given_phone(portal)
    marcus.prove("(212) 555-0143")
    answers = set()
    for path in (f"requests/{reference}", "requests/MGD-2222-2222", "requests/x", f"sent/{reference}"):
        answers.add((marcus.open(f"/marigold/{path}"), marcus.status))
    for path in (f"requests/{reference}/withdraw", f"requests/{reference}/messages", f"requests/{reference}/package"):
        answers.add((marcus.send(f"/marigold/{path}", {"message": "x"}), marcus.status))
    assert len(answers) == 1
    assert marcus.status == 404


def test_the_reference_is_read_in_any_case_and_spacing(elena: Phone) -> None:
    reference = fix(elena)
    elena.open(f"/marigold/requests/{reference.lower().replace('-', '')}")
    assert elena.status == 200


def test_what_a_student_deleted_can_be_stopped_until_its_day(portal: Portal) -> None:
    jordan = given_phone(portal)
    jordan.prove("(212) 555-0144")
    reference = asked(jordan, "erasure", elements="files")
    with portal.storage.write() as tx:
        docket = portal.docket(tx, MARIGOLD, portal.now())
        effects.take_effect(docket, docket.cases.find(reference).id, portal.now())
    page = words_of(jordan.open(f"/marigold/requests/{reference}"))
    assert "It will be erased on November 30, 2026. You can stop it until then." in page
    assert "You took this back" in jordan.send(f"/marigold/requests/{reference}/withdraw")


def test_a_late_request_says_so(elena: Phone, portal: Portal) -> None:
    reference = fix(elena)
    wait(portal, days=60)
    elena.prove(ELENAS_PHONE)
    page = elena.open(f"/marigold/requests/{reference}")
    assert "had to answer by January 7, 2027. That day has passed." in words_of(page)
    assert 'class="banner warn"' in page
    assert "By January 7, 2027: you get an answer" not in page
