"""Whether the portal lives, and whether it can take work: for load balancers and for whoever is on duty."""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rightsdesk.web import jobs
from rightsdesk.web.portal import Portal

BEAT_WITHIN = 60.0
BACKLOG_WITHIN = 900.0


def routes(portal: Portal) -> list[Route]:
    """Return the two routes; neither tells anything about anybody."""

    def live(request: Request) -> Response:  # noqa: ARG001 - the interface
        """Answer as long as the process can answer at all."""
        return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})

    def ready(request: Request) -> Response:  # noqa: ARG001 - the interface
        """Answer 200 when everything needed is there, else 503, and name each part."""
        parts = checked(portal)
        is_well = all(state == "ok" for state in parts.values())
        body = {"status": "ok" if is_well else "not ready", **parts}
        return JSONResponse(body, 200 if is_well else 503, headers={"Cache-Control": "no-store"})

    return [Route("/health/live", live, name="health.live"), Route("/health/ready", ready, name="health.ready")]


def checked(portal: Portal) -> dict[str, str]:
    """Return the state of each part: "ok", or what is wrong in a few words."""
    try:
        with portal.storage.read() as tx:
            backlog = jobs.backlog(tx)
    except SQLAlchemyError:
        return {"database": "cannot be read", "keys": _keys(portal)}
    is_beating = backlog.newest_beat is not None and backlog.newest_beat < BEAT_WITHIN
    return {
        "database": "ok",
        "keys": _keys(portal),
        "worker": "ok" if is_beating else "no worker showed itself within a minute",
        "backlog": "ok" if backlog.oldest < BACKLOG_WITHIN else "the oldest job waits for more than 15 minutes",
    }


def _keys(portal: Portal) -> str:
    try:
        with portal.storage.keys.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "cannot be read"
    return "ok"
