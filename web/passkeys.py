"""Passkeys on this portal's address, for families and for staff: the same ceremony, apart in what they open."""

from ipaddress import ip_address
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.responses import Response

from rightsdesk.verification.attempts import PASSKEY_ASKS
from rightsdesk.verification.counting.store import Counts
from rightsdesk.verification.passkeys import ceremonies
from rightsdesk.verification.passkeys.ceremonies import LONGEST_LABEL, Offered, Owner, PasskeyMeans, Site
from rightsdesk.verification.passkeys.errors import TooManyPasskeys
from rightsdesk.verification.passkeys.store import FAMILY, STAFF, Challenges, Passkey, Passkeys
from rightsdesk.verification.protocols import Event
from rightsdesk.web.devices import device_of
from rightsdesk.web.passkey_notices import NEW_PASSKEY
from rightsdesk.web.portal import Portal
from rightsdesk.web.problems import NotFound
from rightsdesk.web.proof import Recorder, has_turn
from rightsdesk.web.visits import Visit

__all__ = ["FAMILY", "STAFF", "ask_set_up", "ask_sign_in", "can_have_passkeys", "change", "own_passkeys"]

ADDED: Final = "added"
RENAMED: Final = "renamed"
REMOVED: Final = "removed"


def passkey_means(visit: Visit, side: str) -> PasskeyMeans:
    """Return what passkeys of one side need, in this visit's unit of work."""
    portal, agency = visit.portal, visit.here
    settings, counts = portal.settings, Counts(visit.tx, agency.id, ZoneInfo(agency.zone))
    return PasskeyMeans(
        passkeys=Passkeys(visit.tx, agency.id, side, visit.vault),
        challenges=Challenges(visit.tx, agency.id, side),
        record=Recorder(portal.ledger(visit.tx, agency.id, visit.now), counts, visit.now),
        draw=portal.draw,
        site=Site(settings.host, settings.public_url),
    )


def own_passkeys(visit: Visit, side: str, owner: UUID) -> tuple[Passkey, ...]:
    """Return somebody's passkeys; for a page that only shows them."""
    return tuple(Passkeys(visit.tx, visit.here.id, side, visit.vault).of(owner))


def can_have_passkeys(portal: Portal) -> bool:
    """Say whether browsers make passkeys for our address: not for one in numbers (Web Authentication section 5.1.2)."""
    try:
        ip_address(portal.settings.host)
    except ValueError:
        return True
    return False


def ask_sign_in(visit: Visit, side: str) -> Response:
    """Return the question for a browser's script, whoever sits there; for the handler of a split screen.

    Raises:
        NotFound: browsers make no passkeys for our address.
    """
    begin(visit)
    with visit.unit():
        if not has_turn(visit, "passkey", PASSKEY_ASKS):
            return Response(status_code=429)  # the page says that it did not work, and shows the other ways
        seat = visit.keep(visit.seat)
        return _json(ceremonies.ask_sign_in(passkey_means(visit, side), seat.id, visit.now))


def ask_set_up(visit: Visit, side: str, owner: Owner) -> Response:
    """Return the question by which a browser makes a passkey; for the handler of a split screen.

    Raises:
        NotFound: browsers make no passkeys for our address.
    """
    begin(visit)
    with visit.unit():
        try:
            return _json(ceremonies.ask_set_up(passkey_means(visit, side), visit.seat.id, owner, visit.now))
        except TooManyPasskeys:
            return Response(status_code=409)  # the page says so, and asks for none


def begin(visit: Visit) -> None:
    """Load what passkeys need, before a unit of work begins.

    Raises:
        NotFound: browsers make no passkeys for our address.
    """
    if not can_have_passkeys(visit.portal):
        raise NotFound
    ceremonies.load()


def change(visit: Visit, side: str, owner: Owner) -> str:
    """Add, rename or remove one of somebody's own passkeys, as their form says; return what was done, "" for nothing.

    Raises:
        PasskeyProblem: a new one was not made as it has to be.
        TooManyPasskeys: there are ten.
    """
    form, tools = visit.form, passkey_means(visit, side)
    do, label = form.text("do"), form.text("label")
    if do == "add":
        device = device_of(visit.request.headers.get("user-agent", ""))
        offered = Offered(form.secret("answer"), label, device, visit.seat.rests_on)
        made = ceremonies.set_up(tools, visit.seat.id, owner, offered, visit.now)
        if side == FAMILY:  # colleagues are told by mail of all that changes in how they sign in
            NEW_PASSKEY.tell(visit.docket, made)
        return ADDED
    passkey = _identity(form.text("passkey"))
    if passkey is None:
        return ""
    if do == "rename" and label and tools.passkeys.rename(owner.id, passkey, label[:LONGEST_LABEL]):
        return RENAMED
    if do == "remove" and tools.passkeys.remove(owner.id, passkey):
        tools.record(Event("passkey_removed", owner.actor, facts=(("passkey", str(passkey)),)))
        _end_others(visit, side, owner.id)
        return REMOVED
    return ""


def _end_others(visit: Visit, side: str, owner: UUID) -> None:
    """End what somebody has open elsewhere: the device may be in other hands, with a session on it."""
    if visit.sessions is None:
        return
    person, staff = (owner, None) if side == FAMILY else (None, owner)
    visit.sessions.end_all(person=person, staff=staff, besides=visit.seat.id)


def _json(options: str) -> Response:
    return Response(options, media_type="application/json", headers={"Cache-Control": "no-store"})


def _identity(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
