"""One request from arrival to answer: who comes, may they, one unit of work, and what is noted after it."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rightsdesk.requests.ledger.audit import Event, Kind
from rightsdesk.web import forms, logs
from rightsdesk.web.forms import Form
from rightsdesk.web.guards import admit, colleague_of, is_desk
from rightsdesk.web.middleware import client_address
from rightsdesk.web.portal import Portal
from rightsdesk.web.presence import Presence
from rightsdesk.web.problems import LANGUAGE_COOKIE, PORTAL, VISIT, language_of
from rightsdesk.web.regions import Regions
from rightsdesk.web.screens import LARGEST_FORM, UNASKED, Handler, Screen, Who
from rightsdesk.web.sessions import REQUESTER, SEEN_EVERY, STAFF, Sessions
from rightsdesk.web.turns import FORM_ARRIVES, UPLOAD_ARRIVES, UPLOADED, WAIT, arriving
from rightsdesk.web.visits import Visit
from rightsdesk.web.words import known

_SAFE: Final = frozenset({"GET", "HEAD"})
_YEAR: Final = 31_536_000
_ARRIVING: Final = "arriving"  # below the folder of the portal's own files: no other program looks there
_FAMILY_COOKIE: Final = "rightsdesk"
_DESK_COOKIE: Final = "rightsdesk-desk"  # apart, so that signing in at the desk does not end a family's session


def routes_of(regions: Regions, screens: Sequence[Screen]) -> list[Route]:
    """Return the routes of these screens, in their order."""
    return [
        Route(screen.path, _endpoint(regions, screen), methods=_methods(screen), name=screen.name) for screen in screens
    ]


def answer(portal: Portal, screen: Screen, request: Request, form: Form) -> Response:
    """Return what the screen answers. A handler that returns commits; one that raises leaves nothing behind."""
    is_read = request.method in _SAFE
    handler = screen.get if is_read else screen.post
    if handler is None:
        return Response(status_code=405)
    if screen.is_split and (screen.get_writes or not is_read):
        return _split(portal, screen, handler, request, form)
    with _unit(portal, screen, is_read=is_read) as tx:
        visit = arrive(portal, screen, request, form, tx)
        response = admit(screen, visit) or handler(visit)
    if not is_read:
        _note(visit, screen)
    return _finished(visit, screen, response)


def knock(portal: Portal, screen: Screen, request: Request) -> Response | None:
    """Return nothing when the visitor may send the screen something large, else where to go first; nothing is read.

    Raises:
        NotFound: the page does not exist for this visitor.
        NoSuchAgency: nobody has this slug.
    """
    with portal.storage.read() as tx:
        visit = arrive(portal, screen, request, Form(), tx)
        response = admit(screen, visit)
    return _finished(visit, screen, response) if response else None


def _split(portal: Portal, screen: Screen, handler: Handler, request: Request, form: Form) -> Response:
    with portal.storage.read() as tx:
        visit = arrive(portal, screen, request, form, tx)
        elsewhere = admit(screen, visit)
    response = elsewhere or handler(visit)
    _note(visit, screen)
    return _finished(visit, screen, response)


def arrive(portal: Portal, screen: Screen, request: Request, form: Form, tx: Session) -> Visit:
    """Return the visit: its agency by the path, its session by the cookie, its language.

    Raises:
        NoSuchAgency: nobody has this slug.
    """
    address = client_address(request.scope, portal.settings.trusted_proxies)
    visit = Visit(request, portal, tx, portal.now(), language_of(request), address, form)
    request.scope[VISIT] = visit
    slug = request.path_params.get("agency")
    if slug is None:
        return visit
    find = portal.known.named if request.method in _SAFE else portal.known.current
    visit.agency = find(tx, slug)
    if screen.who is Who.SIGNED:
        return visit
    kind = STAFF if is_desk(request.url.path) else REQUESTER
    visit.sessions = Sessions(tx, visit.agency.id, visit.vault, visit.now, portal.draw, kind)
    visit.seat = visit.sessions.open(request.cookies.get(_cookie(visit), ""))
    visit.colleague = colleague_of(visit, visit.seat.staff)
    return visit


def _endpoint(regions: Regions, screen: Screen) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        # Before anything of the request is read: its path alone says whose database it may reach.
        portal = regions.only
        if portal is None:
            portal = await run_in_threadpool(_portal_of, regions, request)
        if "agency" in request.path_params:  # what belongs to none is no region's either
            request.scope[PORTAL] = portal
            logs.region.set(portal.settings.region)
        if request.method in _SAFE:
            return await _shown(portal, screen, request)
        if screen.photo or not _is_small(screen, request):
            refused = await run_in_threadpool(knock, portal, screen, request)
            if refused or screen.largest > LARGEST_FORM:
                return refused or await _take_in(portal, screen, request)
        async with arriving(FORM_ARRIVES):
            form = await forms.read(request, screen.largest)
        return await _acted(portal, screen, request, form)

    return endpoint


async def _shown(portal: Portal, screen: Screen, request: Request) -> Response:
    """Show a page, and note what a look at it leaves behind: that is written in the agency's turn."""
    if screen.is_split and screen.get_writes:
        async with portal.turns.outside():
            return await run_in_threadpool(answer, portal, screen, request, Form())
    response = await run_in_threadpool(answer, portal, screen, request, Form())
    visit = request.scope.get(VISIT)
    if visit is not None and _leaves_behind(visit, screen):
        async with portal.turns.writing(visit.here.slug):
            await run_in_threadpool(_note, visit, screen)
    return response


async def _acted(portal: Portal, screen: Screen, request: Request, form: Form, wait: float = WAIT) -> Response:
    # Who waits for no agency's turn must not stand behind those who do.
    if screen.is_split or (screen.is_draft and not portal.turns.has_one_writer):
        return await run_in_threadpool(answer, portal, screen, request, form)
    async with portal.turns.writing(request.path_params.get("agency", ""), wait):
        return await run_in_threadpool(answer, portal, screen, request, form)


def _portal_of(regions: Regions, request: Request) -> Portal:
    slug = request.path_params.get("agency")
    return regions.first if slug is None else regions.of(slug)


async def _take_in(portal: Portal, screen: Screen, request: Request) -> Response:
    folder = portal.settings.data / _ARRIVING
    async with portal.turns.upload():
        async with arriving(UPLOAD_ARRIVES):
            form = await forms.read(request, screen.largest, folder)
        upload = form.file(screen.photo) if screen.photo else None
        if upload is not None:
            async with portal.turns.cleaning():
                form = form.with_photo(await run_in_threadpool(_looked_at, upload.content))
        return await _acted(portal, screen, request, form, UPLOADED)


def _looked_at(content: bytes) -> forms.Photo:
    from rightsdesk.web import evidence  # noqa: PLC0415 - readers of photos and PDFs would cost each start 0.1 s

    return evidence.looked_at(content)


def _is_small(screen: Screen, request: Request) -> bool:
    announced = request.headers.get("content-length", "")
    # A body of unknown length counts as large.
    is_told = announced.isdigit() or "transfer-encoding" not in request.headers
    return screen.largest <= UNASKED or (is_told and int(announced or 0) <= UNASKED)


def _methods(screen: Screen) -> list[str]:
    return [name for name, handler in (("GET", screen.get), ("POST", screen.post)) if handler]


def _unit(portal: Portal, screen: Screen, *, is_read: bool) -> AbstractContextManager[Session]:
    if is_read and not screen.get_writes:
        return portal.storage.read()
    return portal.storage.write()


def _is_touched(visit: Visit, screen: Screen) -> bool:
    seat = visit.seat
    is_due = seat.is_stored and seat.seen_at is not None and visit.now - seat.seen_at >= SEEN_EVERY
    return is_due and not screen.is_poll


def _leaves_behind(visit: Visit, screen: Screen) -> bool:
    return visit.agency is not None and bool(visit.viewed or visit.searches or _is_touched(visit, screen))


def _note(visit: Visit, screen: Screen) -> None:
    """Write what a look at a page may leave behind: that staff saw personal data, and that the session lives."""
    if not _leaves_behind(visit, screen) or visit.agency is None:
        return
    seat = visit.seat
    with visit.portal.storage.write() as tx:
        record = visit.portal.ledger(tx, visit.agency.id, visit.now)
        for seen in visit.viewed:
            record(Event(Kind.VIEWED, f"staff:{seat.staff}", seen.reference, seen.subject))
        if seat.staff and visit.chosen and visit.viewed and visit.viewed[-1].reference == visit.chosen:
            Presence(tx, visit.agency.id, visit.now).note(seat.staff, visit.chosen)
        for count in visit.searches:
            record(Event(Kind.SEARCHED, f"staff:{seat.staff}", facts=(("found", str(count)),)))
        if _is_touched(visit, screen) and visit.sessions is not None:
            visit.sessions.on(tx).touch(seat)


def _finished(visit: Visit, screen: Screen, response: Response) -> Response:
    _set_cookie(visit, response)
    chosen = known(visit.request.query_params.get("lang", ""))
    if chosen:
        _put(visit, response, LANGUAGE_COOKIE, chosen, _YEAR)
    is_personal = screen.who is not Who.ANYONE or visit.seat.is_stored
    response.headers.setdefault("Cache-Control", "no-store" if is_personal else "private, no-cache")
    response.headers.setdefault("Vary", "Cookie, Accept-Language, HX-Request")
    return response


def _set_cookie(visit: Visit, response: Response) -> None:
    if visit.sessions is None:
        return
    sent = visit.request.cookies.get(_cookie(visit), "")
    if visit.has_left:
        response.delete_cookie(_cookie(visit), secure=visit.portal.settings.is_secure, httponly=True, samesite="lax")
        # "cookies" as well would clear every name below the same registered domain.
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        response.headers["Cache-Control"] = "no-store"
    elif visit.seat.is_stored and visit.seat.token != sent:
        _put(visit, response, _cookie(visit), visit.seat.token, None)


def _put(visit: Visit, response: Response, name: str, value: str, seconds: int | None) -> None:
    # Lax, not strict: the way back from a school's sign-in page must carry the session.
    secure = visit.portal.settings.is_secure
    response.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")


def _cookie(visit: Visit) -> str:
    prefix = "__Host-" if visit.portal.settings.is_secure else ""
    return prefix + (_DESK_COOKIE if is_desk(visit.request.url.path) else _FAMILY_COOKIE)
