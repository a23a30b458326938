"""Staff never read or work on what is about their own family: it is told like what does not exist."""

from pathlib import Path
from uuid import UUID

import pytest
from desk_given import (
    DANA,
    ELENA,
    JORDAN,
    MARCUS,
    MARIGOLD,
    MATEO,
    NEW,
    ROSA,
    SAM,
    Clock,
    ask,
    at_the_desk,
    open_portal,
    person_id,
)
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.people.restricting import Order, RestrictionKind
from rightsdesk.requests.people.restrictions.store import Restrictions
from rightsdesk.requests.people.tables import GuardianshipRow
from rightsdesk.web.portal import Portal

UNKNOWN = "MGD-0000-0000"


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    """Return a portal in which Sam, the father, was stopped, and the mother asks about their child."""
    opened = open_portal(data_folder, Clock())
    with opened.storage.write() as tx:
        tx.add(
            GuardianshipRow(
                id=person_id(390),
                agency=MARIGOLD.id,
                student=JORDAN,
                guardian=ELENA,
                relation="parent",
                authority="roster_asserted",
                since=NEW,
            )
        )
        Staff(tx, MARIGOLD.id, opened.vault.agency(MARIGOLD.id)).set_roles(SAM, [Role.APPROVER, Role.ADMINISTRATOR])
    return opened


@pytest.fixture
def theirs(portal: Portal) -> Case:
    return ask(portal, Kind.ACCESS, requester=ELENA, subject=JORDAN, wanted=(), details="We live elsewhere now.")


@pytest.fixture
def sam(portal: Portal) -> TestClient:
    return at_the_desk(portal, SAM)


@pytest.mark.parametrize(
    ("method", "act"),
    [
        ("GET", ""),
        ("GET", "/decision"),
        ("POST", "/decision"),
        ("POST", "/preview"),
        ("POST", "/notes"),
        ("POST", "/messages"),
        ("POST", "/claim"),
        ("POST", "/proof"),
        ("POST", f"/evidence/{person_id(9)}"),
    ],
)
def test_the_other_parents_request_is_told_like_an_unknown_one(
    sam: TestClient, theirs: Case, method: str, act: str
) -> None:
    answers = [
        sam.request(method, f"/desk/marigold/cases/{reference}{act}", data={"version": "1"} if method == "POST" else {})
        for reference in (theirs.reference, UNKNOWN)
    ]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].text == answers[1].text


def test_lists_and_searches_leave_out_ones_own_family(sam: TestClient, theirs: Case) -> None:
    assert "We live elsewhere now." not in sam.get("/desk/marigold/cases").text
    for query in ("view=decision", "q=Jordan", f"q={theirs.reference}", f"open={theirs.reference}"):
        page = sam.get(f"/desk/marigold/cases?{query}").text
        assert f"/cases/{theirs.reference}" not in page, query
        assert "Jordan Bell" not in page, query


def test_the_file_of_a_list_leaves_out_ones_own_family(sam: TestClient, theirs: Case) -> None:
    rows = sam.post("/desk/marigold/export", data={"view": "decision"}).text
    found = sam.post("/desk/marigold/export", data={"q": "Jordan"}).text
    assert (theirs.reference in rows, theirs.reference in found) == (False, False)


@pytest.mark.parametrize("who", [JORDAN, ELENA, MARCUS])
def test_the_office_shows_nobody_their_own_family(sam: TestClient, who: UUID) -> None:
    assert sam.get(f"/office/marigold/people/{who}").status_code == 404
    assert sam.get(f"/office/marigold/people/{str(who).upper()}").status_code == 404
    assert sam.post(f"/office/marigold/people/{who}/freeze").status_code == 404


def test_the_office_finds_nobody_of_ones_own_family(sam: TestClient) -> None:
    assert "Jordan Bell" not in sam.get("/office/marigold/people?q=Jordan").text


def test_a_restriction_alone_ties_like_a_link(portal: Portal) -> None:
    with portal.storage.write() as tx:
        vault = portal.vault.agency(MARIGOLD.id)
        Restrictions(tx, MARIGOLD.id, vault).add(
            person_id(400), Order(MARCUS, MATEO, RestrictionKind.COURT_ORDER, NEW.date()), ROSA, NEW
        )
    sam = at_the_desk(portal, SAM)
    assert sam.get(f"/office/marigold/people/{MATEO}").status_code == 404


def test_a_colleague_of_no_family_here_reads_it(portal: Portal, theirs: Case) -> None:
    assert at_the_desk(portal, DANA).get(f"/desk/marigold/cases/{theirs.reference}").status_code == 200
