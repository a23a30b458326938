"""What earlier files said about people, kept small, for the decisions that cannot wait for the database."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from rightsdesk.requests.people.roster.records import RoleRecord, Standing

# Numbers only, and in memory only: a dictionary of Python's takes five times the room of these tables.
_TABLES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA temp_store = MEMORY;
CREATE TABLE roles (who INTEGER PRIMARY KEY, standing INTEGER, mark INTEGER);
CREATE TABLE births (who INTEGER PRIMARY KEY, born INTEGER, line INTEGER);
CREATE TABLE seen (who INTEGER PRIMARY KEY, line INTEGER)"""
# The marks are put together without regard to order (a ^ b): the same roles in another order are no change.
_ROLE: Final = """
INSERT INTO roles VALUES (?, ?, ?) ON CONFLICT (who) DO UPDATE SET
standing = standing | excluded.standing, mark = (mark | excluded.mark) - (mark & excluded.mark)"""
_BIRTH: Final = "INSERT OR REPLACE INTO births VALUES (?, ?, ?)"
_STANDINGS: Final = tuple(Standing(number) for number in range(2 * Standing.INCOMPLETE))  # looked up, not made anew
_SEEN: Final = "SELECT who, line FROM seen WHERE who IN (SELECT value FROM json_each(?))"
_ROLES: Final = "SELECT who, standing, mark FROM roles WHERE who IN (SELECT value FROM json_each(?))"
_TAKEN: Final = "DELETE FROM births WHERE who IN (SELECT value FROM json_each(?)) RETURNING who, born"


def _empty() -> sqlite3.Connection:
    held = sqlite3.connect(":memory:", isolation_level=None)
    held.executescript(_TABLES)
    held.execute("BEGIN")  # never ended: a transaction for each row would take half the time
    return held


class Said(NamedTuple):
    """What earlier files said of somebody: what they are, a mark of all their roles, and when they were born.

    ``says_birth``: the file did not lose the line that speaks of their birth date.
    """

    standing: Standing
    roles: int
    born: date | None
    says_birth: bool


@dataclass(slots=True)
class Register:
    """Roles and birth dates by person. Ids are held as 64-bit hashes: a million students fit in memory.

    ``unknown_ids`` counts users and ``lost_roles`` roles that could not be read so far as to say whose they
    were: nobody can tell who was meant, so nobody is removed.
    """

    unborn: set[int] = field(default_factory=set)  # their line in demographics could not be used
    unknown_ids: int = 0
    lost_roles: int = 0
    _held: sqlite3.Connection = field(default_factory=_empty)

    def begin_file(self) -> None:
        """Forget which ids were seen: they are unique within a file."""
        self._held.execute("DELETE FROM seen")

    def repeated(self, ids: Sequence[tuple[int, str]]) -> dict[int, int]:
        """Return the lines whose id stood in this file before, each with the line on which it came first."""
        who = [(hash(sourced_id), line) for line, sourced_id in ids]
        first = dict(self._held.execute(_SEEN, [_listed(one for one, _ in who)]))
        fresh = [(one, line) for one, line in who if first.setdefault(one, line) == line]
        self._held.executemany("INSERT INTO seen VALUES (?, ?)", fresh)
        return {line: first[one] for one, line in who if first[one] != line}

    def note_roles(self, roles: Iterable[RoleRecord]) -> None:
        """Remember roles of people."""
        self._held.executemany(_ROLE, ((hash(role.person), role.standing, role.mark) for role in roles))

    def note_lost_role(self, person: str) -> None:
        """Remember that a row about this person's roles could not be used."""
        self._held.execute(_ROLE, (hash(person), int(Standing.INCOMPLETE), 0))

    def note_births(self, births: Iterable[tuple[int, str, date | None]]) -> None:
        """Remember birth dates, each with its line and whose it is."""
        self._held.executemany(
            _BIRTH, ((hash(person), born.toordinal() if born else 0, line) for line, person, born in births)
        )

    def note_lost_birth(self, person: str) -> None:
        """Remember that the line with this person's birth date could not be used."""
        self.unborn.add(hash(person))

    def take(self, people: Iterable[str]) -> dict[str, Said]:
        """Return what was said of people; a birth date is handed out once, what was never taken belongs to nobody."""
        who = {person: hash(person) for person in people}
        these = [_listed(who.values())]
        roles = {one: (_STANDINGS[is_], mark) for one, is_, mark in self._held.execute(_ROLES, these)}
        born = dict(self._held.execute(_TAKEN, these))
        nobody = Standing.NONE, 0
        return {
            person: Said(
                *roles.get(one, nobody),
                date.fromordinal(born[one]) if born.get(one) else None,
                one not in self.unborn,
            )
            for person, one in who.items()
        }

    def orphan_births(self) -> Iterator[int]:
        """Yield the lines of demographics whose person is not among the users."""
        for (line,) in self._held.execute("SELECT line FROM births ORDER BY line"):
            yield line

    def close(self) -> None:
        """Give the memory back."""
        self._held.close()


def _listed(numbers: Iterable[int]) -> str:
    return json.dumps(list(numbers))
