"""Reads a package in the order in which it can be understood, and stages what is kept of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from rightsdesk.requests.people.roster.layout import V1_2
from rightsdesk.requests.people.roster.lines import BadLine
from rightsdesk.requests.people.roster.problems import Findings
from rightsdesk.requests.people.roster.reader import Package, unknown_columns
from rightsdesk.requests.people.roster.records import (
    BirthFields,
    OrgFields,
    PersonRecord,
    RoleFields,
    RoleRecord,
    UserFields,
)
from rightsdesk.requests.people.roster.rules import Rules
from rightsdesk.requests.people.roster.staging.people import PeopleStaging
from rightsdesk.requests.people.roster.staging.register import Register
from rightsdesk.requests.people.roster.staging.sink import Sink
from rightsdesk.requests.people.roster.tables import StagedOrgRow, StagedRoleRow
from rightsdesk.requests.people.roster.terms import Terms

_Fields = TypeVar("_Fields", OrgFields, RoleFields, BirthFields, UserFields)


@dataclass(slots=True)
class Reading:
    """One package being read; ``people`` stages those whose rows can be used."""

    package: Package
    terms: Terms
    known_orgs: frozenset[str]
    sink: Sink
    people: PeopleStaging
    register: Register
    found: Findings
    orgs: set[str] = field(default_factory=set)
    rows: int = 0
    empty: list[str] = field(default_factory=list)

    def read(self) -> None:
        """Stage the whole package: organisations, who is what, how old they are, and only then the people.

        A student's number can only be dropped while parsing when age and role are known before it is read.
        """
        rules = Rules(self.package.manifest.version, self._today, self.found)
        self.orgs = set(self.known_orgs) if not self.package.has("orgs") else set()
        self._orgs(rules)
        if self.package.has("users"):
            if self.package.manifest.version == V1_2:
                self._roles(rules)
            self._births(rules)
            self._users(rules)
        self.sink.flush()
        self.register.close()

    @property
    def _today(self) -> date:
        return self.terms.agency.today(self.terms.now)

    def _orgs(self, rules: Rules) -> None:
        for rows in self._portions("orgs", OrgFields._make, self._lost):
            read = [(line, row.sourced_id, rules.org(line, row)) for line, row in rows]
            # The live organisation stays as it was.
            self.orgs |= self.known_orgs & {sourced_id for _, sourced_id, org in read if org is None}
            usable = [(line, org) for line, _, org in read if org is not None]
            twice = self._twice("orgs", [(line, org.sourced_id) for line, org in usable])
            self.orgs |= {org.sourced_id for _, org in usable}
            self.sink.add(StagedOrgRow, [tuple(org) for line, org in usable if line not in twice])

    def _roles(self, rules: Rules) -> None:
        for rows in self._portions("roles", RoleFields._make, self._lost_role):
            usable: list[tuple[int, str, RoleRecord]] = []
            for line, row in rows:
                role = rules.role(line, row, self.orgs)
                if role is not None:
                    usable.append((line, row.sourced_id, role))
                elif row.person:
                    self.register.note_lost_role(row.person)
                else:
                    self.register.lost_roles += 1
            twice = self._twice("roles", [(line, sourced_id) for line, sourced_id, _ in usable])
            kept = [(line, role) for line, _, role in usable if line not in twice]
            self.register.note_roles(role for _, role in kept)
            self._stage_roles(kept)

    def _stage_roles(self, roles: Sequence[tuple[int, RoleRecord]]) -> None:
        keys = self.terms.vault.index_many("source", (role.person for _, role in roles))
        # All but the last two of a role's fields, which say what it means.
        self.sink.add(StagedRoleRow, [(line, keys[role.person], *role[1:6]) for line, role in roles])

    def _births(self, rules: Rules) -> None:
        for rows in self._portions("demographics", BirthFields._make, self._lost_birth):
            usable: list[tuple[int, str, date | None]] = []
            for line, row in rows:
                birth = rules.birth(line, row)
                if birth is None:
                    self.register.note_lost_birth(row.sourced_id)
                else:
                    usable.append((line, birth.person, birth.born))
            twice = self._twice("demographics", [(line, person) for line, person, _ in usable])
            self.register.note_births(one for one in usable if one[0] not in twice)

    def _users(self, rules: Rules) -> None:
        for rows in self._portions("users", UserFields._make, self._lost_user):
            read = [(line, row.sourced_id, rules.person(line, row, self.orgs)) for line, row in rows]
            twice = self._twice("users", [(line, sourced_id) for line, sourced_id, person in read if person])
            usable = [(line, sourced_id, person) for line, sourced_id, person in read if line not in twice]
            self._tell_roles([person for _, _, person in usable if person and person.roles])
            self.people.stage(usable)
        for line in self.register.orphan_births():
            self.found.error("demographics.csv", line, "dangling_ref", "sourcedId")

    def _tell_roles(self, people: Sequence[PersonRecord]) -> None:
        """Take note of the roles that stand in the users of a 1.1 package."""
        roles = [(person.line, role) for person in people for role in person.roles]
        self.register.note_roles(role for _, role in roles)
        self._stage_roles(roles)

    def _portions(
        self, name: str, make: Callable[[Iterator[str]], _Fields], lost: Callable[[BadLine], None]
    ) -> Iterator[list[tuple[int, _Fields]]]:
        """Yield the usable lines of a file, many at a time; tell ``lost`` about the others."""
        if not self.package.has(name):
            return
        self.register.begin_file()
        for column in unknown_columns(self.package, name):
            self.found.warning(f"{name}.csv", 1, "unknown_column", column[:60])
        before, pick = self.rows, self.package.picked(name)
        for portion in self.package.portions(name):
            self.rows += len(portion.rows) + len(portion.bad)
            self.terms.progress("reading", self.package.meter.unpacked, self.package.size)
            yield [(at, make(pick(row))) for at, row in zip(portion.numbers, portion.rows, strict=True)]
            for line in portion.bad:
                self.found.error(f"{name}.csv", line.number, line.code)
                lost(line)
        if self.rows == before:
            self.empty.append(name)
            self.found.warning(f"{name}.csv", 1, "header_only")

    def _twice(self, name: str, ids: Sequence[tuple[int, str]]) -> dict[int, int]:
        twice = self.register.repeated(ids)
        for line, first in twice.items():
            self.found.error(f"{name}.csv", line, "duplicate_sourced_id", "sourcedId", first)
        return twice

    def _lost(self, line: BadLine) -> None:
        self.orgs |= self.known_orgs & {line.sourced_id}

    def _lost_role(self, line: BadLine) -> None:
        self.register.lost_roles += not line.is_continuation

    def _lost_birth(self, line: BadLine) -> None:
        self.register.note_lost_birth(line.sourced_id)

    def _lost_user(self, line: BadLine) -> None:
        if not line.is_continuation:
            self.people.stage([(line.number, line.sourced_id, None)])
