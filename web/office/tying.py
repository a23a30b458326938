"""Who a colleague is on the roster, so that they never decide about their own family."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from rightsdesk.requests.agencies.agency import Colleague
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.onroster import adults_found, proposed
from rightsdesk.web.visits import Visit

NOT_ON_ROSTER: Final = "none"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on the roster whom a colleague may be."""

    id: UUID
    name: str
    is_proposed: bool


@dataclass(frozen=True, slots=True)
class Tying:
    """The question who somebody is on the roster."""

    name: str
    searched: str
    found: tuple[Candidate, ...]


def tying(visit: Visit, whose: Colleague) -> Tying:
    """Return the people whom the e-mail, and what was typed or else the name, find on the roster."""
    searched, on = visit.form.text("roster")[:120], (visit.tx, visit.here, visit.vault)
    likely = proposed(*on, whose.email, visit.now)
    found = {one.id: one for one in adults_found(*on, whose.email, visit.now)}
    found |= {one.id: one for one in adults_found(*on, searched or whose.name, visit.now)}
    visit.searched(len(found))
    lines = (Candidate(one.id, one.name, one.id == (whose.person or likely)) for one in found.values())
    return Tying(whose.name, searched, tuple(lines))


def chosen(visit: Visit) -> UUID | None:
    """Return whom the form names on the roster, None for nobody.

    Raises:
        NotOnFile: not this agency's, or unknown.
    """
    typed = visit.form.text("person")
    return None if typed == NOT_ON_ROSTER else visit.people.person(identity(typed)).id
