"""Puts a letter together: one body for the decision, the blocks its laws ask for, and nothing left open."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from rightsdesk.requests.law.errors import LetterIncomplete
from rightsdesk.requests.law.filling import fill, need, placeholders, required
from rightsdesk.requests.law.kinds import LetterKind, Line
from rightsdesk.requests.law.notices import Notice
from rightsdesk.requests.law.rulebook import Rulebook
from rightsdesk.requests.law.wording import Language, LetterWords, Words, words

__all__ = ["Block", "Language", "Letter", "LetterKind", "Line", "compose", "needed", "reason"]


@dataclass(frozen=True, slots=True)
class Block:
    """One law's words in a letter.

    ``in_body`` ones are said by the body already and are not printed again; ``text`` is empty where the body says the
    same in words of its own.
    """

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
    told = {**values, **_told(_placed(lines, template), spoken, values)}
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


_Wanted = Sequence[tuple[Notice, str]]


def _wanted(
    template: LetterWords, notices: Sequence[Notice], spoken: Words, values: Mapping[str, str]
) -> list[tuple[Notice, str]]:
    """Return the notices this letter prints, with their unfilled words."""
    if not template.takes_blocks:
        return []
    codes = {notice.code for notice in notices}
    found = [
        (notice, "" if notice.code in template.says else _block_words(notice.code, codes, spoken)) for notice in notices
    ]
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


def _told(lines: Sequence[Line], spoken: Words, values: Mapping[str, str]) -> dict[str, str]:
    told: dict[str, str] = {}
    for line in lines:
        told[line.place] = f"{told.get(line.place, '')} {fill(spoken.lines[line], values)}".strip()
    return told


def _block(notice: Notice, text: str, template: LetterWords, values: Mapping[str, str]) -> Block:
    names = set(placeholders(text))
    said = notice.code in template.says or (bool(names) and names <= set(placeholders(*template.paragraphs)))
    return Block(notice.law, notice.code, notice.must, fill(text, values), notice.citation, in_body=said)


def _filled(texts: Sequence[str], values: Mapping[str, str]) -> Iterator[str]:
    yield from filter(None, (fill(text, values) for text in texts))
