"""The office sees which school accounts sign a person in, takes them apart, and lets them be linked again."""

from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from uuid import UUID

import pytest
from desk_given import ELENA, LUCIA, MARIGOLD, NOW, PRIYA, ROSA, Clock, at_the_desk, open_portal
from sqlmodel import select
from starlette.testclient import TestClient

from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.verification.school.kinds import LinkKey, ProviderKind, Side
from rightsdesk.verification.school.provider import proposed
from rightsdesk.verification.school.store import Linked
from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import school_means
from rightsdesk.web.sessions import REQUESTER, Sessions
from rightsdesk.web.tables import SessionRow

ACCOUNT = UUID("eeeeeeee-0000-4000-8000-000000000007")
PERSON = f"/office/marigold/people/{ELENA}"
PATH = f"{PERSON}/accounts/{ACCOUNT}"
TRUSTED = proposed(
    UUID(int=9), ProviderKind.CLASSLINK, "rightsdesk", "2001", link_key=LinkKey.SOURCED_ID, link_claim="SourcedId"
)
LINK = Linked(
    id=ACCOUNT,
    side=Side.FAMILY,
    account=ELENA,
    issuer=TRUSTED.issuer,
    tenant=TRUSTED.tenant,
    subject="0a1b2c3d:" + "e" * 32,
    sealed=b"sealed",
    linked_at=NOW,
    linked_by="sourced_id",
)


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    opened = open_portal(data_folder, Clock())
    with opened.storage.write() as tx:
        means = school_means(opened, tx, MARIGOLD, NOW)
        means.providers.add(TRUSTED, "a secret", NOW)
        assert means.identities.link(LINK)
    return opened


@pytest.fixture
def rosa(portal: Portal) -> TestClient:
    return at_the_desk(portal, ROSA)


def link(portal: Portal) -> Linked | None:
    with portal.storage.read() as tx:
        return school_means(portal, tx, MARIGOLD, NOW).identities.numbered(ACCOUNT)


def sit_down(portal: Portal) -> None:
    """Let Elena have a session that is going on."""
    with portal.storage.write() as tx:
        sessions = Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), NOW, portal.draw)
        sessions.store(replace(sessions.fresh(), kind=REQUESTER, person=ELENA, proved_at=NOW))


def is_in(portal: Portal) -> bool:
    with portal.storage.read() as tx:
        return ELENA in {row.person for row in tx.exec(select(SessionRow))}


def noted(portal: Portal, kind: str) -> list[tuple[str, UUID | None, dict[str, str]]]:
    with portal.storage.read() as tx:
        return [(one.actor, one.subject, dict(one.facts)) for one in Journal(tx, MARIGOLD.id).every(kind, "")]


def test_the_page_of_a_person_says_which_account_signs_them_in(rosa: TestClient) -> None:
    page = unescape(rosa.get(PERSON).text)
    assert "ClassLink" in page
    assert "found by the roster id" in page
    assert "They have not said yet that it is theirs." in page
    assert "School accounts" not in rosa.get(f"/office/marigold/people/{LUCIA}").text


def test_undoing_a_link_ends_what_is_open_and_is_written_down(portal: Portal, rosa: TestClient) -> None:
    sit_down(portal)
    assert is_in(portal)
    page = rosa.post(PATH, data={"do": "part"})
    assert (page.status_code, "It signs nobody in." in page.text) == (200, True)
    assert not is_in(portal)
    parted = link(portal)
    assert parted is not None
    assert (parted.unlinked_at, parted.unlinked_by) == (NOW, f"staff:{ROSA}")
    assert noted(portal, "school_unlinked") == [
        (f"staff:{ROSA}", ELENA, {"identity": str(ACCOUNT), "reason": "office"})
    ]
    rosa.post(PATH, data={"do": "part"})
    assert len(noted(portal, "school_unlinked")) == 1


def test_what_was_taken_apart_may_be_linked_again_when_the_office_says_so(portal: Portal, rosa: TestClient) -> None:
    rosa.post(PATH, data={"do": "again"})
    assert link(portal) == LINK  # a living link is no parted one
    rosa.post(PATH, data={"do": "part"})
    rosa.post(PATH, data={"do": "again"})
    assert link(portal) is None
    assert noted(portal, "school_link_allowed") == [(f"staff:{ROSA}", ELENA, {"identity": str(ACCOUNT)})]


def test_it_needs_a_second_factor_of_the_last_five_minutes(portal: Portal) -> None:
    late = at_the_desk(portal, ROSA, timedelta(minutes=6))
    answer = late.post(PATH, data={"do": "part"}, follow_redirects=False)
    assert answer.headers["location"] == f"/desk/marigold/second-factor?next={PERSON}"
    assert link(portal) == LINK


@pytest.mark.parametrize(
    "path",
    [f"/office/marigold/people/{LUCIA}/accounts/{ACCOUNT}", f"{PERSON}/accounts/{UUID(int=1)}", f"{PERSON}/accounts/x"],
)
def test_an_account_of_somebody_else_is_not_there(portal: Portal, rosa: TestClient, path: str) -> None:
    assert rosa.post(path, data={"do": "part"}).status_code == 404
    assert link(portal) == LINK


def test_only_administrators_undo_a_link(portal: Portal) -> None:
    assert at_the_desk(portal, PRIYA).post(PATH, data={"do": "part"}).status_code == 404
    assert link(portal) == LINK
