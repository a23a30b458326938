"""Imports a roster package: read, staged, compared, and applied in one transaction or not at all."""

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.agencies.catalogue import WHOLE_ACCOUNT
from rightsdesk.requests.people.roster.errors import Cancelled, PackageRefused
from rightsdesk.requests.people.roster.live.people.store import LivePeople
from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.merging.deciding import merge
from rightsdesk.requests.people.roster.outcome import Outcome, State
from rightsdesk.requests.people.roster.patience import seldom_tidied
from rightsdesk.requests.people.roster.problems import Findings
from rightsdesk.requests.people.roster.reader import Package, digest, opened
from rightsdesk.requests.people.roster.runs.store import Runs, Source
from rightsdesk.requests.people.roster.staging.people import PeopleStaging, Unchanged
from rightsdesk.requests.people.roster.staging.reading import Reading
from rightsdesk.requests.people.roster.staging.register import Register
from rightsdesk.requests.people.roster.staging.sink import Sink
from rightsdesk.requests.people.roster.staging.store import ASIDE, ERASED, Staged, lay_bare, take_stock, withhold
from rightsdesk.requests.people.roster.terms import Terms
from rightsdesk.requests.people.roster.tidying import tidy
from rightsdesk.requests.people.roster.using import Prepared, conclude, print_place, use

_KEY_BYTES: Final = 32
_LOOKED: Final = {
    State.APPLIED: "Nothing has changed: this was only a look. Without --dry-run this roster would be in use.",
    State.HELD: "Nothing has changed: this was only a look. Without --dry-run the office would decide about it.",
}
_WAIT: Final = "Another import of this agency is running. Start again when it is done."


@dataclass(frozen=True, slots=True)
class Wish:
    """How a package is to be used: ``only_look`` changes nothing, ``even_older`` skips the check of its age."""

    only_look: bool = False
    even_older: bool = False


_PLAINLY: Final = Wish()


def import_package(path: Path, terms: Terms, wish: Wish = _PLAINLY) -> Outcome:
    """Import a OneRoster package and say what came of it.

    The live record changes only in the last step, in one transaction; whatever breaks before leaves it as it
    was, and what a broken run staged is cleared away by the next one.
    """
    with terms.turn(terms.agency.id) as is_ours, seldom_tidied():
        if not is_ours:
            return Outcome(State.REFUSED, reason="import_running", words=_WAIT)
        run = terms.fresh()
        with terms.begin() as tx:
            runs = Runs(tx, terms.agency.id)
            # We have the turn, so whatever says that it is running has died.
            runs.set_aside(State.RUNNING, "interrupted")
            runs.start(run, terms.now, terms.actor)
        tidy(terms.begin, terms.agency.id)
        outcome = _Import(path, terms, run, wish).outcome()
        tidy(terms.begin, terms.agency.id)
        return outcome


@dataclass(slots=True)
class _Import:
    """One run, from the file to its end."""

    path: Path
    terms: Terms
    run: UUID
    wish: Wish
    found: Findings = field(default_factory=Findings)

    def outcome(self) -> Outcome:
        try:
            with opened(self.path) as package:
                return self._carry_out(package)
        except PackageRefused as refusal:
            return self._ended(State.REFUSED, refusal.code, str(refusal))
        except Cancelled:
            return self._ended(State.REFUSED, "cancelled", "The import was stopped. Nothing has changed.")

    def _carry_out(self, package: Package) -> Outcome:
        source = self._source(package)
        seen = self._digest()
        if not package.manifest.files:
            return self._ended(State.UNCHANGED, "no_files", "The package holds only a manifest: there is no change.")
        if source.applied_at and seen == source.digest:
            return self._ended(State.UNCHANGED, "same_file", "This very file was imported before.")
        if package.written < source.written and not self.wish.even_older:
            raise PackageRefused("older_than_applied", "The package is older than the one that was applied last.")
        reading = self._read(package, source)
        scope = Scope(
            agency=self.terms.agency.id,
            source=source.id,
            run=self.run,
            now=self.terms.now,
            is_first=source.applied_at is None,
            has_people=package.has("users"),
            keeps_everybody=bool(reading.register.unknown_ids or reading.register.lost_roles),
        )
        newer = Source(
            source.id,
            source.name,
            package.manifest.version,
            self.terms.now,
            seen,
            package.written or source.written,
            source.print_key,
        )
        prepared = Prepared(
            scope, newer, self.found, reading.rows, tuple(reading.empty), reading.people.erased, reading.people.dropped
        )
        if self.wish.only_look:
            return self._looked(prepared)
        with self.terms.begin() as tx:
            self.terms.alone(tx)  # what is erased or corrected from here on comes after, and is not written over
            _withhold_erased(LivePeople(tx, scope).tombstones(), reading.people.tombstones, tx)
            Runs(tx, self.terms.agency.id).set_aside(State.HELD, "superseded", source.id)
            return use(tx, self.terms, prepared)

    def _looked(self, prepared: Prepared) -> Outcome:
        with self.terms.begin() as tx:
            outcome = prepared.judged(tx, self.terms)[0]
            Runs(tx, self.terms.agency.id).discard(self.run, self.terms.now)
        return replace(outcome, words=_LOOKED.get(outcome.state, outcome.words))

    def _source(self, package: Package) -> Source:
        with self.terms.begin() as tx:
            known = Runs(tx, self.terms.agency.id).source(package.manifest.system)
        if known is not None:
            return known
        fresh = self.terms.fresh()
        key = self.terms.vault.seal_agency(print_place(fresh), self.terms.draw(_KEY_BYTES).hex())
        return Source(fresh, package.manifest.system, package.manifest.version, None, "", "", key)

    def _read(self, package: Package, source: Source) -> Reading:
        scope = self._looking_scope(source)
        with self.terms.begin() as tx:
            live = LivePeople(tx, scope)
            schools = frozenset(name for name, row in live.schools().items() if row.is_active)
            tombstones = live.tombstones()
            lay_bare(tx)
        reading = self._reading(package, source, schools, tombstones)
        for name in package.manifest.unannounced:
            self.found.warning("manifest.csv", 1, "listed_absent", f"file.{name}")
        reading.read()
        if package.has("users") and schools and reading.orgs and not schools & reading.orgs:
            raise PackageRefused("no_known_org", "No organisation in this package is one of this agency.")
        with self.terms.begin() as tx:
            Staged(tx, self.run).settle(all_new=source.applied_at is None)
        take_stock(self.terms.begin, of_links=False)
        with self.terms.begin() as tx:
            self._check(tx, package, scope)
        take_stock(self.terms.begin, of_links=True)
        return reading

    def _reading(
        self,
        package: Package,
        source: Source,
        schools: frozenset[str],
        tombstones: Mapping[str, frozenset[str]],
    ) -> Reading:
        register, sink = Register(), Sink(self.terms.begin, self.run)
        people = PeopleStaging(
            terms=self.terms,
            run=self.run,
            print_key=bytes.fromhex(self.terms.vault.unseal_agency(print_place(source.id), source.print_key)),
            tombstones=tombstones,
            unchanged=self._unchanged(source),
            register=register,
            sink=sink,
            found=self.found,
            has_births=package.has("demographics"),
        )
        return Reading(package, self.terms, schools, sink, people, register, self.found)

    def _unchanged(self, source: Source) -> Unchanged:
        def look(prints: Mapping[str, str]) -> AbstractSet[str]:
            if source.applied_at is None:
                return frozenset()
            with self.terms.begin() as tx:
                return LivePeople(tx, self._looking_scope(source)).unchanged(prints)

        return look

    def _looking_scope(self, source: Source) -> Scope:
        return Scope(
            self.terms.agency.id,
            source.id,
            self.run,
            self.terms.now,
            is_first=False,
            has_people=False,
            keeps_everybody=True,
        )

    def _check(self, tx: Session, package: Package, scope: Scope) -> None:
        """Check what only shows when all rows are there, and make one of the records of one person."""
        staged = Staged(tx, self.run)
        if package.has("roles"):
            for line in staged.orphan_roles():
                self.found.error("roles.csv", line, "dangling_ref", "userSourcedId")
        for line in staged.dangling_edges():
            self.found.warning("users.csv", line, "dangling_ref", "agentSourcedIds")
        for line in staged.misfit_edges():
            self.found.warning("users.csv", line, "not_student_and_adult", "agentSourcedIds")
        if package.has("users"):
            merge(tx, scope, self.found)
        staged.build_links()

    def _digest(self) -> str:
        # The day is part of it: the same file holds more on the day on which a student turns 13.
        day = self.terms.agency.today(self.terms.now)
        return hashlib.sha256(f"{digest(self.path)} {day}".encode()).hexdigest()

    def _ended(self, state: State, reason: str, words: str) -> Outcome:
        outcome = Outcome(state, self.run, reason, words, problems=self.found.sorted())
        with self.terms.begin() as tx:
            self.terms.alone(tx)
            conclude(tx, self.terms, outcome, None, {})
        return outcome


def _withhold_erased(now: Mapping[str, AbstractSet[str]], known: Mapping[str, AbstractSet[str]], tx: Session) -> None:
    """Take out of the staged rows who was erased while the file was being read."""
    fresh = {key: elements - known.get(key, frozenset()) for key, elements in now.items()}
    withhold(tx, [key for key, elements in fresh.items() if WHOLE_ACCOUNT in elements], ERASED)
    withhold(tx, [key for key, elements in fresh.items() if elements and WHOLE_ACCOUNT not in elements], ASIDE)
