"""A family shows who it is: by phone number and code, alike for everybody, and by more where a number is not enough."""

import re
from html import unescape
from pathlib import Path

import pytest
from family_given import (
    UNKNOWN_PHONE,
    Phone,
    assert_told,
    code_in,
    field_value,
    given_families,
    given_phone,
    texts,
    wait,
    words_of,
)
from given import MARIGOLD

from rightsdesk.web.portal import Portal

ELENAS_PHONE = "(212) 555-0142"
_NOT_EQUAL = {"set-cookie", "x-request-id"}


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal with families."""
    return given_families(tmp_path)


@pytest.fixture
def phone(portal: Portal) -> Phone:
    """Return a phone that was never here."""
    return given_phone(portal)


def wrong(portal: Portal) -> str:
    """Return six digits that are not the newest code."""
    right = int(code_in(texts(portal)[-1]))
    return f"{(right + 1) % 1_000_000:06}"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter your mobile number"),
        ("555 0142", "Enter a mobile number with 10 digits, like (555) 555-0142"),
        ("hello", "Enter a mobile number with 10 digits, like (555) 555-0142"),
        ("+44 7400 123456", "We can text only numbers from the United States. Choose another way"),
    ],
)
def test_a_number_that_cannot_be_texted_is_told_twice_and_kept(phone: Phone, typed: str, words: str) -> None:
    page = phone.send("/marigold/phone", {"phone": typed})
    assert phone.status == 422
    assert_told(page, words, "phone")
    assert not typed or f'value="{typed}"' in page


def test_known_and_unknown_numbers_get_the_same_bytes(portal: Portal) -> None:
    def seen(number: str) -> list[tuple[int, dict[str, str], str]]:
        phone, pages = given_phone(portal), []

        def note() -> None:
            assert phone.answer is not None
            headers = {key: value for key, value in phone.answer.headers.items() if key not in _NOT_EQUAL}
            pages.append((phone.answer.status_code, headers, phone.answer.text))

        for fields in ({"phone": number}, {"code": "000000"}, {"code": "12345"}, {"again": "1"}):
            phone.send("/marigold/phone" if "phone" in fields else "/marigold/code", fields)
            note()
        for _ in range(5):
            phone.send("/marigold/code", {"code": "000001"})
            note()
        return pages

    known, unknown = seen("(212) 555-0142"), seen("(646) 555-0142")
    assert known == unknown
    assert [status for status, *_ in known] == [200, 422, 422, 422, 422, 422, 422, 422, 422]


def test_the_page_for_the_code_says_how_long_it_works_and_only_the_end_of_the_typed_number(phone: Phone) -> None:
    page = words_of(phone.send("/marigold/phone", {"phone": ELENAS_PHONE}))
    assert "your phone ending in 42. The code works until 9:10 am." in page
    assert "0142" not in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter the 6 numbers we texted you"),
        ("48210", "That is 5 numbers. The code has 6. Check the text and try again"),
        ("4821000", "That is 7 numbers. The code has 6. Check the text and try again"),
        ("48210o", "The code has only numbers"),
    ],
)
def test_a_code_that_cannot_be_one_costs_no_try(phone: Phone, portal: Portal, typed: str, words: str) -> None:
    phone.send("/marigold/phone", {"phone": ELENAS_PHONE})
    for _ in range(6):
        page = phone.send("/marigold/code", {"code": typed})
    assert_told(page, words, "code")
    assert 'name="code" type="text"' in page
    assert "value=" not in page[page.index('id="code"') : page.index('aria-describedby="code-hint')]
    phone.send("/marigold/code", {"code": code_in(texts(portal)[-1])})
    assert phone.path == "/marigold/ask"


def test_wrong_codes_are_counted_down_and_the_fifth_closes_with_a_clock_time(phone: Phone, portal: Portal) -> None:
    phone.send("/marigold/phone", {"phone": ELENAS_PHONE})
    bad = wrong(portal)
    page = phone.send("/marigold/code", {"code": bad})
    assert_told(page, "That code is not right. Check the newest text from us. You have 4 tries left", "code")
    for left in ("3 tries", "2 tries", "1 try"):
        assert f"You have {left} left" in phone.send("/marigold/code", {"code": bad})
    closed = words_of(phone.send("/marigold/code", {"code": bad}))
    assert "You have tried 5 times. Your answers are saved. You can ask for a new code at 9:00 am" in closed
    assert "Call the records office at (555) 555-0134" in closed
    phone.send("/marigold/code", {"code": code_in(texts(portal)[-1])})
    assert phone.path == "/marigold/code"
    assert phone.status == 422


def test_an_old_code_stops_with_the_time_it_stopped(phone: Phone, portal: Portal) -> None:
    phone.send("/marigold/phone", {"phone": ELENAS_PHONE})
    code = code_in(texts(portal)[-1])
    wait(portal, minutes=11)
    page = phone.send("/marigold/code", {"code": code})
    assert_told(page, "That code stopped working at 9:10 am. Ask for a new one", "code")


def test_a_new_code_can_be_had_after_half_a_minute_and_the_old_one_still_works(phone: Phone, portal: Portal) -> None:
    phone.send("/marigold/phone", {"phone": ELENAS_PHONE})
    first = code_in(texts(portal)[-1])
    page = phone.send("/marigold/code", {"again": "1"})
    assert_told(page, "We sent a code a moment ago. You can ask for a new one in 30 seconds", "code")
    wait(portal, seconds=31)
    assert "We sent a new code" in phone.send("/marigold/code", {"again": "1"})
    assert len(texts(portal)) == 2
    phone.send("/marigold/code", {"code": first})
    assert phone.path == "/marigold/ask"


def test_many_codes_in_a_row_are_refused_alike_for_everybody(portal: Portal) -> None:
    said = []
    for number in (ELENAS_PHONE, UNKNOWN_PHONE.replace("99", "42")):
        phone = given_phone(portal)
        phone.send("/marigold/phone", {"phone": number})
        for _ in range(2):
            wait(portal, minutes=3)
            phone.send("/marigold/code", {"again": "1"})
        wait(portal, minutes=3)
        said.append(words_of(phone.send("/marigold/code", {"again": "1"})))
        wait(portal, hours=1)
    assert "We sent you many codes today. Use another way, or try again at" in said[0]
    assert "We sent you many codes today. Use another way, or try again at" in said[1]


@pytest.mark.parametrize("number", [ELENAS_PHONE, UNKNOWN_PHONE])
def test_a_number_that_got_too_many_codes_stays_as_it_was_typed(phone: Phone, portal: Portal, number: str) -> None:
    for _ in range(4):
        wait(portal, minutes=3)
        page = phone.send("/marigold/phone", {"phone": number})
    assert_told(page, "We sent you many codes today. Use another way, or try again at", "phone")
    assert f'value="{number}"' in page


def test_another_language_keeps_the_way_on_and_the_search(phone: Phone) -> None:
    page = phone.open("/marigold/phone?next=/marigold/details")
    (other,) = re.findall(r'class="tool" href="([^"]*)"', page)
    assert field_value(phone.open(unescape(other)), "next") == "/marigold/details"
    (other,) = re.findall(r'class="tool" href="([^"]*)"', phone.open("/?q=marigold"))
    assert 'value="marigold"' in phone.open(unescape(other))


def test_all_languages_lead_back_to_the_page_they_were_opened_from(phone: Phone) -> None:
    (link,) = re.findall(r'href="(/marigold/languages[^"]*)"', phone.open("/marigold/phone"))
    assert 'href="/marigold/phone?lang=es"' in phone.open(unescape(link))


def test_ten_wrong_codes_close_the_number_for_the_day(portal: Portal) -> None:
    for _ in range(2):
        phone = given_phone(portal)
        phone.send("/marigold/phone", {"phone": ELENAS_PHONE})
        bad = wrong(portal)
        for _ in range(5):
            page = phone.send("/marigold/code", {"code": bad})
        wait(portal, minutes=20)
    assert "For safety you cannot use a code today. You can try again tomorrow, or use another way" in page
    assert "Ask for a new code" not in page
    again = given_phone(portal).send("/marigold/phone", {"phone": ELENAS_PHONE})
    assert "For safety you cannot use a code today" in again


def test_wrong_codes_for_what_was_asked_before_the_keys_were_renewed_count_as_always(portal: Portal) -> None:
    older, newer, last = (given_phone(portal) for _ in range(3))
    older.send("/marigold/phone", {"phone": ELENAS_PHONE})
    assert "You have 4 tries left" in older.send("/marigold/code", {"code": wrong(portal)})
    portal.vault.rotate(MARIGOLD.id)
    wait(portal, minutes=1)
    newer.send("/marigold/phone", {"phone": ELENAS_PHONE})
    bad = wrong(portal)
    assert "You have 3 tries left" in older.send("/marigold/code", {"code": bad})
    for left in ("4 tries", "3 tries", "2 tries", "1 try"):
        assert f"You have {left} left" in newer.send("/marigold/code", {"code": bad})
    assert "You have 2 tries left" in older.send("/marigold/code", {"code": bad})
    wait(portal, minutes=20)
    last.send("/marigold/phone", {"phone": ELENAS_PHONE})
    pages = [last.send("/marigold/code", {"code": wrong(portal)}) for _ in range(3)]
    assert ["cannot use a code today" in page for page in pages] == [False, False, True]


def test_a_right_code_changes_the_cookie_and_the_old_one_opens_nothing(phone: Phone, portal: Portal) -> None:
    phone.send("/marigold/phone", {"phone": ELENAS_PHONE})
    before = phone.browser.cookies["__Host-rightsdesk"]
    phone.send("/marigold/code", {"code": code_in(texts(portal)[-1])})
    assert phone.browser.cookies["__Host-rightsdesk"] != before
    thief = given_phone(portal)
    thief.browser.cookies.set("__Host-rightsdesk", before)
    thief.open("/marigold/ask")
    assert thief.path.startswith("/marigold/phone")


@pytest.mark.parametrize(("zero", "between"), [("0", " "), ("0", "-"), ("\u0660", "\u2011")])
def test_spaces_dashes_and_digits_of_any_script_are_read(phone: Phone, portal: Portal, zero: str, between: str) -> None:
    phone.send("/marigold/phone", {"phone": ELENAS_PHONE})
    code = "".join(chr(ord(zero) + int(one)) for one in code_in(texts(portal)[-1]))
    phone.send("/marigold/code", {"code": f"{code[:3]}{between}{code[3:]}"})
    assert phone.path == "/marigold/ask"


def test_a_session_that_ended_says_so_and_the_answers_are_still_there(phone: Phone, portal: Portal) -> None:
    phone.prove(ELENAS_PHONE)
    phone.send("/marigold/ask", {"kind": "erasure"})
    wait(portal, minutes=16)
    page = words_of(phone.open("/marigold/details"))
    assert "You were away for 15 minutes, so we closed this page to keep it safe. Your answers are saved." in page
    phone.send("/marigold/phone", {"phone": ELENAS_PHONE, "next": "/marigold/details"})
    page = phone.send("/marigold/code", {"code": code_in(texts(portal)[-1])})
    assert phone.path == "/marigold/details"
    assert "What do you want deleted?" in page


def test_what_was_typed_while_the_session_fell_idle_is_there_after_the_new_code(phone: Phone, portal: Portal) -> None:
    phone.prove(ELENAS_PHONE)
    phone.send("/marigold/ask", {"kind": "erasure"})
    wait(portal, minutes=16)
    page = phone.send("/marigold/details", {"elements": ["picture"], "details": "Typed for a long time."})
    assert "You were away for 15 minutes" in words_of(page)
    assert "Typed for a long time." not in page
    assert "Lucía" not in page
    phone.send("/marigold/phone", {"phone": ELENAS_PHONE, "next": field_value(page, "next")})
    page = phone.send("/marigold/code", {"code": code_in(texts(portal)[-1])})
    assert phone.path == "/marigold/details"
    assert "Typed for a long time." in page
    assert page.count(" checked") == 1


def test_a_late_form_opens_nothing_and_its_session_stays_ended(phone: Phone, portal: Portal) -> None:
    phone.prove(ELENAS_PHONE)
    phone.send("/marigold/ask", {"kind": "erasure"})
    wait(portal, minutes=16)
    for path in ("details", "ask", "check"):
        phone.send(f"/marigold/{path}", {"elements": ["picture"]})
        assert phone.path == f"/marigold/phone?next=/marigold/{path}"
    phone.open("/marigold/details")
    assert phone.path == "/marigold/phone?next=/marigold/details"


def test_a_form_after_leaving_is_kept_for_nobody(phone: Phone, portal: Portal) -> None:
    phone.prove(ELENAS_PHONE)
    phone.send("/marigold/ask", {"kind": "erasure"})
    phone.send("/marigold/leave")
    wait(portal, minutes=16)
    phone.send("/marigold/details", {"elements": ["picture"], "details": "Typed by somebody else."})
    assert "Typed by somebody else." not in phone.prove(ELENAS_PHONE) + phone.open("/marigold/details")


def test_leaving_ends_the_session(phone: Phone) -> None:
    phone.prove(ELENAS_PHONE)
    phone.send("/marigold/leave")
    assert phone.path == "/marigold/"
    phone.open("/marigold/requests")
    assert phone.path.startswith("/marigold/phone")


@pytest.mark.parametrize("wish", ["//evil.example/marigold/", "/plum-hollow/requests", "/marigoldish/requests"])
def test_the_way_on_never_leads_to_another_site(phone: Phone, portal: Portal, wish: str) -> None:
    phone.send("/marigold/phone", {"phone": ELENAS_PHONE, "next": wish})
    phone.send("/marigold/code", {"code": code_in(texts(portal)[-1])})
    assert phone.path == "/marigold/ask"
