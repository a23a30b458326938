"""Invite a colleague, or let them set up anew what they lost: whoever does it never learns a secret that is used."""

from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from rightsdesk.requests.agencies.agency import Colleague
from rightsdesk.requests.agencies.errors import BadStaff
from rightsdesk.requests.agencies.staffing import check_reset, note_reset
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.verification.staff import accounts, factors
from rightsdesk.verification.staff.invitations.inviting import Purpose, Way, invite, withdraw
from rightsdesk.web.desk.refusing import abandon
from rightsdesk.web.desk.seating import means_of
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.office.colleague import colleague_page, found
from rightsdesk.web.office.shells import OfficeShell, actor, office_shell
from rightsdesk.web.pictures import qr_code
from rightsdesk.web.staffmail import link_of
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """A link to be printed and handed over; shown once."""

    shell: OfficeShell
    name: str
    link: str
    picture: str
    until: datetime


def way_of(visit: Visit) -> Way:
    """Return how the form wants the link to reach its owner."""
    return Way.PRINT if visit.form.text("do") == Way.PRINT else Way.MAIL


def invited(visit: Visit, whose: Colleague, purpose: Purpose, way: Way) -> Response:
    """Send the link, or show it once to be printed."""
    handed = invite(means_of(visit), whose.id, purpose, way, actor(visit), visit.now)
    if way is Way.MAIL:
        return visit.see(f"{visit.url('office.colleague', colleague=str(whose.id))}?said=invited")
    link = link_of(visit.portal, visit.here, handed.token)
    page = InvitationPage(office_shell(visit, "office.staff"), whose.name, link, qr_code(link), handed.expires_at)
    return visit.render("office/invitation.html", page)


def act(visit: Visit) -> Response:
    """Invite anew, reset what was lost, withdraw a link, or end all sessions of a colleague.

    Raises:
        NoSuchStaff: nobody of this agency has the id, or it is one's own.
    """
    whose = found(visit)
    try:
        check_reset(visit.me, whose)
    except BadStaff as problem:
        abandon(visit)
        page = colleague_page(visit, whose, Fault(visit.say(str(problem)), "main"))
        return visit.render("office/colleague.html", page, status=422)
    match visit.form.text("do"):
        case "withdraw":
            withdraw(means_of(visit), whose.id, actor(visit), visit.now)
        case "sessions":
            _end_sessions(visit, whose)
        case _:
            return _begin_anew(visit, whose)
    return visit.see(f"{visit.url('office.colleague', colleague=str(whose.id))}?said=saved")


def _begin_anew(visit: Visit, whose: Colleague) -> Response:
    means, purpose = means_of(visit), _purpose(visit, whose)
    note_reset(Staff(visit.tx, visit.here.id, visit.vault), whose.id, actor(visit))
    _end_sessions(visit, whose)  # also of somebody who is half way in by the link before this one
    if factors.has_joined(means, whose.id):
        factors.reset(means, whose.id, whose.email, purpose, actor(visit))
    return invited(visit, whose, purpose, way_of(visit))


def _purpose(visit: Visit, whose: Colleague) -> Purpose:
    """Return what the link is to open; where the other factor was never set up, everything."""
    lost, means = visit.form.text("lost"), means_of(visit)
    known = means.credentials.of(whose.id)
    if lost == Purpose.PASSWORD and accounts.is_enrolled(means, whose.id):
        return Purpose.PASSWORD
    return Purpose.APP if lost == Purpose.APP and known is not None and known.password else Purpose.JOIN


def _end_sessions(visit: Visit, whose: Colleague) -> None:
    if visit.sessions is not None and visit.sessions.end_all(staff=whose.id):
        facts = (("reason", "office"),)
        visit.docket.record(Event("session_ended", actor(visit), subject=whose.id, facts=facts))
