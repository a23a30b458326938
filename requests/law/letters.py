"""Puts a letter together: one body for the decision, the blocks its laws ask for, and nothing left open."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

from rightsdesk.requests.law.errors import LetterIncomplete
from rightsdesk.requests.law.filling import fill, need, placeholders, required
from rightsdesk.requests.law.notices import Notice
from rightsdesk.requests.law.rulebook import Rulebook
from rightsdesk.requests.law.terms import Right
from rightsdesk.requests.law.wording import Language, LetterWords, Words, words

__all__ = ["Block", "Language", "Letter", "LetterKind", "Line", "compose", "kind_of", "needed", "reason"]


class LetterKind(StrEnum):
    """Which body a letter has. ``APPROVED`` ones say yes; ``READY``, ``CORRECTED``, ``ERASED`` say it is done."""

    RECEIVED = "received"
    PROOF_NEEDED = "proof_needed"
    EXPIRED = "expired"
    DUPLICATE = "duplicate"
    QUESTION = "question"
    EXTENDED = "extended"
    APPROVED_ACCESS = "approved_access"
    APPROVED_CORRECTION = "approved_correction"
    APPROVED_ERASURE = "approved_erasure"
    APPROVED_OTHER = "approved_other"
    PARTIAL = "partial"
    DENIED_ACCESS = "denied_access"
    DENIED_CORRECTION = "denied_correction"
    DENIED_ERASURE = "denied_erasure"
    DENIED_OTHER = "denied_other"
    NEUTRAL_REFUSAL = "neutral_refusal"
    STOPPED = "stopped"
    READY = "ready"
    CORRECTED = "corrected"
    ERASED = "erased"
    DONE_OTHER = "done_other"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    LATE = "late"
    BLOCKED = "blocked"
    PACKAGE_ENDING = "package_ending"
    REFERRED = "referred"
    RIGHTS_MOVED = "rights_moved"
    HEARING_RECEIVED = "hearing_received"
    HEARING_DATE = "hearing_date"
    HEARING_DROPPED = "hearing_dropped"
    HEARING_WON = "hearing_won"
    HEARING_LOST = "hearing_lost"
    STATEMENT_KEPT = "statement_kept"


class Step(StrEnum):
    """How far a decision is when the letter goes out."""

    APPROVED = "approved"
    DENIED = "denied"
    DONE = "done"


class Line(StrEnum):
    """A sentence that stands in a letter only when it is so."""

    CLOCK_RUNS = "clock_runs"
    CLOCK_STOPPED = "clock_stopped"
    CLOCK_NOT_STARTED = "clock_not_started"
    LATER_OPEN_ACCESS = "later_open_access"
    LATER_RETENTION = "later_retention"
    LATER_HOLD = "later_hold"
    KEPT = "kept"
    OWN_MINOR = "own_minor"
    NO_RIGHT = "no_right"
    LINK = "link"
    PARTIAL = "partial"

    @property
    def place(self) -> str:
        """Return the placeholder this sentence goes into."""
        return _PLACES.get(self, f"{self.partition('_')[0]}_line")


_PLACES: Final = {Line.OWN_MINOR: "standing_line", Line.NO_RIGHT: "standing_line"}


@dataclass(frozen=True, slots=True)
class Block:
    """One law's words in a letter. ``in_body`` ones are said by the body already and are not printed again."""

    law: str
    code: str
    must: bool
    text: str
    citation: str
    in_body: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A whole letter: what stands above the blocks, every block, and what stands below them."""

    title: str
    paragraphs: tuple[str, ...]
    blocks: tuple[Block, ...]
    closing: tuple[str, ...]

    @property
    def printed(self) -> tuple[tuple[str, tuple[Block, ...]], ...]:
        """Return the blocks to print, grouped by the short name of their law."""
        shown = [block for block in self.blocks if not block.in_body]
        return tuple((law, tuple(group)) for law, group in groupby(shown, key=lambda block: block.law))

    def text(self) -> str:
        """Return the letter as plain text, as it is stored and sent, a blank line between paragraphs."""
        groups = [part for law, blocks in self.printed for part in (law, *(block.text for block in blocks)) if part]
        return "\n\n".join([*self.paragraphs, *groups, *self.closing]) + "\n"


def compose(
    kind: LetterKind,
    language: Language,
    notices: Sequence[Notice],
    values: Mapping[str, str],
    lines: Collection[Line] = (),
) -> Letter:
    """Return a letter with nothing left open.

    Args:
        kind: the body. Bodies that decide nothing take no blocks, and the neutral refusal takes none because no law
            gives a right to a person without authority.
        language: the family's.
        notices: what the governing laws ask for, in the order of print.
        values: named texts; dates are already written out in the family's language and the agency's zone.
        lines: the sentences that are so in this case.

    Raises:
        LetterIncomplete: a placeholder or a block has no words; every missing one is named.
    """
    spoken = words(language)
    template = spoken.letters[kind]
    wanted = _wanted(template, notices, spoken, values)
    need(_names(template, wanted, spoken, lines), values)
    told = {**values, **_told(lines, spoken, values)}
    blocks = tuple(_block(notice, text, template, values) for notice, text in wanted)
    lead = template.lead if any(not block.in_body for block in blocks) else ""
    return Letter(
        title=fill(template.title, told),
        paragraphs=tuple(_filled((*template.paragraphs, lead), told)),
        blocks=blocks,
        closing=tuple(_filled(template.closing, told)),
    )


def needed(
    kind: LetterKind, language: Language, notices: Sequence[Notice], lines: Collection[Line] = ()
) -> tuple[str, ...]:
    """Return the names of all values this letter asks for, those of blocks that may not apply left out."""
    spoken = words(language)
    template = spoken.letters[kind]
    return tuple(dict.fromkeys(_names(template, _wanted(template, notices, spoken, {}), spoken, lines)))


def kind_of(step: Step, right: Right, ground: str = "", rulebook: Rulebook | None = None) -> LetterKind:
    """Return the body for a decision.

    A refusal for want of authority is always the neutral one, so that it cannot be told from a restriction on file.

    Raises:
        UnknownLaw: the ground is not in the rulebook.
    """
    if step is Step.DENIED and rulebook and ground and rulebook.shown(ground).code == "NO_AUTHORITY":
        return LetterKind.NEUTRAL_REFUSAL
    if step is Step.DONE:
        return _DONE.get(right, LetterKind.DONE_OTHER)
    return LetterKind(f"{step}_{_BODIES.get(right, 'other')}")


def reason(grounds: Sequence[str], own_words: str, language: Language, rulebook: Rulebook) -> str:
    """Return the grounds in plain words, then the decider's own words.

    A ground that is shown as another one speaks with the other's words alone: what a decider writes about an order on
    file would give it away.

    Raises:
        UnknownLaw: a ground is not in the rulebook.
    """
    texts = [words(language).grounds[rulebook.shown(code).code] for code in grounds]
    hidden = any(rulebook.ground(code).shown_as for code in grounds)
    return " ".join(dict.fromkeys([*texts, *([] if hidden or not own_words.strip() else [own_words.strip()])]))


_BODIES: Final = {
    Right.ACCESS: "access",
    Right.PORTABILITY: "access",
    Right.RECORD_OF_DISCLOSURES: "access",
    Right.CORRECTION: "correction",
    Right.ERASURE: "erasure",
}
_DONE: Final = {
    Right.ACCESS: LetterKind.READY,
    Right.PORTABILITY: LetterKind.READY,
    Right.RECORD_OF_DISCLOSURES: LetterKind.READY,
    Right.CORRECTION: LetterKind.CORRECTED,
    Right.ERASURE: LetterKind.ERASED,
}

_Wanted = Sequence[tuple[Notice, str]]


def _wanted(
    template: LetterWords, notices: Sequence[Notice], spoken: Words, values: Mapping[str, str]
) -> list[tuple[Notice, str]]:
    """Return the notices this letter prints, with their unfilled words."""
    if not template.takes_blocks:
        return []
    codes = {notice.code for notice in notices}
    found = [(notice, _block_words(notice.code, codes, spoken)) for notice in notices]
    return [(notice, text) for notice, text in found if not notice.only_if_so or _happened(text, values)]


def _block_words(code: str, codes: set[str], spoken: Words) -> str:
    # Without a hearing still to come, "if we still do not change it after that" would refer to nothing.
    if code == "STATEMENT_OF_DISAGREEMENT" and "RIGHT_TO_HEARING" not in codes:
        code = "STATEMENT_AFTER_HEARING"
    if code not in spoken.blocks:
        raise LetterIncomplete((code,))
    return spoken.blocks[code]


def _happened(text: str, values: Mapping[str, str]) -> bool:
    return any(values.get(name, "").strip() for name in placeholders(text))


def _names(template: LetterWords, wanted: _Wanted, spoken: Words, lines: Collection[Line]) -> Iterator[str]:
    texts = (template.title, *template.paragraphs, *template.closing, *(text for _, text in wanted))
    yield from required(*texts, *(spoken.lines[line] for line in _placed(lines, template)))


def _placed(lines: Collection[Line], template: LetterWords) -> list[Line]:
    places = placeholders(*template.paragraphs)
    return [line for line in Line if line in lines and line.place in places]


def _told(lines: Collection[Line], spoken: Words, values: Mapping[str, str]) -> dict[str, str]:
    told: dict[str, str] = {}
    for line in (line for line in Line if line in lines):
        told[line.place] = f"{told.get(line.place, '')} {fill(spoken.lines[line], values)}".strip()
    return told


def _block(notice: Notice, text: str, template: LetterWords, values: Mapping[str, str]) -> Block:
    names = set(placeholders(text))
    said = notice.code in template.says or (bool(names) and names <= set(placeholders(*template.paragraphs)))
    return Block(notice.law, notice.code, notice.must, fill(text, values), notice.citation, in_body=said)


def _filled(texts: Sequence[str], values: Mapping[str, str]) -> Iterator[str]:
    yield from filter(None, (fill(text, values) for text in texts))
