"""The pages of the desk, as values: each template shows one of these."""

from collections.abc import Sequence
from dataclasses import dataclass

from rightsdesk.web.desk.shown import Choice, Detail, Fault, Part, Shell, ViewLink


@dataclass(frozen=True, slots=True)
class InboxPage:
    """A list with one case open beside it. ``count`` is None for what was searched.

    ``rows`` are written already; ``undoable`` are reference and version of those whose decision can be taken back.
    """

    shell: Shell
    view: str
    views: tuple[ViewLink, ...]
    last_of_team: str
    count: int | None
    rows: Sequence[str]
    undoable: tuple[tuple[str, int], ...]
    next_href: str
    open: str
    detail: Detail | None
    colleagues: tuple[Choice, ...]
    error: Fault | None = None
    opened: str = ""
    typed_note: str = ""
    typed_message: str = ""
    typed_why: str = ""


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case alone; ``opened`` names the form that stands open, with what was typed into it."""

    shell: Shell
    detail: Detail
    error: Fault | None = None
    opened: str = ""
    typed_note: str = ""
    typed_message: str = ""
    typed_why: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """A coded reason as the desk offers it; ``shown`` is what the family reads instead, where that differs.

    ``is_seldom`` ones are about who asks, not about what was asked: they are folded away.
    """

    code: str
    text: str
    shown: str = ""
    why_not: str = ""
    is_seldom: bool = False


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
