"""Whether the portal lives, and whether it can take work: for load balancers and for whoever is on duty."""

from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rightsdesk.requests.agencies.control.store import Control
from rightsdesk.requests.ledger.errors import LedgerProblem
from rightsdesk.web import jobs
from rightsdesk.web.portal import Portal
from rightsdesk.web.regions import Regions

BEAT_WITHIN: Final = 60.0
BACKLOG_WITHIN: Final = 900.0
OK: Final = "ok"
_NOT: Final = "not ready"
_PARTLY: Final = "ready in part"


def routes(regions: Regions) -> list[Route]:
    """Return the two routes; neither tells anything about anybody."""

    async def live(request: Request) -> Response:  # noqa: ARG001 - the interface
        """Answer as long as the process can answer at all, also while every thread waits for the database."""
        return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})

    def ready(request: Request) -> Response:  # noqa: ARG001 - the interface
        """Answer 200 when everything needed is there, else 503, and name each part."""
        body = _one(regions.first) if regions.control is None else _several(regions, regions.control)
        return JSONResponse(body, 503 if body["status"] == _NOT else 200, headers={"Cache-Control": "no-store"})

    return [Route("/health/live", live, name="health.live"), Route("/health/ready", ready, name="health.ready")]


def _one(portal: Portal) -> dict[str, object]:
    parts, oldest = checked(portal)
    is_well = all(state == OK for state in parts.values())
    return {"status": OK if is_well else _NOT, **parts, "oldest_job_seconds": oldest}


def _several(regions: Regions, control: Control) -> dict[str, object]:
    """Return how each region is. One that is not well takes no work from the others: then the whole is "in part"."""
    found = {portal.settings.region: _one(portal) for portal in regions.portals}
    well = [name for name, one in found.items() if one["status"] == OK]
    state = _control(control)
    status = OK if len(well) == len(found) else _PARTLY
    return {"status": status if well and state == OK else _NOT, "control": state, "regions": found}


def _control(control: Control) -> str:
    try:
        control.named("", (), 1)
    except SQLAlchemyError:
        return "cannot be read"
    return OK


def checked(portal: Portal) -> tuple[dict[str, str], int | None]:
    """Return the state of each part, "ok" or what is wrong in a few words, and the seconds the oldest job waits."""
    try:
        with portal.storage.read() as tx:
            backlog = jobs.backlog(tx)
    except SQLAlchemyError:
        unknown = "unknown: the database cannot be read"
        return {"database": "cannot be read", "keys": _keys(portal), "worker": unknown, "backlog": unknown}, None
    is_beating = backlog.newest_beat is not None and backlog.newest_beat < BEAT_WITHIN
    return {
        "database": OK,
        "keys": _keys(portal),
        "worker": OK if is_beating else "no worker showed itself within a minute",
        "backlog": OK if backlog.oldest < BACKLOG_WITHIN else "the oldest job waits for more than 15 minutes",
    }, round(backlog.oldest)


def _keys(portal: Portal) -> str:
    try:
        portal.vault.store.check(1)
    except SQLAlchemyError:
        return "cannot be read"
    except (LedgerProblem, OSError):
        return "the master key does not open them"
    return OK
