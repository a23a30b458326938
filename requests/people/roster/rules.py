"""What makes a roster row usable, and what is said about one that is not."""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Final

from rightsdesk.requests.people.roster.layout import GRADES, ORG_TYPES, ROLES, STAFF_WORDS, V1_1, V1_2
from rightsdesk.requests.people.roster.problems import Findings
from rightsdesk.requests.people.roster.records import BirthRecord, OrgRecord, PersonRecord, RoleRecord, Row

_ID: Final = re.compile(r"[A-Za-z0-9._/@-]{1,255}")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_EXTENSION: Final = "ext:"
_LONGEST: Final = 255
_AGES: Final = range(3, 23)  # the school years; an age outside says that the date is wrong
_TYPED_ID: Final = re.compile(r"\{[^:{}]+:[^{}]+\}")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for one package: its version, its organisations, the agency's calendar day."""

    version: str
    today: date
    found: Findings

    def org(self, row: Row) -> OrgRecord | None:
        """Return the organisation, or None when the row cannot be used."""
        if not self._identified(row) or not self._filled(row, ("name", "type")):
            return None
        kind = row["type"]
        if kind not in ORG_TYPES and not kind.startswith(_EXTENSION):
            # Kept: a school with a strange type is still a school to its students.
            self.found.warning(row.file, row.line, "bad_enum", "type")
        parent = row["parentSourcedId"]
        return OrgRecord(row.sourced_id, row["name"][:_LONGEST], kind[:40], row["identifier"][:_LONGEST], parent)

    def role(self, row: Row, orgs: AbstractSet[str]) -> RoleRecord | None:
        """Return one role of one person, or None when the row cannot be used."""
        if not self._identified(row) or not self._filled(row, ("userSourcedId", "role", "orgSourcedId", "roleType")):
            return None
        role = self._role(row)
        if row["orgSourcedId"] not in orgs:
            self.found.error(row.file, row.line, "dangling_ref", "orgSourcedId")
            return None
        kind = self._word(row, "roleType", ("primary", "secondary"))
        if not role or not kind:
            return None
        begins, ends = self._day(row, "beginDate"), self._day(row, "endDate")
        return RoleRecord(row["userSourcedId"], role, row["orgSourcedId"], kind == "primary", begins, ends)

    def birth(self, row: Row) -> BirthRecord | None:
        """Return a birth date, None inside when it is not usable; None when the row cannot be used."""
        if not self._identified(row):
            return None
        born = self._day(row, "birthDate")
        if born is None:
            return BirthRecord(row.sourced_id, None)
        if born > self.today:
            self.found.warning(row.file, row.line, "future_date", "birthDate")
            return BirthRecord(row.sourced_id, None)
        age = self.today.year - born.year - ((self.today.month, self.today.day) < (born.month, born.day))
        if age not in _AGES:
            self.found.warning(row.file, row.line, "implausible_age", "birthDate")
            return BirthRecord(row.sourced_id, None)
        return BirthRecord(row.sourced_id, born)

    def person(self, row: Row, orgs: AbstractSet[str]) -> PersonRecord | None:
        """Return a person, or None when the row cannot be used."""
        if not self._identified(row) or not self._filled(row, ("givenName", "familyName")):
            return None
        enabled = self._boolean(row, "enabledUser")
        roles = self._roles_in(row, orgs) if self.version == V1_1 else ()
        if enabled is None or roles is None:
            return None
        if row["primaryOrgSourcedId"] and row["primaryOrgSourcedId"] not in orgs:
            self.found.warning(row.file, row.line, "dangling_ref", "primaryOrgSourcedId")
        if not row["username"]:
            self.found.warning(row.file, row.line, "empty_username", "username")
        return PersonRecord(
            line=row.line,
            sourced_id=row.sourced_id,
            is_enabled=enabled,
            given=self._text(row, "givenName"),
            family=self._text(row, "familyName"),
            preferred_given=self._text(row, "preferredGivenName"),
            preferred_family=self._text(row, "preferredFamilyName"),
            username=self._text(row, "username"),
            identifier=self._text(row, "identifier"),
            email=self._email(row),
            sms=row["sms"],
            phone=row["phone"],
            grade=self._grade(row),
            agents=self._agents(row),
            master=row["userMasterIdentifier"],
            user_ids=self._user_ids(row),
            roles=roles,
        )

    def _identified(self, row: Row) -> bool:
        if not _ID.fullmatch(row.sourced_id):
            self.found.error(row.file, row.line, "bad_sourced_id", "sourcedId")
            return False
        if row["status"] or row["dateLastModified"]:
            self.found.warning(row.file, row.line, "filled_in_bulk", "status" if row["status"] else "dateLastModified")
        return True

    def _filled(self, row: Row, columns: Iterable[str]) -> bool:
        empty = next((one for one in columns if not row[one]), None)
        if empty is not None:
            self.found.error(row.file, row.line, "missing_required", empty)
        return empty is None

    def _role(self, row: Row) -> str:
        """Return the role; empty after an error. Spelling and staff words of other versions are forgiven."""
        written = row["role"]
        if written in ROLES[self.version] or written.startswith(_EXTENSION):
            return written[:40]
        small = written.casefold()
        known = next((one for one in ROLES[V1_2] if one.casefold() == small), small if small in STAFF_WORDS else "")
        if known:
            self.found.warning(row.file, row.line, "role_mapped", "role")
        else:
            self.found.error(row.file, row.line, "bad_enum", "role")
        return known

    def _roles_in(self, row: Row, orgs: AbstractSet[str]) -> tuple[RoleRecord, ...] | None:
        if not self._filled(row, ("role", "orgSourcedIds")):
            return None
        role, schools = self._role(row), _list(row["orgSourcedIds"])
        if any(one not in orgs for one in schools):
            self.found.error(row.file, row.line, "dangling_ref", "orgSourcedIds")
            return None
        if not role:
            return None
        unique = dict.fromkeys(schools)
        return tuple(RoleRecord(row.sourced_id, role, one, n == 0, None, None) for n, one in enumerate(unique))

    def _word(self, row: Row, column: str, known: tuple[str, ...]) -> str:
        small = row[column].casefold()
        if small not in known:
            self.found.error(row.file, row.line, "bad_enum", column)
            return ""
        if small != row[column]:
            self.found.warning(row.file, row.line, "letter_case", column)
        return small

    def _boolean(self, row: Row, column: str) -> bool | None:
        written = row[column]
        if written in {"true", "false"}:
            return written == "true"
        if written.casefold() in {"true", "false", "1", "0"}:
            self.found.warning(row.file, row.line, "loose_boolean", column)
            return written.casefold() in {"true", "1"}
        self.found.error(row.file, row.line, "bad_enum" if written else "missing_required", column)
        return None

    def _day(self, row: Row, column: str) -> date | None:
        """Return a date; 1/05/2023 is never guessed, since half the world reads it the other way."""
        written = row[column]
        if not written:
            return None
        try:
            read = date.fromisoformat(written) if _DATE.fullmatch(written) else None
        except ValueError:
            read = None
        if read is None:
            self.found.warning(row.file, row.line, "bad_date", column)
        return read

    def _text(self, row: Row, column: str) -> str:
        """Return a text, cut where no name and no number goes on."""
        if len(row[column]) > _LONGEST:
            self.found.warning(row.file, row.line, "too_long", column)
        return row[column][:_LONGEST]

    def _email(self, row: Row) -> str:
        written = row["email"]
        if written and (written.count("@") != 1 or " " in written or len(written) > _LONGEST):
            self.found.warning(row.file, row.line, "bad_email", "email")
            return ""
        return written

    def _grade(self, row: Row) -> str:
        first = next(iter(_list(row["grades"])), "")
        # A spreadsheet takes the leading zero away.
        padded = first.zfill(2) if first.isascii() and first.isdigit() else first
        if padded and padded not in GRADES:
            self.found.warning(row.file, row.line, "unknown_grade", "grades")
        elif padded != first:
            self.found.warning(row.file, row.line, "grade_padded", "grades")
        return padded[:12]

    def _user_ids(self, row: Row) -> tuple[str, ...]:
        ids = _list(row["userIds"])
        typed = tuple(one for one in ids if _TYPED_ID.fullmatch(one))
        if len(typed) < len(ids):
            self.found.warning(row.file, row.line, "untyped_id", "userIds")
        return typed

    def _agents(self, row: Row) -> tuple[str, ...]:
        agents = dict.fromkeys(_list(row["agentSourcedIds"]))
        if row.sourced_id in agents:
            self.found.warning(row.file, row.line, "agent_self", "agentSourcedIds")
            del agents[row.sourced_id]
        return tuple(agents)


def _list(written: str) -> list[str]:
    return [one.strip() for one in written.split(",") if one.strip()] if written else []
