"""Carry out an approved erasure in two steps that can each be repeated: the records go, then the keys."""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import col, delete, select

from rightsdesk.requests.agencies.catalogue import WHOLE_ACCOUNT, Owner
from rightsdesk.requests.cases import effects, notices
from rightsdesk.requests.cases.case import Asked, Case, Kind, Outcome
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.errors import NoSuchCase
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.fulfilment import remembering
from rightsdesk.requests.fulfilment.certificates import Line, LineOutcome, issue
from rightsdesk.requests.fulfilment.systems.directory import Directory
from rightsdesk.requests.fulfilment.systems.holdings import KEPT
from rightsdesk.requests.fulfilment.tables import DoomedKeyRow
from rightsdesk.requests.law.messages import NoticeKind
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.erasures import Erasure, Erasures
from rightsdesk.requests.ledger.signing import Signer
from rightsdesk.requests.people.errors import NotOnFile

ERASED: Final = "erased"
OPEN_ACCESS: Final = "open_access"
FROZEN: Final = "frozen"
BACKUPS: Final = timedelta(days=7)  # how long a backup of the keys is kept
_PROVABLE: Final = timedelta(days=90)  # how long a request without proof holds back what may destroy the record
_DONE: Final = "done"  # the scope of a line that says: what an earlier line announced has committed
_TOMBSTONE: Final = "tombstone"  # the scope of a line that says under which key a roster speaks of what was erased
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
    (34 CFR 99.10(e)), nor while the student's record is frozen. A request that only waits for proof holds nothing back
    when whoever sent it has no right any more, or after 90 days: else one that nobody ever proves would do so for ever.
    """
    if any(_holds_back(docket, other, now) for other in docket.cases.about(case.subject)):
        return OPEN_ACCESS
    frozen = docket.people.student(case.subject, docket.agency.today(now)).is_frozen
    return FROZEN if frozen else ""


def _holds_back(docket: Docket, other: Case, now: datetime) -> bool:
    if other.kind is not Kind.ACCESS or (other.state in _ANSWERED and not other.is_held):
        return False
    if other.state is not State.AWAITING_PROOF:
        return True
    return now - other.filed_at <= _PROVABLE and not effects.has_ended(docket, other, now)


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
    if not _may_still(docket, case, now):
        return effects.lose_authority(docket, case)
    return _removed(docket, eraser, case, now)


def was_carried_out(case: Case) -> bool:
    """Say whether everything that was granted is removed; its keys may still be there."""
    granted = [one for one in case.elements if one.outcome == Outcome.APPROVE]
    return case.kind is Kind.ERASURE and bool(granted) and all(one.result == ERASED for one in granted)


def took_account(case: Case) -> bool:
    """Say whether the whole account is removed: its sessions end and nobody signs in to it again."""
    return any(one.element == WHOLE_ACCOUNT and one.result == ERASED for one in case.elements)


def forget_keys(docket: Docket, eraser: Eraser, case_id: UUID, now: datetime) -> Case:
    """Destroy the keys of what was removed, issue the certificate, close the case and return it. Twice is once."""
    case = docket.cases.numbered(case_id)
    if case.state is not State.FULFILLING or not was_carried_out(case):
        return case
    doomed = docket.session.exec(select(DoomedKeyRow.record).where(DoomedKeyRow.case == case.id)).all()
    eraser.directory.holdings.forget(doomed)
    if took_account(case):
        eraser.directory.fields.forget(case.subject)
    granted = [one.element for one in case.elements if one.result == ERASED]
    remembering.forget(docket, case.subject, granted)
    docket.session.exec(delete(DoomedKeyRow).where(col(DoomedKeyRow.case) == case.id))
    lines = [_line(one, eraser.directory.name) for one in case.elements]
    issue(docket, eraser.signer, case, lines, docket.agency.today(now + BACKUPS), now)
    return effects.finish(docket, case, now)


def confirm(docket: Docket, erasures: Erasures, case: Case, now: datetime) -> None:
    """Write onto the list that a removal has committed: from then on an older copy is erased again without its case.

    Called after the transaction of ``erase``, and once more when that is repeated; twice is harmless.
    """
    for one in case.elements:
        if one.result == ERASED:
            done = f"{_DONE}:{one.element}"
            erasures.append(Erasure(docket.agency.id, case.subject, done, now, case.reference))


def done_among(erasures: Iterable[Erasure]) -> frozenset[tuple[str, str]]:
    """Return case and element of each erasure of which the list says that it committed."""
    marked = ((one.case, *one.scope.partition(":")) for one in erasures)
    return frozenset((case, element) for case, kind, _, element in marked if kind == _DONE)


def keyed_anew(erasures: Iterable[Erasure], keys_of: Callable[[UUID], Sequence[str]]) -> Sequence[Erasure]:
    """Return the tombstones that the list lacks when rosters are compared under another key than when it was written.

    A copy of the database from before the student came holds nobody to be keyed anew: there only the list keeps out
    what was erased. ``keys_of`` gives the present ``source_keys`` of a student.
    """
    buried = [one for one in erasures if one.scope.startswith(f"{_TOMBSTONE}:")]
    known = {(one.subject, one.scope) for one in buried}
    fresh: dict[tuple[UUID, str], Erasure] = {}
    for one in buried:
        element = one.scope.split(":")[1]
        for key in keys_of(one.subject):
            scope = f"{_TOMBSTONE}:{element}:{key}"
            if (one.subject, scope) not in known:
                fresh[one.subject, scope] = replace(one, scope=scope)
    return tuple(fresh.values())


def replay(
    docket: Docket, directory: Directory, erasure: Erasure, done: Container[tuple[str, str]], now: datetime
) -> None:
    """Erase again what an older backup brought back (rule 8); harmless when it is gone already.

    What came after the erasure stays. A first line is written before its erasure commits, so a crash may leave one of
    an erasure that never happened. Without a line in ``done`` it counts only where the case says that it was carried
    out; else its own job does that, which looks at holds once more and counts what goes for the certificate.
    """
    kind, _, named = erasure.scope.partition(":")
    if kind == _DONE:
        return
    element, _, key = named.partition(":") if kind == _TOMBSTONE else (erasure.scope, "", "")
    case = _case_of(docket, erasure)
    if (erasure.case, element) not in done and not _was_erased(case, element):
        return
    if kind == _TOMBSTONE:
        directory.fields.bury(key, element, erasure.at)
        return
    if not _was_erased(case, erasure.scope):
        _erase_again(docket, directory, erasure, case, now)
    if erasure.scope == WHOLE_ACCOUNT:
        directory.fields.forget(erasure.subject)


def _erase_again(docket: Docket, directory: Directory, erasure: Erasure, case: Case | None, now: datetime) -> None:
    only = _only(case) if case else None
    doomed = directory.records(erasure.subject, (erasure.scope,), only, until=erasure.at)
    try:
        directory.remove(erasure.subject, erasure.scope, doomed, now)
    except NotOnFile:  # a copy from before they came to this agency: the tombstone keeps them out
        return
    directory.holdings.forget(doomed)
    docket.record(Event("erased", "system", erasure.case, erasure.subject, (("replayed", "yes"),)))


def _case_of(docket: Docket, erasure: Erasure) -> Case | None:
    try:
        return docket.cases.find(erasure.case)
    except NoSuchCase:  # the copy is older than the request
        return None


def _was_erased(case: Case | None, element: str) -> bool:
    return case is not None and any(one.element == element and one.result == ERASED for one in case.elements)


def _only(case: Case) -> UUID | None:
    """Return the case itself when it may take only what it hid: what a student deleted, not what they added since."""
    return case.id if case.owner is Owner.SELF and case.decided_by is None else None


def _may_still(docket: Docket, case: Case, now: datetime) -> bool:
    # Where the whole account went by another request, nobody is left who could have a right, or lose anything.
    if docket.people.person(case.subject).erased_at is not None:
        return True
    return docket.people.authority(case.requester, case.subject, case.kind, docket.agency.today(now)).holds


def _is_time(case: Case, now: datetime) -> bool:
    waits = any(one.outcome == Outcome.APPROVE and not one.result for one in case.elements)
    return waits and case.erase_at is not None and now >= case.erase_at


def _removed(docket: Docket, eraser: Eraser, case: Case, now: datetime) -> Case:
    granted = [one.element for one in case.elements if one.outcome == Outcome.APPROVE]
    doomed = eraser.directory.records(case.subject, granted, _only(case))
    for element in granted:
        _remember(docket, eraser, case, element, now)
    if WHOLE_ACCOUNT in granted and case.requester == case.subject:
        notices.address(docket, case, NoticeKind.ERASED, now)
    docket.session.add_all(DoomedKeyRow(case=case.id, record=record) for record in doomed)
    ended = tuple(_erased(docket, eraser, case, one, now) for one in case.elements)
    # The version: a case that was opened again may be carried out a second time.
    key = f"forget_keys:{case.id}:{case.version}"
    docket.jobs.submit(docket.session, "forget_keys", key, str(docket.agency.id), str(case.id))
    return docket.cases.save(case, replace(case, elements=ended, blocked="", version=case.version + 1))


def _remember(docket: Docket, eraser: Eraser, case: Case, element: str, now: datetime) -> None:
    """Write down outside the database what goes, and what an import must pass over even in a copy without the case."""
    scopes = [element]
    if element not in KEPT:
        scopes += [f"{_TOMBSTONE}:{element}:{key}" for key in eraser.directory.fields.source_keys(case.subject)]
    for scope in scopes:
        eraser.erasures.append(Erasure(docket.agency.id, case.subject, scope, now, case.reference))


def _erased(docket: Docket, eraser: Eraser, case: Case, one: Asked, now: datetime) -> Asked:
    if one.outcome != Outcome.APPROVE:
        return one
    records = eraser.directory.erase(case.subject, one.element, _only(case), now)
    facts = (("element", one.element), ("records", str(records)))
    docket.record(Event("erased", "system", case.reference, case.subject, facts))
    # ``attempts`` of an erased element counts the records that went: what the certificate states.
    return replace(one, result=ERASED, attempts=records)


def _wait(docket: Docket, case: Case, why: str, now: datetime) -> Case:
    if case.blocked == why:
        return case
    if why == OPEN_ACCESS and not docket.cases.was_told(case.id, NoticeKind.BLOCKED):
        notices.tell(docket, case, NoticeKind.BLOCKED, now)
    return docket.cases.save(case, replace(case, blocked=why, version=case.version + 1))


def _line(one: Asked, system: str) -> Line:
    if one.result == ERASED:
        return Line(one.element, system, one.attempts, LineOutcome.ERASED)
    return Line(one.element, system, one.attempts, LineOutcome.KEPT, one.ground)
