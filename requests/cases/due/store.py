"""The SQL that finds the cases whose time has come, so that none that cannot move keeps the others waiting."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, exists, func
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from rightsdesk.requests.cases.states import UNANSWERED, State
from rightsdesk.requests.cases.tables import CaseRow, NoticeRow
from rightsdesk.requests.law.messages import NoticeKind
from rightsdesk.requests.people.tables import PersonRow


def leaving(agency: UUID, now: datetime) -> SelectOfScalar[UUID]:
    """Return the query for answers whose hold is over, oldest first.

    A grant about a frozen student cannot leave: found each time, enough of them would fill every look at the table.
    """
    frozen = exists().where(col(PersonRow.id) == col(CaseRow.subject), col(PersonRow.frozen_at).is_not(None))
    wanted = select(CaseRow.id).where(
        CaseRow.agency == agency, col(CaseRow.effective_at) <= now, col(CaseRow.took_effect_at).is_(None)
    )
    return wanted.where((col(CaseRow.state) == State.DENIED) | ~frozen).order_by(col(CaseRow.effective_at))


def erasing(agency: UUID, now: datetime) -> SelectOfScalar[UUID]:
    """Return the query for erasures whose waiting is over, oldest first, held back or not."""
    wanted = select(CaseRow.id).where(
        CaseRow.agency == agency, CaseRow.state == State.FULFILLING, col(CaseRow.is_open), col(CaseRow.erase_at) <= now
    )
    return wanted.order_by(col(CaseRow.erase_at))


def unproved(agency: UUID, filed_by: datetime) -> SelectOfScalar[UUID]:
    """Return the query for cases filed until then that wait for a first proof, oldest first.

    One that lost its right, or whose proof was refused before, is a person's to judge and never found here.
    """
    wanted = select(CaseRow.id).where(
        CaseRow.agency == agency, CaseRow.state == State.AWAITING_PROOF, col(CaseRow.is_open)
    )
    first = wanted.where(col(CaseRow.state_before) == "", col(CaseRow.filed_at) <= filed_by)
    return first.order_by(col(CaseRow.filed_at), col(CaseRow.id))


def asked(agency: UUID, until: date) -> SelectOfScalar[UUID]:
    """Return the query for cases whose question is to be answered by this day or before, soonest first."""
    wanted = select(CaseRow.id).where(CaseRow.agency == agency, col(CaseRow.is_open), col(CaseRow.answer_by) <= until)
    waits = col(CaseRow.state).in_((State.WAITING_ON_FAMILY, State.AWAITING_PROOF))
    return wanted.where(waits).order_by(col(CaseRow.answer_by), col(CaseRow.id))


def late(agency: UUID, today: date) -> SelectOfScalar[UUID]:
    """Return the query for unanswered cases whose date has passed and whose family was not told so, oldest first.

    One that lost its right reads like any other, or the silence would tell of a restriction.
    """
    told = exists().where(col(NoticeRow.case) == col(CaseRow.id), col(NoticeRow.kind) == NoticeKind.LATE)
    waits = sorted(UNANSWERED - {State.AWAITING_PROOF})
    lost = (col(CaseRow.state) == State.AWAITING_PROOF) & col(CaseRow.state_before).in_(waits)
    wanted = select(CaseRow.id).where(CaseRow.agency == agency, col(CaseRow.is_open))
    wanted = wanted.where(col(CaseRow.state).in_(waits) | lost)
    return wanted.where(col(CaseRow.due_on) < today, ~told).order_by(col(CaseRow.due_on), col(CaseRow.id))


def overdue(by: date) -> Select[UUID, date, int]:
    """Return the query for how many unanswered cases each agency has of each due date up to this one.

    An agency's own day says which of them are late.
    """
    waits = sorted(UNANSWERED - {State.AWAITING_PROOF})
    wanted = columns(col(CaseRow.agency), col(CaseRow.due_on), func.count())
    found = wanted.where(col(CaseRow.is_open), col(CaseRow.state).in_(waits), col(CaseRow.due_on) <= by)
    return found.group_by(col(CaseRow.agency), col(CaseRow.due_on))


def told(agency: UUID, case: UUID, kind: NoticeKind) -> SelectOfScalar[datetime]:
    """Return the query for when a notice of this kind about a case was entered, newest first."""
    wanted = select(NoticeRow.queued_at).where(NoticeRow.agency == agency, NoticeRow.case == case)
    return wanted.where(NoticeRow.kind == kind).order_by(col(NoticeRow.queued_at).desc())
