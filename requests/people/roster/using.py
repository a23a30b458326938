"""Decides what a staged roster is good for, and uses it: applied, held for the office, or nothing to do."""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.people.roster.limits import Preview, reason_to_hold
from rightsdesk.requests.people.roster.live.applying import Applying, org_change
from rightsdesk.requests.people.roster.live.links.linking import link_change
from rightsdesk.requests.people.roster.live.links.store import LiveLinks
from rightsdesk.requests.people.roster.live.overlays import Overlays, overlays
from rightsdesk.requests.people.roster.live.people.store import LivePeople
from rightsdesk.requests.people.roster.live.points.reaching import point_change
from rightsdesk.requests.people.roster.live.points.store import LivePoints
from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.merging.filing import join_for_now, undone
from rightsdesk.requests.people.roster.outcome import Change, Counts, Dropped, Outcome, State
from rightsdesk.requests.people.roster.problems import Findings
from rightsdesk.requests.people.roster.runs.store import Runs, Source
from rightsdesk.requests.people.roster.staging.store import Staged, cover
from rightsdesk.requests.people.roster.terms import Terms

_NONE: Final = Change()
_WORDS: Final = {
    State.APPLIED: "The roster is in use.",
    State.UNCHANGED: "The roster says what is on record already.",
    State.HELD: "Nothing has changed yet. The office decides whether this file is used.",
}
_KINDS: Final = {State.APPLIED: "roster_applied", State.HELD: "roster_held", State.REFUSED: "roster_refused"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A staged package with all that was learnt while reading it. ``source`` is what it becomes when applied."""

    scope: Scope
    source: Source
    found: Findings
    rows: int
    empty_files: tuple[str, ...]
    erased: int
    dropped: Dropped

    def judged(self, tx: Session, terms: Terms) -> tuple[Outcome, Overlays]:
        """Return what is to come of it, and the corrections that stand over it."""
        people = LivePeople(tx, self.scope)
        orgs = org_change(people.schools(), Staged(tx, self.scope.run).orgs())
        over = overlays(people, terms.vault, terms.agency.region) if self.scope.has_people else Overlays({}, ())
        if not self.scope.has_people:
            counts = Counts(orgs=orgs)
            return self._outcome(counts, self._preview(_NONE, _NONE, counts), is_new=False), over
        with undone(tx):
            _enter(tx, terms, self.source)
            join_for_now(tx, self.scope)
            found = people.counts()
            links, points = link_change(LiveLinks(tx, self.scope)), point_change(LivePoints(tx, self.scope), over)
        counts = Counts(found.change, links, points, orgs, self.erased)
        preview = self._preview(found.students, found.others, counts)
        return self._outcome(counts, preview, is_new=bool(over.agreed)), over

    def marks(self) -> dict[str, str]:
        """Return what a held run needs when it is released."""
        return {
            "digest": self.source.digest,
            "written": self.source.written,
            "version": self.source.version,
            "has_people": "yes" if self.scope.has_people else "",
            "keeps_everybody": "yes" if self.scope.keeps_everybody else "",
        }

    def _preview(self, students: Change, others: Change, counts: Counts) -> Preview:
        return Preview(
            students=students,
            others=others,
            guardianships=counts.guardianships,
            orgs=counts.orgs,
            rows=self.rows,
            bad_rows=self.found.errors,
            empty_files=self.empty_files,
            is_first=self.scope.is_first,
        )

    def _outcome(self, counts: Counts, preview: Preview, *, is_new: bool) -> Outcome:
        reason = reason_to_hold(preview)
        state = State.HELD if reason else State.APPLIED
        if not reason and not counts and not is_new and not self.scope.is_first:
            state = State.UNCHANGED
        return Outcome(state, self.scope.run, reason, _WORDS[state], counts, self.dropped, problems=self.found.sorted())


def use(tx: Session, terms: Terms, prepared: Prepared) -> Outcome:
    """Apply the staged roster, or hold it when a limit is passed; all inside the caller's transaction."""
    outcome, over = prepared.judged(tx, terms)
    _enter(tx, terms, prepared.source)
    if outcome.state is State.APPLIED:
        apply(tx, terms, prepared.scope, prepared.source, over)
    conclude(tx, terms, outcome, prepared.source.id, prepared.marks() if outcome.state is State.HELD else {})
    return outcome


def _enter(tx: Session, terms: Terms, source: Source) -> None:
    runs = Runs(tx, terms.agency.id)
    if runs.source(source.name) is None:
        runs.add_source(replace(source, applied_at=None))


def apply(tx: Session, terms: Terms, scope: Scope, source: Source, over: Overlays) -> None:
    """Write what is staged, tell open cases, and note what was applied."""
    changes = Applying(tx, terms, scope, over).apply()
    Runs(tx, terms.agency.id).applied(source)
    terms.on_applied(tx, terms.agency.id, changes)


def conclude(tx: Session, terms: Terms, outcome: Outcome, source: UUID | None, marks: dict[str, str]) -> None:
    """Note how a run ended, in the list of runs and in the ledger."""
    if outcome.run is None:
        return
    Runs(tx, terms.agency.id).end(outcome.run, source, outcome, terms.now, marks)
    cover(tx)
    kind = _KINDS.get(outcome.state)
    if kind:
        terms.recorder(tx)(Event(kind, terms.actor, facts=facts(outcome)))


def facts(outcome: Outcome) -> tuple[tuple[str, str], ...]:
    """Return what the ledger says about a run: its id, a code and counts."""
    figures = [
        (f"{name}_{what}", str(getattr(change, what)))
        for name, change in outcome.counts.kinds()
        for what in ("added", "changed", "removed")
    ]
    return (("run", str(outcome.run)), ("reason", outcome.reason), *figures)


def print_place(source: UUID) -> str:
    """Return where the key of a source's prints is sealed."""
    return f"roster_sources:{source}:print_key"
