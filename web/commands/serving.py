"""``rightsdesk serve``, ``work``, ``migrate`` and ``doctor``: run the portal and look after it."""

import gc
import os
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from threading import Thread
from types import FrameType
from typing import Annotated, Final

import typer

from rightsdesk.web import checkup, logs, schema
from rightsdesk.web.app import app_of
from rightsdesk.web.commands.opening import (
    REFUSED,
    Region,
    every_region,
    one_region,
    ready,
    refuse,
    regions_as_they_are,
    regions_opened,
    show,
)
from rightsdesk.web.crew import together
from rightsdesk.web.diagnosis import Finding, diagnose, unset_ones
from rightsdesk.web.loosening import Loosening, loosened
from rightsdesk.web.places import Place
from rightsdesk.web.portal import Portal
from rightsdesk.web.regions import Regions
from rightsdesk.web.settings import (
    SERVING,
    SETTINGS,
    BadSettings,
    Setting,
    Settings,
    regions_from_environment,
    unset,
)
from rightsdesk.web.whereabouts import is_there
from rightsdesk.web.worker import Worker

_LAST_PORT: Final = 65535
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=_LAST_PORT)]
_GOOD_BYE: Final = 5.0
_WAITING: Final = 2048  # connections that wait until a process takes them, as uvicorn itself has it


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(help="Processes that share the port; needs PostgreSQL.", min=1, max=64)] = 1,
    region: Region = "",
) -> None:
    """Serve the portal; with the embedded database the worker runs in the same process."""
    every = regions_from_environment(region)
    if workers > 1:
        _serve_together(every, host, port, workers)
        return
    with regions_opened(every, looks=True) as regions, taken(host, port) as place:
        _tell(every[0], host, place)
        listen(regions, place)


def _serve_together(every: Sequence[Settings], host: str, port: int, workers: int) -> None:
    """Do once what a first start does once; then let each process open the portal for itself."""
    if any(settings.needs_own_worker for settings in every):
        refuse(
            "With the embedded database one process serves: SQLite has one writer, more would only wait for each "
            "other. Set RIGHTSDESK_DATABASE to PostgreSQL, or leave --workers out."
        )
    _require_ports(every[0].metrics, workers)
    with regions_opened(every, looks=True) as regions:
        ready(*regions.portals)
    with taken(host, port) as place:
        place.listen(_WAITING)
        logs.begin()
        _tell(every[0], host, place)
        number = together(workers)
        if number is not None:
            mine = [replace(settings, metrics=_beside(settings.metrics, number)) for settings in every]
            with regions_opened(mine, looks=True) as regions:
                listen(regions, place)


def _tell(settings: Settings, host: str, place: socket.socket) -> None:
    told = f"http://{host}:{place.getsockname()[1]}"
    typer.echo(f"Rightsdesk listens on {told} for {settings.public_url}", err=True)


def _beside(place: Place | None, number: int) -> Place | None:
    """Return where the process of this number shows its figures: each counts its own, on a port of its own."""
    return place and replace(place, port=place.port + number)


def _require_ports(place: Place | None, workers: int) -> None:
    if place and place.port + workers - 1 > _LAST_PORT:
        refuse(
            f"RIGHTSDESK_METRICS: each of {workers} processes shows its figures at a port of its own, from "
            f"{place.port} on, and {_LAST_PORT} is the last there is. Choose a lower one."
        )


def taken(host: str, port: int, advice: str = "Choose another one with --port.") -> socket.socket:
    """Return a socket that holds this address, or end the command before anything is made or told for it."""
    place = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a restart need not wait for the last one's end
    try:
        place.bind((host, port))
    except OSError as problem:
        place.close()
        refuse(f"Port {port} on {host} cannot be used: {problem.strerror}. {advice}")
    return place


def listen(regions: Regions, place: socket.socket) -> None:
    """Serve wired portals at this address until the process is told to stop."""
    logs.begin()
    import uvicorn  # noqa: PLC0415 - every other command would pay for it too

    ready(*regions.portals)  # once the log has begun, and in words: within the server it would be a mere traceback
    config = uvicorn.Config(
        app_of(regions),
        access_log=False,  # uvicorn's own line would print the query of a sign-in's callback
        proxy_headers=False,  # the portal itself reads them, and only from trusted proxies
        server_header=False,
        log_config=None,  # see logs
        timeout_graceful_shutdown=8,
    )
    server = uvicorn.Server(config)
    gc.freeze()  # what was wired stays: no later search for garbage need look at it
    with measured(regions if regions.control else regions.first):
        server.run(sockets=[place])
    if not server.started:
        raise typer.Exit(REFUSED)  # uvicorn only says so: whoever starts us again must learn it


@contextmanager
def measured(served: Portal | Regions) -> Iterator[None]:
    """Show how the portal fares at the address that is set for it, while the block runs; at none when none is set."""
    place = (served if isinstance(served, Portal) else served.first).settings.metrics
    if place is None:
        yield
        return
    import uvicorn  # noqa: PLC0415 - as in listen

    from rightsdesk.web import metrics  # noqa: PLC0415 - see meter_of

    config = uvicorn.Config(metrics.app_of(served), access_log=False, server_header=False, log_config=None)
    server = uvicorn.Server(config)
    door = taken(place.host, place.port, "Choose another one with RIGHTSDESK_METRICS.")
    door.listen()
    # A thread with a loop of its own: a scrape that waits for the database holds up no family.
    thread = Thread(target=server.run, kwargs={"sockets": [door]}, name="rightsdesk-metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_GOOD_BYE)


def work(
    region: Annotated[str, typer.Option(help="The region whose work is done; the only one if not said.")] = "",
) -> None:
    """Do the durable work of one region until told to stop."""
    with regions_opened((one_region(region, SERVING),), looks=True) as regions:
        portal = regions.first
        logs.begin()
        ready(portal)
        worker = Worker(portal)

        def stop(_: int, __: FrameType | None) -> None:
            worker.stop_soon()

        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, stop)
        with measured(portal):
            typer.echo(f"Working for region {portal.settings.region}.", err=True)
            worker.run()


def migrate(region: Region = "") -> None:
    """Bring the databases to the form this release needs; running it again changes nothing."""
    with regions_opened(every_region(region), looks=True) as regions:
        for portal in regions.portals:
            whose = f" of region {portal.settings.region}" if regions.control else ""
            typer.echo(f"The database{whose} is at step {schema.at(portal.storage.engine)}.")


def doctor(region: Region = "", as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List every setting and say what is wrong, each with its fix."""
    findings, loose = _looked_at(region)
    if as_json:
        settings = [{"name": one.name, "value": _value(one), "meaning": one.meaning} for one in SETTINGS]
        told = [{"what": one.what, "ok": one.is_well, "fix": "" if one.is_well else one.fix} for one in findings]
        loosened_ones = [asdict(one) for one in loose]
        show({"settings": settings, "findings": told, "loosened": loosened_ones})
    else:
        for setting in SETTINGS:
            typer.echo(f"{setting.name:30} {_value(setting)}\n{'':30} {setting.meaning}")
        typer.echo("\n".join(_told(finding) for finding in findings))
        for one in loose:
            typer.echo(f"LOOSE {one.name}: {one.what}\n      {one.fix}")
    if any(not finding.is_well for finding in findings):
        refuse("Mend what is marked, then run rightsdesk doctor again.")
    typer.echo("Everything that was looked at is in order.", err=as_json)


def _looked_at(region: str) -> tuple[list[Finding], list[Loosening]]:
    """Return everything that was found; whatever is broken, the rest is still looked at, and nothing is changed."""
    found = unset_ones(unset(os.environ))
    try:
        every = every_region(region)
    except BadSettings as bad:
        fix = "Set it as it says; nothing else can be looked at before."
        return [*found, *(Finding(problem, is_well=False, fix=fix) for problem in bad.problems)], []
    for settings in every:
        told = _looked_at_one(settings)
        named = f"{settings.region}: " if len(settings.regions) > 1 else ""
        found += [replace(one, what=f"{named}{one.what}") for one in told]
    return found, list(dict.fromkeys(one for settings in every for one in loosened(settings)))


def _looked_at_one(settings: Settings) -> list[Finding]:
    needed = list(checkup.before(settings))
    found = [*checkup.folder(settings), *needed]
    if not is_there(settings) or not all(one.is_well for one in needed):
        return found
    with regions_as_they_are((settings,)) as regions:
        portal = regions.first
        return [*found, *diagnose(portal), *checkup.within(portal), *checkup.homes(portal, regions.control)]


def _value(setting: Setting) -> str:
    if not os.environ.get(setting.name, "").strip():
        return f"({setting.default or 'not set'})"
    return "set" if setting.is_secret else os.environ[setting.name]


def _told(finding: Finding) -> str:
    return f"ok    {finding.what}" if finding.is_well else f"MEND  {finding.what}\n      {finding.fix}"
