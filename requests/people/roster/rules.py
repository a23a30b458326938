"""What makes a roster row usable, and what is said about one that is not."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeAlias

from rightsdesk.requests.people.roster.layout import GRADES, ORG_TYPES, ROLES, STAFF_WORDS, V1_1, V1_2
from rightsdesk.requests.people.roster.problems import Findings
from rightsdesk.requests.people.roster.records import (
    BirthFields,
    BirthRecord,
    OrgFields,
    OrgRecord,
    PersonRecord,
    RoleFields,
    RoleRecord,
    UserFields,
    role_of,
)

_ID: Final = re.compile(r"[A-Za-z0-9._/@-]{1,255}")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_EXTENSION: Final = "ext:"
_LONGEST: Final = 255
_AGES: Final = range(3, 23)  # the school years; an age outside says that the date is wrong
_TYPED_ID: Final = re.compile(r"\{[^:{}]+:[^{}]+\}")
_PLAINLY: Final = {"true": True, "false": False}
_MEANINGS: Final = 50_000  # a feed has a few thousand different ones
_USERS: Final = "users.csv"
_ROLES: Final = "roles.csv"
_BIRTHS: Final = "demographics.csv"

Fields: TypeAlias = OrgFields | RoleFields | BirthFields | UserFields


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for one package: its version, its organisations, the agency's calendar day.

    A role or a birth date that was read without a finding is remembered: a million rows say a few thousand things.
    """

    version: str
    today: date
    found: Findings
    _roles_read: dict[tuple[str, ...], RoleRecord] = field(default_factory=dict)
    _births_read: dict[str, date | None] = field(default_factory=dict)

    def org(self, line: int, row: OrgFields) -> OrgRecord | None:
        """Return the organisation, or None when the row cannot be used."""
        if not self._identified("orgs.csv", line, row) or not self._filled(
            "orgs.csv", line, (("name", row.name), ("type", row.kind))
        ):
            return None
        if row.kind not in ORG_TYPES and not row.kind.startswith(_EXTENSION):
            # Kept: a school with a strange type is still a school to its students.
            self.found.warning("orgs.csv", line, "bad_enum", "type")
        name, identifier, parent = (text[:_LONGEST] for text in (row.name, row.identifier, row.parent))
        return OrgRecord(row.sourced_id, name, row.kind[:40], identifier, parent)

    def role(self, line: int, row: RoleFields, orgs: AbstractSet[str]) -> RoleRecord | None:
        """Return one role of one person, or None when the row cannot be used."""
        if not self._identified(_ROLES, line, row):
            return None
        known = self._roles_read.get(row[4:]) if row.person else None
        if known is not None:
            return known._replace(person=row.person) if known.person != row.person else known
        before = self.found.total
        role = self._role_said(line, row, orgs)
        if role is not None and self.found.total == before and len(self._roles_read) < _MEANINGS:
            self._roles_read[row[4:]] = role
        return role

    def birth(self, line: int, row: BirthFields) -> BirthRecord | None:
        """Return a birth date, None inside when it is not usable; None when the row cannot be used."""
        if not self._identified(_BIRTHS, line, row):
            return None
        if row.born in self._births_read:
            return BirthRecord(row.sourced_id, self._births_read[row.born])
        before = self.found.total
        born = self._birth_said(line, row.born)
        if self.found.total == before and len(self._births_read) < _MEANINGS:
            self._births_read[row.born] = born
        return BirthRecord(row.sourced_id, born)

    def person(self, line: int, row: UserFields, orgs: AbstractSet[str]) -> PersonRecord | None:
        """Return a person, or None when the row cannot be used."""
        if not self._identified(_USERS, line, row):
            return None
        if not (row.given and row.family):
            self.found.error(_USERS, line, "missing_required", "familyName" if row.given else "givenName")
            return None
        enabled = _PLAINLY[row.enabled] if row.enabled in _PLAINLY else self._loosely(line, row.enabled)
        roles = self._roles_in(line, row, orgs) if self.version == V1_1 else ()
        if enabled is None or roles is None:
            return None
        if row.main_org and row.main_org not in orgs:
            self.found.warning(_USERS, line, "dangling_ref", "primaryOrgSourcedId")
        if not row.username:
            self.found.warning(_USERS, line, "empty_username", "username")
        given, family, preferred_given, preferred_family, username, identifier = self._texts(line, row)
        return PersonRecord(
            line,
            row.sourced_id,
            enabled,
            given,
            family,
            preferred_given,
            preferred_family,
            username,
            identifier,
            self._email(line, row.email),
            row.sms,
            row.phone,
            row.grades if row.grades in GRADES else self._grade(line, row.grades),
            self._agents(line, row) if row.agents else (),
            row.master,
            self._user_ids(line, row.user_ids) if row.user_ids else (),
            roles,
        )

    def _identified(self, file: str, line: int, row: Fields) -> bool:
        if not _ID.fullmatch(row.sourced_id):
            self.found.error(file, line, "bad_sourced_id", "sourcedId")
            return False
        if row.status or row.changed:
            self.found.warning(file, line, "filled_in_bulk", "status" if row.status else "dateLastModified")
        return True

    def _filled(self, file: str, line: int, columns: tuple[tuple[str, str], ...]) -> bool:
        empty = next((name for name, value in columns if not value), None)
        if empty is not None:
            self.found.error(file, line, "missing_required", empty)
        return empty is None

    def _role_said(self, line: int, row: RoleFields, orgs: AbstractSet[str]) -> RoleRecord | None:
        needed = (
            ("userSourcedId", row.person),
            ("role", row.role),
            ("orgSourcedId", row.org),
            ("roleType", row.kind),
        )
        if not self._filled(_ROLES, line, needed):
            return None
        role = self._role(_ROLES, line, row.role)
        if row.org not in orgs:
            self.found.error(_ROLES, line, "dangling_ref", "orgSourcedId")
            return None
        kind = row.kind.casefold()
        if kind not in {"primary", "secondary"}:
            self.found.error(_ROLES, line, "bad_enum", "roleType")
            return None
        if kind != row.kind:
            self.found.warning(_ROLES, line, "letter_case", "roleType")
        if not role:
            return None
        days = self._day(_ROLES, line, row.begins, "beginDate"), self._day(_ROLES, line, row.ends, "endDate")
        return role_of(row.person, role, row.org, is_primary=kind == "primary", days=days)

    def _birth_said(self, line: int, written: str) -> date | None:
        born = self._day(_BIRTHS, line, written, "birthDate")
        if born is None:
            return None
        if born > self.today:
            self.found.warning(_BIRTHS, line, "future_date", "birthDate")
            return None
        age = self.today.year - born.year - ((self.today.month, self.today.day) < (born.month, born.day))
        if age not in _AGES:
            self.found.warning(_BIRTHS, line, "implausible_age", "birthDate")
            return None
        return born

    def _role(self, file: str, line: int, written: str) -> str:
        """Return the role; empty after an error. Spelling and staff words of other versions are forgiven."""
        if written in ROLES[self.version] or written.startswith(_EXTENSION):
            return written[:40]
        small = written.casefold()
        known = next((one for one in ROLES[V1_2] if one.casefold() == small), small if small in STAFF_WORDS else "")
        if known:
            self.found.warning(file, line, "role_mapped", "role")
        else:
            self.found.error(file, line, "bad_enum", "role")
        return known

    def _roles_in(self, line: int, row: UserFields, orgs: AbstractSet[str]) -> tuple[RoleRecord, ...] | None:
        if not self._filled(_USERS, line, (("role", row.role), ("orgSourcedIds", row.orgs))):
            return None
        role, schools = self._role(_USERS, line, row.role), _list(row.orgs)
        if any(one not in orgs for one in schools):
            self.found.error(_USERS, line, "dangling_ref", "orgSourcedIds")
            return None
        if not role:
            return None
        unique = dict.fromkeys(schools)
        return tuple(
            role_of(row.sourced_id, role, one, is_primary=n == 0, days=(None, None)) for n, one in enumerate(unique)
        )

    def _loosely(self, line: int, written: str) -> bool | None:
        small = written.casefold()
        if small in {"true", "false", "1", "0"}:
            self.found.warning(_USERS, line, "loose_boolean", "enabledUser")
            return small in {"true", "1"}
        self.found.error(_USERS, line, "bad_enum" if written else "missing_required", "enabledUser")
        return None

    def _day(self, file: str, line: int, written: str, column: str) -> date | None:
        """Return a date; 1/05/2023 is never guessed, since half the world reads it the other way."""
        if not written:
            return None
        try:
            read = date.fromisoformat(written) if _DATE.fullmatch(written) else None
        except ValueError:
            read = None
        if read is None:
            self.found.warning(file, line, "bad_date", column)
        return read

    def _texts(self, line: int, row: UserFields) -> tuple[str, ...]:
        """Return the texts that are kept, cut where no name and no number goes on."""
        texts = (row.given, row.family, row.preferred_given, row.preferred_family, row.username, row.identifier)
        if max(map(len, texts)) <= _LONGEST:
            return texts
        names = ("givenName", "familyName", "preferredGivenName", "preferredFamilyName", "username", "identifier")
        for name, text in zip(names, texts, strict=True):
            if len(text) > _LONGEST:
                self.found.warning(_USERS, line, "too_long", name)
        return tuple(text[:_LONGEST] for text in texts)

    def _email(self, line: int, written: str) -> str:
        if written and (written.count("@") != 1 or " " in written or len(written) > _LONGEST):
            self.found.warning(_USERS, line, "bad_email", "email")
            return ""
        return written

    def _grade(self, line: int, written: str) -> str:
        first = next(iter(_list(written)), "")
        # A spreadsheet takes the leading zero away.
        padded = first.zfill(2) if first.isascii() and first.isdigit() else first
        if padded and padded not in GRADES:
            self.found.warning(_USERS, line, "unknown_grade", "grades")
        elif padded != first:
            self.found.warning(_USERS, line, "grade_padded", "grades")
        return padded[:12]

    def _user_ids(self, line: int, written: str) -> tuple[str, ...]:
        ids = _list(written)
        typed = tuple(one for one in ids if _TYPED_ID.fullmatch(one))
        if len(typed) < len(ids):
            self.found.warning(_USERS, line, "untyped_id", "userIds")
        return typed

    def _agents(self, line: int, row: UserFields) -> tuple[str, ...]:
        agents = dict.fromkeys(_list(row.agents))
        if row.sourced_id in agents:
            self.found.warning(_USERS, line, "agent_self", "agentSourcedIds")
            del agents[row.sourced_id]
        return tuple(agents)


def _list(written: str) -> list[str]:
    return [one.strip() for one in written.split(",") if one.strip()] if written else []
