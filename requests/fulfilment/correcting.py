"""Carry out an accepted correction: write it, read it back, and give the office a task to mend the source (F-48)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from rightsdesk.requests.cases import effects
from rightsdesk.requests.cases.case import Asked, Case, Kind, Outcome
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.errors import MovedOn
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.fulfilment import remembering
from rightsdesk.requests.fulfilment.errors import CannotWrite, NotWritten
from rightsdesk.requests.fulfilment.mending.store import SourceTasks
from rightsdesk.requests.fulfilment.systems.port import System
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.erasures import Erasures

NEEDS_PERSON = "needs_person"
DONE = "done"


def correct(docket: Docket, systems: Sequence[System], erasures: Erasures, case_id: UUID, now: datetime) -> Case:
    """Write what was granted and return the case, fulfilled when every element has an end result.

    What was written is on the list of erasures before this transaction can commit: no restored backup undoes it.

    An element a system cannot take waits for a person at the office and is tried again when they say so; the others
    are done. Twice is once: an element with a result is left alone.
    """
    case = docket.cases.numbered(case_id)
    if case.kind is not Kind.CORRECTION or case.state is not State.FULFILLING:
        return case
    tried = tuple(_tried(docket, systems, erasures, case, one, now) for one in case.elements)
    if tried != case.elements:
        case = docket.cases.save(case, replace(case, elements=tried, version=case.version + 1))
    if all(one.result and one.result != NEEDS_PERSON for one in tried):
        return effects.finish(docket, case, now)
    return case


def retry(docket: Docket, staff: UUID, reference: str, version: int) -> Case:
    """Let the elements that wait for a person be tried again, and return the case.

    Raises:
        MovedOn: nothing waits any more, or the case was changed since ``version``.
    """
    case = docket.cases.find(reference).at(version)
    again = tuple(replace(one, result="") if one.result == NEEDS_PERSON else one for one in case.elements)
    if case.state is not State.FULFILLING or again == case.elements:
        raise MovedOn("Nothing waits to be tried again here.", case.version)
    docket.record(Event("retried", f"staff:{staff}", case.reference, case.subject))
    case = docket.cases.save(case, replace(case, elements=again, version=case.version + 1))
    docket.jobs.submit(
        docket.session, "fulfil", f"fulfil:{case.id}:{case.version}", str(docket.agency.id), str(case.id)
    )
    return case


def close_task(docket: Docket, staff: UUID, task: UUID, now: datetime) -> None:
    """Close a task whose source the office has mended; it is closed by itself when an import says the same.

    Raises:
        NoSuchTask: unknown, another agency's, or closed already.
    """
    closed = SourceTasks(docket.session, docket.agency.id).close(task, now)
    facts = (("act", "source_mended"), ("element", closed.element))
    docket.record(Event("corrected", f"staff:{staff}", closed.reference, closed.person, facts))


def close_settled(docket: Docket, now: datetime) -> int:
    """Close the office's tasks where the source now says what was corrected, and return how many.

    Called in the transaction of an applied import.
    """
    return SourceTasks(docket.session, docket.agency.id).close_settled(now)


def _tried(
    docket: Docket, systems: Sequence[System], erasures: Erasures, case: Case, one: Asked, now: datetime
) -> Asked:
    if one.result or one.outcome != Outcome.APPROVE:
        return one
    try:
        for system in systems:
            _write(system, case, one, now)
    except (CannotWrite, NotWritten) as refused:
        return replace(one, result=NEEDS_PERSON, attempts=one.attempts + 1, last_error=type(refused).__name__)
    remembering.keep(docket, erasures, case, one.element, one.accepted, now)
    docket.record(Event("corrected", "system", case.reference, case.subject, (("element", one.element),)))
    tasks = SourceTasks(docket.session, docket.agency.id)
    tasks.open(docket.fresh_id(), case.subject, one.element, case.reference, now)
    return replace(one, result=DONE, attempts=one.attempts + 1, last_error="")


def _write(system: System, case: Case, one: Asked, now: datetime) -> None:
    # A system spells it in its own way (grade 7 as 07), so it is compared with what it says it wrote.
    written = system.write(case.subject, one.element, one.accepted, case.reference, now)
    if system.read(case.subject, one.element) != written:
        raise NotWritten(f"{system.name} does not hold what was written.")
