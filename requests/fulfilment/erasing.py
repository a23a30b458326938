"""Carry out an approved erasure in two steps that can each be repeated: the records go, then the keys."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import col, delete, select

from rightsdesk.requests.agencies.catalogue import WHOLE_ACCOUNT
from rightsdesk.requests.cases import effects, notices
from rightsdesk.requests.cases.case import Asked, Case, Kind, Outcome
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.notices import Notice
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.fulfilment.certificates import Line, issue
from rightsdesk.requests.fulfilment.systems.directory import Directory
from rightsdesk.requests.fulfilment.tables import DoomedKeyRow
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.erasures import Erasure, Erasures
from rightsdesk.requests.ledger.signing import Signer
from rightsdesk.requests.people.authority import Why

ERASED: Final = "erased"
OPEN_ACCESS: Final = "open_access"
FROZEN: Final = "frozen"
BACKUPS: Final = timedelta(days=7)  # how long a backup of the keys is kept
_ANSWERED: Final = frozenset(
    {State.FULFILLED, State.DENIED, State.WITHDRAWN, State.EXPIRED_UNVERIFIED, State.DUPLICATE}
)


@dataclass(frozen=True, slots=True)
class Eraser:
    """What an erasure needs beside the docket."""

    directory: Directory
    erasures: Erasures
    signer: Signer


def obstacle(docket: Docket, case: Case, now: datetime) -> str:
    """Return why this erasure must wait, or nothing.

    Nothing of a student is destroyed while any request to inspect their record is open, whoever filed it
    (34 CFR 99.10(e)), nor while the student's record is frozen.
    """
    others = docket.cases.about(case.subject)
    if any(other.kind is Kind.ACCESS and (other.state not in _ANSWERED or other.is_held) for other in others):
        return OPEN_ACCESS
    why = docket.people.authority(case.requester, case.subject, case.kind, docket.agency.today(now)).why
    return FROZEN if why is Why.FROZEN else ""


def erase(docket: Docket, eraser: Eraser, case_id: UUID, now: datetime) -> Case:
    """Remove the records of an erasure whose waiting is over, and return the case. Its keys go in ``forget_keys``.

    The erasure ledger is on the disk before this transaction can commit, so that a restored backup is erased again.
    A lost right to act sends the case back to wait for proof instead.
    """
    case = docket.cases.numbered(case_id)
    if case.kind is not Kind.ERASURE or case.state is not State.FULFILLING or not _is_time(case, now):
        return case
    blocked = obstacle(docket, case, now)
    if blocked:
        return _wait(docket, case, blocked, now)
    if not docket.people.authority(case.requester, case.subject, case.kind, docket.agency.today(now)).holds:
        return effects.lose_authority(docket, case)
    return _removed(docket, eraser, case, now)


def forget_keys(docket: Docket, eraser: Eraser, case_id: UUID, now: datetime) -> Case:
    """Destroy the keys of what was removed, issue the certificate, close the case and return it. Twice is once."""
    case = docket.cases.numbered(case_id)
    granted = [one for one in case.elements if one.outcome == Outcome.APPROVE]
    if case.state is not State.FULFILLING or any(one.result != ERASED for one in granted):
        return case
    doomed = docket.session.exec(select(DoomedKeyRow.record).where(DoomedKeyRow.case == case.id)).all()
    eraser.directory.holdings.forget(doomed)
    if any(one.element == WHOLE_ACCOUNT for one in granted):
        eraser.directory.fields.forget(case.subject)
    docket.session.exec(delete(DoomedKeyRow).where(col(DoomedKeyRow.case) == case.id))
    lines = [Line(one.element, eraser.directory.name, one.attempts, *_ending(one)) for one in case.elements]
    issue(docket, eraser.signer, case, lines, docket.agency.today(now + BACKUPS), now)
    return effects.finish(docket, case, now)


def replay(docket: Docket, directory: Directory, erasure: Erasure, now: datetime) -> None:
    """Erase again what an older backup brought back (rule 8); harmless when it is gone already."""
    case = UUID(int=0)
    doomed = directory.records(erasure.subject, (erasure.scope,), case)
    directory.erase(erasure.subject, erasure.scope, case, now)
    directory.holdings.forget(doomed)
    if erasure.scope == WHOLE_ACCOUNT:
        directory.fields.forget(erasure.subject)
    docket.record(Event("erased", "system", erasure.case, erasure.subject, (("replayed", "yes"),)))


def _is_time(case: Case, now: datetime) -> bool:
    waits = any(one.outcome == Outcome.APPROVE and not one.result for one in case.elements)
    return waits and case.erase_at is not None and now >= case.erase_at


def _removed(docket: Docket, eraser: Eraser, case: Case, now: datetime) -> Case:
    granted = [one.element for one in case.elements if one.outcome == Outcome.APPROVE]
    doomed = eraser.directory.records(case.subject, granted, case.id)
    for element in granted:
        eraser.erasures.append(Erasure(docket.agency.id, case.subject, element, now, case.reference))
    docket.session.add_all(DoomedKeyRow(case=case.id, record=record) for record in doomed)
    ended = tuple(_erased(docket, eraser, case, one, now) for one in case.elements)
    docket.jobs.submit(docket.session, "forget_keys", f"forget_keys:{case.id}", str(docket.agency.id), str(case.id))
    return docket.cases.save(case, replace(case, elements=ended, blocked="", version=case.version + 1))


def _erased(docket: Docket, eraser: Eraser, case: Case, one: Asked, now: datetime) -> Asked:
    if one.outcome != Outcome.APPROVE:
        return one
    records = eraser.directory.erase(case.subject, one.element, case.id, now)
    facts = (("element", one.element), ("records", str(records)))
    docket.record(Event("erased", "system", case.reference, case.subject, facts))
    # ``attempts`` of an erased element counts the records that went: what the certificate states.
    return replace(one, result=ERASED, attempts=records)


def _wait(docket: Docket, case: Case, why: str, now: datetime) -> Case:
    if case.blocked == why:
        return case
    if why == OPEN_ACCESS:
        notices.tell(docket, case, Notice.BLOCKED, now)
    return docket.cases.save(case, replace(case, blocked=why, version=case.version + 1))


def _ending(one: Asked) -> tuple[str, str]:
    return ("erased", "") if one.result == ERASED else ("kept", one.ground)
