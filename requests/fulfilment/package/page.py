"""The page of a package that a family reads: one file, no script, every value escaped (WCAG 2.2 AA)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from babel.dates import format_date

from rightsdesk.requests.fulfilment.package.contents import Facts
from rightsdesk.requests.fulfilment.package.plain import disclosed_rows
from rightsdesk.requests.fulfilment.package.sheets import NEXT_CELL, NEXT_ROW, Sheet, batches, marked
from rightsdesk.requests.fulfilment.package.wording import Words

# HTML knows no other control characters; U+202A and its like could turn a line around and hide what it says.
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_STYLE: Final = """\
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}
h2{margin-top:2.5rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
caption{text-align:start;font-weight:600;padding-block:.5rem}
th,td{border:1px solid;padding:.4rem .6rem;text-align:start;vertical-align:top;min-width:6rem;unicode-bidi:plaintext}
a{color:inherit;min-height:1.5rem;display:inline-block}
:focus-visible{outline:3px solid;outline-offset:2px}
@media print{.wide{overflow:visible}nav{display:none}}"""


def shown(value: str) -> str:
    """Return a stored value as text that no browser can take for markup."""
    return escape(_UNPRINTABLE.sub("\ufffd", value))


def index_html(tables: Sequence[Sheet], facts: Facts, kept: Sequence[tuple[str, str]], words: Words) -> Iterator[str]:
    """Yield the page, a row at a time; ``kept`` says of each element how long it stays."""
    yield from _top(tables, facts, words)
    for sheet in tables:
        yield from _section(_anchor(tables, sheet), _title(sheet, words), _section_of(sheet, words))
    if not tables:
        yield f"<p>{shown(words['nothing'])}</p>\n"
    if facts.statements:
        yield from _section("statements", words["statements"], _statements(facts, words))
    yield from _section("disclosed", words["disclosed"], _disclosed(facts, words))
    yield from _section("kept", words["kept"], _kept(kept, words))
    yield f"</main>\n<footer>\n<p>{shown(words['check'])}</p>\n</footer>\n</body>\n</html>\n"


def _top(tables: Sequence[Sheet], facts: Facts, words: Words) -> Iterator[str]:
    title = shown(words["title"].format(student=facts.student))
    day = format_date(facts.made_at.date(), "long", locale=words.language)
    yield (
        f'<!doctype html>\n<html lang="{words.language}" dir="{words.direction}">\n<head>\n<meta charset="utf-8">\n'
        # Should an escape ever fail, a browser still runs and fetches nothing.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    )
    yield f"<p>{shown(words['from'].format(agency=facts.agency, reference=facts.reference, day=day))}</p>\n"
    if facts.contact:
        yield f"<p>{shown(words['questions'].format(contact=facts.contact))}</p>\n"
    yield f'<nav aria-label="{shown(words["contents"])}">\n<ul>\n'
    for sheet in tables:
        yield f'<li><a href="#{_anchor(tables, sheet)}">{shown(_title(sheet, words))}</a></li>\n'
    for name in ("statements", "disclosed", "kept") if facts.statements else ("disclosed", "kept"):
        yield f'<li><a href="#{name}">{shown(words[name])}</a></li>\n'
    yield "</ul>\n</nav>\n"


def _section(anchor: str, title: str, content: Iterable[str]) -> Iterator[str]:
    yield f'<section aria-labelledby="{anchor}">\n<h2 id="{anchor}">{shown(title)}</h2>\n'
    yield from content
    yield "</section>\n"


def _section_of(sheet: Sheet, words: Words) -> Iterator[str]:
    caption = words["rows"].format(count=len(sheet.holdings))
    headings = [words.column(column) for column in sheet.columns]
    if sheet.element:
        return _table(caption, headings, _rows(sheet.rows()))
    return _table(caption, headings, _named((words.element(element), value) for element, value in sheet.rows()))


def _table(caption: str, headings: Sequence[str], rows: Iterable[str]) -> Iterator[str]:
    # A wide table scrolls in its own frame, which a keyboard must be able to reach.
    yield f'<div class="wide" role="region" tabindex="0" aria-label="{shown(", ".join(headings))}">\n'
    yield f"<table>\n<caption>{shown(caption)}</caption>\n<thead>\n<tr>"
    yield "".join(f'<th scope="col">{shown(heading)}</th>' for heading in headings)
    yield "</tr>\n</thead>\n<tbody>\n"
    yield from rows
    yield "</tbody>\n</table>\n</div>\n"


def _named(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield rows of two cells, of which the first names the row."""
    for name, value in rows:
        yield f'<tr><th scope="row">{shown(name)}</th><td>{shown(value)}</td></tr>\n'


def _rows(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield rows, escaped together; where a value has control characters in it, each cell by itself."""
    for some in batches(rows):
        text = marked(some) if "".join(map("".join, some)).isprintable() else None
        if text is None:
            yield "".join([f"<tr><td>{'</td><td>'.join(map(shown, row))}</td></tr>\n" for row in some])
            continue
        cells = escape(text).replace(NEXT_CELL, "</td><td>").replace(NEXT_ROW, "</td></tr>\n<tr><td>")
        yield f"<tr><td>{cells}</td></tr>\n"


def _statements(facts: Facts, words: Words) -> Iterator[str]:
    for one in facts.statements:
        yield f"<h3>{shown(words.element(one.element))}</h3>\n"
        yield f'<blockquote dir="auto"><p>{shown(one.text)}</p></blockquote>\n'


def _disclosed(facts: Facts, words: Words) -> Iterator[str]:
    if not facts.disclosed:
        yield f"<p>{shown(words['nobody'])}</p>\n"
        return
    headings = [words.column(column) for column in ("at", "recipient", "purpose", "elements")]
    caption = words["rows"].format(count=len(facts.disclosed))
    yield from _table(caption, headings, _rows(disclosed_rows(facts, words)))


def _kept(kept: Sequence[tuple[str, str]], words: Words) -> Iterator[str]:
    yield f"<p>{shown(words['keeping'])}</p>\n"
    if kept:
        headings = [words.column("element"), words.column("kept")]
        rows = _named((words.element(element), why) for element, why in kept)
        yield from _table(words["rows"].format(count=len(kept)), headings, rows)


def _title(sheet: Sheet, words: Words) -> str:
    return words.element(sheet.element) if sheet.element else words["record"]


def _anchor(tables: Sequence[Sheet], sheet: Sheet) -> str:
    return f"part-{tables.index(sheet) + 1}"
