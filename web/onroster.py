"""Who a member of staff is on the roster: a tie that only keeps them from their own family, and signs nobody in."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.authority import Band
from rightsdesk.requests.people.person import Person
from rightsdesk.requests.people.register.store import Register
from rightsdesk.requests.people.store import People


def adults_found(tx: Session, agency: Agency, vault: AgencyVault, typed: str, now: datetime) -> tuple[Person, ...]:
    """Return the adults whom a name, a student number or an e-mail finds on the record, by name."""
    register = Register(tx, agency, vault)
    found = {*register.found(typed), *register.mailed(typed)}
    return _adults(register, People(tx, agency, vault), found, now)


def proposed(tx: Session, agency: Agency, vault: AgencyVault, email: str, now: datetime) -> UUID | None:
    """Return the one adult on the record who has this e-mail; nobody where there are none or several."""
    register = Register(tx, agency, vault)
    adults = _adults(register, People(tx, agency, vault), register.mailed(email), now)
    return adults[0].id if len(adults) == 1 else None


def _adults(register: Register, people: People, found: Iterable[UUID], now: datetime) -> tuple[Person, ...]:
    today = register.agency.today(now)
    persons = people.persons(found).values()
    adults = [one for one in persons if not one.is_student or register.entry(one.id, today).band is Band.ADULT]
    return tuple(sorted(adults, key=lambda one: (one.family, one.given, one.id)))
