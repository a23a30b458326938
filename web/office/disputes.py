"""School accounts that found the wrong person: the office looks which of the two records is wrong."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rightsdesk.requests.ledger.audit import Event, Kind
from rightsdesk.verification.school.disputes.store import Dispute, Disputes
from rightsdesk.web import schooling
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.kin import family
from rightsdesk.web.office.shells import actor
from rightsdesk.web.problems import NotFound
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class Mistaken:
    """A school account whose owner said that ``name`` is somebody else."""

    id: UUID
    person: UUID
    name: str
    provider: str
    since: datetime


def mistaken(visit: Visit) -> tuple[Mistaken, ...]:
    """Return what waits for somebody to look; nothing about the own family of whoever asks."""
    found = _waiting(visit)
    names = {number: person.name for number, person in visit.people.persons(one.account for one in found).items()}
    labels = schooling.means(visit).providers.labels() if found else {}
    return tuple(
        Mistaken(one.id, one.account, names.get(one.account, ""), labels.get((one.issuer, one.tenant), ""), one.since)
        for one in found
    )


def looked_at(visit: Visit) -> None:
    """Close such a task: the account stays apart from that person.

    Raises:
        NotFound: nothing of the kind waits here, or it is about one's own family.
    """
    wanted = identity(visit.form.text("identity"))
    found = next((one for one in _waiting(visit) if one.id == wanted), None)
    if found is None or not _store(visit).close(found.id):
        raise NotFound
    facts = (("identity", str(found.id)),)
    visit.docket.record(Event(Kind.SCHOOL_DISPUTE_CLOSED, actor(visit), subject=found.account, facts=facts))


def _waiting(visit: Visit) -> list[Dispute]:
    own = family(visit)
    return [one for one in _store(visit).waiting() if one.account not in own]


def _store(visit: Visit) -> Disputes:
    return Disputes(visit.tx, visit.here.id)
