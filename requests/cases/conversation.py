"""The talk about a case: a question to the family, their answer, and notes that only staff see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, select
from sqlmodel import col

from rightsdesk.requests.cases import notices
from rightsdesk.requests.cases.case import REPLY_DAYS, Approver, Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.effects import has_ended, lose_authority
from rightsdesk.requests.cases.errors import BadDecision, BadFiling, MovedOn
from rightsdesk.requests.cases.rows.store import SCOPE
from rightsdesk.requests.cases.standing import DECIDERS, require_no_conflict, require_role
from rightsdesk.requests.cases.states import Move, State
from rightsdesk.requests.cases.tables import MessageRow
from rightsdesk.requests.law.messages import NoticeKind
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.dialects import run
from rightsdesk.requests.ledger.errors import KeyGone

SHORTEST_QUESTION: Final = 20
LONGEST: Final = 4000
QUESTION: Final = "question"
ANSWER: Final = "answer"
NOTE: Final = "note"
REASON: Final = "reason"


@dataclass(frozen=True, slots=True)
class Said:
    """One message, open. ``author`` is the requester for an answer, a member of staff for everything else."""

    kind: str
    author: UUID
    at: datetime
    text: str
    language: str


def ask_family(docket: Docket, approver: Approver, reference: str, version: int, text: str, now: datetime) -> Case:
    """Send the family a question and return the case waiting for them. Silence never closes it.

    Raises:
        NotForYou: wrong role or own family.
        MovedOn: it is not waiting for a decision, or was changed since ``version``.
        BadDecision: the question is shorter than 20 characters or too long.
    """
    case = docket.cases.find(reference).at(version)
    require_role(approver, DECIDERS)
    require_no_conflict(docket, approver, case)
    if len(text.strip()) < SHORTEST_QUESTION:
        raise BadDecision("Write the question in 20 letters or more.")
    if len(text.strip()) > LONGEST:
        raise BadDecision("Use 4,000 letters or fewer.")
    reply_by = docket.agency.today(now) + timedelta(days=REPLY_DAYS)
    waiting = case.move(Move.ASK, answer_by=reply_by, claimed_by=approver.staff)
    _say(docket, case, Said(QUESTION, approver.staff, now, text, case.language))
    docket.record(Event("asked", f"staff:{approver.staff}", case.reference, case.subject))
    notices.tell(docket, case, NoticeKind.QUESTION, now)
    return docket.cases.save(case, waiting)


def answer(docket: Docket, requester: UUID, reference: str, text: str, now: datetime) -> Case:
    """Keep what the family wrote, once; an open question counts as answered.

    Somebody whose right to act ended is told nothing of it: what they write is kept for the desk, and the case stays
    where it waits for proof (DESIGN rule 3).

    Raises:
        NoSuchCase: not a case of this requester.
        BadFiling: nothing was written, or too much.
        MovedOn: the case is closed.
    """
    case = docket.cases.of(requester, reference)
    if not case.is_open:
        raise MovedOn("This request is closed.", case.version)
    if not text.strip():
        raise BadFiling("Write your message first.")
    said = Said(ANSWER, requester, now, text, case.language)
    waits = case.seen_by_family is State.WAITING_ON_FAMILY
    # Whoever answers an open question was not heard yet: after the clock was set back the last words may be older.
    if not waits and _was_just_said(docket, case, said):
        return case
    _say(docket, case, said)
    docket.record(Event("answered", f"requester:{requester}", case.reference, case.subject))
    if not waits:
        return case
    if case.state is State.WAITING_ON_FAMILY:
        if not has_ended(docket, case, now):
            return docket.cases.save(case, case.move(Move.ANSWER, answer_by=None))
        case = lose_authority(docket, case)
    read_on = replace(case, state_before=State.IN_REVIEW, answer_by=None, version=case.version + 1)
    return docket.cases.save(case, read_on)


def go_on(docket: Docket, approver: Approver, reference: str, version: int) -> Case:
    """Go on without an answer (T-15).

    Raises:
        NotForYou: wrong role or own family.
        MovedOn: no question is open, or the case was changed since ``version``.
    """
    case = docket.cases.find(reference).at(version)
    require_role(approver, DECIDERS)
    require_no_conflict(docket, approver, case)
    docket.record(Event("went_on", f"staff:{approver.staff}", case.reference, case.subject))
    return docket.cases.save(case, case.move(Move.GO_ON, answer_by=None))


def note(docket: Docket, approver: Approver, reference: str, text: str, now: datetime) -> None:
    """Keep a note for staff on a case, once; it is never sent.

    Raises:
        BadDecision: nothing was written, or too much.
    """
    case = docket.cases.find(reference)
    if not text.strip():
        raise BadDecision("Write the note first.")
    if len(text.strip()) > LONGEST:
        raise BadDecision("Use 4,000 letters or fewer.")
    said = Said(NOTE, approver.staff, now, text, "")
    if _was_just_said(docket, case, said):
        return
    _say(docket, case, said)
    docket.record(Event("note_written", f"staff:{approver.staff}", case.reference, case.subject))


def explain(docket: Docket, approver: Approver, case: Case, text: str, now: datetime) -> None:
    """Keep what the family reads about an act of the desk that has no letter of its own.

    Raises:
        BadDecision: the words are fewer than 20 characters or too many.
    """
    if len(text.strip()) < SHORTEST_QUESTION:
        raise BadDecision("Explain it to the family in 20 letters or more.")
    if len(text.strip()) > LONGEST:
        raise BadDecision("Use 4,000 letters or fewer.")
    _say(docket, case, Said(REASON, approver.staff, now, text, case.language))


_WORDS: Final = select(
    col(MessageRow.id),
    col(MessageRow.kind),
    col(MessageRow.author),
    col(MessageRow.at),
    col(MessageRow.text),
    col(MessageRow.language),
).where(col(MessageRow.agency) == bindparam("agency"), col(MessageRow.case) == bindparam("case"))
_SAID: Final = _WORDS.order_by(col(MessageRow.at), col(MessageRow.id))
_LAST: Final = _WORDS.order_by(col(MessageRow.at).desc(), col(MessageRow.id).desc()).limit(1)


def thread(docket: Docket, case: Case) -> Sequence[Said]:
    """Return everything said on a case, notes too, oldest first; pages for the family leave the notes out."""
    rows = run(docket.session, _SAID, {"agency": docket.agency.id, "case": case.id})
    return [Said(row.kind, row.author, row.at, _open(docket, case, row), row.language) for row in rows]


def _was_just_said(docket: Docket, case: Case, said: Said) -> bool:
    """Say whether this is the last thing said on a case: whoever saw no answer to a button presses it once more."""
    last = run(docket.session, _LAST, {"agency": docket.agency.id, "case": case.id}).first()
    if last is None or (last.kind, last.author) != (said.kind, said.author):
        return False
    return _open(docket, case, last) == said.text.strip()


def _say(docket: Docket, case: Case, said: Said) -> None:
    text = said.text.strip()
    if len(text) > LONGEST:
        raise BadFiling("Use 4,000 letters or fewer.")
    row = docket.fresh_id()
    docket.session.add(
        MessageRow(
            id=row,
            agency=docket.agency.id,
            case=case.id,
            kind=said.kind,
            author=said.author,
            at=said.at,
            text=docket.vault.seal(case.subject, SCOPE, f"case_messages:{row}:text", text),
            language=said.language,
        )
    )
    docket.session.flush()


def _open(docket: Docket, case: Case, row: Row[*tuple[Any, ...]]) -> str:
    try:
        return docket.vault.unseal(case.subject, SCOPE, f"case_messages:{row.id}:text", row.text)
    except KeyGone:  # erased by its retention: that something was said stays, the words are gone
        return ""
