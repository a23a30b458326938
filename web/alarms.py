"""The operator is told when codes cost much or stand still: by mail, in the figures, and by the doctor."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.ledger.audit import Event, Kind
from rightsdesk.verification import alarming
from rightsdesk.verification.alarming import Alarm
from rightsdesk.verification.sms.store import spent_everywhere
from rightsdesk.verification.spending.ceilings import MILLIONTHS
from rightsdesk.verification.spending.store import standing_everywhere
from rightsdesk.verification.spending.tables import PORTAL
from rightsdesk.web.borders import own_ledger
from rightsdesk.web.mail import Letter
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import means

KIND: Final = "alarm"
EVERYBODY: Final = "all agencies"
# For the operator, in the language of the logs and of the doctor.
_WORDS: Final = {
    Alarm.HALF: ("have cost half of the day's ceiling", "Look whether that is what you expect today."),
    Alarm.MOST: ("have cost four fifths of the day's ceiling", "Look whether that is what you expect, or raise it."),
    Alarm.WHOLE: (
        "stand still: the day's ceiling is reached",
        "Families are offered other ways. Raise RIGHTSDESK_SPEND_A_DAY or RIGHTSDESK_AGENCY_SPEND_A_DAY if it is real.",
    ),
    Alarm.PUMPED: (
        "stand still: under 40 % of them come back",
        "Somebody has texts sent for money, or the carrier loses them. Look at the carrier's own log.",
    ),
    Alarm.PREFIX: (
        "to one range of numbers stand still: under 40 % of them come back",
        "Somebody has texts sent for money, or one carrier loses them. Look at the carrier's own log.",
    ),
    Alarm.ACCOUNT: ("stand still: the carrier refuses the account", "Look at the account and its secret."),
    Alarm.SENDER: ("stand still: the carrier refuses the sender", "Look at TWILIO_FROM or the messaging service."),
    Alarm.COUNTRY: (
        "to a country are refused by the carrier",
        "Open that country in the account, or leave it out of RIGHTSDESK_COUNTRIES.",
    ),
    Alarm.FILTERED: (
        "are filtered by the carriers",
        "Register the sender: A2P 10DLC or toll-free in the United States.",
    ),
}


def look(portal: Portal, agency: Agency) -> None:
    """Let the alarms of an agency and of the portal stand or end; the operator and the ledger are told of new ones."""
    now, texting = portal.now(), portal.settings.texting
    with portal.storage.write() as tx:
        new = [(agency.id, alarm) for alarm in alarming.look(means(portal, tx, agency, now), now)]
        everywhere = alarming.look_at_portal(tx, texting.ceilings, texting.prices, now)
        for scope, alarm in (*new, *((PORTAL, one) for one in everywhere)):
            key = f"{scope}:{alarm}:{now.isoformat()}"
            portal.jobs.submit(tx, "tell_operator", key, str(scope), alarm)
            ledger = own_ledger(portal.settings.region) if scope == PORTAL else scope
            what = (("what", f"codes_{alarm}"),)
            portal.ledger(tx, ledger, now)(Event(Kind.SECURITY_EVENT, "system", facts=what))


def watch_codes(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - a duty carries no ids
    """Look at each agency that sent a code today or has an alarm: one may end, or begin, while nobody asks."""
    with portal.storage.read() as tx:
        wanted = {*spent_everywhere(tx, portal.now()), *(agency for agency, _, _ in standing_everywhere(tx))}
        agencies = [agency for agency in Agencies(tx).every() if agency.id in wanted]
    for agency in agencies:
        look(portal, agency)


def tell_operator(portal: Portal, ids: tuple[str, ...]) -> None:
    """Mail one alarm to the operator, where there is an address for it."""
    scope, alarm = UUID(ids[0]), Alarm(ids[1])
    to = portal.settings.texting.operator
    if not to:
        return
    with portal.storage.read() as tx:
        whose = _named(tx, scope)
    what, fix = told(alarm)
    now = portal.now()
    body = f"{portal.settings.public_url}\n\nCodes of {whose} {what}.\n\n{fix}\n"
    subject, key = f"Rightsdesk: codes of {whose} {what}", f"{scope}:{alarm}:{now:%F %H}"
    portal.post.send(Letter(to, subject, body, KIND, now, key))


def told(alarm: Alarm) -> tuple[str, str]:
    """Return what goes on after "Codes of this agency …", and what to do."""
    return _WORDS[alarm]


def standing(tx: Session) -> Sequence[tuple[str, Alarm, datetime]]:
    """Return each alarm that stands, oldest first: whose by its slug, "" for all agencies, what, and since when."""
    slugs = _slugs(tx)
    return [(slugs[scope], Alarm(what), since) for scope, what, since in standing_everywhere(tx) if scope in slugs]


def spent(portal: Portal, tx: Session) -> Mapping[str, float]:
    """Return by slug what codes of 24 hours cost as a part of what they may; under "" those of all agencies."""
    ceilings, costs = portal.settings.texting.ceilings, spent_everywhere(tx, portal.now())
    slugs = _slugs(tx)
    own = {slug: costs.get(agency, 0) / ceilings.agency for agency, slug in slugs.items() if agency != PORTAL}
    return {"": sum(costs.values()) / ceilings.portal, **own}


def money(millionths: int) -> str:
    """Return an amount with two decimals."""
    return f"{millionths / MILLIONTHS:,.2f}"


def _slugs(tx: Session) -> Mapping[UUID, str]:
    return {PORTAL: "", **{one.id: one.slug for one in Agencies(tx).every()}}


def _named(tx: Session, scope: UUID) -> str:
    return EVERYBODY if scope == PORTAL else Agencies(tx).numbered(scope).slug
