"""Two regions in one process, each with its own store, keys and senders, and a family in each."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Final
from uuid import UUID

import databases
from family_given import code_in, field_value
from fulfilment_given import ANA, CLASS, EVA
from given import MARIGOLD, Clock, counted_draw, given_browser, given_settings
from roster_given import package_of
from sqlmodel import col, select
from starlette.testclient import TestClient
from tables_given import make_tables

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.ledger import keyfile
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.people.roster.importing import import_package
from rightsdesk.web.app import control_of, wire
from rightsdesk.web.borders import own_ledger
from rightsdesk.web.demo.cast import Member, Relation
from rightsdesk.web.duties import Roster
from rightsdesk.web.portal import Portal
from rightsdesk.web.regions import Regions
from rightsdesk.web.rosters import terms
from rightsdesk.web.settings import Settings
from rightsdesk.web.worker import Worker

LINDEN: Final = Agency(
    id=UUID("55555555-5555-4555-8555-555555555555"),
    slug="linden",
    name="Linden Schools",
    short_name="Linden",
    prefix="LDN",
    zone="Europe/Berlin",
    region="eu",
    laws=("eu-gdpr",),
    town="Lindental",
)
MIRA: Final = Member("s-1", "student", "Mirabell", "Vogelsang", 9, "04", "991345", "mirav", "mirav@pupils.example")
JANA: Final = Member(
    "p-1", "parent", "Janina", "Vogelsang", username="janina", email="janina@home.example", number="+12125550180"
)
FAMILIES: Final = {"us": (MARIGOLD, ANA, EVA), "eu": (LINDEN, MIRA, JANA)}
MINE: Final = {
    "us": ("Anabel", "Evadne", "Quillfeather", "771345", "2125550120"),
    "eu": ("Mirabell", "Janina", "Vogelsang", "991345", "2125550180"),
}
WAIT: Final = 120


@dataclass(frozen=True, slots=True)
class World:
    """The regions by name, and a browser that may go to any of them."""

    folder: Path
    regions: Regions
    browser: TestClient

    def __getitem__(self, region: str) -> Portal:
        """Return the portal of a region."""
        return next(one for one in self.regions.portals if one.settings.region == region)

    def texts(self, region: str) -> list[Mapping[str, str]]:
        """Return what a region's sender of texts has sent."""
        file = Path(self[region].settings.sms.place)
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []

    def ask(self, region: str, *, code: str = "") -> str:
        """Let the family of a region ask for a copy, and return the reference; a worker must run."""
        agency, _, parent = FAMILIES[region]
        at = f"/{agency.slug}"
        self.browser.post(f"{at}/phone", data={"phone": parent.number})
        self.browser.post(f"{at}/code", data={"code": code or self.code(region)})
        page = self.browser.post(f"{at}/ask", data={"kind": "access"}, follow_redirects=True)
        sent = self.browser.post(f"{at}/check", data={"once": field_value(page.text, "once")})
        return str(sent.headers["location"]).rpartition("/")[2]

    def code(self, region: str) -> str:
        """Return the newest code a region's worker has texted, as soon as it has."""
        for _ in range(WAIT * 20):
            if self.texts(region):
                return code_in(self.texts(region)[-1]["body"])
            Event().wait(0.05)
        raise AssertionError("No text was sent.")

    def noted(self, region: str) -> list[tuple[str, Mapping[str, str]]]:
        """Return kind and facts of what stands in a region's own ledger."""
        wanted = select(col(AuditEventRow.kind), col(AuditEventRow.facts))
        with self[region].storage.read() as tx:
            rows = tx.exec(wanted.where(col(AuditEventRow.agency) == own_ledger(region))).all()
        return [(kind, dict(json.loads(facts))) for kind, facts in rows]


def settings_of(folder: Path, region: str) -> Settings:
    """Return the settings of one of two regions; all of it lies in its own folder below this one."""
    control = databases.url_of(folder, "control")
    place = folder / region
    place.mkdir(mode=0o700, exist_ok=True)
    return replace(given_settings(place), region=region, regions=("us", "eu"), control=control)


def given_regions(folder: Path, *served: str) -> Regions:
    """Return the regions that a process serves, both of them unless they are named, with empty tables."""
    every = [settings_of(folder, region) for region in served or ("us", "eu")]
    clock = Clock()
    for one in every:
        keyfile.open_or_create(one.keys, region=one.region)
    regions = Regions(tuple(wire(one, clock, counted_draw(one.region)) for one in every), control_of(every[0]))
    for portal in regions.portals:
        make_tables(portal.storage.engine)
    regions.enter()
    return regions


def given_world(folder: Path) -> World:
    """Return both regions with an agency and a family in each."""
    regions = given_regions(folder)
    for portal in regions.portals:
        settle(portal)
    regions.enter()
    return World(folder, regions, given_browser(regions))


def settle(portal: Portal) -> None:
    """Enter the agency of a region and the roster with its family."""
    agency, child, parent = FAMILIES[portal.settings.region]
    with portal.storage.write() as tx:
        Agencies(tx).add(agency, portal.now())
    people = (child, replace(parent, relations=(Relation(child.sourced_id),)), *CLASS)
    imported = import_package(package_of(portal.settings.data, people), terms(portal, agency, "operator"))
    assert imported.state == "applied", imported
    (portal.settings.data / "roster.zip").unlink()


@contextmanager
def at_work(portals: Sequence[Portal]) -> Iterator[None]:
    """Let a worker run for each region."""
    workers = [Worker(portal, roster=Roster(()), poll=0.05) for portal in portals]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.stop()


def served_alone(world: World, region: str) -> TestClient:
    """Return a browser at a process that serves this region alone, beside the same control store."""
    alone = Regions((world[region],), control_of(world[region].settings))
    return given_browser(alone)


def all_bytes(folder: Path) -> bytes:
    """Return everything that a region holds: its databases and each of its files."""
    files = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    return databases.content(folder) + b"".join(files)
