"""What the text codes of one agency are worked with: verification's means, built on this portal's record."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.ledger.audit import Event as LedgerEvent
from rightsdesk.requests.people.person import Holder as Held
from rightsdesk.requests.people.phones.store import Numbers
from rightsdesk.verification.answering import TRY
from rightsdesk.verification.asking import Closing
from rightsdesk.verification.attempts import NOTED, Budget
from rightsdesk.verification.challenges import Answer
from rightsdesk.verification.counting.store import Counts
from rightsdesk.verification.delivery.store import Messages
from rightsdesk.verification.means import Means, Terms
from rightsdesk.verification.numbers_on_file import Holder
from rightsdesk.verification.protocols import Event
from rightsdesk.verification.reading import counted_address
from rightsdesk.verification.sms.store import Sends
from rightsdesk.verification.spending.store import Days
from rightsdesk.verification.staff.accounts import Worth
from rightsdesk.verification.store import Codes
from rightsdesk.verification.tables import Counted
from rightsdesk.web.portal import Portal
from rightsdesk.web.settings import Settings
from rightsdesk.web.visits import Visit

# Why something was refused before anybody looked at it, by kind of event; a wrong password or code is none of these.
_UNSEEN: Final[Mapping[str, frozenset[str]]] = {
    "code_refused": frozenset(Closing),
    "code_wrong": frozenset({Answer.SPENT}),
    "code_expired": frozenset({Answer.EXPIRED}),
    "code_locked": frozenset({Answer.LOCKED}),
    "staff_refused": frozenset({Worth.LOCKED, Worth.PAUSED, "invitation"}),
    "sign_in_refused": frozenset({Worth.LOCKED, Worth.PAUSED}),
    "passkey_refused": frozenset({"unreadable", "challenge"}),
}


@dataclass(frozen=True, slots=True)
class OnFile:
    """The agency's record as verification asks for it."""

    numbers: Numbers

    def numbers_on_file(self, indexes: tuple[str, ...], now: datetime) -> Sequence[Holder]:
        """Return each person and contact point whose number has one of these blind indexes."""
        return [_holder(one) for one in self.numbers.holders(indexes, self.numbers.agency.today(now))]

    def number_of(self, contact: UUID) -> str:
        """Return the E.164 number of a contact point."""
        return self.numbers.number(contact)

    def numbers_of(self, names: tuple[str, ...], now: datetime) -> Sequence[Holder]:
        """Return each number of the one student who has a username or address with one of these blind indexes."""
        student = self.numbers.student_named(names)
        if student is None:
            return ()
        return [_holder(one) for one in self.numbers.of_person(student, self.numbers.agency.today(now))]


def _holder(one: Held) -> Holder:
    return Holder(one.person, one.contact, one.may_text, one.confirmed_at, one.replaced_at, one.standing)


def asking_place(visit: Visit) -> str:
    """Return what the place of somebody who asks is counted as; nothing for the agency's own networks."""
    return counted_address(visit.address, visit.here.own_blocks)


def has_turn(visit: Visit, what: str, budget: Budget) -> bool:
    """Count a press for the place it comes from, and say whether one was left; an agency's own networks have all.

    What is counted here shuts nobody out of another way in.
    """
    address = asking_place(visit)
    tools = means(visit.portal, visit.tx, visit.here, visit.now)
    keys = tools.seal.indexes(f"{what}-address", address) if address else ()
    return not keys or tools.counts.reserve(Counted.ADDRESS, keys, budget, visit.now) is not None


@dataclass(frozen=True, slots=True)
class Recorder:
    """Hands verification's events to the ledger, which knows its own kind of event only.

    Of refusals of what was not even looked at, a hundred in ten minutes are kept for each reason: all of them are made
    by whoever likes to, and nothing is ever taken out of the ledger. Whatever was looked at has limits of its own.
    """

    ledger: Callable[[LedgerEvent], None]
    counts: Counts
    now: datetime

    def __call__(self, event: Event) -> None:
        """Append the event."""
        if self._is_due(event):
            self.ledger(LedgerEvent(event.kind, event.actor, event.case, event.subject, event.facts))

    def _is_due(self, event: Event) -> bool:
        facts = dict(event.facts)
        reason = facts.get("reason", "")
        # The wrong code that closes a number is told of as closed, as whatever comes after it is: it was looked at.
        if reason not in _UNSEEN.get(event.kind, ()) or TRY in facts:
            return True
        key = f"noted:{event.kind}:{reason}"
        return self.counts.reserve(Counted.ADDRESS, (key,), NOTED, self.now) is not None


def means(portal: Portal, tx: Session, agency: Agency, now: datetime) -> Means:
    """Return what verification works with for one agency inside one unit of work."""
    vault, counts = portal.vault.agency(agency.id), Counts(tx, agency.id, ZoneInfo(agency.zone))
    return Means(
        codes=Codes(tx, agency.id),
        counts=counts,
        sends=Sends(tx, agency.id),
        days=Days(tx, agency.id, ZoneInfo(agency.zone)),
        messages=Messages(tx, agency.id),
        seal=vault,
        holders=OnFile(Numbers(tx, agency, vault)),
        jobs=portal.jobs,
        record=Recorder(portal.ledger(tx, agency.id, now), counts, now),
        draw=portal.draw,
        terms=_terms(portal.settings, agency),
    )


def _terms(settings: Settings, agency: Agency) -> Terms:
    carrier, texting = settings.carrier, settings.texting
    return Terms(
        agency_name=agency.short_name or agency.name,
        host=settings.host,
        countries=texting.countries,
        portal_sends=texting.texts_a_day,
        prices=texting.prices,
        ceilings=texting.ceilings,
        calls=carrier is None or bool(carrier.calls_sender),
        notices_apart=carrier is not None and carrier.has_notices_apart,
    )


def unit(portal: Portal, agency: Agency, now: datetime) -> Callable[[], AbstractContextManager[Means]]:
    """Return what opens a unit of work with these means: the worker needs two, around the call of the carrier."""

    @contextmanager
    def opened() -> Iterator[Means]:
        with portal.storage.write() as tx:
            yield means(portal, tx, agency, now)

    return opened
