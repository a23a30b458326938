"""Two processes on one pair of databases: what is done at one holds at the other with its very next request."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx2
import pytest
from desk_given import (
    DANA,
    ELENA,
    LUCIA,
    MARIGOLD,
    MATEO,
    PRIYA,
    Clock,
    ask,
    at_the_desk,
    cookie,
    found,
    open_portal,
)
from ledger_given import AGENCY, SUBJECT, a_vault
from serving_given import a_twin

from rightsdesk.requests.agencies.staffing import remove_colleague
from rightsdesk.requests.agencies.store import Agencies, Staff
from rightsdesk.requests.agencies.tables import AgencyRow
from rightsdesk.requests.ledger.verify import verify
from rightsdesk.requests.people.restricting import Clerk, Guardrails, set_restriction
from rightsdesk.requests.people.restrictions.store import Order, RestrictionKind
from rightsdesk.web.known import Known
from rightsdesk.web.portal import Portal
from rightsdesk.web.sessions import REQUESTER, STAFF, Sessions

LIST: Final = "/desk/marigold/cases"


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    return open_portal(data_folder, Clock())


@pytest.fixture
def twin(portal: Portal) -> Iterator[httpx2.Client]:
    """Return a browser of Priya's at another process."""
    with a_twin(portal) as browser:
        browser.cookies.set("rightsdesk-desk", cookie(portal, PRIYA))
        yield browser


def seat_of_a_parent(portal: Portal) -> str:
    """Return the cookie of Elena, who proved herself a moment ago."""
    with portal.storage.write() as tx:
        vault = portal.vault.agency(MARIGOLD.id)
        here = Sessions(tx, MARIGOLD.id, vault, portal.now(), portal.draw, REQUESTER)
        return here.store(replace(here.fresh(), kind=REQUESTER, person=ELENA, proved_at=portal.now())).token


def test_a_case_that_was_taken_in_hand_here_cannot_be_taken_there(portal: Portal, twin: httpx2.Client) -> None:
    case = ask(portal)
    assert case.reference in twin.get(LIST).text
    at_the_desk(portal, DANA).post(f"{LIST}/{case.reference}/claim", data={"version": case.version})
    answer = twin.post(f"{LIST}/{case.reference}/claim", data={"version": case.version})
    assert answer.status_code == 409
    assert found(portal, case.reference).claimed_by == DANA
    other = ask(portal, subject=MATEO)
    twin.post(f"{LIST}/{other.reference}/claim", data={"version": other.version})
    assert found(portal, other.reference).claimed_by == PRIYA
    with portal.storage.read() as tx:  # both wrote into one ledger, and one set of checkpoints
        assert verify(tx, MARIGOLD.id, portal.checkpoints).ok


def test_who_was_taken_off_the_desk_here_is_nobody_there(portal: Portal, twin: httpx2.Client) -> None:
    assert twin.get(LIST).url.path == LIST
    with portal.storage.write() as tx:
        staff = Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id))
        remove_colleague(staff, portal.ledger(tx, MARIGOLD.id, portal.now()), PRIYA, "operator", portal.now())
        vault = portal.vault.agency(MARIGOLD.id)
        Sessions(tx, MARIGOLD.id, vault, portal.now(), portal.draw, STAFF).end_all(staff=PRIYA)
    assert twin.get(LIST).url.path == f"{LIST.rpartition('/')[0]}/sign-in"


def test_a_parent_who_was_stopped_here_sees_no_child_there(portal: Portal, twin: httpx2.Client) -> None:
    twin.cookies.set("rightsdesk", seat_of_a_parent(portal))
    assert "Luc" in twin.get("/marigold/student").text
    with portal.storage.write() as tx:
        docket = portal.docket(tx, MARIGOLD, portal.now())
        rails = Guardrails(docket.people, docket.record, lambda *_: 0, portal.draw)
        order = Order(ELENA, None, RestrictionKind.COURT_ORDER, docket.agency.today(portal.now()))
        set_restriction(rails, order, Clerk(DANA), portal.now())
    assert "Luc" not in twin.get("/marigold/student").text


def test_policies_that_were_changed_here_hold_there_for_the_next_act(portal: Portal, twin: httpx2.Client) -> None:
    wrong = {"phone": "12"}
    assert "Quince Renamed" not in twin.post("/marigold/phone", data=wrong).text
    with portal.storage.write() as tx:
        Agencies(tx).change(replace(MARIGOLD, name="Quince Renamed", short_name="Quince Renamed"))
    assert "Quince Renamed" in twin.post("/marigold/phone", data=wrong).text


def test_two_who_change_policies_from_the_same_page_write_two_versions(portal: Portal) -> None:
    with portal.storage.read() as tx:
        row = tx.get_one(AgencyRow, MARIGOLD.id)
        before = row.version
    for name in ("Quince", "Plum"):
        with portal.storage.write() as tx:
            _as_read = tx.merge(row, load=False)  # before the other wrote
            Agencies(tx).change(replace(MARIGOLD, name=name))
    with portal.storage.read() as tx:
        assert tx.get_one(AgencyRow, MARIGOLD.id).version == before + 2


def test_an_agency_read_before_a_change_does_not_take_the_place_of_the_newer(portal: Portal) -> None:
    known = Known()
    with portal.storage.read() as early:
        known.current(early, MARIGOLD.slug)
        with portal.storage.write() as tx:
            Agencies(tx).change(replace(MARIGOLD, name="Quince"))
        with portal.storage.read() as late:
            assert known.current(late, MARIGOLD.slug).name == "Quince"
            known.current(early, MARIGOLD.slug)
            assert known.named(late, MARIGOLD.slug).name == "Quince"


def test_what_was_opened_there_and_kept_is_opened_anew_after_an_erasure_here(data_folder: Path) -> None:
    there, opened = a_vault(data_folder, "another program").agency(AGENCY), list[int]()
    there.prepare(SUBJECT, "identity")

    def a_page() -> str:
        opened.append(1)
        return "Maria Quispe"

    def look() -> int:
        for _ in range(100):
            assert there.kept("a page", a_page) == "Maria Quispe"
        return len(opened)

    assert look() == 1
    a_vault(data_folder).agency(AGENCY).destroy(SUBJECT, "identity")
    assert look() == 2


def test_new_keys_made_here_open_and_find_there_and_a_destroyed_one_opens_nothing_there(
    portal: Portal, twin: httpx2.Client
) -> None:
    case = ask(portal)
    assert "Lucia" in twin.get(f"{LIST}/{case.reference}").text.replace("í", "i")
    portal.vault.rotate_master()
    portal.vault.rotate(MARIGOLD.id)
    assert "Lucia" in twin.get(f"{LIST}/{case.reference}").text.replace("í", "i")
    portal.vault.agency(MARIGOLD.id).destroy(LUCIA, "identity")
    assert "Lucia" not in twin.get(f"{LIST}/{case.reference}").text.replace("í", "i")
