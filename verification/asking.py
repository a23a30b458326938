"""Asking for a text code: the same for every number, held by somebody or by nobody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from rightsdesk.verification.attempts import (
    ADDRESS_SENDS,
    AGENCY_SENDS,
    NUMBER_BUDGET,
    PERSON_SENDS,
    Stop,
    portal_windows,
    reopens,
    stopped,
    wait_after,
)
from rightsdesk.verification.challenges import ID_BYTES, LIFETIME, TRIES, Purpose, challenge
from rightsdesk.verification.halting import halt
from rightsdesk.verification.means import Means, place_of
from rightsdesk.verification.spending.ceilings import Channel
from rightsdesk.verification.spending.figures import HELD, KINDS
from rightsdesk.verification.store import Claim
from rightsdesk.verification.tables import AskRow, ChallengeRow, Counted

SEND_JOB: Final = "text_code"
WAITS_LAST: Final = timedelta(minutes=15)  # texts further apart than this wait like first ones


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, by whom: an E.164 number, and the caller's address as ``counted_address`` gives it.

    For a reset it is no number but a username or address, as ``read_name`` returns it.
    """

    session: str
    purpose: Purpose
    typed: str
    address: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Opened:
    """A text is on its way, if the number is on file. ``expires_at`` and ``again_at`` are instants in UTC."""

    challenge: str
    expires_at: datetime
    again_at: datetime


class Closing(StrEnum):
    """Why no text is asked for; each reads alike for known and unknown numbers."""

    TOO_SOON = "too_soon"
    TOO_MANY = "too_many"
    TODAY = "closed_today"
    LOCKED = "locked"
    PAUSED = "paused"
    GONE = "gone"


# Somebody who only pressed twice was not kept back.
_COUNTED: Final = frozenset(Closing) - {Closing.TOO_SOON, Closing.GONE}


@dataclass(frozen=True, slots=True)
class Closed:
    """Why, and until when; ``until`` is None while nothing but the office or another way helps."""

    closing: Closing
    until: datetime | None = None


def ask(means: Means, asked: Asked, now: datetime) -> Opened | Closed:
    """Open a challenge and enqueue its text; whose number it is, the worker finds out, not the page.

    Source: NIST SP 800-63B-4 section 3.1.3; OWASP ASVS 5.0 section 6.3.8.
    """
    challenge_id = means.draw(ID_BYTES).hex()
    keys = means.typed_keys(asked.purpose, asked.typed)
    press = _Press(challenge_id, asked.session, keys, means.address_keys(asked.address), now)
    closed = _closed(means, press)
    if closed:
        return _refused(means, press, closed)
    secret = challenge(now, means.draw).secret
    row = ChallengeRow(
        id=challenge_id,
        agency=means.codes.agency,
        session=asked.session,
        purpose=asked.purpose,
        language=asked.language,
        numbers=" ".join(keys),
        secret=means.seal.seal_agency(place_of(challenge_id), secret),
        asked_at=now,
        sent_at=now,
        expires_at=now + LIFETIME,
    )
    means.codes.add(row, press.row(means.codes.agency, 1))
    return _enqueued(means, press, 1)


def again(means: Means, claim: Claim, address: str, now: datetime, channel: Channel = Channel.TEXT) -> Opened | Closed:
    """Enqueue the next code of a challenge. Its tries are not given back: else each text would buy new guesses.

    A call counts as a text does, everywhere; where no calls are made, a text takes its place.
    """
    seen = means.codes.held(claim)
    keys = seen.numbers if seen else ()
    channel = channel if means.terms.calls else Channel.TEXT
    press = _Press(claim.challenge, claim.session, keys, means.address_keys(address), now, channel)
    if seen is None or seen.used_at is not None or seen.tries >= TRIES:
        return _refused(means, press, Closed(Closing.GONE))
    closed = _closed(means, press)
    if closed:
        return _refused(means, press, closed)
    if not means.codes.send_again(seen, press.row(means.codes.agency, seen.sends + 1)):
        return _refused(means, press, Closed(Closing.TOO_SOON, now + wait_after(seen.sends)))
    return _enqueued(means, press, seen.sends + 1)


def next_chance(means: Means, session: str, numbers: tuple[str, ...], now: datetime) -> datetime:
    """Return when this session can ask for another code for this number; now, if at once."""
    until = [_soon(means, session, numbers, now), reopens(means.codes.of_number(numbers), PERSON_SENDS, now)]
    return max((at for at in until if at), default=now)


@dataclass(frozen=True, slots=True)
class _Press:
    """One press of the button, with the blind indexes of number and address, newest first."""

    challenge: str
    session: str
    numbers: tuple[str, ...]
    addresses: tuple[str, ...]
    at: datetime
    channel: Channel = Channel.TEXT

    def row(self, agency: UUID, counter: int) -> AskRow:
        return AskRow(
            challenge=self.challenge,
            counter=counter,
            agency=agency,
            session=self.session,
            number=self.numbers[0],
            address=next(iter(self.addresses), ""),
            channel=self.channel,
            asked_at=self.at,
        )


def _closed(means: Means, press: _Press) -> Closed | None:
    """Ask every limit the page may show. All of them count what was typed, so none tells who is on file."""
    return _number_closed(means, press) or _texts_closed(means, press) or _too_many(means, press)


def _number_closed(means: Means, press: _Press) -> Closed | None:
    # Holding both counts makes parallel presses wait for each other, so that the limits below are exact.
    count = means.counts.hold(Counted.NUMBER, press.numbers, press.at)
    if press.addresses:
        means.counts.hold(Counted.ADDRESS, press.addresses, press.at)
    stop = stopped(count, NUMBER_BUDGET, press.at, means.counts.zone)
    if stop is None:
        return None
    return Closed(Closing.LOCKED if stop.stop is Stop.LOCKED else Closing.TODAY, stop.until)


def _texts_closed(means: Means, press: _Press) -> Closed | None:
    return Closed(Closing.PAUSED) if halt(means, press.channel, press.at) else None


def _too_many(means: Means, press: _Press) -> Closed | None:
    soon = _soon(means, press.session, press.numbers, press.at)
    full = [
        reopens(means.codes.of_number(press.numbers), PERSON_SENDS, press.at),
        reopens(means.codes.of_address(press.addresses), ADDRESS_SENDS, press.at),
        # Texts that left, not presses: else numbers that nobody holds would use up every family's day.
        reopens(means.sends.of_portal(), portal_windows(means.terms.portal_sends), press.at),
        reopens(means.sends.of_agency(), AGENCY_SENDS, press.at),
    ]
    until = max((at for at in full if at), default=None)
    if until:
        return Closed(Closing.TOO_MANY, until)
    return Closed(Closing.TOO_SOON, soon) if soon else None


def _soon(means: Means, session: str, numbers: tuple[str, ...], now: datetime) -> datetime | None:
    """Return when the wait since this session's last text for the number is over, or None if it is."""
    asked = [at for at in means.codes.asked_in(session, numbers, now - WAITS_LAST) if at <= now]
    if not asked:
        return None
    at = asked[0] + wait_after(len(asked))
    return at if at > now else None


def _enqueued(means: Means, press: _Press, counter: int) -> Opened:
    key = f"{press.challenge}:{counter}"
    means.jobs.submit(means.codes.session, SEND_JOB, key, press.challenge, str(counter))
    means.note("code_asked", press.challenge, ("counter", str(counter)))
    soon = _soon(means, press.session, press.numbers, press.at)
    return Opened(press.challenge, press.at + LIFETIME, soon or press.at)


def _refused(means: Means, press: _Press, closed: Closed) -> Closed:
    means.note("code_refused", press.challenge, ("reason", closed.closing))
    if closed.closing in _COUNTED:
        means.days.add(press.at, KINDS[press.channel], f"{HELD}{closed.closing}")
    return closed
