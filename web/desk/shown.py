"""What the desk's pages show, as values; the words around them stand in the templates."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


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
    """What stands around every page of the desk."""

    name: str
    initials: str
    keys_on: bool
    has_office: bool
    view: str = ""
    q: str = ""
    toast: Toast | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a form, in words of the page's language, and the id of the field."""

    words: str
    field: str


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A saved view with its number, None where none is kept."""

    view: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list. ``days`` are days left, negative when late; ``undo_until`` the end of a hold."""

    reference: str
    version: int
    href: str
    kind: str
    state: str
    requester: str
    subject: str
    school: str
    days: int
    is_paused: bool
    is_new: bool
    shows_state: bool
    undo_until: datetime | None
    claimed_name: str
    claimed_initials: str


@dataclass(frozen=True, slots=True)
class Part:
    """One element of a case; ``live`` is what the systems hold now, ``has_changed`` since the filing."""

    element: str
    filed: str
    live: str
    proposed: str
    accepted: str
    outcome: str
    ground: str
    text: str
    has_changed: bool


@dataclass(frozen=True, slots=True)
class Check:
    """One fact about who this is, by code; ``is_warning`` asks the approver to look twice."""

    code: str
    is_warning: bool = False
    ending: str = ""
    relation: str = ""
    references: tuple[str, ...] = ()


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
    part: bool
    write: bool


@dataclass(frozen=True, slots=True)
class Detail:
    """One case as the desk reads it."""

    reference: str
    version: int
    view: str
    kind: str
    state: str
    outcome: str
    requester: str
    requester_kind: str
    subject: str
    grade: str
    school: str
    language: str
    channel: str
    details: str
    due_on: date
    days: int | None
    is_paused: bool
    laws: tuple[str, ...]
    elements: tuple[Part, ...]
    checks: tuple[Check, ...]
    clocks: tuple[LegalDay, ...]
    evidence: tuple[File, ...]
    thread: tuple[Words, ...]
    notes: tuple[Words, ...]
    history: tuple[Happened, ...]
    claimed_name: str
    decided_by: str
    decided_at: datetime | None
    held_until: datetime | None
    answer_by: date | None
    reply_by: date
    erase_at: date | None
    same_as: tuple[str, ...]
    needs_second: bool
    is_mine_to_wait: bool
    is_own_family: bool
    may: Acts

    @property
    def has_changed(self) -> bool:
        """Say whether a value that is to be fixed changed after the family wrote."""
        return any(one.has_changed for one in self.elements)


@dataclass(frozen=True, slots=True)
class InboxPage:
    """A list with one case open beside it. ``count`` is None for what was searched."""

    shell: Shell
    view: str
    views: tuple[ViewLink, ...]
    last_of_team: str
    count: int | None
    rows: tuple[Line, ...]
    next_href: str
    open: str
    detail: Detail | None
    error: Fault | None = None
    opened: str = ""
    typed_note: str = ""
    typed_message: str = ""


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case alone; ``opened`` names the form that stands open, with what was typed into it."""

    shell: Shell
    detail: Detail
    error: Fault | None = None
    opened: str = ""
    typed_note: str = ""
    typed_message: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """A coded reason as the desk offers it; ``shown`` is what the family reads instead, where that differs."""

    code: str
    text: str
    shown: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of a letter."""

    text: str
    is_heading: bool = False
    is_law: bool = False
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A letter exactly as the family reads it."""

    language: str
    blocks: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The letter in the family's language, in the approver's own where that is another, or why there is none yet."""

    theirs: Sheet | None = None
    own: Sheet | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """The page on which a case is denied, answered in part, or an approval is confirmed."""

    shell: Shell
    detail: Detail
    outcome: str
    grounds: tuple[Ground, ...]
    unfit: tuple[Ground, ...]
    parts: tuple[Part, ...]
    ground: str
    text: str
    preview: Preview
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class ConflictPage:
    """Somebody was first: what stands, and what was being sent."""

    shell: Shell
    detail: Detail
    outcome: str
    ground: str
    text: str


@dataclass(frozen=True, slots=True)
class RefusalPage:
    """Something was not done, in words, with what was typed."""

    shell: Shell
    words: str
    back: str
    text: str
