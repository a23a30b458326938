"""What came of an import, in counts."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from rightsdesk.requests.people.roster.problems import Problem, Severity


class State(StrEnum):
    """How far a run came. ``running`` and ``discarded`` are seen in the list of runs only."""

    RUNNING = "running"
    APPLIED = "applied"
    HELD = "held"
    REFUSED = "refused"
    UNCHANGED = "unchanged"
    DISCARDED = "discarded"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Change:
    """How many of a kind are new, differ, and are no longer there; ``now`` is how many there were before."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    now: int = 0

    def __bool__(self) -> bool:
        """Say whether there is any difference."""
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class Counts:
    """The differences by kind, and how many rows stand for somebody who was erased."""

    people: Change = Change()
    guardianships: Change = Change()
    contacts: Change = Change()
    orgs: Change = Change()
    erased_skipped: int = 0

    def kinds(self) -> tuple[tuple[str, Change], ...]:
        """Return the kinds under the names programs rely on."""
        return (
            ("people", self.people),
            ("guardianships", self.guardianships),
            ("contacts", self.contacts),
            ("orgs", self.orgs),
        )

    def __bool__(self) -> bool:
        """Say whether there is any difference."""
        return any(change for _, change in self.kinds())


@dataclass(frozen=True, slots=True)
class Dropped:
    """How many numbers of students were not kept, and why (COPPA, 16 CFR 312: under 13)."""

    under_13: int = 0
    age_unknown: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to whoever started the import. ``reason`` is a code, ``words`` are for the office."""

    state: State
    run: UUID | None = None
    reason: str = ""
    words: str = ""
    counts: Counts = Counts()
    dropped: Dropped = Dropped()
    problems: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return what ``rightsdesk roster import --json`` prints; programs rely on every name."""
        return {
            "state": self.state.value,
            "counts": {
                name: {"added": one.added, "changed": one.changed, "removed": one.removed}
                for name, one in self.counts.kinds()
            },
            "dropped_student_numbers": {"under_13": self.dropped.under_13, "age_unknown": self.dropped.age_unknown},
            "problems": [
                {
                    "file": one.file,
                    "line": one.line,
                    "column": one.column,
                    "code": one.code,
                    "severity": one.severity.value,
                }
                for one in (*self._whole(), *self.problems)
            ],
        }

    def _whole(self) -> tuple[Problem, ...]:
        # A program must learn why nothing was used also where no single row was wrong.
        told = any(one.severity is Severity.ERROR for one in self.problems)
        refused = self.state is State.REFUSED and bool(self.reason) and not told
        return (Problem("", 0, "", self.reason, Severity.ERROR),) if refused else ()
