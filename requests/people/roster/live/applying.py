"""Applies a staged roster: what differs is written, what is gone is marked, all in the caller's transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.ledger.vault import Clear
from rightsdesk.requests.people.roster.live.links.linking import link_people
from rightsdesk.requests.people.roster.live.links.store import LiveLinks
from rightsdesk.requests.people.roster.live.overlays import Overlays, agree
from rightsdesk.requests.people.roster.live.people.store import Differing, LivePeople
from rightsdesk.requests.people.roster.live.points.reaching import reach_people
from rightsdesk.requests.people.roster.live.points.store import LivePoints
from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.live.sealing import (
    IDENTITY,
    Known,
    corrected,
    index_rows,
    plain_columns,
    sealed_columns,
)
from rightsdesk.requests.people.roster.merging.filing import follow, join
from rightsdesk.requests.people.roster.outcome import Change
from rightsdesk.requests.people.roster.staging.kept import NOT_SAID, Kept, staged_place
from rightsdesk.requests.people.roster.staging.store import Columns, Staged
from rightsdesk.requests.people.roster.tables import StagedOrgRow
from rightsdesk.requests.people.roster.terms import Changes, Terms

BATCH: Final = 2000


@dataclass(slots=True)
class Applying:
    """One run being applied."""

    session: Session
    terms: Terms
    scope: Scope
    over: Overlays
    people: LivePeople = field(init=False)

    def __post_init__(self) -> None:
        self.people = LivePeople(self.session, self.scope)

    def apply(self) -> Changes:
        """Write everything that differs, and return what was ended or replaced."""
        apply_orgs(self.people, Staged(self.session, self.scope.run).orgs(), self.terms)
        if not self.scope.has_people:
            return Changes()
        agree(self.people, self.over.agreed)
        join(self.session, self.scope, self.terms.vault)
        changed: list[UUID] = []
        done = 0
        for page in self._pages():
            changed += self._write(page)
            done += len(page)
            self.terms.progress("applying", done, 0)
        follow(self.session, self.scope, self.terms.vault)
        self.people.settle_roles(self.over.schools())
        gone = self.people.tombstone()
        replaced = reach_people(LivePoints(self.session, self.scope), self.terms, self.over)
        ended, started = link_people(LiveLinks(self.session, self.scope), self.terms)
        return Changes(tuple(gone), tuple(ended), tuple(started), tuple(replaced), tuple(changed))

    def _pages(self) -> Iterator[Sequence[Differing]]:
        after = 0
        while page := self.people.page(after, BATCH):
            yield page
            after = page[-1].id

    def _write(self, page: Sequence[Differing]) -> list[UUID]:
        """Write one batch of people; return those who were on record before."""
        place = staged_place(self.scope.run)
        new: list[tuple[Differing, Known]] = []
        old: list[tuple[Differing, Known]] = []
        for row in page:
            kept = Kept.from_text(self.terms.vault.unseal_agency(place, row.sealed))
            if row.person is None:
                new.append((row, Known(self.terms.fresh(), kept)))
            else:
                known = Known(row.person, kept, bool(row.is_student))
                old.append((row, corrected(known, self.over)))
        self.terms.vault.ensure_keys([one.person for _, one in new], IDENTITY)
        self._add(new)
        self._change(old)
        return [one.person for _, one in old]

    def _add(self, new: list[tuple[Differing, Known]]) -> None:
        vault = self.terms.vault
        known = [one for _, one in new]
        rows = [
            {
                "id": one.person,
                "agency": self.scope.agency,
                "first_seen": self.scope.now,
                "language": "",
                **plain_columns(one),
                **sealed,
            }
            for one, sealed in zip(known, sealed_columns(vault, known, with_birth=True), strict=True)
        ]
        ids = [Clear(one.person, IDENTITY, _record_place(one.person), one.kept.sourced_id) for one in known]
        records = [self._record(row, one, sealed) for (row, one), sealed in zip(new, vault.seal_many(ids), strict=True)]
        self.people.add(rows, records)
        self.people.reindex([], [entry for one in known for entry in index_rows(vault, self.scope.agency, one)])

    def _record(self, row: Differing, one: Known, sealed: bytes) -> Columns:
        return {
            "source": self.scope.source,
            "source_key": row.source_key,
            "person": one.person,
            "sourced_id": sealed,
            "print": row.print,
            "is_active": True,
            "first_seen": self.scope.now,
            "last_changed": self.scope.now,
        }

    def _change(self, old: list[tuple[Differing, Known]]) -> None:
        vault = self.terms.vault
        # Where the package says nothing about the birth date, the one on record stays.
        for with_birth in (True, False):
            known = [one for _, one in old if (one.kept.born != NOT_SAID) is with_birth]
            rows = sealed_columns(vault, known, with_birth=with_birth)
            self.people.change(
                [
                    {"b_id": one.person, "gone_at": None, **plain_columns(one), **sealed}
                    for one, sealed in zip(known, rows, strict=True)
                ]
            )
        self.people.seen([{"b_key": row.source_key, "b_print": row.print} for row, _ in old])
        people = [one for _, one in old]
        entries = [entry for one in people for entry in index_rows(vault, self.scope.agency, one)]
        self.people.reindex([one.person for one in people], entries)


def _record_place(person: UUID) -> str:
    return f"roster_records:{person}:sourced_id"


def org_change(live: dict[str, SchoolRow], staged: Sequence[StagedOrgRow]) -> Change:
    """Return how many organisations are new, differ and are gone."""
    named = {row.sourced_id for row in staged}
    old = [row for row in staged if row.sourced_id in live and live[row.sourced_id].is_active]
    ids = {row.id: row.sourced_id for row in live.values()}
    differ = sum(_said(row) != _known(live[row.sourced_id], ids) for row in old)
    active = [row for row in live.values() if row.is_active]
    gone = sum(row.sourced_id not in named for row in active) if staged else 0
    return Change(len(staged) - len(old), differ, gone, len(active))


def apply_orgs(people: LivePeople, staged: Sequence[StagedOrgRow], terms: Terms) -> None:
    """Write the organisations; those no longer named are marked as gone."""
    if not staged:
        return
    live = people.schools()
    for row in staged:
        live.setdefault(
            row.sourced_id,
            SchoolRow(id=terms.fresh(), agency=terms.agency.id, sourced_id=row.sourced_id, name="", kind=""),
        )
    for row in staged:
        school = live[row.sourced_id]
        parent = live.get(row.parent)
        school.name, school.kind, school.identifier, school.is_active = row.name, row.kind, row.identifier, True
        school.parent = parent.id if parent else None
    named = {row.sourced_id for row in staged}
    for school in live.values():
        if school.sourced_id not in named and not people.scope.keeps_everybody:
            school.is_active = False
        people.put_school(school)
    people.session.flush()


def _said(row: StagedOrgRow) -> tuple[str, str, str, str]:
    return row.name, row.kind, row.identifier, row.parent


def _known(row: SchoolRow, ids: dict[UUID, str]) -> tuple[str, str, str, str]:
    return row.name, row.kind, row.identifier, ids.get(row.parent, "") if row.parent else ""
