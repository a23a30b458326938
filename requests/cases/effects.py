"""What time and changed facts do to a case: the hold ends, a right to act ends, a proof never comes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.cases import lettering, notices
from rightsdesk.requests.cases.case import Asked, Case, Delivery, Kind, Outcome
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.due import store as due
from rightsdesk.requests.cases.duplicating import reopen_doubles
from rightsdesk.requests.cases.states import GRANTED, UNDECIDED, Move, State
from rightsdesk.requests.cases.waiting import erasure_time
from rightsdesk.requests.law.messages import NoticeKind
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.people.authority import Why

PROOF_DAYS: Final = timedelta(days=7)
_LOSABLE: Final = frozenset(
    {*UNDECIDED, State.WAITING_ON_FAMILY, State.AWAITING_SECOND_APPROVAL, *GRANTED, State.FULFILLING}
)
_DONE_NOTICE: Final = {
    Kind.ACCESS: NoticeKind.READY,
    Kind.CORRECTION: NoticeKind.CORRECTED,
    Kind.ERASURE: NoticeKind.ERASED,
}


def take_effect(docket: Docket, case_id: UUID, now: datetime) -> Case:
    """Let a held decision leave: the letter goes out, the work starts. Twice is once.

    A grant leaves only while the family may still act; a frozen student's waits (T-24).

    Raises:
        LetterNotReady: words that a law demands went missing after the decision.
    """
    case = docket.cases.numbered(case_id)
    if not case.is_held or case.effective_at is None or now < case.effective_at:
        return case
    if case.state is State.DENIED:
        closed = case.move(Move.TAKE_EFFECT, took_effect_at=now, closed_at=now, claimed_by=None)
        return _left(docket, case, closed, NoticeKind.DENIED, now)
    why = docket.people.authority(case.requester, case.subject, case.kind, docket.agency.today(now)).why
    if why is Why.FROZEN:
        return case
    if why not in {Why.LINKED, Why.OWN_RECORD}:
        return lose_authority(docket, case)
    erase_at = _erase_at(docket, case, now)
    started = case.move(Move.TAKE_EFFECT, took_effect_at=now, claimed_by=None, erase_at=erase_at)
    started = replace(started, elements=tuple(_refused_is_done(one) for one in started.elements))
    docket.jobs.submit(
        docket.session, "fulfil", f"fulfil:{case.id}:{started.version}", str(docket.agency.id), str(case.id)
    )
    notice = NoticeKind.APPROVED if case.state is State.APPROVED else NoticeKind.PARTIAL
    return _left(docket, case, started, notice, now)


def lose_authority(docket: Docket, case: Case) -> Case:
    """Send a case back to wait for proof; the family's page keeps the words it had (T-25).

    What it had hidden comes back: whoever refuses it later must not leave it out of sight for good.
    """
    if case.owner is Owner.SELF:
        docket.live.restore(case.id)
    lost = case.take_back(Move.AUTHORITY_LOST, State.AWAITING_PROOF, state_before=case.seen_by_family, blocked="")
    docket.record(Event("authority_lost", "system", case.reference, case.subject))
    return docket.cases.save(case, lost)


def look_again(docket: Docket, people: Sequence[UUID], now: datetime) -> int:
    """Check the open cases about or by these people again, and return how many lost their authority.

    Called when an import, a restriction or an 18th birthday changed who may act. A freeze stops nothing here: it holds
    decisions and releases back until it is lifted.
    """
    lost = 0
    for number in docket.cases.touching(people):
        case = docket.cases.numbered(number)
        if case.state in _LOSABLE and not case.has_begun and has_ended(docket, case, now):
            lose_authority(docket, case)
            lost += 1
    return lost


def has_ended(docket: Docket, case: Case, now: datetime) -> bool:
    """Say whether the requester may not act any more. A freeze ends no right: it only holds everything back."""
    standing = docket.people.authority(case.requester, case.subject, case.kind, docket.agency.today(now))
    return not standing.holds and standing.why is not Why.FROZEN


def expire_unproved(docket: Docket, now: datetime) -> int:
    """Close what was never proved within 7 days, and return how many (T-07). A lost proof is a person's to judge."""
    ended = 0
    for number in docket.session.exec(due.unproved(docket.agency.id, now - PROOF_DAYS)).all():
        case = docket.cases.numbered(number)
        docket.cases.save(case, case.move(Move.PROOF_TIMEOUT, closed_at=now))
        docket.record(Event("expired", "system", case.reference, case.subject))
        notices.tell(docket, case, NoticeKind.EXPIRED, now)
        reopen_doubles(docket, case, now)
        ended += 1
    return ended


def finish(docket: Docket, case: Case, now: datetime) -> Case:
    """Close a case whose every element has an end result, and tell the family (T-27)."""
    done = case.move(Move.FINISH, closed_at=now)
    docket.record(Event("fulfilled", "system", case.reference, case.subject, (("kind", str(case.kind)),)))
    if case.delivery is not Delivery.OFFICE:  # who was at the office knows; there is no copy to be announced
        notices.tell(docket, case, _DONE_NOTICE[case.kind], now)
    return docket.cases.save(case, done)


def _erase_at(docket: Docket, case: Case, now: datetime) -> datetime | None:
    if case.kind is not Kind.ERASURE:
        return None
    return erasure_time(docket.agency, case, docket.cases.clocks(case.id), now)


def _refused_is_done(one: Asked) -> Asked:
    return replace(one, result="refused") if one.outcome == Outcome.DENY else one


def _left(docket: Docket, before: Case, after: Case, notice: NoticeKind, now: datetime) -> Case:
    docket.cases.keep_letter(before, lettering.sent_text(docket, after, now))
    docket.record(Event("took_effect", "system", before.reference, before.subject, (("outcome", before.outcome),)))
    notices.tell(docket, before, notice, now)
    return docket.cases.save(before, after)
