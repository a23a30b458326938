"""Reads a package in the order in which it can be understood, and stages what is kept of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from rightsdesk.requests.people.authority import Band, band
from rightsdesk.requests.people.roster.layout import V1_2
from rightsdesk.requests.people.roster.lines import BadLine
from rightsdesk.requests.people.roster.merging.claims import PURPOSE, claims
from rightsdesk.requests.people.roster.outcome import Dropped
from rightsdesk.requests.people.roster.phones import e164
from rightsdesk.requests.people.roster.problems import Findings
from rightsdesk.requests.people.roster.reader import Package, unknown_columns
from rightsdesk.requests.people.roster.records import PersonRecord, RoleRecord, Row, Standing
from rightsdesk.requests.people.roster.rules import Rules
from rightsdesk.requests.people.roster.staging.kept import NOT_SAID, keep, may_be_a_child, staged_place
from rightsdesk.requests.people.roster.staging.register import Register
from rightsdesk.requests.people.roster.staging.sink import Sink
from rightsdesk.requests.people.roster.staging.store import ASIDE, ERASED, GOOD
from rightsdesk.requests.people.roster.tables import (
    StagedClaimRow,
    StagedContactRow,
    StagedEdgeRow,
    StagedOrgRow,
    StagedPersonRow,
    StagedRoleRow,
)
from rightsdesk.requests.people.roster.terms import Terms

_TELL_EVERY: Final = 5000
_ACCOUNT: Final = "account"
_KEYS_HELD: Final = 100_000  # about 20 MB


@dataclass(slots=True)
class Reading:
    """One package being read. ``tombstones`` says by source key which elements were erased."""

    package: Package
    terms: Terms
    run: UUID
    print_key: bytes
    known_orgs: frozenset[str]
    tombstones: Mapping[str, frozenset[str]]
    sink: Sink
    found: Findings = field(default_factory=Findings)
    register: Register = field(default_factory=Register)
    orgs: set[str] = field(default_factory=set)
    rows: int = 0
    empty: list[str] = field(default_factory=list)
    erased: int = 0
    dropped: Dropped = field(default_factory=Dropped)
    keys: dict[str, str] = field(default_factory=dict)

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

    @property
    def _today(self) -> date:
        return self.terms.agency.today(self.terms.now)

    def _orgs(self, rules: Rules) -> None:
        for row in self._rows("orgs", self._lost):
            org = rules.org(row)
            if org is None or self._is_twice(row):
                self.orgs |= self.known_orgs & {row.sourced_id}  # the live organisation stays as it was
                continue
            self.orgs.add(org.sourced_id)
            self.sink.add(
                StagedOrgRow,
                {
                    "run": self.run,
                    "sourced_id": org.sourced_id,
                    "name": org.name,
                    "kind": org.kind,
                    "identifier": org.identifier,
                    "parent": org.parent,
                },
            )

    def _roles(self, rules: Rules) -> None:
        for row in self._rows("roles", self._lost_role):
            role = rules.role(row, self.orgs)
            if role is None and row["userSourcedId"]:
                self.register.note_lost_role(row["userSourcedId"])
            elif role is None:
                self.register.lost_roles += 1
            elif not self._is_twice(row):
                self.register.note_role(role)
                self._stage_role(role, row.line)

    def _stage_role(self, role: RoleRecord, line: int) -> None:
        self.sink.add(
            StagedRoleRow,
            {
                "run": self.run,
                "line": line,
                "source_key": self._key(role.person),
                "role": role.role,
                "org": role.org,
                "is_primary": role.is_primary,
                "begins": role.begins,
                "ends": role.ends,
            },
        )

    def _births(self, rules: Rules) -> None:
        for row in self._rows("demographics", self._lost_birth):
            birth = rules.birth(row)
            if birth is None:
                self.register.note_lost_birth(row.sourced_id)
            elif not self._is_twice(row):
                self.register.note_birth(birth.person, birth.born, row.line)

    def _users(self, rules: Rules) -> None:
        for row in self._rows("users", self._lost_user):
            person = rules.person(row, self.orgs)
            if person is None:
                self._set_aside(row.sourced_id, row.line)
            elif not self._is_twice(row):
                self._person(person)
        for line in self.register.orphan_births():
            self.found.error("demographics.csv", line, "dangling_ref", "sourcedId")

    def _person(self, person: PersonRecord) -> None:
        for role in person.roles:
            self.register.note_role(role)
            self._stage_role(role, person.line)
        key = self._key(person.sourced_id)
        erased = self._erased(person.sourced_id)
        standing, roles = self.register.standing(person.sourced_id)
        born = self.register.take_birth(person.sourced_id)
        if _ACCOUNT in erased:
            self.erased += 1
            self._stage_person(key, person.line, ERASED)
            return
        if standing == Standing.INCOMPLETE or (standing is Standing.NONE and self.register.lost_roles):
            # What we were told of their roles could not be used, so they stay what they were.
            self._set_aside(person.sourced_id, person.line)
            return
        if standing is Standing.NONE:
            self.found.warning("users.csv", person.line, "no_role", "sourcedId")
        self._keep(person, key, standing, roles, born, erased)

    def _keep(
        self, person: PersonRecord, key: str, standing: Standing, roles: int, born: date | None, erased: frozenset[str]
    ) -> None:
        mobile, voice = self._numbers(person, standing, born, erased)
        says = self.package.has("demographics") and self.register.says_birth(person.sourced_id)
        kept = keep(person, standing, erased, mobile, (born.isoformat() if born else "") if says else NOT_SAID)
        self.erased += (kept.email != person.email) + (kept.username != person.username)
        sealed = self.terms.vault.seal_agency(staged_place(self.run), kept.to_text())
        self.sink.add(
            StagedPersonRow,
            {
                "run": self.run,
                "line": person.line,
                "source_key": key,
                "print": kept.print(self.print_key, roles),
                "standing": int(standing),
                "state": GOOD,
                "sealed": sealed,
            },
        )
        self._contact(key, "text", "number", mobile)
        self._contact(key, "voice", "number", voice)
        self._contact(key, "mail", "email", kept.email)
        for claim in claims(person, standing, born, self.terms.agency.region):
            # Under older keys, too: whoever was entered before the keys were renewed is known by those.
            for value in self.terms.vault.indexes(PURPOSE, claim):
                self.sink.add(StagedClaimRow, {"run": self.run, "source_key": key, "value": value})
        for agent in person.agents:
            edge = {"run": self.run, "line": person.line, "one": key, "other": self._key(agent)}
            self.sink.add(StagedEdgeRow, edge)

    def _numbers(
        self, person: PersonRecord, standing: Standing, born: date | None, erased: frozenset[str]
    ) -> tuple[str, str]:
        """Return mobile and voice number in E.164, both empty for a student who is or may be under 13."""
        mobile, voice = self._number(person, "sms", person.sms), self._number(person, "phone", person.phone)
        if "mobile" in erased:
            # A number is erased wherever it stands: rosters repeat a mobile as the number to call.
            self.erased += bool(mobile or voice)
            mobile = voice = ""
        if not (mobile or voice) or not may_be_a_child(standing):
            return mobile, voice
        age = band(born, self._today)
        if age in {Band.TEEN, Band.ADULT}:
            return mobile, voice
        lost = len({mobile, voice} - {""})
        young = lost if age is Band.UNDER_13 else 0
        self.dropped = Dropped(self.dropped.under_13 + young, self.dropped.age_unknown + lost - young)
        return "", ""

    def _number(self, person: PersonRecord, column: str, typed: str) -> str:
        number = e164(typed, self.terms.agency.region) if typed else ""
        if typed and not number:
            self.found.warning("users.csv", person.line, "unparseable_phone", column)
        return number

    def _contact(self, key: str, channel: str, purpose: str, value: str) -> None:
        if not value:
            return
        vault = self.terms.vault
        row = {
            "run": self.run,
            "source_key": key,
            "channel": channel,
            "value": vault.index(purpose, value.casefold()),
            "sealed": vault.seal_agency(staged_place(self.run), value),
        }
        self.sink.add(StagedContactRow, row)

    def _set_aside(self, sourced_id: str, line: int) -> None:
        if not sourced_id:
            self.register.unknown_ids += 1
            return
        self.register.take_birth(sourced_id)
        self._stage_person(self._key(sourced_id), line, ASIDE)

    def _stage_person(self, key: str, line: int, state: str) -> None:
        row = {"run": self.run, "line": line, "source_key": key, "print": "", "standing": 0, "state": state}
        self.sink.add(StagedPersonRow, {**row, "sealed": b""})

    def _rows(self, name: str, lost: Callable[[BadLine], None]) -> Iterator[Row]:
        """Yield the usable lines of a file; tell ``lost`` about the others."""
        if not self.package.has(name):
            return
        self.register.begin_file()
        places = {column: where for where, column in enumerate(self.package.headers[name])}
        for column in unknown_columns(self.package, name):
            self.found.warning(f"{name}.csv", 1, "unknown_column", column[:60])
        before = self.rows
        for line in self.package.lines(name):
            self.rows += 1
            if self.rows % _TELL_EVERY == 0:
                self.terms.progress("reading", self.package.meter.unpacked, self.package.size)
            if isinstance(line, BadLine):
                self.found.error(f"{name}.csv", line.number, line.code)
                lost(line)
            else:
                yield Row(f"{name}.csv", line.number, line.fields, places)
        if self.rows == before:
            self.empty.append(name)
            self.found.warning(f"{name}.csv", 1, "header_only")

    def _is_twice(self, row: Row) -> bool:
        first = self.register.first_line(row.sourced_id, row.line)
        if first is not None:
            self.found.error(row.file, row.line, "duplicate_sourced_id", "sourcedId", first)
        return first is not None

    def _lost(self, line: BadLine) -> None:
        self.orgs |= self.known_orgs & {line.sourced_id}

    def _lost_role(self, line: BadLine) -> None:
        self.register.lost_roles += not line.is_continuation

    def _lost_birth(self, line: BadLine) -> None:
        self.register.note_lost_birth(line.sourced_id)

    def _lost_user(self, line: BadLine) -> None:
        if not line.is_continuation:
            self._set_aside(line.sourced_id, line.number)

    def _erased(self, sourced_id: str) -> frozenset[str]:
        if not self.tombstones:
            return frozenset()
        keys = self.terms.vault.indexes("source", sourced_id)
        return frozenset().union(*(self.tombstones.get(key, frozenset()) for key in keys))

    def _key(self, sourced_id: str) -> str:
        # An id stands in roles, in users and with each relative: keyed once, not four times.
        key = self.keys.get(sourced_id)
        if key is None:
            if len(self.keys) >= _KEYS_HELD:
                self.keys.clear()
            key = self.keys[sourced_id] = self.terms.vault.index("source", sourced_id)
        return key
