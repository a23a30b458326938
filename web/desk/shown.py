"""What the desk's pages show, as values; the words around them stand in the templates."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from rightsdesk.web.desk.questions import Question


@dataclass(frozen=True, slots=True)
class Toast:
    """What was just done. ``version`` is 0 when it cannot be undone; ``until`` is the end of the hold."""

    said: str
    reference: str = ""
    version: int = 0
    until: datetime | None = None
    done: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Shell:
    """What stands around every page of the desk; ``office`` names where this person begins at the office, if there."""

    name: str
    initials: str
    keys_on: bool
    office: str
    view: str = ""
    q: str = ""
    toast: Toast | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a form, in words of the page's language, and the id of the field."""

    words: str
    field: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A colleague to whom a case can be given."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Face:
    """A colleague as a round badge."""

    name: str
    initials: str


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A saved view with its number, None where none is kept."""

    view: str
    count: int | None


class Line(NamedTuple):
    """One row of a list. ``days`` are days left, negative when late."""

    reference: str
    version: int
    href: str
    kind: str
    requester: str
    subject: str
    school: str
    state: str
    days: int
    is_new: bool
    claimed_name: str
    claimed_initials: str
    onlookers: tuple[Face, ...]
    shows_state: bool = False
    is_open: bool = False
    can_undo: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One element of a case; ``live`` is what the systems hold now, ``has_changed`` since the filing.

    ``mark`` goes back with an approval and says that this live value was seen.
    """

    element: str
    filed: str
    live: str
    proposed: str
    accepted: str
    outcome: str
    ground: str
    text: str
    has_changed: bool
    mark: str


@dataclass(frozen=True, slots=True)
class Check:
    """One fact about who this is, by code; ``is_warning`` asks the approver to look twice.

    ``has_more``: there are others beside ``references``.
    """

    code: str
    is_warning: bool = False
    ending: str = ""
    relation: str = ""
    references: tuple[str, ...] = ()
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class LegalDay:
    """The last day by one law."""

    due_on: date
    law: str
    source: str
    is_policy: bool


@dataclass(frozen=True, slots=True)
class File:
    """A photo or PDF on the case; ``size`` in bytes."""

    id: UUID
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class Words:
    """Something somebody wrote; ``mine`` is the agency's side."""

    name: str
    at: datetime
    text: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the history."""

    kind: str
    at: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Acts:
    """What this person may do with this case now."""

    decide: bool
    second: bool
    ask: bool
    claim: bool
    release: bool
    undo: bool
    prove: bool
    refuse: bool
    go_on: bool
    part: bool
    write: bool
    stop: bool
    reopen: bool
    hand_over: bool


@dataclass(frozen=True, slots=True)
class People:
    """Who asks about whom."""

    requester: str
    requester_kind: str
    subject: str
    grade: str
    school: str


@dataclass(frozen=True, slots=True)
class Told:
    """What was said and what has happened, oldest first."""

    evidence: tuple[File, ...]
    thread: tuple[Words, ...]
    notes: tuple[Words, ...]
    history: tuple[Happened, ...]


@dataclass(frozen=True, slots=True)
class Ruled:
    """Who has the case, who decided it, and until when that is held."""

    claimed_name: str
    decided_by: str
    decided_at: datetime | None
    held_until: datetime | None
    answer_by: date | None
    reply_by: date
    erase_at: date | None


@dataclass(frozen=True, slots=True)
class Detail:
    """One case as the desk reads it."""

    reference: str
    version: int
    view: str
    kind: str
    state: str
    outcome: str
    language: str
    channel: str
    details: str
    due_on: date
    days: int | None
    laws: tuple[str, ...]
    elements: tuple[Part, ...]
    checks: tuple[Check, ...]
    clocks: tuple[LegalDay, ...]
    same_as: tuple[str, ...]
    needs_second: bool
    is_mine_to_wait: bool
    who: People
    said: Told
    ruled: Ruled
    may: Acts
    onlookers: tuple[Face, ...]
    is_chosen: bool
    questions: tuple[Question, ...]

    @property
    def has_changed(self) -> bool:
        """Say whether a value that is to be fixed changed after the family wrote."""
        return any(one.has_changed for one in self.elements)
