"""Whoever has a new way in is told outside of the session that made it (NIST SP 800-63B-4 section 4.6)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.verification.sms.port import Text, TextKind
from rightsdesk.web.carrying import SENT, number_for_notices, send_claimed, told_of
from rightsdesk.web.casework import opened
from rightsdesk.web.mail import Letter, send_each
from rightsdesk.web.portal import Portal
from rightsdesk.web.words import ENGLISH, Speaker, known

Words: TypeAlias = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class NewWay:
    """A kind of way in, and how its owner is told that there is one more.

    ``owner`` says whose one is, None when it is gone; ``claim`` writes down that it is about to be texted of, False if
    it was before, and ``unclaim`` takes that back. ``words`` returns subject and first line of the mail, and what
    stands at its end; ``short`` the text, by the agency's short name, its phone and the language.
    """

    kind: str
    mail_job: str
    text_job: str
    owner: Callable[[Docket, UUID], UUID | None]
    claim: Callable[[Docket, UUID, datetime], bool]
    unclaim: Callable[[Docket, UUID], None]
    words: Callable[[Speaker, Portal, Agency], Words]
    short: Callable[[str, str, str], str]

    def tell(self, docket: Docket, number: UUID) -> None:
        """Have the owner told, by mail and by text, as far as there is an address and a number."""
        ids = (str(docket.agency.id), str(number))
        docket.jobs.submit(docket.session, self.mail_job, str(number), *ids)
        docket.jobs.submit(docket.session, self.text_job, str(number), *ids)

    def mail(self, portal: Portal, ids: tuple[str, ...]) -> None:
        """Mail the notice to every address of the owner on record."""
        agency, number = ids[0], UUID(ids[1])
        with opened(portal, agency) as (docket, _):
            owner = self.owner(docket, number)
            letters = [] if owner is None else self._letters(portal, docket, owner, number)
        send_each(portal.post, letters)
        if owner is not None and letters:
            self._note(portal, agency, owner, "mail", SENT)

    def text(self, portal: Portal, ids: tuple[str, ...]) -> None:
        """Text the notice to the owner's number, at most once; somebody who replied STOP is not told so.

        Raises:
            CarrierBusy: the carrier takes no more now; the queue tries again after a pause.
        """
        agency, number = ids[0], UUID(ids[1])
        with opened(portal, agency) as (docket, now):
            owner = self.owner(docket, number)
            message = None if owner is None else self._text(docket, owner, number, now)
        if owner is None or message is None:
            return
        end = send_claimed(portal, agency, owner, message, lambda docket: self.unclaim(docket, number))
        self._note(portal, agency, owner, "text", end)

    def _letters(self, portal: Portal, docket: Docket, owner: UUID, number: UUID) -> list[Letter]:
        agency, now = docket.agency, portal.now()
        speaker = Speaker(known(docket.people.person(owner).language) or ENGLISH)
        subject, first, last = self.words(speaker, portal, agency)
        body = "\n\n".join([first, not_you(speaker, agency), *last])
        to = sorted({address for _, address in docket.people.contacts(owner, "mail")})
        return [Letter(one, subject, body, self.kind, now, f"{number}-{at}") for at, one in enumerate(to)]

    def _text(self, docket: Docket, owner: UUID, number: UUID, now: datetime) -> Text | None:
        # Written down that it is about to be sent; nothing when it was, or nobody can get it.
        to, agency = number_for_notices(docket, owner), docket.agency
        if not to or not self.claim(docket, number, now):
            return None
        body = self.short(agency.short_name, agency.office_phone, docket.people.person(owner).language)
        return Text(to, body, TextKind.NOTICE, now)

    def _note(self, portal: Portal, agency: str, owner: UUID, channel: str, end: str) -> None:
        with opened(portal, agency) as (docket, _):
            docket.record(told_of(self.kind, channel, end, owner))


def not_you(speaker: Speaker, agency: Agency) -> str:
    """Return what to do for whoever did not do this themselves."""
    if agency.office_phone:
        return speaker.say("Was it not you? Call the school at %(phone)s.", phone=agency.office_phone)
    return speaker.say("Was it not you? Tell the school at once.")
