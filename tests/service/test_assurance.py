"""Which act needs which proof, over HTTP: one guard asks, and staff read on the case what was shown."""

from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from desk_given import DANA, ELENA, STAFF, Clock, ask, at_the_desk, open_portal
from family_given import Phone, field_value, given_families, given_phone, wait
from given import MARIGOLD

from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.verification.assurance import NEEDED, ProofKind
from rightsdesk.web.portal import Portal
from rightsdesk.web.routes import SCREENS
from rightsdesk.web.screens import Screen, Who

STAFF_ACTS = [one for one in SCREENS if one.act is not None and one.who is Who.STAFF]
FRESH, STALE = timedelta(minutes=4, seconds=59), timedelta(minutes=5)
SECOND = "/desk/marigold/second-factor"


def test_there_are_screens_that_need_more() -> None:
    assert {"office.add", "office.change", "office.reset", "desk.own_app", "desk.own_codes"} <= {
        one.name for one in STAFF_ACTS
    }
    assert all(ProofKind.SECOND_FACTOR in NEEDED[one.act].kinds for one in STAFF_ACTS if one.act)


@pytest.mark.parametrize("screen", STAFF_ACTS, ids=lambda one: one.name)
def test_a_form_that_weighs_much_asks_for_the_second_factor_anew_and_comes_back(screen: Screen, tmp_path: Path) -> None:
    portal = open_portal(tmp_path, Clock())
    who = next(one.id for one in STAFF if not screen.roles or screen.roles & one.roles)
    path = screen.path.format_map(defaultdict(lambda: str(ELENA), agency="marigold", colleague=str(DANA)))
    late = at_the_desk(portal, who, STALE).post(path, data={"do": "x"}, follow_redirects=False)
    assert late.status_code == 303
    location = urlsplit(late.headers["location"])
    assert location.path == SECOND
    back = parse_qs(location.query)["next"][0]
    # Back to a page of the desk, which needs no more than it did before; the id of a provider is made up here.
    assert at_the_desk(portal, who, STALE).get(back, follow_redirects=False).status_code in {200, 404}
    fresh = at_the_desk(portal, who, FRESH).post(path, data={"do": "x"}, follow_redirects=False)
    assert not fresh.headers.get("location", "").startswith(SECOND)


def test_a_case_remembers_a_student_number_beside_the_code(tmp_path: Path) -> None:
    portal = given_families(tmp_path)
    phone = given_phone(portal)
    phone.prove("(212) 555-0147")
    phone.send("/marigold/second-proof", {"student_number": "40400"})
    _send_a_request(phone)
    assert _means(portal) == ["text_code/student_number"]


def test_a_second_code_in_a_session_says_the_same_again(tmp_path: Path) -> None:
    portal = given_families(tmp_path)
    phone = given_phone(portal)
    phone.prove("(212) 555-0142")
    wait(portal, minutes=3)
    phone.prove("(212) 555-0142")
    _send_a_request(phone)
    assert _means(portal) == ["text_code"]


@pytest.mark.parametrize(
    ("means", "words"),
    [
        ("text_code", ["Code sent to"]),
        ("text_code/student_number", ["Code sent to", "the phone number alone was not enough"]),
        ("school_sign_in", ["own account"]),
        ("passkey/text_code", ["Set up on their own device", "Code sent to"]),
        ("password", ["Signed in with username and password"]),
    ],
)
def test_staff_read_on_the_case_what_was_shown(means: str, words: list[str], tmp_path: Path) -> None:
    portal = open_portal(tmp_path, Clock())
    case = ask(portal, means=means)
    page = at_the_desk(portal, DANA).get(f"/desk/marigold/cases/{case.reference}").text
    told = [
        one
        for one in ("Code sent to", "alone was not enough", "own account", "own device", "username and")
        if one in page
    ]
    assert len(told) == len(words)
    assert all(one in page for one in words)


def _send_a_request(phone: Phone) -> None:
    page = phone.send("/marigold/ask", {"kind": "access"})
    phone.send("/marigold/check", {"once": field_value(page, "once")})
    assert phone.path.startswith("/marigold/sent/")


def _means(portal: Portal) -> list[str]:
    with portal.storage.read() as tx:
        filed = Journal(tx, MARIGOLD.id).entries("filed")
    return [dict(one.facts)["means"] for one in filed]
