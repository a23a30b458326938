"""Which part of the record an import may touch: one agency's, as far as one source speaks of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Scope:
    """One run of one source of one agency. ``keeps_everybody``: nobody is removed, whoever is missing."""

    agency: UUID
    source: UUID
    run: UUID
    now: datetime
    is_first: bool
    has_people: bool
    keeps_everybody: bool
