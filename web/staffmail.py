"""Mails to the agency's own staff: the link of an invitation, and word of each change of how they sign in."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from rightsdesk.requests.agencies.agency import Agency, Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.staff.invitations import inviting
from rightsdesk.verification.staff.invitations.inviting import Purpose
from rightsdesk.verification.staff.means import Told
from rightsdesk.web.mail import Letter
from rightsdesk.web.pages import day
from rightsdesk.web.portal import Portal
from rightsdesk.web.staffroom import staff_means
from rightsdesk.web.words import Speaker

_JOIN: Final = "desk.join"
_OWN: Final = "desk.own"
_WAYS: Final = "office.sign_in"
_AUDIT: Final = "office.audit"


def link_of(portal: Portal, agency: Agency, token: str) -> str:
    """Return the address that an invitation leads to; whoever has it can use it, so it is shown to one person once."""
    path = portal.paths[_JOIN].format(agency=agency.slug)
    return f"{portal.settings.public_url}{path}?{urlencode({'invitation': token})}"


def mail_invitation(portal: Portal, ids: tuple[str, ...]) -> None:
    """Mail a link that still opens something to its owner, then forget it.

    Raises:
        MailRefused: the mail server did not take it; the queue tries again.
    """
    agency_id, invitation = map(UUID, ids)
    now = portal.now()
    with portal.storage.read() as tx:
        agency = portal.known.numbered(tx, agency_id)
        found = inviting.to_mail(staff_means(portal, tx, agency, now), invitation, now)
        whose = Staff(tx, agency.id, portal.vault.agency(agency.id)).numbered(found[0].account) if found else None
    if found is None or whose is None:
        return
    waiting, token = found
    speaker = Speaker(waiting.language)
    until = day(agency.today(waiting.expires_at), waiting.language)
    body = _invitation(speaker, whose, agency, Purpose(waiting.purpose), (link_of(portal, agency, token), until))
    subject = speaker.say("Set up how you sign in at %(agency)s", agency=agency.short_name or agency.name)
    portal.post.send(Letter(whose.email, subject, body, "staff_invitation", now, str(invitation)))
    with portal.storage.write() as tx:
        inviting.mailed(staff_means(portal, tx, agency, now), invitation)


def mail_staff(portal: Portal, ids: tuple[str, ...]) -> None:
    """Tell a member of staff that something about their sign-in changed; a name that nobody has is told nothing.

    Raises:
        MailRefused: the mail server did not take it; the queue tries again.
    """
    agency_id, account, what, language, made = ids
    with portal.storage.read() as tx:
        agency = portal.known.numbered(tx, UUID(agency_id))
        whose = Staff(tx, agency.id, portal.vault.agency(agency.id)).numbered(UUID(account))
    if whose is None:
        return
    at, speaker, told = datetime.fromisoformat(made), Speaker(language), Told(what)
    is_of_all, address_of = told is Told.WAYS_CHANGED, partial(_address, portal, agency)
    after = _of_all(speaker, whose, address_of) if is_of_all else _of_your_own(speaker, agency, address_of(_OWN))
    body = "\n\n".join((speaker.say("Hello %(name)s,", name=whose.name), _what(speaker, told), *after))
    subject = _subject(speaker, agency.short_name or agency.name, is_of_all=is_of_all)
    key = f"{account}.{what}.{int(at.timestamp())}"
    portal.post.send(Letter(whose.email, subject, body, f"staff_{what}", at, key))


def _address(portal: Portal, agency: Agency, page: str) -> str:
    return f"{portal.settings.public_url}{portal.paths[page].format(agency=agency.slug)}"


def _subject(speaker: Speaker, agency: str, *, is_of_all: bool) -> str:
    if is_of_all:
        return speaker.say("How people sign in at %(agency)s was changed", agency=agency)
    return speaker.say("Your sign-in at %(agency)s", agency=agency)


def _invitation(speaker: Speaker, whose: Colleague, agency: Agency, purpose: Purpose, where: tuple[str, str]) -> str:
    link, until = where
    lines = (
        speaker.say("Hello %(name)s,", name=whose.name),
        _why(speaker, purpose, agency.name),
        link,
        speaker.say("The link works once, until %(day)s. Do not pass it on: it is yours alone.", day=until),
        speaker.say("You did not expect this? Then do not open it, and tell your colleague."),
    )
    return "\n\n".join(lines)


def _why(speaker: Speaker, purpose: Purpose, agency: str) -> str:
    match purpose:
        case Purpose.JOIN:
            return speaker.say("Open this link to choose a password and set up your app for %(agency)s.", agency=agency)
        case Purpose.PASSWORD:
            return speaker.say("Open this link to choose a new password. Your app stays as it is.")
        case Purpose.APP:
            return speaker.say("Open this link, then sign in with your password to set up a new app.")


def _of_your_own(speaker: Speaker, agency: Agency, address: str) -> tuple[str, ...]:
    office = f" ({agency.office_phone})" if agency.office_phone else ""
    return (
        speaker.say("Was this you? Then there is nothing to do."),
        speaker.say("If this was not you, tell an administrator of your agency at once.") + office,
        speaker.say("You see how you sign in, and where, on this page:"),
        address,
    )


def _of_all(speaker: Speaker, whose: Colleague, address_of: Callable[[str], str]) -> tuple[str, ...]:
    asked = speaker.say("You did not expect this? Ask your colleagues at once. The audit says who it was.")
    if Role.ADMINISTRATOR in whose.roles:
        return asked, speaker.say("You see what is set on this page:"), address_of(_WAYS)
    if Role.AUDITOR in whose.roles:
        return asked, speaker.say("You see who it was on this page:"), address_of(_AUDIT)
    return (asked,)  # a lead may look at neither page


def _what(speaker: Speaker, what: Told) -> str:
    words = {
        Told.PASSWORD_CHANGED: speaker.say("Your password was changed. All other sessions have ended."),
        Told.APP_ENROLLED: speaker.say("An authenticator app was set up for you."),
        Told.APP_REPLACED: speaker.say("Your authenticator app was replaced. The old one no longer works."),
        Told.CODES_RENEWED: speaker.say("You have ten new recovery codes. The old ones no longer work."),
        Told.CODE_USED: speaker.say("One of your recovery codes was used to sign in."),
        Told.PASSKEY_ADDED: speaker.say("A passkey was added: it signs you in without a code."),
        Told.PASSKEY_REMOVED: speaker.say("One of your passkeys was removed."),
        Told.PASSKEY_COPIED: speaker.say("One of your passkeys may have been copied. It no longer works."),
        Told.SCHOOL_CONNECTED: speaker.say("A school account was connected: it signs you in here."),
        Told.SCHOOL_REMOVED: speaker.say("A school account was taken off: it no longer signs you in here."),
        Told.WAYS_CHANGED: speaker.say("School sign-ins, or where students' passwords are kept, were changed."),
        Told.RESET: speaker.say("A colleague reset how you sign in. You get a link to set it up again."),
        Told.LOCKED: speaker.say(
            "Somebody typed wrong passwords or codes for you. Your sign-in is closed for a while."
        ),
    }
    return words[what]
