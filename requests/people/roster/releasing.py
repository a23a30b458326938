"""What the office can do with a run on hold: use it without removing anybody, use it all, or throw it away."""

from dataclasses import replace
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.people.roster.errors import NotHeld
from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.outcome import Outcome, State
from rightsdesk.requests.people.roster.patience import seldom_tidied
from rightsdesk.requests.people.roster.problems import Findings
from rightsdesk.requests.people.roster.runs.store import Run, Runs
from rightsdesk.requests.people.roster.terms import Terms
from rightsdesk.requests.people.roster.tidying import tidy
from rightsdesk.requests.people.roster.using import Prepared, apply, conclude


class Use(StrEnum):
    """How much of a held file is used. Removing everybody who is missing takes two people; web asks for them."""

    KEEP_EVERYBODY = "keep_everybody"
    REMOVE_MISSING = "remove_missing"


def release(run: UUID, how: Use, terms: Terms) -> Outcome:
    """Apply a run that was on hold and return what changed, compared with the record of this moment.

    Raises:
        NotHeld: it is not on hold, or another import is running.
    """
    tidy(terms.begin, terms.agency.id)  # this may be asked again because a process died over the last lines
    with terms.turn(terms.agency.id) as is_ours, seldom_tidied():
        with terms.begin() as tx:
            terms.alone(tx)
            done = _released(tx, run, how, terms, is_ours=is_ours)
        tidy(terms.begin, terms.agency.id)
        return done


def _released(tx: Session, run: UUID, how: Use, terms: Terms, *, is_ours: bool) -> Outcome:
    runs = Runs(tx, terms.agency.id)
    held = _held(runs, run)
    if not is_ours or held.source is None:
        raise NotHeld("Another import of this agency is running.")
    known, marks = runs.source_of(held.source), held.marks
    scope = Scope(
        agency=terms.agency.id,
        source=held.source,
        run=run,
        now=terms.now,
        is_first=known.applied_at is None,
        has_people=bool(marks.get("has_people")),
        keeps_everybody=how is Use.KEEP_EVERYBODY or bool(marks.get("keeps_everybody")),
    )
    # An approved file is compared again next time: its digest is not kept when nobody was to be removed.
    seen = "" if how is Use.KEEP_EVERYBODY else marks.get("digest", "")
    written = marks.get("written", "")
    source = replace(known, version=marks.get("version", ""), applied_at=terms.now, digest=seen, written=written)
    prepared = Prepared(scope, source, Findings(), 0, (), held.counts.erased_skipped, held.dropped)
    outcome, over = prepared.judged(tx, terms)
    apply(tx, terms, scope, source, over)
    done = replace(outcome, state=State.APPLIED, reason=how.value, words="The roster is in use.")
    conclude(tx, terms, done, held.source, {})
    return done


def discard(run: UUID, terms: Terms) -> None:
    """Throw a held run away; the record stays as it is.

    Raises:
        NotHeld: it is not on hold.
    """
    tidy(terms.begin, terms.agency.id)  # as above
    with terms.begin() as tx:
        runs = Runs(tx, terms.agency.id)
        _held(runs, run)
        runs.discard(run, terms.now)
    tidy(terms.begin, terms.agency.id)


def _held(runs: Runs, run: UUID) -> Run:
    found = runs.run(run)
    if found is None or found.state is not State.HELD:
        raise NotHeld("This import is not on hold.")
    return found
