"""Where somebody at the desk stands on the way in: what was shown, what is owed, and the session that says so."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from rightsdesk.requests.ledger.audit import Event
from rightsdesk.verification.assurance import ProofKind
from rightsdesk.verification.school import linking
from rightsdesk.verification.school.kinds import Side
from rightsdesk.verification.staff import accounts
from rightsdesk.verification.staff.invitations.inviting import Purpose
from rightsdesk.verification.staff.means import StaffMeans
from rightsdesk.web import schooling
from rightsdesk.web.devices import device_of
from rightsdesk.web.seats import Seat
from rightsdesk.web.sessions import HALF_SIGNED_IN, STAFF
from rightsdesk.web.staffroom import staff_means
from rightsdesk.web.visits import Visit

SIGN_IN: Final = "desk.sign_in"
PASSWORD: Final = "desk.password"  # noqa: S105 - the name of a screen
ENROL: Final = "desk.enrol"
SECOND_FACTOR: Final = "desk.second_factor"
OWN: Final = "desk.own"
_CHOOSES: Final = frozenset({Purpose.JOIN, Purpose.PASSWORD})


def means_of(visit: Visit) -> StaffMeans:
    """Return what signing staff in needs, in this visit's unit of work and language."""
    return staff_means(visit.portal, visit.tx, visit.here, visit.now, visit.language)


def owed(visit: Visit) -> str:
    """Return the name of the screen that a half-signed-in person has to pass next; the one place that says so.

    A session that a link began has shown no password yet: it opens nothing but the one page that the link is for.
    """
    seat = visit.seat
    if seat.password_at is None and not seat.is_signed_in:
        return PASSWORD if seat.purpose in _CHOOSES else SIGN_IN
    if seat.is_signed_in or accounts.is_enrolled(means_of(visit), visit.me.id):
        return SECOND_FACTOR
    # After an idle hour the first proof is old: whoever passes by such a desk must not set up an app of their own.
    is_young = seat.password_at is not None and visit.now - seat.password_at < HALF_SIGNED_IN
    return ENROL if is_young else SIGN_IN


def invited_account(visit: Visit) -> UUID | None:
    """Return the account that this browser was invited to, while nothing of it is set up yet.

    A school sign-in that was begun here for it may be linked to it.
    """
    return visit.seat.staff if visit.seat.purpose == Purpose.JOIN and visit.seat.password_at is None else None


def begin_invited(visit: Visit, account: UUID, purpose: Purpose) -> None:
    """Give this browser the session of a link that was just used up; whoever sat here before is out."""
    visit.renew(replace(_emptied(visit, account), purpose=purpose))


def first_shown(visit: Visit, account: UUID, onward: str = "") -> None:
    """Give this browser a session in which the first factor is shown and the second is owed."""
    visit.renew(replace(_emptied(visit, account), password_at=visit.now, onward=onward))


def let_in(visit: Visit, proof: ProofKind = ProofKind.SECOND_FACTOR) -> None:
    """Give the session its new id after the second factor, the first time or anew; ``proof`` is what it was."""
    if not visit.seat.is_signed_in:
        facts = (("means", str(proof)),)
        visit.docket.record(Event("staff_signed_in", f"staff:{visit.me.id}", facts=facts))
    purpose = visit.seat.purpose if visit.seat.is_signed_in else ""
    visit.renew(replace(visit.seat, second_at=visit.now, second_by=proof, worked_at=None, onward="", purpose=purpose))


def vouch(visit: Visit) -> None:
    """Note that whoever came in by a school account has just shown their own app too: from now on the two are one."""
    tools = schooling.means(visit)
    link = tools.identities.numbered(visit.seat.rests_on) if visit.seat.rests_on else None
    if link is not None and link.unlinked_at is None and (link.side, link.account) == (Side.STAFF, visit.me.id):
        linking.confirm(tools, link, f"staff:{visit.me.id}", visit.now)


def passed(visit: Visit, account: UUID, proof: ProofKind) -> None:
    """Give this browser a session after one proof that is both factors, or renew the proof of whoever sits here."""
    if visit.seat.is_signed_in and visit.seat.staff == account:
        let_in(visit, proof)
        return
    event = Event("staff_signed_in", f"staff:{account}", facts=(("means", str(proof)),))
    visit.docket.record(event)
    both = replace(_emptied(visit, account), password_at=visit.now, second_at=visit.now, second_by=proof)
    visit.renew(both)


def _emptied(visit: Visit, account: UUID) -> Seat:
    device = device_of(visit.request.headers.get("user-agent", ""))
    # The id stays until the renewal drops it: what was planted here, or belonged to somebody else, is gone then.
    return Seat(visit.seat.id, visit.seat.token, STAFF, staff=account, device=device)
