"""Keep accepted corrections outside the database too, so that a restored backup does not bring the mistake back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from rightsdesk.requests.agencies.catalogue import WHOLE_ACCOUNT
from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.fulfilment.errors import CannotWrite
from rightsdesk.requests.fulfilment.mending.store import SourceTasks
from rightsdesk.requests.fulfilment.systems.directory import Directory
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.erasures import Correction, Entry, Erasure, Erasures
from rightsdesk.requests.ledger.errors import KeyGone, KeyLost
from rightsdesk.requests.people.errors import NotOnFile
from rightsdesk.requests.people.store import place

CORRECTION: Final = "correction"  # the scope of the key under which one corrected value is sealed


@dataclass(frozen=True, slots=True)
class Memory:
    """Writes what was accepted onto the list that outlives the database."""

    docket: Docket
    erasures: Erasures

    def keep(self, case: Case, element: str, value: str, now: datetime) -> None:
        """Write down a corrected value, sealed; it is durable when this returns.

        Its key is its own: that of the whole record must go on opening the rest when this element is erased.
        """
        record = self.docket.fresh_id()
        sealed = self.docket.vault.seal(record, CORRECTION, _place(record), value)
        agency = self.docket.agency.id
        self.erasures.append(Correction(agency, case.subject, element, now, case.reference, record, sealed))

    def forget(self, subject: UUID, elements: Collection[str]) -> None:
        """Destroy the key of each value that was ever accepted for these elements of a student."""
        every = WHOLE_ACCOUNT in elements
        mine = (one for one in self.erasures.entries() if isinstance(one, Correction) and one.subject == subject)
        self.docket.vault.destroy_many([one.record for one in mine if every or one.element in elements], CORRECTION)


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


def lay_again(docket: Docket, directory: Directory, correction: Correction) -> bool:
    """Write an accepted correction into an older copy of the database that lost it; say whether that was possible.

    It is not where the student came after the copy was made, or the key is gone with an erasure or a lost database.
    """
    sealed_at = _place(correction.record)
    try:
        value = docket.vault.unseal(correction.record, CORRECTION, sealed_at, correction.value)
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
