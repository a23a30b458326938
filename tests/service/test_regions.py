"""Two regions in one process: each family's people, words and numbers stay in its own region's store."""

import json
import logging
import re
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
from given import MARIGOLD, given_browser
from isolation_given import COOKIES
from metering_given import counting, figures
from regions_given import (
    FAMILIES,
    LINDEN,
    MINE,
    World,
    all_bytes,
    at_work,
    given_regions,
    given_world,
    served_alone,
)
from sqlalchemy import text
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.control.store import Control, Home
from rightsdesk.requests.agencies.errors import SlugTaken
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.people.register.store import Register
from rightsdesk.web import metrics
from rightsdesk.web.logs import Lines, region
from rightsdesk.web.metrics import Figures
from rightsdesk.web.regions import Regions
from rightsdesk.web.routes import SCREENS
from rightsdesk.web.screens import Screen
from rightsdesk.web.sessions import REQUESTER, STAFF, Sessions


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


def seen(answer: httpx2.Response, slug: str) -> tuple[int, str]:
    """Return what an answer tells, but for the id of the request and the slug that was asked."""
    told = repr((sorted(answer.headers.items()), answer.text))
    return answer.status_code, re.sub(r"[0-9a-f]{16}", "drawn", told).replace(slug, "asked")


def test_a_family_in_each_region_files_and_neither_store_holds_anything_of_the_other(world: World) -> None:
    with at_work(world.regions.portals):
        references = {region: world.ask(region) for region in ("us", "eu")}
    assert references["us"].startswith("MGD-")
    assert references["eu"].startswith("LDN-")
    world.regions.close()
    for mine, other in (("us", "eu"), ("eu", "us")):
        held = all_bytes(world.folder / mine)
        agency, _, _ = FAMILIES[other]
        traces = (*MINE[other], references[other], agency.slug, agency.name, agency.id.hex, str(agency.id))
        assert [one for one in traces if one.encode() in held] == []
        assert agency.id.bytes not in held
        assert FAMILIES[mine][0].name.encode() in held
        assert references[mine].encode() in held
        assert {text["to"] for text in world.texts(mine)} == {FAMILIES[mine][2].number}


def test_the_control_store_holds_agencies_and_nothing_of_their_people(world: World) -> None:
    with at_work(world.regions.portals):
        world.ask("us")
    control = world.regions.control
    assert control is not None
    assert [(one.slug, one.region) for one in control.every()] == [("linden", "eu"), ("marigold", "us")]
    with control.engine.connect() as tx:
        held = repr(tx.execute(text("SELECT * FROM agency_homes")).all())
    assert not any(word in held for word in MINE["us"])


@pytest.mark.parametrize("path", ["/linden/student", "/linden/requests", "/desk/linden/cases"])
def test_a_session_of_one_region_opens_nothing_in_the_other(world: World, path: str) -> None:
    with at_work(world.regions.portals):
        world.ask("us")
    assert world.browser.get("/marigold/student").status_code in {200, 303}
    cookies = dict(world.browser.cookies.items())
    assert "__Host-rightsdesk" in cookies
    with_it = world.browser.get(path)
    world.browser.cookies.clear()
    without = world.browser.get(path)
    assert (with_it.status_code, with_it.headers["location"]) == (without.status_code, without.headers["location"])
    assert with_it.status_code == 303
    assert with_it.content == b""
    desk = world.browser.get(path, headers={"cookie": f"__Host-rightsdesk-desk={cookies['__Host-rightsdesk']}"})
    assert desk.status_code == 303


def signed_in(world: World, region: str, kind: str) -> str:
    """Return a cookie that opens everything in a region: of its parent, or of its staff."""
    portal, (agency, _, parent) = world[region], FAMILIES[region]
    with portal.storage.write() as tx:
        vault, now = portal.vault.agency(agency.id), portal.now()
        (person,) = Register(tx, agency, vault).found(f"{parent.given} {parent.family}")
        boss = Colleague(portal.fresh_id(), "Kim Lee", "kim@us.example", frozenset({Role.ADMINISTRATOR}))
        Staff(tx, agency.id, vault).add(boss, now)
        sessions = Sessions(tx, agency.id, vault, now, portal.draw, kind)
        mine = {"staff": boss.id, "password_at": now, "second_at": now} if kind == STAFF else {"person": person}
        kept = sessions.store(replace(sessions.fresh(), kind=kind, proved_at=now, **mine))
    return f"{COOKIES[kind]}={kept.token}"


@pytest.mark.parametrize("kind", [REQUESTER, STAFF])
def test_a_stolen_session_does_at_every_screen_of_the_other_region_what_none_does(world: World, kind: str) -> None:
    cookie = signed_in(world, "us", kind)
    at_home = {REQUESTER: "/marigold/requests", STAFF: "/office/marigold/staff"}[kind]
    assert world.browser.get(at_home, headers={"cookie": cookie}).status_code == 200
    for screen in [one for one in SCREENS if "{agency}" in one.path and one.get]:
        path = re.sub(r"{\w+}", "LDN-7K3F-92QX", screen.path.replace("{agency}", "linden"))
        world.browser.cookies.clear()
        with_it, without = (
            world.browser.get(path, headers=headers) for headers in ({"cookie": cookie}, {"x-nothing": "1"})
        )
        assert seen(with_it, "linden") == seen(without, "linden"), screen.name


def test_everybody_finds_their_school_whatever_its_region(world: World) -> None:
    page = world.browser.get("/", params={"q": "schools"}).text
    assert "Linden Schools" in page
    assert "Marigold Unified" in world.browser.get("/", params={"q": "unified"}).text
    assert "Lindental" in world.browser.get("/", params={"q": "lindental"}).text
    alone = served_alone(world, "us")
    assert "Linden Schools" in alone.get("/", params={"q": "linden"}).text


@pytest.mark.parametrize("screen", [one for one in SCREENS if "{agency}" in one.path], ids=lambda one: one.name)
def test_an_agency_of_a_region_that_is_not_served_is_answered_in_words_and_nothing_is_read(
    alone: TestClient, screen: Screen
) -> None:
    path = re.sub(r"{\w+}", "LDN-7K3F-92QX", screen.path.replace("{agency}", "linden"))
    answer = alone.request("GET" if screen.get else "POST", path)
    assert answer.status_code == 421
    assert "Linden Schools keeps its pages and its records in the European Union" in answer.text
    assert answer.content == alone.get("/linden/").content


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, backend: str) -> TestClient:  # noqa: ARG001 - where it lies
    """Return one browser for all screens: one each would hold a connection each until the last of them."""
    return served_alone(given_world(tmp_path_factory.mktemp("regions")), "us")


def test_the_refusal_is_told_in_the_familys_language_and_noted_once_an_hour(world: World) -> None:
    alone = served_alone(world, "us")
    told = alone.get("/linden/phone", headers={"accept-language": "es"})
    assert "la Unión Europea" in told.text
    assert "Ir a sus páginas" not in told.text
    for _ in range(3):
        alone.post("/linden/phone", data={"phone": "+12125550180"})
    facts = {"what": "request", "agency": str(LINDEN.id), "region": "eu"}
    assert world.noted("us") == [("region_refused", facts)]
    assert world.noted("eu") == []


def test_the_refusal_leads_to_where_the_region_is_served_when_that_was_written_down(world: World) -> None:
    us = world["us"]
    settings = replace(us.settings, addresses=(("eu", "https://eu.example.org"),))
    alone = given_browser(Regions((replace(us, settings=settings),), world.regions.control))
    assert 'href="https://eu.example.org/linden/"' in alone.get("/linden/code").text


def test_an_unknown_slug_reads_the_same_served_or_not(world: World) -> None:
    alone = served_alone(world, "us")
    unknown = seen(world.browser.get("/nowhere/"), "nowhere")
    assert unknown[0] == 404
    assert seen(alone.get("/nowhere/"), "nowhere") == unknown
    control = world.regions.control
    assert control is not None
    control.settle(Home("half-made", UUID(int=7), "Half Made", "eu"))  # an entry that broke off half-way
    assert seen(world.browser.get("/half-made/"), "half-made") == unknown


def test_a_slug_is_one_agencys_over_all_regions_and_an_entry_that_broke_off_is_finished(tmp_path: Path) -> None:
    control = given_regions(tmp_path).control
    assert isinstance(control, Control)
    mine = Home("marigold", MARIGOLD.id, "Marigold", "us")
    assert control.settle(mine) == mine
    again = Home("marigold", LINDEN.id, "Marigold", "us")
    assert control.settle(again).id == MARIGOLD.id
    with pytest.raises(SlugTaken, match="in region us"):
        control.settle(Home("marigold", LINDEN.id, "Marigold", "eu"))


def test_a_control_store_that_was_lost_is_made_anew_from_what_the_regions_know(world: World) -> None:
    control = world.regions.control
    assert control is not None
    with control.engine.begin() as tx:
        tx.execute(text("DELETE FROM agency_homes"))
    world.regions.enter()
    assert {one.slug for one in control.every()} == {"linden", "marigold"}


def test_figures_bear_the_name_of_their_region_and_each_stands_there_once(world: World) -> None:
    portals = tuple(counting(portal) for portal in world.regions.portals)
    regions = replace(world.regions, portals=portals, meter=Figures())
    browser = given_browser(regions)
    for path in ("/", "/marigold/", "/linden/", "/linden/"):
        browser.get(path)
    told = TestClient(metrics.app_of(regions)).get("/metrics").text
    found = figures(told)
    asked = {one[2]: number for one, number in found.items() if one[0] == "rightsdesk_requests_total"}
    assert asked == {"": 1, "us": 1, "eu": 2}
    assert found["rightsdesk_ledger_entries", "linden", "eu"] == found["rightsdesk_ledger_entries", "marigold", "us"]
    assert found["rightsdesk_database_up", "us"] == found["rightsdesk_database_up", "eu"] == 1
    named = [line.split()[2] for line in told.splitlines() if line.startswith("# TYPE")]
    assert len(named) == len(set(named))
    assert "process_resident_memory_bytes" in named


def test_a_line_of_the_log_names_the_region_it_is_about(world: World, caplog: pytest.LogCaptureFixture) -> None:
    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(Lines().format(record)))

    lines: list[dict[str, str]] = []
    region.set("")  # a job that a test before did in this thread has left its own
    log, kept = logging.getLogger("rightsdesk.access"), Kept()
    caplog.set_level("INFO", "rightsdesk.access")
    log.addHandler(kept)
    try:
        for path in ("/linden/", "/marigold/", "/"):
            world.browser.get(path)
    finally:
        log.removeHandler(kept)
    assert [line.get("region") for line in lines] == ["eu", "us", None]


def test_each_region_says_how_it_is_and_one_that_is_away_leaves_the_others_served(world: World) -> None:
    with at_work(world.regions.portals):
        world.ask("us")
        world.ask("eu")
        ready = given_browser(world.regions).get("/health/ready")
    assert ready.status_code == 200
    assert ready.json()["status"] == "ok"
    assert {name: one["status"] for name, one in ready.json()["regions"].items()} == {"us": "ok", "eu": "ok"}
    with world["eu"].storage.write() as tx:
        tx.connection().execute(text("UPDATE workers SET beat_at = 0"))
        tx.connection().execute(text("DELETE FROM workers"))
    told = given_browser(world.regions).get("/health/ready").json()["regions"]["eu"]
    assert told["status"] == "not ready"
