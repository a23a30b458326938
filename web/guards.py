"""Who may use a screen: one function decides for all of them."""

from typing import Final
from urllib.parse import quote
from uuid import UUID

from starlette.responses import RedirectResponse, Response

from rightsdesk.requests.agencies.agency import Colleague
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.assurance import Act
from rightsdesk.web.kin import require_not_own
from rightsdesk.web.problems import NotFound
from rightsdesk.web.screens import Screen, Who
from rightsdesk.web.visits import Visit, is_local

_DESK: Final = ("/desk/", "/office/")


def is_desk(path: str) -> bool:
    """Say whether a path belongs to the agency's side, whose sessions are apart from the families'."""
    return path.startswith(_DESK)


def admit(screen: Screen, visit: Visit) -> Response | None:
    """Return nothing when the visitor may use the screen, else where to go first.

    Raises:
        NotFound: the visitor is somebody, but not one for whom this page exists. The same as for a page that does not.
    """
    if screen.who in {Who.ANYONE, Who.SIGNED}:
        return None
    if visit.seat.is_elsewhere:
        raise NotFound
    if screen.who in {Who.STAFF, Who.HALF_STAFF}:
        return _admit_staff(screen, visit)
    if screen.who is Who.ASKED and (visit.seat.challenge or visit.seat.is_proved):
        return None
    is_late = screen.keeps_late and visit.seat.lapsed is not None and visit.request.method == "POST"
    if is_late or (visit.seat.is_proved and not lacks(visit, _act(screen, visit))):
        return None
    return _to(visit, f"/{visit.here.slug}/phone", screen)


def lacks(visit: Visit, act: Act) -> bool:
    """Say whether more, or something fresher, must be shown in this session before the act: the one guard of them all.

    What each act needs stands in ``verification.assurance.NEEDED``.
    """
    return visit.seat.needs(act, visit.now) is not None


def colleague_of(visit: Visit, staff: UUID | None) -> Colleague | None:
    """Return who this is today: roles are read at each request, so that losing one works at once."""
    if staff is None or visit.agency is None:
        return None
    return Staff(visit.tx, visit.agency.id, visit.vault).numbered(staff)


def _admit_staff(screen: Screen, visit: Visit) -> Response | None:
    if visit.colleague is None:
        return _to(visit, f"/desk/{visit.here.slug}/sign-in", screen)
    if screen.who is Who.HALF_STAFF:
        return None
    if not visit.seat.is_signed_in:
        return _to(visit, visit.portal.second_factor.format(agency=visit.here.slug), screen)
    if screen.roles and not screen.roles & visit.colleague.roles:
        raise NotFound
    require_not_own(visit)
    return to_prove(visit, screen) if lacks(visit, _act(screen, visit)) else None


def to_prove(visit: Visit, screen: Screen) -> Response:
    """Send a member of staff to show the second factor anew, and from there to where the form stood."""
    path = visit.portal.second_factor.format(agency=visit.here.slug)
    name = screen.back or (screen.name if screen.get else "")
    back = visit.url(name, **visit.request.path_params) if name else ""
    return visit.see(f"{path}?next={quote(back, safe='/')}" if back else path)


def _act(screen: Screen, visit: Visit) -> Act:
    if screen.act is not None and visit.request.method == "POST":
        return screen.act
    return Act.WORK_AT_DESK if screen.who is Who.STAFF else Act.SEE_REQUESTS


def _to(visit: Visit, location: str, screen: Screen) -> Response:
    """Send the visitor to prove who they are, and back here afterwards when there is a page to look at."""
    if visit.is_htmx:
        return Response(status_code=200, headers={"HX-Redirect": location})
    asked = visit.request.url
    here = asked.path + (f"?{asked.query}" if asked.query else "")
    wish = screen.get is not None and is_local(here)
    return RedirectResponse(f"{location}?next={quote(here, safe='/')}" if wish else location, status_code=303)
