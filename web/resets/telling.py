"""What follows a new password: a try that was lost is settled, and the person and the agency are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final
from uuid import UUID

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.people.fields.store import Fields
from rightsdesk.verification.sms.port import Text, TextKind
from rightsdesk.verification.sms.words import changed_text
from rightsdesk.verification.students.resetting import LOST_AFTER
from rightsdesk.verification.students.store import Reset, Resets
from rightsdesk.verification.students.tables import Stage
from rightsdesk.web.carrying import SENT, number_for_notices, send_claimed, told_of
from rightsdesk.web.casework import opened
from rightsdesk.web.later import Later
from rightsdesk.web.mail import Letter, send_each
from rightsdesk.web.portal import Portal
from rightsdesk.web.resets.changing import settle
from rightsdesk.web.way_notices import not_you
from rightsdesk.web.words import ENGLISH, Speaker, known

_OVER: Final = frozenset({Stage.CHANGED, Stage.UNSURE})
_KIND: Final = "password_changed"
_LOCKED: Final = "password_locked"


def settle_lost(portal: Portal, ids: tuple[str, ...]) -> None:
    """End a try whose process died: the directory may have said yes, so it counts as that.

    Raises:
        Later: it may still be under way.
    """
    agency, number, tries = ids
    with opened(portal, agency) as (docket, now):
        reset = Resets(docket.session, docket.agency.id).numbered(UUID(number))
        if reset is None or reset.stage is not Stage.ATTEMPTED or reset.tries != int(tries) or reset.taken_at is None:
            return
        if now < reset.taken_at + LOST_AFTER:
            raise Later(reset.taken_at + LOST_AFTER)
        settle(portal, docket, reset, Stage.UNSURE)


def mail(portal: Portal, ids: tuple[str, ...]) -> None:
    """Mail the notice to one reader: the person whose password it is, or a colleague at the agency."""
    agency, number, reader = ids
    with _ended(portal, agency, number) as found:
        letters = [] if found is None else _letters(portal, *found, UUID(reader))
    send_each(portal.post, letters)
    if letters:
        _note(portal, agency, number, "mail", SENT)


def text(portal: Portal, ids: tuple[str, ...]) -> None:
    """Text the notice to the person's own number, at most once; somebody who replied STOP is not told so.

    Raises:
        CarrierBusy: the carrier takes no more now; the queue tries again after a pause.
    """
    agency, number = ids
    with _ended(portal, agency, number) as found:
        message = None if found is None else _text(*found)
    if found is None or message is None:
        return
    end = send_claimed(
        portal,
        agency,
        found[1].person,
        message,
        lambda docket: Resets(docket.session, docket.agency.id).unclaim_text(UUID(number)),
    )
    _note(portal, agency, number, "text", end)


def mail_locked(portal: Portal, ids: tuple[str, ...]) -> None:
    """Mail to a student that too many wrong passwords were typed for them; a name that nobody has is told nothing."""
    agency, person = ids
    with opened(portal, agency) as (docket, now):
        letters = _locked(portal, docket, UUID(person), now) if docket.people.persons([UUID(person)]) else []
    send_each(portal.post, letters)
    if letters:
        with opened(portal, agency) as (docket, _):
            docket.record(told_of(_LOCKED, "mail", SENT, UUID(person)))


@contextmanager
def _ended(portal: Portal, agency: str, number: str) -> Iterator[tuple[Docket, Reset, datetime] | None]:
    with opened(portal, agency) as (docket, now):
        reset = Resets(docket.session, docket.agency.id).numbered(UUID(number))
        yield (docket, reset, now) if reset is not None and reset.stage in _OVER else None


def _letters(portal: Portal, docket: Docket, reset: Reset, now: datetime, reader: UUID) -> list[Letter]:
    if reader == reset.person:
        return _to_person(docket, reset, now)
    colleague = Staff(docket.session, docket.agency.id, docket.vault).numbered(reader)
    if colleague is None:
        return []
    speaker, link = Speaker(ENGLISH), f"{portal.settings.public_url}/office/{docket.agency.slug}/people/{reset.person}"
    body = "\n\n".join([_happened(speaker, docket, reset, own=False), link])
    subject = speaker.say("A student's password was changed by text code")
    return [Letter(colleague.email, subject, body, _KIND, now, f"{reset.id}-{reader}")]


def _to_person(docket: Docket, reset: Reset, now: datetime) -> list[Letter]:
    speaker = Speaker(known(docket.people.person(reset.person).language) or ENGLISH)
    to, subject = _addresses(docket, reset.person), speaker.say("Your password was changed")
    body = _happened(speaker, docket, reset, own=True)
    return [Letter(one, subject, body, _KIND, now, f"{reset.id}-{at}") for at, one in enumerate(to)]


def _locked(portal: Portal, docket: Docket, person: UUID, now: datetime) -> list[Letter]:
    speaker, name = Speaker(known(docket.people.person(person).language) or ENGLISH), docket.agency.name
    told = speaker.say("Somebody typed too many wrong passwords for your account at %(name)s.", name=name)
    shut = speaker.say("Your password still stands, but nobody can use it here now. Here you choose a new one:")
    link = f"{portal.settings.public_url}/{docket.agency.slug}/password"
    body = "\n\n".join([told, shut, link, not_you(speaker, docket.agency)])
    subject, key = speaker.say("Too many wrong passwords"), f"{person}-{now:%Y%m%d}"
    to = _addresses(docket, person)
    return [Letter(one, subject, body, _LOCKED, now, f"{key}-{at}") for at, one in enumerate(to)]


def _addresses(docket: Docket, person: UUID) -> list[str]:
    to = {address for _, address in docket.people.contacts(person, "mail")}
    to.add(Fields(docket.session, docket.agency, docket.vault).read(person, "email"))
    return sorted(one for one in to if one)


def _happened(speaker: Speaker, docket: Docket, reset: Reset, *, own: bool) -> str:
    name = docket.agency.name
    if not own:
        return speaker.say("Somebody with the phone on file chose a new password. This page says whose it is:")
    told = speaker.say("A new password was chosen for your account at %(name)s.", name=name)
    if reset.stage is Stage.UNSURE:
        told = speaker.say("A new password was asked for your account at %(name)s. It may be changed now.", name=name)
    return "\n\n".join([told, not_you(speaker, docket.agency)])


def _text(docket: Docket, reset: Reset, now: datetime) -> Text | None:
    """Write down that the notice is about to be sent, and return it; nothing when it was, or nobody can get it."""
    to = number_for_notices(docket, reset.person)
    if not to or not Resets(docket.session, docket.agency.id).claim_text(reset.id, now):
        return None
    language = docket.people.person(reset.person).language
    body = changed_text(docket.agency.short_name, docket.agency.office_phone, language)
    return Text(to, body, TextKind.NOTICE, now)


def _note(portal: Portal, agency: str, number: str, channel: str, end: str) -> None:
    with opened(portal, agency) as (docket, _):
        reset = Resets(docket.session, docket.agency.id).numbered(UUID(number))
        subject = reset.person if reset else None
        docket.record(told_of(_KIND, channel, end, subject))
