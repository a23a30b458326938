"""Keep accepted corrections outside the database too, so that a restored backup does not bring the mistake back."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import col, delete, select

from rightsdesk.requests.agencies.catalogue import WHOLE_ACCOUNT
from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.errors import NoSuchCase
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.fulfilment.errors import CannotWrite
from rightsdesk.requests.fulfilment.mending.store import SourceTasks
from rightsdesk.requests.fulfilment.systems.directory import Directory
from rightsdesk.requests.fulfilment.tables import KeptCorrectionRow
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.dialects import insert_into
from rightsdesk.requests.ledger.erasures import Correction, Entry, Erasure, Erasures
from rightsdesk.requests.ledger.errors import KeyGone, KeyLost
from rightsdesk.requests.people.errors import NotOnFile
from rightsdesk.requests.people.store import place

CORRECTION: Final = "correction"  # the scope of the key under which one corrected value is sealed


def keep(docket: Docket, erasures: Erasures, case: Case, element: str, value: str, now: datetime) -> None:
    """Write a corrected value onto the list that outlives the database, sealed; it is durable when this returns.

    Its key is its own: that of the whole record must go on opening the rest when this element is erased.
    """
    record, agency = docket.fresh_id(), docket.agency.id
    sealed = docket.vault.seal(record, CORRECTION, _place(record), value)
    correction = Correction(agency, case.subject, element, now, case.reference, record, sealed)
    erasures.append(correction)
    note(docket, correction)


def note(docket: Docket, correction: Correction) -> None:
    """Let the database know which key opens a corrected value, so that an erasure can destroy it. Twice is once."""
    row = {name: getattr(correction, name) for name in ("record", "agency", "subject", "element")}
    docket.session.connection().execute(insert_into(docket.session, KeptCorrectionRow).on_conflict_do_nothing(), row)


def forget(docket: Docket, subject: UUID, elements: Collection[str]) -> None:
    """Destroy the key of each value that was ever accepted for these elements of a student."""
    mine = [col(KeptCorrectionRow.agency) == docket.agency.id, col(KeptCorrectionRow.subject) == subject]
    if WHOLE_ACCOUNT not in elements:
        mine.append(col(KeptCorrectionRow.element).in_(elements))
    records = docket.session.exec(select(KeptCorrectionRow.record).where(*mine)).all()
    if records:
        docket.vault.destroy_many(records, CORRECTION)
        docket.session.exec(delete(KeptCorrectionRow).where(*mine))


def overtaken(entries: Sequence[Entry], done: Collection[tuple[str, str]]) -> frozenset[UUID]:
    """Return the records of the corrections after which the same was erased; ``done`` as in ``erasing.replay``."""
    gone: set[tuple[UUID, str]] = set()
    found: set[UUID] = set()
    for one in reversed(entries):
        if isinstance(one, Correction):
            if {(one.subject, one.element), (one.subject, WHOLE_ACCOUNT)} & gone:
                found.add(one.record)
        elif (one.case, one.scope) in done:
            gone.add((one.subject, one.scope))
    return frozenset(found)


def is_known(docket: Docket, correction: Correction) -> bool:
    """Say whether this database knows of the correction itself: it was carried out, or its own job will do it."""
    try:
        case = docket.cases.find(correction.case)
    except NoSuchCase:  # the copy is older than the request
        return False
    asked = next((one for one in case.elements if one.element == correction.element), None)
    return asked is not None and (bool(asked.result) or case.state is State.FULFILLING)


def lay_again(docket: Docket, directory: Directory, correction: Correction) -> bool:
    """Write an accepted correction into an older copy of the database that lost it; say whether that was possible.

    It is not where the student came after the copy was made, or the key is gone with an erasure or a lost database.
    """
    note(docket, correction)
    try:
        value = docket.vault.unseal(correction.record, CORRECTION, _place(correction.record), correction.value)
        directory.write(correction.subject, correction.element, value, correction.case, correction.at)
    except (KeyGone, KeyLost, NotOnFile, CannotWrite):
        return False
    facts = (("element", correction.element), ("replayed", "yes"))
    docket.record(Event("corrected", "system", correction.case, correction.subject, facts))
    tasks = SourceTasks(docket.session, docket.agency.id)
    tasks.open(docket.fresh_id(), correction.subject, correction.element, correction.case, correction.at)
    return True


def erasures_among(entries: Iterable[Entry]) -> Sequence[Erasure]:
    """Return the erasures, in their order."""
    return [one for one in entries if isinstance(one, Erasure)]


def _place(record: UUID) -> str:
    return place("corrections", record, "value")
