"""Builders of a small real portal: SQLite files, a clock that only tests move, senders that write to files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final
from uuid import UUID

from databases import url_of
from starlette.testclient import TestClient
from tables_given import make_tables

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.ledger import keyfile
from rightsdesk.web.app import app_of, wire
from rightsdesk.web.portal import Portal
from rightsdesk.web.regions import Regions
from rightsdesk.web.routes import SCREENS
from rightsdesk.web.screens import Screen
from rightsdesk.web.settings import Outlet, Settings

NOON: Final = datetime(2026, 11, 23, 17, tzinfo=UTC)  # noon in New York, a Monday
PUBLIC_URL: Final = "https://testserver"

MARIGOLD: Final = Agency(
    id=UUID("11111111-1111-4111-8111-111111111111"),
    slug="marigold",
    name="Marigold Unified School District",
    short_name="Marigold Unified",
    prefix="MGD",
    zone="America/Los_Angeles",
    region="us",
    laws=("us-ferpa",),
    town="Marigold",
    office_phone="+1 212 555 0134",
    office_hours="Monday to Friday, 8 am to 4 pm",
)
PLUM: Final = replace(
    MARIGOLD,
    id=UUID("22222222-2222-4222-8222-222222222222"),
    slug="plum-hollow",
    name="Plum Hollow Charter Schools",
    short_name="Plum Hollow",
    prefix="PLM",
    theme="plum",
)


@dataclass(slots=True)
class Clock:
    """A clock that stands still until a test moves it."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        """Return the time it shows."""
        return self.at

    def advance(self, **span: float) -> datetime:
        """Move it on, like ``advance(minutes=5)``, and return what it shows then."""
        self.at += timedelta(**span)
        return self.at


def counted_draw(seed: str = "draw") -> Callable[[int], bytes]:
    """Return bytes that differ at each call and are the same in each run."""
    calls = count()

    def draw(size: int) -> bytes:
        call = next(calls)
        blocks = (sha256(f"{seed}:{call}:{block}".encode()).digest() for block in range(size // 32 + 1))
        return b"".join(blocks)[:size]

    return draw


def given_settings(folder: Path) -> Settings:
    """Return settings whose files all lie in this folder; no worker runs by itself."""
    return Settings(
        public_url=PUBLIC_URL,
        data=folder,
        database=url_of(folder, "rightsdesk"),
        keys_database=url_of(folder, "subject-keys"),
        keys=folder / "rightsdesk.keys",
        sms=Outlet("file", str(folder / "texts.jsonl")),
        mail=Outlet("file", str(folder / "mail.jsonl")),
        embedded=False,
    )


def given_portal(folder: Path, clock: Clock | None = None) -> Portal:
    """Return a portal with empty tables; ``clock_of`` gives the clock it goes by."""
    settings = given_settings(folder)
    keyfile.open_or_create(settings.keys)  # before the tables are there: later, a missing one is a fault
    portal = wire(settings, clock or Clock(), counted_draw())
    make_tables(portal.storage.engine)
    return portal


def clock_of(portal: Portal) -> Clock:
    """Return the clock of a portal that a test may move."""
    assert isinstance(portal.now, Clock)
    return portal.now


def given_agency(portal: Portal, agency: Agency = MARIGOLD) -> Agency:
    """Enter an agency and return it."""
    with portal.storage.write() as tx:
        Agencies(tx).add(agency, portal.now())
    return agency


def given_browser(portal: Portal | Regions, screens: Sequence[Screen] = SCREENS) -> TestClient:
    """Return a browser that has not been here before, on the portal's public address; it follows no redirect."""
    return TestClient(
        app_of(portal, screens), base_url=PUBLIC_URL, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False
    )
