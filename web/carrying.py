"""The effects that leave by the text carrier: codes by text and by call, warnings, notices."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.cases import lettering, notices
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.tables import NoticeRow
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.people.phones.store import Numbers
from rightsdesk.requests.people.store import People
from rightsdesk.verification.delivery.noting import Parcel, end_of, note_end
from rightsdesk.verification.sending import Outcome, send_code, tell_locked
from rightsdesk.verification.sms.port import Accepted, Refused, RefusedClass, Sent, Text, TextKind
from rightsdesk.verification.sms.store import Sends
from rightsdesk.verification.sms.words import locked_text, segments
from rightsdesk.verification.spending.ceilings import Channel
from rightsdesk.verification.store import owner_of
from rightsdesk.web import alarms
from rightsdesk.web.casework import opened
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import means, unit

SENT: Final = "sent"


def text_code(portal: Portal, ids: tuple[str, ...]) -> None:
    """Send the n-th code of a challenge, by text or by call as it was asked for."""
    challenge, counter = ids
    agency = _agency_of(portal, challenge)
    if agency is None:  # swept meanwhile: the code it would carry is long dead
        return
    now = portal.now()
    sent = send_code(unit(portal, agency, now), portal.texts, challenge, int(counter), now)
    if sent.outcome is Outcome.REFUSED and sent.why == RefusedClass.BAD_NUMBER and sent.contact:
        with opened(portal, str(agency.id)) as (docket, _):
            numbers_of(docket).mark_unusable(sent.contact, now)
    if sent.outcome is Outcome.REFUSED:  # what is sent well is looked at every minute
        alarms.look(portal, agency)


def texts_locked(portal: Portal, ids: tuple[str, ...]) -> None:
    """Tell whoever holds a number that codes for it are locked, once; an unknown end is not repeated (F-02)."""
    challenge = ids[0]
    agency = _agency_of(portal, challenge)
    if agency is None:
        return
    now, vault = portal.now(), portal.vault.agency(agency.id)

    def words(person: UUID) -> str:
        with portal.storage.read() as tx:
            language = People(tx, agency, vault).person(person).language
        return locked_text(agency.short_name, agency.office_phone, language)

    tell_locked(unit(portal, agency, now), portal.texts, challenge, words, now)


class CarrierBusy(Exception):
    """The carrier refused for now: nothing was sent."""


def text_notice(portal: Portal, ids: tuple[str, ...]) -> None:
    """Text a notice to a person on file, once; one whose end is unknown is not sent again but shown to the office.

    Raises:
        CarrierBusy: the carrier takes no more now; the queue tries again after a pause.
    """
    agency, number = ids
    with opened(portal, agency) as (docket, now):
        notice = notices.take(docket, UUID(number))
        if notice is None:
            notices.give_up(docket, UUID(number), now)
        to = notices.addressed_to(docket, notice) if notice else ""
        text = lettering.compose_notice(docket, notice, portal.settings.public_url) if notice else None
        sends = means(portal, docket.session, docket.agency, now).sends
        stopped = bool(to) and sends.opted_out(docket.vault.indexes("number", to), TextKind.NOTICE)
    if notice is None or text is None:
        return
    if not to or stopped:
        with opened(portal, agency) as (docket, now):
            settle_for_good(docket, notice.id, "refused" if stopped else "no_address", "", now)
        return
    message = Text(to, text.text, TextKind.NOTICE, now)
    sent = portal.texts.send(message)
    _settle(portal, notice, message, sent)
    if isinstance(sent, Refused) and sent.why is RefusedClass.THROTTLED:
        raise CarrierBusy(sent.why)


def numbers_of(docket: Docket) -> Numbers:
    """Return the phone numbers on the agency's record."""
    return Numbers(docket.session, docket.agency, docket.vault)


def settle_for_good(docket: Docket, notice: UUID, state: str, receipt: str, now: datetime) -> None:
    """Note what became of a notice that is not sent again; one that did not arrive goes out on paper."""
    notices.settle(docket, notice, state, receipt, now)
    if state in {"refused", "no_address"}:
        notices.fall_back(docket, notice, now)


@dataclass(frozen=True, slots=True)
class Texted:
    """A text to a person on record, and what the carrier said; ``about`` is the notice it carried, where it is one."""

    person: UUID
    text: Text
    sent: Sent
    about: UUID | None = None


def note_texted(portal: Portal, docket: Docket, one: Texted, now: datetime) -> None:
    """Count a text that is no code, and remember it for the carrier's reports; use a number that is none no more."""
    contacts = docket.people.contacts(one.person, "text")
    contact = next((point for point, number in contacts if number == one.text.to), None)
    cost = portal.settings.texting.prices.of(Channel.TEXT, segments(one.text.body))
    parcel = Parcel(one.text.kind, docket.vault.index("number", one.text.to), cost, contact, one.about)
    note_end(means(portal, docket.session, docket.agency, now), parcel, end_of(one.sent), now)
    if isinstance(one.sent, Refused) and one.sent.why is RefusedClass.BAD_NUMBER and contact:
        numbers_of(docket).mark_unusable(contact, now)


def number_for_notices(docket: Docket, person: UUID) -> str:
    """Return the number at which a person takes notices by text, "" where none is left after each STOP."""
    sends = Sends(docket.session, docket.agency.id)
    numbers = [number for _, number in docket.people.contacts(person, "text")]
    return next(
        (one for one in numbers if not sends.opted_out(docket.vault.indexes("number", one), TextKind.NOTICE)), ""
    )


def send_claimed(portal: Portal, agency: str, person: UUID, text: Text, unclaim: Callable[[Docket], None]) -> str:
    """Send a notice that was written down as about to leave, and return how it ended: sent, refused or unknown.

    ``unclaim`` takes the writing down back where the carrier was only busy: nothing was sent.

    Raises:
        CarrierBusy: the carrier takes no more now; the queue tries again after a pause.
    """
    sent = portal.texts.send(text)
    is_busy = isinstance(sent, Refused) and sent.why is RefusedClass.THROTTLED
    with opened(portal, agency) as (docket, now):
        note_texted(portal, docket, Texted(person, text, sent), now)
        if is_busy:
            unclaim(docket)
    if is_busy:
        raise CarrierBusy(RefusedClass.THROTTLED)
    return _ended(sent)[0]


def told_of(kind: str, channel: str, end: str, person: UUID | None) -> Event:
    """Return what the ledger keeps of a notice that no case is tied to: that it left, or that it did not."""
    facts = (("kind", kind), ("channel", channel), ("end", end))
    return Event("notice_sent" if end == SENT else "notice_failed", "system", subject=person, facts=facts)


def _settle(portal: Portal, notice: NoticeRow, text: Text, sent: Sent) -> None:
    with opened(portal, str(notice.agency)) as (docket, now):
        note_texted(portal, docket, Texted(notice.person, text, sent, notice.id), now)
        if isinstance(sent, Refused) and sent.why is RefusedClass.THROTTLED:
            notices.settle(docket, notice.id, *_ended(sent), now)
            return
        settle_for_good(docket, notice.id, *_ended(sent), now)


def _ended(sent: Sent) -> tuple[str, str]:
    if isinstance(sent, Accepted):
        return SENT, sent.sid
    return ("refused", str(sent.code)) if isinstance(sent, Refused) else ("unknown", "")


def _agency_of(portal: Portal, challenge: str) -> Agency | None:
    with portal.storage.read() as tx:
        return _owner(tx, challenge)


def _owner(tx: Session, challenge: str) -> Agency | None:
    owner = owner_of(tx, challenge)
    return Agencies(tx).numbered(owner) if owner else None
