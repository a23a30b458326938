"""What a family keeps in hand after sending: the receipt, what it says was asked, and the day for the calendar."""

from pathlib import Path

import pytest
from family_given import Phone, asked, fix, given_families, given_phone, wait, words_of

from rightsdesk.web.family.dating import folded
from rightsdesk.web.portal import Portal

ELENAS_PHONE = "(212) 555-0142"


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal with families."""
    return given_families(tmp_path)


@pytest.fixture
def elena(portal: Portal) -> Phone:
    """Return the phone of a mother who has shown who she is."""
    phone = given_phone(portal)
    phone.prove(ELENAS_PHONE)
    return phone


def test_the_receipt_and_the_status_say_what_was_asked_and_hide_most_of_a_number(portal: Portal) -> None:
    jordan = given_phone(portal)
    jordan.prove("(212) 555-0144")
    fields = {"elements": "mobile", "correction.mobile": "(212) 555-0177", "details": "I have a new phone."}
    reference = asked(jordan, "correction", **fields)
    for path in (f"sent/{reference}", f"requests/{reference}"):
        page = words_of(jordan.open(f"/marigold/{path}"))
        assert "Before: ending in 44 Should be: (212) 555-0177" in page
        assert "I have a new phone." in page


def test_the_receipt_says_today_only_today(elena: Phone, portal: Portal) -> None:
    path = f"/marigold/sent/{fix(elena)}"
    assert "Today: we got your request" in elena.open(path)
    wait(portal, days=1)
    elena.prove(ELENAS_PHONE)
    page = elena.open(path)
    assert "Today" not in page
    assert "We got your request" in page


def test_the_calendar_entry_names_nobody(elena: Phone) -> None:
    reference = fix(elena)
    entry = elena.open(f"/marigold/requests/{reference}/calendar.ics")
    assert "DTSTART;VALUE=DATE:20270107\r\n" in entry
    assert reference in entry
    assert "Luc" not in entry


def test_the_calendar_entry_is_one_whole_day_that_blocks_no_time(elena: Phone) -> None:
    entry = elena.open(f"/marigold/requests/{fix(elena)}/calendar.ics")
    assert "DTEND;VALUE=DATE:20270108\r\n" in entry
    assert "TRANSP:TRANSPARENT\r\n" in entry
    assert entry.replace("\r\n", "").isprintable()


def test_a_long_line_of_a_calendar_entry_is_folded_as_calendars_read_it() -> None:
    line = f"URL:https://requests.{'ñ' * 80}.example/marigold/requests/MGD-7K3F-92QX"
    parts = list(folded(line))
    assert len(parts) == 3
    assert all(len(part.encode()) <= 75 for part in parts)
    assert parts[0] + "".join(part.removeprefix(" ") for part in parts[1:]) == line
