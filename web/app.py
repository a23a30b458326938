"""The one place where the portal is built: clock, randomness, databases, keys, senders, pages."""

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from threading import Event
from typing import Final, TypeAlias

import anyio.to_thread
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.control.store import Control
from rightsdesk.requests.cases.docket import Jobs, LiveValues
from rightsdesk.requests.fulfilment.systems.directory import Directory
from rightsdesk.requests.fulfilment.systems.holdings import Holdings
from rightsdesk.requests.law import rulebook
from rightsdesk.requests.law.rulebook import Rulebook
from rightsdesk.requests.ledger import keyfile
from rightsdesk.requests.ledger.checkpoints import Checkpoints
from rightsdesk.requests.ledger.erasures import Erasures
from rightsdesk.requests.ledger.keyfile import MasterKey
from rightsdesk.requests.ledger.listing.copied import CopiedErasures
from rightsdesk.requests.ledger.listing.file import ErasureFile
from rightsdesk.requests.ledger.listing.store import ErasureTable
from rightsdesk.requests.ledger.signing import Signer
from rightsdesk.requests.ledger.store import KeyStore
from rightsdesk.requests.ledger.vault import AgencyVault, Vault
from rightsdesk.requests.people.fields.store import Fields
from rightsdesk.requests.people.store import People
from rightsdesk.verification.passwords import Passwords
from rightsdesk.verification.school.discovery import Discovery
from rightsdesk.web import assets, belonging, health, hooks, schema
from rightsdesk.web.backups import replacing
from rightsdesk.web.backups.lists import LIST
from rightsdesk.web.backups.turns import beside_others
from rightsdesk.web.heads import Heads
from rightsdesk.web.jobs import TableJobs
from rightsdesk.web.known import Known
from rightsdesk.web.meter import CountedPost, CountedTexts, Meter, NoMeter
from rightsdesk.web.middleware import Surround
from rightsdesk.web.pacing import FairJobs
from rightsdesk.web.pages import Pages
from rightsdesk.web.portal import Draw, LiveSource, Portal, keep_heads
from rightsdesk.web.problems import SHOWN, answer
from rightsdesk.web.regions import Regions
from rightsdesk.web.restoring import keep_erased
from rightsdesk.web.routes import SCREENS
from rightsdesk.web.screens import Screen, Who
from rightsdesk.web.senders import post_of, texts_of
from rightsdesk.web.serving import routes_of
from rightsdesk.web.settings import Settings, is_loopback, regions_from_environment
from rightsdesk.web.storage import open_engine, storage_of
from rightsdesk.web.turns import Turns
from rightsdesk.web.whereabouts import notes_of
from rightsdesk.web.worker import Worker

Tell: TypeAlias = Callable[[], datetime]

THREADS: Final = 12
_GZIP_FROM: Final = 600
_GZIP_LEVEL: Final = 6
_PEPPER: Final = b"rightsdesk: pepper of staff passwords, version 1"


def create_app(settings: Settings | None = None) -> Starlette:
    """Return the portal as an ASGI app; without settings those of all regions are read from the environment.

    Raises:
        BadSettings: something is not set as it must be.
    """
    return app_of(wire_all((settings,) if settings else regions_from_environment()))


def clock() -> datetime:
    """Return what the clock shows, as aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Common:
    """What all regions of a process have in common: nothing of it is anybody's."""

    rulebook: Rulebook = field(default_factory=rulebook.load)
    pages: Pages = field(default_factory=lambda: Pages(assets.load()))


def wire_all(settings: Sequence[Settings]) -> Regions:
    """Return a portal for each of these regions, and with several the store that says which agency lives where."""
    common = Common()
    portals = tuple(wire(one, common=common) for one in settings)
    control = control_of(settings[0])
    return Regions(portals, control, meter_of(settings[0]) if control else portals[0].meter)


def control_of(settings: Settings) -> Control | None:
    """Return the store that says which agency lives in which region; None where there is one region."""
    return Control(open_engine(settings.control)) if settings.control else None


def wire(settings: Settings, now: Tell | None = None, draw: Draw | None = None, common: Common | None = None) -> Portal:
    """Return the parts of one region's portal, connected. Tests hand in their own clock and randomness.

    Raises:
        ForeignPlace: a place that the settings name is another region's; nothing was changed.
    """
    common = common or Common()
    tell, throw = now or clock, draw or secrets.token_bytes
    main, store = _stores(settings)
    master = store.master
    wake, known, meter = Event(), Known(), meter_of(settings)
    checkpoints = Checkpoints(notes_of(settings), master.signer)
    heads = Heads(checkpoints)
    return Portal(
        settings=settings,
        storage=storage_of(main, store.engine, keep_heads(heads, wake, known), heads.flush, settings.region),
        vault=Vault(store, throw, tell),
        signer=master.signer,
        checkpoints=checkpoints,
        erasures=erasures_of(settings, store.engine, master.signer),
        rulebook=common.rulebook,
        jobs=jobs_of(settings),
        pages=common.pages,
        # The pepper comes from the key file, so that a stolen table alone cannot be guessed at. Ed25519 signs the same
        # words the same way each time (RFC 8032, section 5.1.6).
        passwords=Passwords(sha256(master.signer.sign(_PEPPER)).digest(), throw),
        texts=CountedTexts(texts_of(settings), meter),
        post=CountedPost(post_of(settings), meter),
        now=tell,
        draw=throw,
        paths={screen.name: screen.path for screen in SCREENS},
        live=directory_of(throw),
        known=known,
        wake=wake,
        turns=Turns(has_one_writer=main.dialect.name == "sqlite"),
        meter=meter,
        second_factor=_second_factor(),
        schools=Discovery(on_loopback=is_loopback(settings.host)),
    )


def erasures_of(settings: Settings, keys: Engine, signer: Signer) -> Erasures:
    """Return the list of erasures: a file on one machine; with the keys on a server it lies there, and is copied."""
    file = ErasureFile(settings.data / LIST, signer)
    if keys.dialect.name == "sqlite":
        return file
    table = ErasureTable(keys, signer)
    table.create()
    return CopiedErasures(table, file)


def jobs_of(settings: Settings) -> Jobs:
    """Return the queue: where a carrier takes texts at a pace, the agencies share it."""
    table = TableJobs(settings.region)
    return table if settings.carrier is None else FairJobs(table)


def _stores(settings: Settings) -> tuple[Engine, KeyStore]:
    """Return the main database and the keys' one, once it is sure that all is this region's."""
    belonging.require_folder(settings)
    replacing.finish(settings.data)  # what a restore had decided when it was killed
    keys, main = open_engine(settings.keys_database), open_engine(settings.database)
    belonging.require_databases(settings, main, keys)
    store = KeyStore(keys, _master_key(settings, main))
    store.create()
    return main, store


def _master_key(settings: Settings, main: Engine) -> MasterKey:
    if settings.keys_text:
        master = keyfile.from_text(settings.keys_text)
    else:
        expected = schema.is_there(main)
        master = keyfile.open_or_create(settings.keys, expected=expected, region=settings.region)
    belonging.require_key(settings, master)
    return master


def _second_factor() -> str:
    return next((one.path for one in SCREENS if one.who is Who.HALF_STAFF and one.get), "/desk/{agency}/sign-in")


def meter_of(settings: Settings) -> Meter:
    """Return what counts: nothing, unless an address was set where the numbers can be read."""
    if settings.metrics is None:
        return NoMeter()
    from rightsdesk.web.metrics import Figures  # noqa: PLC0415 - what most never use would cost each start 40 ms

    return Figures()


def app_of(served: Portal | Regions, screens: Sequence[Screen] = SCREENS) -> Starlette:
    """Return the ASGI app around wired portals; ``app.state`` has ``regions`` and, of the first one, ``portal``."""
    regions = Regions((served,), meter=served.meter) if isinstance(served, Portal) else served
    portal = regions.first
    app = Starlette(
        routes=[
            Route("/static/{name}", portal.pages.assets.serve, name="static"),
            *health.routes(regions),
            *hooks.routes(regions),
            *routes_of(regions, screens),
        ],
        middleware=[
            Middleware(Surround, settings=portal.settings, draw=portal.draw, meter=regions.meter),
            # Only what is public or behind no-store is compressed, and no page repeats a secret beside foreign text.
            Middleware(GZipMiddleware, minimum_size=_GZIP_FROM, compresslevel=_GZIP_LEVEL),
            # Starlette answers what nobody foresaw outside of all this, where headers and request id are missing.
            Middleware(ExceptionMiddleware, handlers={Exception: answer}),
        ],
        exception_handlers=dict.fromkeys((HTTPException, *(kind for kind in SHOWN if kind is not Exception)), answer),
        lifespan=_life,
    )
    app.state.regions, app.state.portal = regions, portal
    return app


@asynccontextmanager
async def _life(app: Starlette) -> AsyncIterator[None]:
    regions: Regions = app.state.regions
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    with ExitStack() as held:
        for portal in regions.portals:  # nobody puts a backup back under a running portal
            held.enter_context(beside_others(portal.settings.data))
        for portal in regions.portals:
            await anyio.to_thread.run_sync(keep_erased, portal)
        workers = [Worker(portal) for portal in regions.portals if portal.settings.needs_own_worker]
        for worker in workers:
            worker.start()
        try:
            yield
        finally:
            for worker in workers:  # all are asked before one is waited for: they end side by side
                worker.stop_soon()
            for worker in workers:
                await anyio.to_thread.run_sync(worker.stop)
            regions.close()


def directory_of(draw: Draw) -> LiveSource:
    """Return what reads an agency's live values: the built-in directory."""

    def live(tx: Session, agency: Agency, vault: AgencyVault) -> LiveValues:
        people = People(tx, agency, vault)
        return Directory(people, Fields(tx, agency, vault), Holdings(tx, agency.id, vault), draw)

    return live
