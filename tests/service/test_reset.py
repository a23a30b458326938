"""A student's new password: the code goes to the number on file, the right it gives is used once, all are told."""

from pathlib import Path
from uuid import UUID

import pytest
from family_given import ELENA, given_phone, person_id, texts, wait, words_of
from given import MARIGOLD
from reset_given import (
    ADMIN,
    AVA,
    GOOD,
    KAI,
    MILO,
    NOEL,
    PATH,
    WREN,
    ZOE,
    Pupil,
    asked,
    code_of,
    do_jobs,
    given_school,
    granted,
    is_password,
    letters,
    sent_texts,
    stages,
    told_ledger,
)
from sqlmodel import col, select, update

from rightsdesk.requests.cases.effects import look_again
from rightsdesk.requests.people.restricting import Clerk, Guardrails, Order, RestrictionKind, set_restriction
from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import ContactRow, GuardianshipRow, PersonIndexRow, PersonRow
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import JobRow

NOTICES = ("password_mail", "text_password")


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    return given_school(tmp_path)


@pytest.mark.parametrize("name", [AVA.username, AVA.email, f"  {AVA.username.upper()} "], ids=["name", "mail", "loud"])
def test_a_student_chooses_a_new_password_with_a_code_to_the_number_on_file(portal: Portal, name: str) -> None:
    phone = asked(portal, name)
    assert "If we have a number for this account" in words_of(phone.answer.text)  # type: ignore[union-attr]  # it answered
    code = code_of(portal)
    assert sent_texts(portal)[-1]["to"] == AVA.enrolled.phone
    page = phone.send(PATH, {"code": code})
    assert f'value="{AVA.username.title()}"' in page
    page = phone.send(PATH, {"username": AVA.username, "password": GOOD})
    assert "Your password is changed" in words_of(page)
    assert is_password(portal, AVA, GOOD)
    assert phone.path == PATH
    assert set(phone.screens) == {PATH}, "nothing of it is in an address"


def test_nobody_is_signed_in_by_it_and_whoever_was_is_no_longer(portal: Portal) -> None:
    before = given_phone(portal)
    before.prove(AVA.enrolled.phone)
    assert before.path == "/marigold/ask"
    wait(portal, minutes=5)
    phone = granted(portal)
    phone.send(PATH, {"password": GOOD})
    for browser in (before, phone):
        browser.open("/marigold/requests")
        assert browser.path.startswith("/marigold/phone")
    assert told_ledger(portal, "session_ended")[-1] == {"count": "1"}


def test_the_person_and_the_agency_are_told_once_by_mail_and_by_text(portal: Portal) -> None:
    granted(portal).send(PATH, {"password": GOOD})
    assert do_jobs(portal, *NOTICES) == 3
    do_jobs(portal, *NOTICES)  # at least once: again
    told = letters(portal)
    assert {one["to"] for one in told} == {AVA.email, "rosa@marigold.example"}
    own = next(one for one in told if one["to"] == AVA.email)
    assert "(555) 555-0134" in own["body"]
    office = next(one for one in told if one["to"] != AVA.email)
    assert office["body"].endswith(f"/office/marigold/people/{AVA.enrolled.id}")
    assert "Ava" not in office["subject"] + office["body"]
    notices = [one for one in sent_texts(portal) if one["kind"] == "notice"]
    assert [one["to"] for one in notices] == [AVA.enrolled.phone]
    assert "password" in notices[0]["body"]


def test_the_ledger_knows_each_step_and_holds_no_name(portal: Portal) -> None:
    granted(portal).send(PATH, {"password": GOOD})
    assert [one["reason"] for one in told_ledger(portal, "password_reset")] == ["granted", "attempted"]
    assert told_ledger(portal, "password_changed") == [{"reason": "reset_changed"}]
    with portal.storage.read() as tx:
        jobs = " ".join(f"{row.key} {row.ids}" for row in tx.exec(select(JobRow)).all())
    assert GOOD not in jobs
    assert AVA.username not in jobs


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("tiny cat", "You have used 8"),
        ("a" * 129, "You have used 129"),
        ("passwordpassword1", "This password is known from a leak"),
        ("abcabcabcabcabcabc", "repeats itself"),
        ("Ava Okonjo Marigold 1", "names that are easy to guess"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason_and_may_be_tried_again(
    portal: Portal, typed: str, words: str
) -> None:
    phone = granted(portal)
    page = phone.send(PATH, {"password": typed})
    assert phone.status == 422
    assert words_of(page).count(words) == 2, "in the summary and at the field"
    assert typed not in page
    assert "Your password is changed" in words_of(phone.send(PATH, {"password": GOOD}))


def test_three_words_are_suggested_without_a_script_and_are_taken(portal: Portal) -> None:
    phone = granted(portal)
    page = phone.send(PATH, {"password": "", "suggest": "1"})
    words = page.partition('value="')[2]
    shown = page.partition('<b dir="ltr">')[2].partition("</b>")[0]
    assert len(shown.split("-")) == 3
    assert len(shown) >= 15
    assert 'type="text" autocomplete="new-password"' in page
    assert f'value="{shown}"' in words
    phone.language = "es"
    other = phone.send(PATH, {"password": "", "suggest": "1"}).partition('<b dir="ltr">')[2].partition("</b>")[0]
    assert set(other.split("-")).isdisjoint(shown.split("-"))
    phone.send(PATH, {"password": other})
    assert is_password(portal, AVA, other)


@pytest.mark.parametrize("pupil", [KAI, WREN, NOEL], ids=["under 13", "age unknown", "no number"])
def test_no_code_is_sent_where_none_may_be(portal: Portal, pupil: Pupil) -> None:
    asked(portal, pupil.username)
    assert texts(portal) == []


def test_a_name_that_two_students_have_gets_no_code(portal: Portal) -> None:
    with portal.storage.write() as tx:
        index = portal.vault.agency(MARIGOLD.id).index("username", AVA.username)
        tx.add(PersonIndexRow(agency=MARIGOLD.id, purpose="username", value=index, person=ZOE.enrolled.id))
    asked(portal, AVA.username)
    assert texts(portal) == []


def test_a_username_of_a_guardian_gets_no_code(portal: Portal) -> None:
    with portal.storage.write() as tx:
        tx.exec(update(PersonRow).where(col(PersonRow.id) == AVA.enrolled.id).values(is_student=False))
    asked(portal, AVA.username)
    assert texts(portal) == []


@pytest.mark.parametrize("pupil", [ZOE, MILO], ids=["number replaced", "number of a parent too"])
def test_a_number_that_does_not_prove_alone_asks_for_the_student_number(portal: Portal, pupil: Pupil) -> None:
    name, number = pupil.username, pupil.enrolled.number
    phone = asked(portal, name)
    page = phone.send(PATH, {"code": code_of(portal)})
    assert "What is your student number?" in words_of(page)
    page = phone.send(PATH, {"student_number": "99999"})
    assert phone.status == 422
    assert "We cannot go on with that number" in words_of(page)
    assert 'autocomplete="new-password"' in phone.send(PATH, {"student_number": number})


def test_a_student_number_is_guessed_ten_times_a_day_at_most(portal: Portal) -> None:
    phone = asked(portal, ZOE.username)
    phone.send(PATH, {"code": code_of(portal)})
    for guess in range(10):
        phone.send(PATH, {"student_number": f"9000{guess}"})
    page = phone.send(PATH, {"student_number": ZOE.enrolled.number})
    assert phone.status == 422
    assert "You can try again tomorrow" in words_of(page)
    assert stages(portal) == []


def keep_away(portal: Portal, guardian: UUID) -> None:
    with portal.storage.write() as tx:
        docket = portal.docket(tx, MARIGOLD, portal.now())
        rails = Guardrails(docket.people, docket.record, lambda ids, at: look_again(docket, ids, at), portal.draw)
        order = Order(guardian, None, RestrictionKind.COURT_ORDER, MARIGOLD.today(portal.now()))
        set_restriction(rails, order, Clerk(ADMIN), portal.now())


def test_a_restricted_guardian_on_the_same_phone_ends_it_kindly(portal: Portal) -> None:
    keep_away(portal, ELENA)
    phone = asked(portal, MILO.username)
    page = phone.send(PATH, {"code": code_of(portal)})
    assert "We cannot change this password here" in words_of(page)
    assert stages(portal) == []


def test_a_frozen_student_is_sent_to_the_school(portal: Portal) -> None:
    with portal.storage.write() as tx:
        portal.docket(tx, MARIGOLD, portal.now()).people.freeze(AVA.enrolled.id, portal.now())
    phone = asked(portal, AVA.username)
    assert "We cannot change this password here" in words_of(phone.send(PATH, {"code": code_of(portal)}))


def test_who_is_frozen_after_the_code_chooses_no_password(portal: Portal) -> None:
    phone = granted(portal)
    with portal.storage.write() as tx:
        portal.docket(tx, MARIGOLD, portal.now()).people.freeze(AVA.enrolled.id, portal.now())
    phone.send(PATH, {"password": GOOD})
    assert phone.status == 422
    assert not is_password(portal, AVA, GOOD)


def test_an_order_that_comes_after_the_code_leaves_no_password_to_the_shared_phone(portal: Portal) -> None:
    phone = asked(portal, MILO.username)
    phone.send(PATH, {"code": code_of(portal)})
    phone.send(PATH, {"student_number": MILO.enrolled.number})
    assert stages(portal) == ["granted"]
    keep_away(portal, ELENA)
    phone.send(PATH, {"password": GOOD})
    assert phone.status == 422
    assert not is_password(portal, MILO, GOOD)


def test_another_number_of_theirs_on_a_phone_that_an_order_keeps_away_stops_nothing(portal: Portal) -> None:
    with portal.storage.write() as tx:
        docket = portal.docket(tx, MARIGOLD, portal.now())
        second, number = person_id(990), MILO.enrolled.phone
        sealed = docket.vault.seal(AVA.enrolled.id, "identity", place("contacts", second, "value"), number)
        point = {"id": second, "agency": MARIGOLD.id, "person": AVA.enrolled.id, "added_at": portal.now()}
        tx.add(ContactRow(**point, channel="text", value=sealed, confirmed_at=portal.now()))
        tx.flush()
        index = docket.vault.index("number", number)
        tx.add(
            PersonIndexRow(agency=MARIGOLD.id, purpose="number", value=index, person=AVA.enrolled.id, contact=second)
        )
    keep_away(portal, ELENA)
    phone = granted(portal)
    assert sent_texts(portal)[-1]["to"] == AVA.enrolled.phone
    phone.send(PATH, {"password": GOOD})
    assert is_password(portal, AVA, GOOD)


def test_a_number_that_left_the_record_after_its_code_was_right_chooses_no_password(portal: Portal) -> None:
    phone = granted(portal)
    with portal.storage.write() as tx:
        mine = (col(ContactRow.person) == AVA.enrolled.id, col(ContactRow.channel) == "text")
        tx.exec(update(ContactRow).where(*mine).values(is_usable=False))
    phone.send(PATH, {"password": GOOD})
    assert phone.status == 422
    assert not is_password(portal, AVA, GOOD)


def test_a_number_that_left_the_record_after_its_code_went_out_proves_nothing(portal: Portal) -> None:
    phone = asked(portal, AVA.username)
    code = code_of(portal)
    with portal.storage.write() as tx:
        mine = (col(ContactRow.person) == AVA.enrolled.id, col(ContactRow.channel) == "text")
        tx.exec(update(ContactRow).where(*mine).values(is_usable=False))
    phone.send(PATH, {"code": code})
    assert phone.status == 422
    assert stages(portal) == []


def test_a_family_that_proved_itself_is_told_why_no_code_can_come(portal: Portal) -> None:
    with portal.storage.write() as tx:
        for number, pupil in enumerate((KAI, NOEL)):
            tx.add(
                GuardianshipRow(
                    id=person_id(600 + number),
                    agency=MARIGOLD.id,
                    student=pupil.enrolled.id,
                    guardian=ELENA,
                    relation="parent",
                    authority="roster_asserted",
                    since=portal.now(),
                )
            )
    phone = given_phone(portal)
    with portal.storage.write() as tx:  # alone on her phone, so that it proves her
        tx.exec(update(ContactRow).where(col(ContactRow.person) == MILO.enrolled.id).values(is_usable=False))
    phone.prove("+12125550142")
    assert "A grown-up at school must do this" in words_of(phone.send(PATH, {"username": KAI.username}))
    assert "no mobile number" in words_of(phone.send(PATH, {"username": NOEL.username}))
    assert "Enter the code" in words_of(phone.send(PATH, {"username": WREN.username})), "not her child"
