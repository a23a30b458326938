"""What a family is told of a new passkey."""

from datetime import datetime
from typing import Final
from uuid import UUID

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.verification.passkeys.store import FAMILY, Passkeys
from rightsdesk.verification.sms.words import passkey_text
from rightsdesk.web.portal import Portal
from rightsdesk.web.way_notices import NewWay, Words
from rightsdesk.web.words import Speaker

PASSKEY_MAIL_JOB: Final = "passkey_mail"
PASSKEY_TEXT_JOB: Final = "text_passkey"


def _passkeys(docket: Docket) -> Passkeys:
    return Passkeys(docket.session, docket.agency.id, FAMILY, docket.vault)


def _owner(docket: Docket, number: UUID) -> UUID | None:
    passkey = _passkeys(docket).numbered(number)
    return passkey.owner if passkey else None


def _claim(docket: Docket, number: UUID, now: datetime) -> bool:
    return _passkeys(docket).claim_text(number, now)


def _unclaim(docket: Docket, number: UUID) -> None:
    _passkeys(docket).unclaim_text(number)


def _words(speaker: Speaker, portal: Portal, agency: Agency) -> Words:
    told = speaker.say("A passkey was added to your account at %(name)s. It signs in without a code.", name=agency.name)
    own = speaker.say("Here you see your passkeys, and can remove them:")
    link = f"{portal.settings.public_url}/{agency.slug}/passkeys"
    return speaker.say("A passkey was added"), told, (own, link)


NEW_PASSKEY: Final = NewWay(
    "passkey_added", PASSKEY_MAIL_JOB, PASSKEY_TEXT_JOB, _owner, _claim, _unclaim, _words, passkey_text
)
