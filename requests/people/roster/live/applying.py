"""Applies a staged roster: what differs is written, what is gone is marked, all in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.people.roster.live.comparing.store import Differing
from rightsdesk.requests.people.roster.live.links.linking import link_people
from rightsdesk.requests.people.roster.live.links.store import LiveLinks
from rightsdesk.requests.people.roster.live.overlays import Overlays, agree
from rightsdesk.requests.people.roster.live.people.store import LivePeople
from rightsdesk.requests.people.roster.live.points.reaching import enter_points, reach_people
from rightsdesk.requests.people.roster.live.points.store import LivePoints
from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.live.sealing import (
    BIRTH,
    IDENTITY,
    SEALED,
    SOURCED_ID,
    Known,
    corrected,
    index_rows,
    is_student,
    sealed_values,
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
        with self.people.searched_later():
            return self._people()

    def _people(self) -> Changes:
        joined = join(self.session, self.scope, self.terms.vault)
        changed: list[UUID] = []
        done = 0
        for page in self.people.pages(BATCH):
            changed += self._write(page)
            done += len(page)
            self.terms.progress("applying", done, 0)
        self.people.settle()
        follow(self.session, self.scope, self.terms.vault)
        self.people.settle_roles(self.over.schools(), all_new=self.scope.is_first and not changed and not joined)
        gone = self.people.tombstone()
        points = LivePoints(self.session, self.scope)
        replaced = reach_people(points, self.terms, self.over) if changed or not self.scope.is_first else []
        ended, started = link_people(LiveLinks(self.session, self.scope), self.terms, joined)
        return Changes(tuple(gone), tuple(ended), tuple(started), tuple(replaced), tuple(changed))

    def _write(self, page: Sequence[Differing]) -> list[UUID]:
        """Write one batch of people; return those who were on record before."""
        # Without a sealed row its fields are those on record: only what other records say of this person differs.
        told = [row for row in page if row.sealed]
        texts = self.terms.vault.unseal_agency_many(staged_place(self.scope.run), [row.sealed for row in told])
        said = [(row, Kept.from_text(text)) for row, text in zip(told, texts, strict=True)]
        new = [(row, kept) for row, kept in said if row.person is None]
        fresh = self.terms.fresh_many(len(new))
        self._add([(row, Known(person, kept)) for (row, kept), person in zip(new, fresh, strict=True)])
        self._change(
            [
                corrected(Known(row.person, kept, bool(row.is_student)), self.over)
                for row, kept in said
                if row.person is not None
            ]
        )
        self.people.seen([{"b_key": row.source_key, "b_print": row.print} for row in page if row.person is not None])
        return [row.person for row in page if row.person is not None]

    def _add(self, new: Sequence[tuple[Differing, Known]]) -> None:
        vault, known = self.terms.vault, [one for _, one in new]
        vault.new_keys([one.person for one in known], IDENTITY)
        sealed = sealed_values(vault, known, *SEALED, BIRTH, SOURCED_ID)
        self.people.add(
            [
                (one.person, is_student(one), one.kept.is_enabled, one.kept.grade, row.school, *values[:-1])
                for (row, one), values in zip(new, sealed, strict=True)
            ],
            [
                (row.source_key, one.person, values[-1], row.print)
                for (row, one), values in zip(new, sealed, strict=True)
            ],
        )
        self.people.enter(index_rows(vault, known))
        enter_points(LivePoints(self.session, self.scope), self.terms, {row.source_key: one.person for row, one in new})

    def _change(self, old: Sequence[Known]) -> None:
        vault = self.terms.vault
        # Where the package says nothing about the birth date, the one on record stays.
        for names in ((*SEALED, BIRTH), SEALED):
            known = [one for one in old if (one.kept.born != NOT_SAID) is (BIRTH in names)]
            rows = sealed_values(vault, known, *names)
            self.people.change(
                [
                    {"b_id": one.person, "gone_at": None, **_plain(one), **dict(zip(names, values, strict=True))}
                    for one, values in zip(known, rows, strict=True)
                ]
            )
        self.people.forget([one.person for one in old])
        self.people.enter(index_rows(vault, old))


def _plain(one: Known) -> Columns:
    return {
        "is_student": is_student(one),
        "is_enabled": one.kept.is_enabled,
        "is_active": True,
        "grade": one.kept.grade,
    }


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
