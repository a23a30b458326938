"""One code on its way: whose number it goes to, what forbids it, what is written down, and what is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rightsdesk.verification.attempts import AGENCY_SENDS, PERSON_SENDS, PREFIX_SENDS, portal_windows, reopens
from rightsdesk.verification.halting import Halt, halt
from rightsdesk.verification.means import Means, place_of
from rightsdesk.verification.numbers_on_file import Holder
from rightsdesk.verification.protocols import NUMBER, PREFIX
from rightsdesk.verification.reading import gets_texts, prefix_of
from rightsdesk.verification.sms.port import Call, Text, TextKind
from rightsdesk.verification.sms.spoken import spoken_code
from rightsdesk.verification.sms.tables import SendState, TextSendRow
from rightsdesk.verification.sms.words import code_text
from rightsdesk.verification.spending.ceilings import Channel
from rightsdesk.verification.spending.figures import KINDS
from rightsdesk.verification.store import Seen


class Reason(StrEnum):
    """Why a code was not sent, by our own rules; the carrier's reasons are ``RefusedClass``."""

    NOBODY = "nobody"
    DEAD = "dead"
    OPTED_OUT = "opted_out"
    NUMBER_TYPE = "number_type"
    PERSON_LIMIT = "person_limit"
    PREFIX_LIMIT = "prefix_limit"
    AGENCY_LIMIT = "agency_limit"
    PORTAL_LIMIT = "portal_limit"
    BREAKER = "breaker"
    PREFIX_BREAKER = "prefix_breaker"
    SPENT = "spent"


@dataclass(frozen=True, slots=True)
class Errand:
    """One code on its way to a number on record."""

    seen: Seen
    counter: int
    able: tuple[Holder, ...]
    number: str
    channel: Channel


def message_of(means: Means, errand: Errand, until: datetime, now: datetime) -> Text | Call:
    """Return the text, or the call, that carries the code; it is worth delivering until ``until``."""
    seen = errand.seen
    code = seen.opened(means.seal.unseal_agency(place_of(seen.id), seen.secret)).code_of(errand.counter)
    if errand.channel is Channel.VOICE:
        return Call(errand.number, spoken_code(code, seen.language), now)
    body = code_text(means.terms.agency_name, code, means.terms.host, seen.language)
    return Text(errand.number, body, TextKind.CODE, now, validity=until - now)


def refusal(means: Means, errand: Errand, now: datetime) -> Reason | None:
    """Return the first of our own rules that keeps the code back, or None."""
    people, numbers = [one.person for one in errand.able], means.number_keys(errand.number)
    prefixes = means.seal.indexes(PREFIX, prefix_of(errand.number))
    still = halt(means, errand.channel, now)
    tests: dict[Reason, Callable[[], object]] = {
        Reason.OPTED_OUT: lambda: means.sends.opted_out(numbers, KINDS[errand.channel]),
        Reason.NUMBER_TYPE: lambda: not gets_texts(errand.number, means.terms.countries),
        Reason.BREAKER: lambda: still not in {None, Halt.SPENT},
        Reason.SPENT: lambda: still is Halt.SPENT,
        Reason.PREFIX_BREAKER: lambda: means.sends.pumped_prefix(prefixes, now),
        Reason.PERSON_LIMIT: lambda: reopens(means.sends.of_person(people, numbers), PERSON_SENDS, now),
        Reason.PREFIX_LIMIT: lambda: reopens(means.sends.of_prefix(prefixes), PREFIX_SENDS, now),
        Reason.AGENCY_LIMIT: lambda: reopens(means.sends.of_agency(), AGENCY_SENDS, now),
        Reason.PORTAL_LIMIT: lambda: reopens(means.sends.of_portal(), portal_windows(means.terms.portal_sends), now),
    }
    return next((reason for reason, holds in tests.items() if holds()), None)


def row_of(means: Means, errand: Errand, now: datetime) -> TextSendRow:
    """Return what is written down before the carrier is asked."""
    return TextSendRow(
        challenge=errand.seen.id,
        counter=errand.counter,
        agency=means.sends.agency,
        person=errand.able[0].person,
        contact=errand.able[0].contact,
        number=means.seal.index(NUMBER, errand.number),
        prefix=means.seal.index(PREFIX, prefix_of(errand.number)),
        channel=errand.channel,
        cost=means.terms.prices.of(errand.channel),
        state=SendState.ATTEMPTED,
        attempted_at=now,
    )
