"""What a family is told of a school account that signs in to theirs from now on."""

from datetime import datetime
from typing import Final
from uuid import UUID

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.verification.school.store import Identities
from rightsdesk.verification.sms.words import school_text
from rightsdesk.web.portal import Portal
from rightsdesk.web.way_notices import NewWay, Words
from rightsdesk.web.words import Speaker

SCHOOL_MAIL_JOB: Final = "school_mail"
SCHOOL_TEXT_JOB: Final = "text_school"


def _identities(docket: Docket) -> Identities:
    return Identities(docket.session, docket.agency.id)


def _owner(docket: Docket, number: UUID) -> UUID | None:
    link = _identities(docket).numbered(number)
    return link.account if link else None


def _claim(docket: Docket, number: UUID, now: datetime) -> bool:
    return _identities(docket).claim_text(number, now)


def _unclaim(docket: Docket, number: UUID) -> None:
    _identities(docket).unclaim_text(number)


def _words(speaker: Speaker, portal: Portal, agency: Agency) -> Words:  # noqa: ARG001 - the interface
    told = speaker.say("A school account now signs in to your account at %(name)s.", name=agency.name)
    return speaker.say("A school account was connected"), told, ()


NEW_SCHOOL_ACCOUNT: Final = NewWay(
    "school_linked", SCHOOL_MAIL_JOB, SCHOOL_TEXT_JOB, _owner, _claim, _unclaim, _words, school_text
)
