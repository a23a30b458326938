"""Whoever has a new passkey is told outside of the session that made it (NIST SP 800-63B-4 section 4.6)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.verification.passkeys.store import FAMILY, Passkey, Passkeys
from rightsdesk.verification.sms.port import Text, TextKind
from rightsdesk.verification.sms.words import passkey_text
from rightsdesk.web.carrying import number_for_notices, send_claimed
from rightsdesk.web.casework import opened
from rightsdesk.web.mail import Letter
from rightsdesk.web.portal import Portal
from rightsdesk.web.words import ENGLISH, Speaker, known

PASSKEY_MAIL_JOB: Final = "passkey_mail"
PASSKEY_TEXT_JOB: Final = "text_passkey"
_KIND: Final = "passkey_added"


def tell(docket: Docket, passkey: UUID) -> None:
    """Have the owner of a new passkey told, by mail and by text, as far as there is an address and a number."""
    ids = (str(docket.agency.id), str(passkey))
    docket.jobs.submit(docket.session, PASSKEY_MAIL_JOB, str(passkey), *ids)
    docket.jobs.submit(docket.session, PASSKEY_TEXT_JOB, str(passkey), *ids)


def mail(portal: Portal, ids: tuple[str, ...]) -> None:
    """Mail the notice to every address of the owner on record."""
    agency, number = ids
    with opened(portal, agency) as (docket, now):
        passkey = _passkeys(docket).numbered(UUID(number))
        letters = [] if passkey is None else _letters(portal, docket, passkey, now)
    for letter in letters:
        portal.post.send(letter)
    if passkey is not None and letters:
        _note(portal, agency, passkey, "mail")


def text(portal: Portal, ids: tuple[str, ...]) -> None:
    """Text the notice to the owner's number, at most once; somebody who replied STOP is not told so.

    Raises:
        CarrierBusy: the carrier takes no more now; the queue tries again after a pause.
    """
    agency, number = ids
    with opened(portal, agency) as (docket, now):
        passkey = _passkeys(docket).numbered(UUID(number))
        message = None if passkey is None else _text(docket, passkey, now)
    if passkey is None or message is None:
        return
    send_claimed(portal, agency, passkey.owner, message, lambda docket: _passkeys(docket).unclaim_text(passkey.id))
    _note(portal, agency, passkey, "text")


def _passkeys(docket: Docket) -> Passkeys:
    return Passkeys(docket.session, docket.agency.id, FAMILY, docket.vault)


def _letters(portal: Portal, docket: Docket, passkey: Passkey, now: datetime) -> list[Letter]:
    agency, phone = docket.agency, docket.agency.office_phone
    speaker = Speaker(known(docket.people.person(passkey.owner).language) or ENGLISH)
    told = speaker.say("A passkey was added to your account at %(name)s. It signs in without a code.", name=agency.name)
    own = speaker.say("Here you see your passkeys, and can remove them:")
    not_you = speaker.say("Was it not you? Call the school at %(phone)s.", phone=phone) if phone else ""
    link = f"{portal.settings.public_url}/{agency.slug}/passkeys"
    body = "\n\n".join([told, not_you or speaker.say("Was it not you? Tell the school at once."), own, link])
    subject = speaker.say("A passkey was added")
    to = sorted({address for _, address in docket.people.contacts(passkey.owner, "mail")})
    return [Letter(one, subject, body, _KIND, now, f"{passkey.id}-{at}") for at, one in enumerate(to)]


def _text(docket: Docket, passkey: Passkey, now: datetime) -> Text | None:
    """Write down that the notice is about to be sent, and return it; nothing when it was, or nobody can get it."""
    to = number_for_notices(docket, passkey.owner)
    if not to or not _passkeys(docket).claim_text(passkey.id, now):
        return None
    language = docket.people.person(passkey.owner).language
    body = passkey_text(docket.agency.short_name, docket.agency.office_phone, language)
    return Text(to, body, TextKind.NOTICE, now)


def _note(portal: Portal, agency: str, passkey: Passkey, channel: str) -> None:
    with opened(portal, agency) as (docket, _):
        facts = (("kind", _KIND), ("channel", channel))
        docket.record(Event("notice_sent", "system", subject=passkey.owner, facts=facts))
