"""Puts the records of one person together while they wait, so that the rest of an import sees one row a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from hashlib import blake2b
from operator import or_
from typing import Final
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.merging.groups import Claimant, Place, Verdict, grouped, judge
from rightsdesk.requests.people.roster.merging.store import Merging, Staging
from rightsdesk.requests.people.roster.problems import Findings
from rightsdesk.requests.people.roster.staging.kept import MAIN_PRINT
from rightsdesk.requests.people.roster.staging.store import ASIDE, GOOD, MERGED, Columns

_DOUBT: Final = "maybe_two_people"


def merge(tx: Session, scope: Scope, found: Findings) -> None:
    """Bring the staged records of each person under one of them.

    Records are one person's when they claim the same, inside one agency only. What is in doubt stays apart and
    is reported: two rows of one person are a nuisance, one row of two people is a leak.
    """
    _Deciding(Merging(tx, scope), found).decide()


@dataclass(slots=True)
class _Deciding:
    merging: Merging
    found: Findings
    rows: dict[str, Staging] = field(default_factory=dict)
    joined: set[UUID] = field(default_factory=set)

    def decide(self) -> None:
        pairs, known = self._ties()
        groups = grouped(pairs)
        self.rows = {one.key: one for one in self.merging.staged(key for keys in groups for key in keys)}
        places = self._places(known)
        verdicts = [judge([self._claimant(key, known) for key in keys if key in self.rows], places) for keys in groups]
        self._carry_out([self._once(one) for one in verdicts])
        self.merging.set_aside_with_followers()
        self.merging.gather()

    def _ties(self) -> tuple[list[tuple[str, str]], dict[str, set[UUID]]]:
        """Return which records belong together, and for those that speak for nobody who they may be."""
        first: dict[str, str] = {}
        pairs = [(first.setdefault(value, key), key) for value, key in self.merging.rivals()]
        known: dict[str, set[UUID]] = {}
        for key, person in self.merging.known():
            known.setdefault(key, set()).add(person)
        following = self.merging.following()
        speaking = {
            person: key
            for person, key, state in self.merging.speaking({person for _, person, _ in following})
            if state == GOOD
        }
        for key, person, says in following:
            known.setdefault(key, set()).add(person)
            # Who says nothing any more is not for that reason somebody else.
            if not says and person in speaking:
                pairs.append((speaking[person], key))
        return [*pairs, *((key, key) for key in known)], known

    def _places(self, known: dict[str, set[UUID]]) -> dict[UUID, Place]:
        people = set[UUID]().union(*known.values())
        rows = self.merging.speaking(people)
        return {person: Place.GOOD if state == GOOD else Place.ASIDE for person, _, state in rows}

    def _claimant(self, key: str, known: dict[str, set[UUID]]) -> Claimant:
        row = self.rows[key]
        return Claimant(key, row.line, row.leads, frozenset(known.get(key, ())))

    def _once(self, verdict: Verdict) -> Verdict:
        """Let nobody on file be joined by two groups that have nothing in common."""
        if verdict.joins is None:
            return verdict
        if verdict.joins in self.joined:
            row = self.rows[verdict.leader]
            return Verdict(verdict.leader, verdict.followers, doubtful=(Claimant(row.key, row.line),))
        self.joined.add(verdict.joins)
        return verdict

    def _carry_out(self, verdicts: Sequence[Verdict]) -> None:
        for line in sorted(one.line for verdict in verdicts for one in verdict.doubtful):
            self.found.warning("users.csv", line, _DOUBT, "sourcedId")
        mark = self.merging.mark
        aside: list[Columns] = [{"b_key": key, "state": ASIDE} for one in verdicts for key in one.aside]
        mark(aside, "state")
        leaders = [self._leader(one.leader, one.followers) for one in verdicts if one.followers]
        mark(leaders, "print", "standing")
        followers: list[Columns] = [
            {"b_key": key, "state": MERGED, "leader": one.leader} for one in verdicts for key in one.followers
        ]
        mark(followers, "state", "leader")
        mark([{"b_key": one.leader, "joins": one.joins} for one in verdicts if one.joins], "joins")

    def _leader(self, key: str, followers: Iterable[str]) -> Columns:
        """Return what the leading record stands for: all that is said of the person."""
        rows = [self.rows[one] for one in (key, *followers)]
        every = "".join(sorted(one.print[:MAIN_PRINT] for one in rows))
        main = blake2b(every.encode(), digest_size=MAIN_PRINT // 2).hexdigest()
        standing = reduce(or_, (one.standing for one in rows))
        return {"b_key": key, "print": main + rows[0].print[MAIN_PRINT:], "standing": standing}
