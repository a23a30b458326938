"""Every refusal as a page: the one place where an exception becomes an HTTP status."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from rightsdesk.requests.agencies.errors import AgencyProblem, NoSuchAgency, NoSuchStaff, OtherRegion
from rightsdesk.requests.cases.errors import (
    AlreadyAsked,
    CaseProblem,
    LiveValueChanged,
    MovedOn,
    NeedsFreshProof,
    NoAuthority,
    NoSuchCase,
    NotForYou,
)
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.people.errors import NotOnFile, PeopleProblem
from rightsdesk.verification.errors import VerificationProblem
from rightsdesk.web.forms import BadForm, TooLarge
from rightsdesk.web.pages import Pages
from rightsdesk.web.portal import Portal
from rightsdesk.web.regions import Elsewhere
from rightsdesk.web.sessions import SessionOver
from rightsdesk.web.visits import Visit
from rightsdesk.web.words import direction, gettext_for, wanted

VISIT: Final = "rightsdesk.visit"  # where the visit lies in the request's scope
PORTAL: Final = "rightsdesk.portal"  # and where the portal of its agency's region does
REQUEST_ID: Final = "rightsdesk.request_id"
LANGUAGE_COOKIE: Final = "rightsdesk-lang"

_log: Final = logging.getLogger("rightsdesk.problems")


class NotFound(Exception):
    """There is no such page for this visitor. Nobody learns whether it exists for another."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How a refusal looks: its status and its page below templates/errors."""

    status: int
    template: str


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """What an error page shows. ``words`` is empty where the page says everything itself."""

    status: int
    words: str = ""
    reference: str = ""
    request_id: str = ""
    onward: str = ""
    megabytes: int = 0
    name: str = ""
    region: str = ""


_NOT_FOUND: Final = Shown(404, "errors/not_found.html")
_MISTAKE: Final = Shown(422, "errors/mistake.html")
_STALE: Final = Shown(409, "errors/stale.html")
_BUSY: Final = Shown(503, "errors/busy.html")
_BROKEN: Final = Shown(500, "errors/broken.html")
_UNREADABLE: Final = Shown(400, "errors/unreadable.html")

SHOWN: Final[Mapping[type[Exception], Shown]] = {
    NotFound: _NOT_FOUND,
    SessionOver: _NOT_FOUND,
    NoAuthority: _NOT_FOUND,  # not 403: a stranger must not learn that the child is on file
    NoSuchCase: _NOT_FOUND,
    NotOnFile: _NOT_FOUND,
    NoSuchAgency: _NOT_FOUND,
    # Not 404: which agencies there are is no secret, the search lists them, and a family must learn where to go.
    OtherRegion: Shown(421, "errors/elsewhere.html"),
    NoSuchStaff: _NOT_FOUND,
    MovedOn: _STALE,
    LiveValueChanged: _STALE,
    AlreadyAsked: Shown(409, "errors/asked_already.html"),
    NotForYou: Shown(403, "errors/not_for_you.html"),
    NeedsFreshProof: Shown(403, "errors/fresh_proof.html"),
    KeyGone: Shown(410, "errors/erased.html"),
    TooLarge: Shown(413, "errors/too_large.html"),
    BadForm: _UNREADABLE,
    ClientDisconnect: _UNREADABLE,  # a phone that lost its connection is no failure of ours, and nobody reads this
    CaseProblem: _MISTAKE,
    AgencyProblem: _MISTAKE,
    PeopleProblem: _MISTAKE,
    VerificationProblem: _MISTAKE,
    OperationalError: _BUSY,  # locked for 30 s, or the disk is full: the unit of work was undone as a whole
    NoConnection: _BUSY,
    OSError: _BUSY,  # a file beside the database found no room, or its folder is away
    Exception: _BROKEN,
}
_BY_STATUS: Final[Mapping[int, Shown]] = {404: _NOT_FOUND, 405: Shown(405, "errors/unreadable.html"), 503: _BUSY}
_READ_ONLY: Final = "25006"  # a PostgreSQL that takes nothing for now, like one that another has just taken over from
_OUR_WORDS: Final = (CaseProblem, AgencyProblem, PeopleProblem, VerificationProblem)


def shown(error: Exception) -> Shown:
    """Return how an exception is shown; the nearest of its classes decides."""
    if getattr(getattr(error, "orig", None), "sqlstate", "") == _READ_ONLY:
        return _BUSY
    if isinstance(error, HTTPException):
        return _BY_STATUS.get(error.status_code, Shown(error.status_code, "errors/unreadable.html"))
    return next(SHOWN[kind] for kind in type(error).__mro__ if kind in SHOWN)


def answer(request: Request, error: Exception) -> Response:
    """Return the page of a refusal; what was not foreseen is logged by type and request id, never by its text."""
    how = shown(error)
    request_id = request.scope.get(REQUEST_ID, "")
    if isinstance(error, OtherRegion):
        _turn_away(request, error)
    if how.status >= 500:
        _log.error("unanswered", extra={"error": type(error).__name__, "request_id": request_id}, exc_info=error)
    headers = getattr(error, "headers", None) or {}
    if request.url.path.startswith(("/api/", "/hooks/", "/health/")):
        return JSONResponse({"status": how.status, "request_id": request_id}, how.status, headers=headers)
    return HTMLResponse(_body(request, error, how), how.status, headers=headers)


def _body(request: Request, error: Exception, how: Shown) -> str:
    visit: Visit | None = request.scope.get(VISIT)
    pages: Pages = request.app.state.portal.pages
    language = visit.language if visit else language_of(request)
    # One page for all that is not found: no agency's name, nothing of the session, so that its bytes tell nothing.
    known = visit if how.status not in {404, 421} else None
    page = ProblemPage(
        status=how.status,
        words=gettext_for(language).gettext(str(error)) if isinstance(error, _OUR_WORDS) else "",
        reference=getattr(error, "reference", ""),
        request_id=request.scope.get(REQUEST_ID, "") if how.status >= 500 else "",
        onward=error.address if isinstance(error, Elsewhere) else _onward(known, error),
        name=error.name if isinstance(error, Elsewhere) else "",
        region=error.region.partition("-")[0] if isinstance(error, OtherRegion) else "",
        megabytes=max(1, error.limit // (1024 * 1024) - 1) if isinstance(error, TooLarge) else 0,
    )
    context = {
        "page": page,
        "agency": known.agency if known else None,
        "lang": language,
        "dir": direction(language),
        "languages": (),
        "me": None,
        "path": "",
    }
    return pages.render(how.template, language, context)


def _turn_away(request: Request, error: OtherRegion) -> None:
    """Note it in the ledger of the region that was asked; a path alone asks for a page, an opened store for data."""
    visit: Visit | None = request.scope.get(VISIT)
    portal: Portal = request.scope.get(PORTAL, request.app.state.portal)
    portal.turn_away("query" if visit else "request", error)


def _onward(visit: Visit | None, error: Exception) -> str:
    if visit is None or visit.agency is None:
        return "/"
    slug = visit.agency.slug
    if visit.request.url.path.startswith(("/desk/", "/office/")):
        return visit.portal.second_factor.format(agency=slug) if visit.colleague else f"/desk/{slug}/sign-in"
    if isinstance(error, NeedsFreshProof):
        return f"/{slug}/phone"
    reference = visit.part("reference")
    return visit.url("family.request", reference=reference) if reference else f"/{slug}/"


def language_of(request: Request) -> str:
    """Return the language of a request: its query, then the browser's preference cookie, then what it accepts."""
    return wanted(
        request.query_params.get("lang", ""),
        request.cookies.get(LANGUAGE_COOKIE, ""),
        accepts=request.headers.get("accept-language", ""),
    )
