"""The pages people open all day ask the databases for little, however many rows they show."""

from pathlib import Path
from typing import Final

import pytest
from alike_given import counting
from desk_given import DANA, PRIYA, Clock, ask, at_the_desk, many, open_portal
from family_given import fix, given_families, given_phone
from starlette.testclient import TestClient

from rightsdesk.web.portal import Portal

# What begins a transaction, and the agency, which a process looks up again every two seconds.
APART: Final = (
    "BEGIN",
    "PRAGMA",
    "SET TRANSACTION",
    "SELECT pg_advisory",
    "SELECT pg_logical",
    "SELECT agencies.",
    "SELECT holidays.",
)
LOOK: Final = "SELECT key_generations."  # whether a key was destroyed elsewhere: once for 64 values
LOOKS: Final = 2
LIST: Final = "/desk/marigold/cases"
DESK_LIST: Final = 21  # with the first case beside it, and the look at that case written down
DESK_CASE: Final = 19
DESK_SEARCH: Final = 27
DESK_POLL: Final = 11
FAMILY_LIST: Final = 8
FAMILY_STATUS: Final = 15


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    return open_portal(data_folder, Clock())


@pytest.fixture
def priya(portal: Portal) -> TestClient:
    return at_the_desk(portal, PRIYA)


def statements(portal: Portal, browser: TestClient, path: str) -> list[str]:
    browser.get(path)  # what is learned once is learned
    with counting(portal) as seen:
        answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return asked_for(seen)


def asked_for(seen: list[str]) -> list[str]:
    """Return the statements that count, when few only looked for destroyed keys."""
    looks = [one for one in seen if one.startswith(LOOK)]
    assert len(looks) <= LOOKS
    return [one for one in seen if not one.startswith((*APART, LOOK))]


def test_a_list_of_the_desk_asks_for_as_little_with_many_rows_as_with_one(portal: Portal, priya: TestClient) -> None:
    case = ask(portal)
    one = statements(portal, priya, f"{LIST}?open={case.reference}")
    many(portal, 30)
    thirty = statements(portal, priya, f"{LIST}?open={case.reference}")
    assert len(thirty) == len(one) <= DESK_LIST, thirty


def test_a_case_at_the_desk_asks_for_little_though_colleagues_look(portal: Portal, priya: TestClient) -> None:
    case = ask(portal)
    before = statements(portal, priya, f"{LIST}/{case.reference}")
    at_the_desk(portal, DANA).get(f"{LIST}/{case.reference}")
    after = statements(portal, priya, f"{LIST}/{case.reference}")
    assert len(after) == len(before) <= DESK_CASE, after


def test_a_search_asks_for_as_little_when_it_finds_many(portal: Portal, priya: TestClient) -> None:
    few = ask(portal)
    many(portal, 20)
    one = statements(portal, priya, f"{LIST}?q=Lucia&open={few.reference}")
    twenty = statements(portal, priya, f"{LIST}?q=Guardian&open={few.reference}")
    assert len(twenty) == len(one) <= DESK_SEARCH, twenty


def test_what_an_open_page_asks_every_half_minute_is_little(portal: Portal, priya: TestClient) -> None:
    cases = many(portal, 10)
    fields = {"view": "decision", "list": "yes", "id": [f"{case.reference}.{case.version}" for case in cases]}
    priya.post("/desk/marigold/live", data=fields)
    with counting(portal) as seen:
        priya.post("/desk/marigold/live", data=fields)
    assert len(asked_for(seen)) <= DESK_POLL, seen


def test_what_a_family_follows_asks_for_little(tmp_path: Path) -> None:
    portal = given_families(tmp_path)
    phone = given_phone(portal)
    phone.prove("+12125550142")
    reference = fix(phone)
    for path, most in (("/marigold/requests", FAMILY_LIST), (f"/marigold/requests/{reference}", FAMILY_STATUS)):
        phone.open(path)
        with counting(portal) as seen:
            phone.open(path)
        assert len(asked_for(seen)) <= most, (path, seen)
