"""A search at the desk or in the office leaves its count of results in the ledger, and nothing of what was typed."""

from pathlib import Path

import pytest
from desk_given import MARIGOLD, PRIYA, ROSA, Clock, ask, at_the_desk, open_portal

from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.web.portal import Portal


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    return open_portal(data_folder, Clock())


def noted(portal: Portal, kind: str) -> list[tuple[tuple[str, str], ...]]:
    with portal.storage.read() as tx:
        return [one.facts for one in Journal(tx, MARIGOLD.id).every(kind, "")]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/desk/marigold/cases?q=Delgado", "1"),
        ("/desk/marigold/cases?q=Nobody", "0"),
        ("/office/marigold/people?q=Delgado", "3"),
        ("/desk/marigold/enter?person=Delgado", "3"),
    ],
)
def test_a_search_is_noted_by_its_count_alone(portal: Portal, path: str, found: str) -> None:
    ask(portal)
    assert at_the_desk(portal, ROSA).get(path).status_code == 200
    assert noted(portal, "searched") == [(("found", found),)]


def test_a_list_without_a_search_notes_none(portal: Portal) -> None:
    at_the_desk(portal, ROSA).get("/desk/marigold/cases")
    at_the_desk(portal, ROSA).get("/office/marigold/people")
    assert noted(portal, "searched") == []


def test_a_list_taken_as_a_file_was_seen(portal: Portal) -> None:
    ask(portal)
    at_the_desk(portal, PRIYA).post("/desk/marigold/export", data={"q": "Delgado"})
    assert noted(portal, "viewed") == [(("rows", "1"), ("view", "found"))]
    assert noted(portal, "searched") == [(("found", "1"),)]
