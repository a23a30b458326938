"""Whom a proven identity signs in: somebody it is linked to, or at its first sign-in somebody on the record.

The first time goes by what the agency configured: the roster's id, the student number or a username it manages. What
was taken apart is not put together again by itself, and nobody under 13, or of an age nobody knows, signs in.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from rightsdesk.verification.protocols import Event
from rightsdesk.verification.school.disputes.store import Disputes
from rightsdesk.verification.school.errors import AnswerRefused, Why
from rightsdesk.verification.school.identity import Proven
from rightsdesk.verification.school.kinds import LinkKey, Side
from rightsdesk.verification.school.provider import Provider
from rightsdesk.verification.school.signing_in import SchoolMeans
from rightsdesk.verification.school.store import Linked

SUBJECT: Final = "school_subject"  # purpose of the blind index
CONNECTED: Final = "connected"  # by somebody who was signed in to the staff account with both factors
INVITED: Final = "invited"  # by somebody who opened the link of an invitation to it
_SCOPE: Final = "identity"


class Standing(StrEnum):
    """Whether somebody on the record may have a way in of their own."""

    MAY = "may_sign_in"
    TOO_YOUNG = "too_young"  # or of an age nobody knows
    GONE = "gone"  # erased, or no longer on the record


class Roster(Protocol):
    """The agency's record, as linking asks it."""

    def known_by(self, key: LinkKey, value: str) -> Sequence[UUID]:
        """Return everybody on the record who has this roster id, student number or username."""

    def standing(self, person: UUID) -> Standing:
        """Say whether this person may sign in today."""

    def accounts_of(self, person: UUID) -> Sequence[UUID]:
        """Return the staff accounts of somebody on the record."""

    def is_staff(self, account: UUID) -> bool:
        """Say whether an account works here today."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody whom a provider vouched for now; ``fresh`` is the id that a new link gets."""

    provider: Provider
    proven: Proven
    fresh: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """Whom an identity signs in; ``is_new`` when it was linked just now."""

    link: Linked
    is_new: bool


def subjects(means: SchoolMeans, proven: Proven) -> tuple[str, ...]:
    """Return the blind indexes of an identity, newest key first."""
    return means.seal.indexes(SUBJECT, _written(proven))


def link_family(means: SchoolMeans, roster: Roster, arrival: Arrival) -> Found:
    """Return the person on record whom an identity signs in, linked now if it is the first time.

    Raises:
        AnswerRefused: nobody, several, somebody too young, or somebody whose link was taken apart.
    """
    known = means.identities.found(Side.FAMILY, subjects(means, arrival.proven))
    if known is None:
        person = _only(_known(roster, arrival))
        require_may(roster, person)
        return _linked(means, arrival, Side.FAMILY, person)
    require_may(roster, known.account)
    return Found(known, is_new=False)


def link_staff(means: SchoolMeans, roster: Roster, arrival: Arrival) -> Found:
    """Return the staff account that an identity signs in; the first time the one that is tied to a person on record.

    No account is ever made here, and no role comes from a provider. An account that has a school account is not found
    by another one: its owner connects that.

    Raises:
        AnswerRefused: no account, several, one that has a school account, or one whose link was taken apart.
    """
    known = means.identities.found(Side.STAFF, subjects(means, arrival.proven))
    if known is None:
        people = _known(roster, arrival)
        account = _only([one for person in people for one in roster.accounts_of(person)])
        return _linked(means, arrival, Side.STAFF, account)
    if not roster.is_staff(known.account):
        raise AnswerRefused(Why.NOT_LINKED, detail="gone")
    return Found(known, is_new=False)


def connect(means: SchoolMeans, account: UUID, arrival: Arrival, by: str = CONNECTED) -> Found:
    """Link an identity to a staff account whose owner wished it here; that undoes an earlier parting.

    ``by`` is how they showed that the account is theirs: ``CONNECTED`` or ``INVITED``.

    Raises:
        AnswerRefused: it is somebody else's.
    """
    known = means.identities.found(Side.STAFF, subjects(means, arrival.proven))
    if known is not None and known.account != account:
        raise AnswerRefused(Why.TAKEN)
    if known is not None:
        return Found(known, is_new=False)
    return _entered(means, arrival, Side.STAFF, account, by)


def confirm(means: SchoolMeans, link: Linked, actor: str, now: datetime) -> None:
    """Note that the person whom an identity was linked to said: this is me."""
    if link.confirmed_at is None:
        means.identities.confirm(link.id, now)
        means.record(Event("school_confirmed", actor, subject=_person(link), facts=(("identity", str(link.id)),)))


def is_vouched_for(link: Linked) -> bool:
    """Say whether the owner of a staff account has shown, beside the school account, that the two belong together.

    Until then only the roster says so, and a provider, both of which one administrator can enter.
    """
    return link.confirmed_at is not None or link.linked_by in {CONNECTED, INVITED}


def part(means: SchoolMeans, link: Linked, actor: str, why: str, now: datetime) -> bool:
    """Take an identity and its person apart; ``actor`` as in an event. False if somebody did already."""
    if not means.identities.part(link.id, actor, now):
        return False
    facts = (("identity", str(link.id)), ("reason", why))
    means.record(Event("school_unlinked", actor, subject=_person(link), facts=facts))
    return True


def dispute(means: SchoolMeans, link: Linked, now: datetime) -> bool:
    """Take them apart because whoever signed in says: this is not me. It waits for the office; false as in ``part``."""
    if not part(means, link, "unknown", "not_me", now):
        return False
    Disputes(means.identities.session, means.identities.agency).open(link.id, now)
    return True


def _linked(means: SchoolMeans, arrival: Arrival, side: Side, account: UUID) -> Found:
    if means.identities.was_parted(side, subjects(means, arrival.proven), account):
        raise AnswerRefused(Why.PARTED)
    living = [one for one in means.identities.of_account(side, account) if one.unlinked_at is None]
    # Two accounts of one district that both name the same person: one of them is wrong, and a person must look.
    # At the desk any second one: who enters a provider must not become a colleague by it (NIST SP 800-63B-4 4.1.2).
    same = [one for one in living if (one.issuer, one.tenant) == (arrival.proven.issuer, arrival.proven.tenant)]
    if same or (living and side is Side.STAFF):
        raise AnswerRefused(Why.TAKEN)
    return _entered(means, arrival, side, account, arrival.provider.link_key.value)


def _entered(means: SchoolMeans, arrival: Arrival, side: Side, account: UUID, by: str) -> Found:
    proven, written = arrival.proven, _written(arrival.proven)
    place = f"school_identities:{arrival.fresh}:sealed"
    row = Linked(
        id=arrival.fresh,
        side=side,
        account=account,
        issuer=proven.issuer,
        tenant=proven.tenant,
        subject=means.seal.index(SUBJECT, written),
        sealed=means.seal.seal(account, _SCOPE, place, written),
        linked_at=arrival.now,
        linked_by=by,
    )
    if not means.identities.link(row):
        raise AnswerRefused(Why.TAKEN, detail="faster")
    facts = (("provider", arrival.provider.slug), ("by", by), ("identity", str(arrival.fresh)))
    actor = f"requester:{account}" if side is Side.FAMILY else f"staff:{account}"
    means.record(Event("school_linked", actor, subject=_person(row), facts=facts))
    return Found(row, is_new=True)


def _known(roster: Roster, arrival: Arrival) -> Sequence[UUID]:
    link = arrival.proven.link
    return roster.known_by(arrival.provider.link_key, link) if link else ()


def _only(found: Sequence[UUID]) -> UUID:
    each = set(found)
    if len(each) != 1:
        raise AnswerRefused(Why.NOT_LINKED, detail="several" if each else "nobody")
    return each.pop()


def require_may(roster: Roster, person: UUID) -> None:
    """Return when this person may sign in today.

    Raises:
        AnswerRefused: too young, of unknown age, or no longer on the record.
    """
    standing = roster.standing(person)
    if standing is not Standing.MAY:
        raise AnswerRefused(Why.AGE if standing is Standing.TOO_YOUNG else Why.NOT_LINKED, detail=standing.value)


def _person(link: Linked) -> UUID | None:
    return link.account if link.side is Side.FAMILY else None


def _written(proven: Proven) -> str:
    return json.dumps([proven.issuer, proven.tenant, proven.subject])
