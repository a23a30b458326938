"""The letter as the family will read it, for the pane beside the form."""

from collections.abc import Iterator

from rightsdesk.requests.cases.case import Case, Outcome
from rightsdesk.requests.cases.errors import BadDecision, LetterNotReady
from rightsdesk.requests.cases.lettering import letter
from rightsdesk.requests.cases.ruling import Ruling
from rightsdesk.requests.cases.wording import family_language
from rightsdesk.requests.law.letters import Letter
from rightsdesk.web.desk.rulings import read_ruling
from rightsdesk.web.desk.sheets import Paragraph, Preview, Sheet
from rightsdesk.web.forms import Form
from rightsdesk.web.visits import Visit


def previewed(visit: Visit, case: Case, typed: Form) -> Preview:
    """Return the letter exactly as it would go out, and in the approver's language beside it where that differs."""
    try:
        ruling = read_ruling(case.reference, case.version, typed)
    except BadDecision:
        return Preview()
    if ruling.outcome is Outcome.DENY and not ruling.ground:
        return Preview()
    theirs = str(family_language(case.language))
    try:
        sheet = _sheet(visit, case, ruling, theirs)
        own = _sheet(visit, case, ruling, visit.language) if theirs != visit.language else None
    except (BadDecision, LetterNotReady) as problem:
        return Preview(problem=visit.say(str(problem)))
    return Preview(sheet, own)


def _sheet(visit: Visit, case: Case, ruling: Ruling, language: str) -> Sheet:
    made = letter(visit.docket, case, ruling, language, visit.now)
    return Sheet(language, tuple(_paragraphs(visit, made)))


def _paragraphs(visit: Visit, made: Letter) -> Iterator[Paragraph]:
    yield Paragraph(visit.here.name, is_first=True)
    yield Paragraph(made.title, is_heading=True)
    yield from (Paragraph(text) for text in made.paragraphs)
    for law, blocks in made.printed:
        yield Paragraph(law, is_law=True)
        yield from (Paragraph(block.text) for block in blocks if block.text)
    yield from (Paragraph(text) for text in made.closing)
