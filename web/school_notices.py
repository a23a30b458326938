"""Whom a school account signs in from now on is told outside of that session (NIST SP 800-63B-4 section 4.6)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.verification.school.store import Identities, Linked
from rightsdesk.verification.sms.port import Text, TextKind
from rightsdesk.verification.sms.words import school_text
from rightsdesk.web.carrying import number_for_notices, send_claimed
from rightsdesk.web.casework import opened
from rightsdesk.web.mail import Letter
from rightsdesk.web.portal import Portal
from rightsdesk.web.words import ENGLISH, Speaker, known

SCHOOL_MAIL_JOB: Final = "school_mail"
SCHOOL_TEXT_JOB: Final = "text_school"
_KIND: Final = "school_linked"


def tell(docket: Docket, identity: UUID) -> None:
    """Have the person told, by mail and by text, as far as there is an address and a number."""
    ids = (str(docket.agency.id), str(identity))
    docket.jobs.submit(docket.session, SCHOOL_MAIL_JOB, str(identity), *ids)
    docket.jobs.submit(docket.session, SCHOOL_TEXT_JOB, str(identity), *ids)


def mail(portal: Portal, ids: tuple[str, ...]) -> None:
    """Mail the notice to every address of the person on record."""
    agency, number = ids
    with opened(portal, agency) as (docket, now):
        link = _identities(docket).numbered(UUID(number))
        letters = [] if link is None else _letters(docket, link, now)
    for letter in letters:
        portal.post.send(letter)
    if link is not None and letters:
        _note(portal, agency, link, "mail")


def text(portal: Portal, ids: tuple[str, ...]) -> None:
    """Text the notice to the person's number, at most once; somebody who replied STOP is not told so.

    Raises:
        CarrierBusy: the carrier takes no more now; the queue tries again after a pause.
    """
    agency, number = ids
    with opened(portal, agency) as (docket, now):
        link = _identities(docket).numbered(UUID(number))
        message = None if link is None else _text(docket, link, now)
    if link is None or message is None:
        return
    send_claimed(portal, agency, link.account, message, lambda docket: _identities(docket).unclaim_text(link.id))
    _note(portal, agency, link, "text")


def _identities(docket: Docket) -> Identities:
    return Identities(docket.session, docket.agency.id)


def _letters(docket: Docket, link: Linked, now: datetime) -> list[Letter]:
    agency, phone = docket.agency, docket.agency.office_phone
    speaker = Speaker(known(docket.people.person(link.account).language) or ENGLISH)
    told = speaker.say("A school account now signs in to your account at %(name)s.", name=agency.name)
    not_you = speaker.say("Was it not you? Call the school at %(phone)s.", phone=phone) if phone else ""
    body = "\n\n".join([told, not_you or speaker.say("Was it not you? Tell the school at once.")])
    subject = speaker.say("A school account was connected")
    to = sorted({address for _, address in docket.people.contacts(link.account, "mail")})
    return [Letter(one, subject, body, _KIND, now, f"{link.id}-{at}") for at, one in enumerate(to)]


def _text(docket: Docket, link: Linked, now: datetime) -> Text | None:
    """Write down that the notice is about to be sent, and return it; nothing when it was, or nobody can get it."""
    to = number_for_notices(docket, link.account)
    if not to or not _identities(docket).claim_text(link.id, now):
        return None
    language = docket.people.person(link.account).language
    body = school_text(docket.agency.short_name, docket.agency.office_phone, language)
    return Text(to, body, TextKind.NOTICE, now)


def _note(portal: Portal, agency: str, link: Linked, channel: str) -> None:
    with opened(portal, agency) as (docket, _):
        facts = (("kind", _KIND), ("channel", channel))
        docket.record(Event("notice_sent", "system", subject=link.account, facts=facts))
