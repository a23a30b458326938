"""Tidies away what ended runs have staged, after their end: a kill in between leaves the rest to the next call."""

from uuid import UUID

from rightsdesk.requests.people.roster.runs.store import Runs
from rightsdesk.requests.people.roster.staging.store import clear
from rightsdesk.requests.people.roster.terms import Begin


def tidy(begin: Begin, agency: UUID) -> None:
    """Remove what runs of an agency staged that are neither going on nor on hold."""
    with begin() as tx:
        over = Runs(tx, agency).untidied()
    for run in over:
        clear(begin, run)
        with begin() as tx:
            Runs(tx, agency).tidied(run)
