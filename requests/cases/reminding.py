"""Words that time alone sends to a family: a proof or an answer is still missing, or a legal date has passed."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from rightsdesk.requests.cases import notices
from rightsdesk.requests.cases.case import REPLY_DAYS, Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.due import store as due
from rightsdesk.requests.cases.effects import PROOF_DAYS
from rightsdesk.requests.cases.states import Move, State
from rightsdesk.requests.law.messages import NoticeKind
from rightsdesk.requests.ledger.audit import Event

AT_ONCE: Final = 200
PROOF_REMINDERS: Final = (timedelta(hours=24), PROOF_DAYS - timedelta(hours=48))
ANSWER_REMINDER: Final = timedelta(days=7)


def remind_of_proof(docket: Docket, now: datetime) -> int:
    """Remind whoever has not proved who they are, after a day and two days before the end (T-07); return how many.

    Each reminder goes out once however often this runs: what was told last says which one is next.
    """
    told = 0
    for number in docket.session.exec(due.unproved(docket.agency.id, now - PROOF_REMINDERS[0])).all():
        case = docket.cases.numbered(number)
        passed = [case.filed_at + after for after in PROOF_REMINDERS if case.filed_at + after <= now]
        if now < case.filed_at + PROOF_DAYS and _not_told_since(docket, case, NoticeKind.PROOF_NEEDED, passed[-1]):
            notices.tell(docket, case, NoticeKind.PROOF_NEEDED, now)
            told += 1
    return told


def follow_questions(docket: Docket, now: datetime) -> int:
    """Remind once of an open question after 7 days, and go on after 14 days of silence (T-15); return how many.

    Silence closes nothing and is no ground. A case that lost its right while it waited sends the same words at the
    same time, so that nobody learns of it.
    """
    today, moved = docket.agency.today(now), 0
    for number in docket.session.exec(due.asked(docket.agency.id, today + ANSWER_REMINDER)).all():
        case = docket.cases.numbered(number)
        if case.seen_by_family is not State.WAITING_ON_FAMILY or case.answer_by is None:
            continue
        if case.answer_by < today:
            _go_on(docket, case)
        elif _not_told_since(docket, case, NoticeKind.QUESTION, _asked_before(docket, case)):
            notices.tell(docket, case, NoticeKind.QUESTION, now)
        else:
            continue
        moved += 1
    return moved


def tell_late(docket: Docket, now: datetime) -> int:
    """Send the letter about a date that has passed, once, on the first working day after it; return how many."""
    today = docket.agency.today(now)
    if today.weekday() >= 5 or today in docket.agency.holidays:
        return 0
    late = docket.session.exec(due.late(docket.agency.id, today).limit(AT_ONCE)).all()
    for number in late:
        notices.tell(docket, docket.cases.numbered(number), NoticeKind.LATE, now)
    return len(late)


def _go_on(docket: Docket, case: Case) -> None:
    if case.state is State.WAITING_ON_FAMILY:
        docket.record(Event("went_on", "system", case.reference, case.subject))
        docket.cases.save(case, case.move(Move.GO_ON, answer_by=None))
        return
    read_on = replace(case, state_before=State.IN_REVIEW, answer_by=None, version=case.version + 1)
    docket.cases.save(case, read_on)


def _asked_before(docket: Docket, case: Case) -> datetime:
    """Return the beginning of the day on which the reminder of an open question is due."""
    assert case.answer_by is not None  # noqa: S101 - only questions that have their day come here
    day = case.answer_by - timedelta(days=REPLY_DAYS) + ANSWER_REMINDER
    return datetime.combine(day, time(0), ZoneInfo(docket.agency.zone))


def _not_told_since(docket: Docket, case: Case, kind: NoticeKind, at: datetime) -> bool:
    last = docket.session.exec(due.told(docket.agency.id, case.id, kind)).first()
    return last is None or last < at
