"""Stages the people of a package: what is kept of each, sealed, and by what they are compared."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

from rightsdesk.requests.people.authority import Band, band
from rightsdesk.requests.people.roster.merging.claims import PURPOSE, claims
from rightsdesk.requests.people.roster.outcome import Dropped
from rightsdesk.requests.people.roster.phones import e164
from rightsdesk.requests.people.roster.problems import Findings
from rightsdesk.requests.people.roster.records import PersonRecord, Standing
from rightsdesk.requests.people.roster.staging.kept import NOT_SAID, Kept, keep, may_be_a_child, staged_place
from rightsdesk.requests.people.roster.staging.register import Register, Said
from rightsdesk.requests.people.roster.staging.sink import Sink
from rightsdesk.requests.people.roster.staging.store import ASIDE, ERASED, GOOD
from rightsdesk.requests.people.roster.tables import StagedClaimRow, StagedContactRow, StagedEdgeRow, StagedPersonRow
from rightsdesk.requests.people.roster.terms import Terms

_ACCOUNT: Final = "account"
_NUMBERS: Final = 50_000  # typed numbers remembered: the adults of a family share them
_NOTHING: Final = frozenset[str]()

Unchanged: TypeAlias = Callable[[Mapping[str, str]], AbstractSet[str]]


class _Draft(NamedTuple):
    """A person about to be staged. ``voice`` is a number that no text goes to."""

    person: PersonRecord
    key: str
    standing: Standing
    born: date | None
    kept: Kept
    voice: str
    print: str


@dataclass(slots=True)
class PeopleStaging:
    """People on their way to the staging tables.

    ``tombstones`` says by source key which elements were erased, ``unchanged`` which of the prints are on record.
    """

    terms: Terms
    run: UUID
    print_key: bytes
    tombstones: Mapping[str, frozenset[str]]
    unchanged: Unchanged
    register: Register
    sink: Sink
    found: Findings
    has_births: bool
    erased: int = 0
    dropped: Dropped = field(default_factory=Dropped)
    numbers: dict[str, str] = field(default_factory=dict)

    def stage(self, rows: Sequence[tuple[int, str, PersonRecord | None]]) -> None:
        """Stage rows of users, each with its line and id; where the row could not be used, only that it is there."""
        people = dict.fromkeys(sourced_id for _, sourced_id, _ in rows if sourced_id)
        agents = (agent for _, _, person in rows if person for agent in person.agents)
        keys = self.terms.vault.index_many("source", [*people, *agents])
        said = self.register.take(people)
        erased = self._erased(people)
        drafts: list[_Draft] = []
        for line, sourced_id, person in rows:
            if not sourced_id:
                self.register.unknown_ids += 1
            elif state := self._state(person, said[sourced_id], erased.get(sourced_id, _NOTHING)):
                self._present(keys[sourced_id], line, state)
            elif person is not None:
                drafts.append(self._draft(person, keys[sourced_id], said[sourced_id], erased.get(sourced_id, _NOTHING)))
        self._stage(drafts)
        edges = ((one.person.line, one.key, keys[agent]) for one in drafts for agent in one.person.agents)
        self.sink.add(StagedEdgeRow, edges)

    def _state(self, person: PersonRecord | None, said: Said, erased: frozenset[str]) -> str:
        """Return the state of a row that is only present; empty for one that is used."""
        if person is None:
            return ASIDE
        if _ACCOUNT in erased:
            self.erased += 1
            return ERASED
        if said.standing is Standing.NONE and not self.register.lost_roles:
            self.found.warning("users.csv", person.line, "no_role", "sourcedId")
        elif said.standing in {Standing.INCOMPLETE, Standing.NONE}:
            # What we were told of their roles could not be used, so they stay what they were.
            return ASIDE
        return ""

    def _draft(self, person: PersonRecord, key: str, said: Said, erased: frozenset[str]) -> _Draft:
        mobile, voice = self._numbers(person, said, erased) if person.sms or person.phone else ("", "")
        born = (said.born.isoformat() if said.born else "") if self.has_births and said.says_birth else NOT_SAID
        kept = keep(person, said.standing, erased, mobile, born)
        if erased:
            self.erased += (kept.email != person.email) + (kept.username != person.username)
        return _Draft(person, key, said.standing, said.born, kept, voice, kept.print(self.print_key, said.roles))

    def _stage(self, drafts: Sequence[_Draft]) -> None:
        same = self.unchanged({one.key: one.print for one in drafts})
        seal = self.terms.vault.seal_agency_many
        # Who is on record as they are is not sealed again: nobody will open it.
        sealed = iter(seal(staged_place(self.run), (one.kept.to_text() for one in drafts if one.key not in same)))
        self.sink.add(
            StagedPersonRow,
            (
                (
                    one.person.line,
                    one.key,
                    one.print,
                    int(one.standing),
                    GOOD,
                    b"" if one.key in same else next(sealed),
                )
                for one in drafts
            ),
        )
        self._contacts(drafts)
        self._claims(drafts)

    def _contacts(self, drafts: Sequence[_Draft]) -> None:
        vault = self.terms.vault
        found = [point for one in drafts for point in _points(one)]
        values = [value for _, _, value in found]
        numbers = vault.index_many("number", (value for _, channel, value in found if channel != "mail"))
        addresses = vault.index_many("email", (value.casefold() for _, channel, value in found if channel == "mail"))
        sealed = vault.seal_agency_many(staged_place(self.run), values)
        rows = (
            (key, channel, addresses[value.casefold()] if channel == "mail" else numbers[value], one)
            for (key, channel, value), one in zip(found, sealed, strict=True)
        )
        self.sink.add(StagedContactRow, rows)

    def _claims(self, drafts: Sequence[_Draft]) -> None:
        region = self.terms.agency.region
        made = [(one.key, claim) for one in drafts for claim in claims(one.person, one.standing, one.born, region)]
        # Under older keys, too: whoever was entered before the keys were renewed is known by those.
        values = self.terms.vault.indexes_many(PURPOSE, (claim for _, claim in made))
        self.sink.add(StagedClaimRow, ((key, value) for key, claim in made for value in values[claim]))

    def _present(self, key: str, line: int, state: str) -> None:
        self.sink.add(StagedPersonRow, [(line, key, "", 0, state, b"")])

    def _numbers(self, person: PersonRecord, said: Said, erased: frozenset[str]) -> tuple[str, str]:
        """Return mobile and voice number in E.164, both empty for a student who is or may be under 13."""
        mobile, voice = self._number(person, "sms", person.sms), self._number(person, "phone", person.phone)
        if "mobile" in erased:
            # A number is erased wherever it stands: rosters repeat a mobile as the number to call.
            self.erased += bool(mobile or voice)
            mobile = voice = ""
        if not (mobile or voice) or not may_be_a_child(said.standing):
            return mobile, voice
        age = band(said.born, self.terms.agency.today(self.terms.now))
        if age in {Band.TEEN, Band.ADULT}:
            return mobile, voice
        lost = len({mobile, voice} - {""})
        young = lost if age is Band.UNDER_13 else 0
        self.dropped = Dropped(self.dropped.under_13 + young, self.dropped.age_unknown + lost - young)
        return "", ""

    def _number(self, person: PersonRecord, column: str, typed: str) -> str:
        number = self.numbers.get(typed)
        if number is None:
            if len(self.numbers) >= _NUMBERS:
                self.numbers.clear()
            number = self.numbers[typed] = e164(typed, self.terms.agency.region) if typed else ""
        if typed and not number:
            self.found.warning("users.csv", person.line, "unparseable_phone", column)
        return number

    def _erased(self, people: Iterable[str]) -> dict[str, frozenset[str]]:
        if not self.tombstones:
            return {}
        every = self.terms.vault.indexes_many("source", people)
        return {
            person: _NOTHING.union(*(self.tombstones.get(key, _NOTHING) for key in keys))
            for person, keys in every.items()
        }


def _points(one: _Draft) -> Iterator[tuple[str, str, str]]:
    if one.kept.mobile:
        yield one.key, "text", one.kept.mobile
    if one.voice:
        yield one.key, "voice", one.voice
    if one.kept.email:
        yield one.key, "mail", one.kept.email
