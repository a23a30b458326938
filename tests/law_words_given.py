"""One value for every placeholder of letters and messages, and the golden letters they give."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from law_given import BOOK

from rightsdesk.requests.law.kinds import LetterKind, Line
from rightsdesk.requests.law.letters import compose
from rightsdesk.requests.law.notices import Notice, Outcome, notice_codes
from rightsdesk.requests.law.precedence import governing
from rightsdesk.requests.law.terms import RequesterKind, Right
from rightsdesk.requests.law.wording import Language

GOLDEN: Final = Path(__file__).parent / "golden" / "letters"
HOST: Final = "https://requests.marigold-schools-district.example"

VALUES: Final[Mapping[str, str]] = {
    "requester": "Ana Lopez",
    "student": "Mia",
    "agency": "Marigold Schools",
    "reference": "MGD-7K3F-92QX",
    "other_reference": "MGD-2P5T-11AB",
    "contact": "(555) 555-0134",
    "received_date": "November 23, 2026",
    "due_date": "January 7, 2027",
    "due_short": "Jan 7",
    "new_due_date": "January 14, 2027",
    "new_target": "January 20, 2027",
    "close_date": "November 30, 2026",
    "reopen_until": "February 28, 2027",
    "reply_by": "December 7, 2026",
    "erase_on": "December 8, 2026",
    "done_date": "December 8, 2026",
    "backup_date": "January 12, 2027",
    "available_until": "December 22, 2026",
    "until_short": "Dec 22",
    "sent_date": "November 24, 2026",
    "clock_start": "November 23, 2026",
    "retention_until": "June 30, 2031",
    "hearing_date": "January 28, 2027",
    "law": "34 CFR 99.10(b)",
    "retention_law": "105 ILCS 10/4(e)",
    "elements": "last name, grade",
    "elements_given": "last name",
    "elements_kept": "grade",
    "changes": "last name",
    "checked": "the birth paper on file",
    "reason": "The school looked at it. It is right.",
    "extension_reason": "the files are kept in two places.",
    "late_reason": "The office was closed.",
    "questions": "Which grade do you mean?",
    "recipients_told": "nobody had a copy",
    "person": "Dana Wu",
    "officer": "Sam Reed",
    "hearing_place": "12 Oak Street",
    "hearing_contact": "the school office",
    "evidence_summary": "two papers were shown",
    "outcome": "the grade stays",
    "hearing_reasons": "The test sheet shows it.",
    "link": f"{HOST}/requests/MGD-7K3F-92QX",
    "certificate_link": f"{HOST}/certificates/MGD-7K3F-92QX",
    "complaint_link": f"{HOST}/complaint",
    "grievance_link": f"{HOST}/grievance",
    "ftc_link": "https://ftc.example",
    "sppo_address": "400 Maryland Ave, Washington",
    "authority_address": "1 Main Street, Berlin",
    "ico_address": "https://ico.example",
    "board_contact": "2 Board Street",
    "complaint_contact": "the school office",
    "cpo_address": "89 Washington Ave, Albany",
    "appeal_person": "Lee Park",
    "appeal_days": "30",
    "appeal_address": "3 State Street, Albany",
    "superintendent_address": "4 Lake Street",
    "isbe_address": "100 First Street",
    "owner_agency": "Marigold Schools",
    "owner_contact": "the school office",
    "operator": "Rightsdesk",
    "fee": "$2",
    "purposes": "to teach",
    "categories": "names and grades",
    "recipients": "the school",
    "storage": "five years",
    "source": "you",
    "automated": "no",
    "region": "the EU",
    "transfers": "no",
}

_MONTHS: Final = {
    "January": "enero",
    "February": "febrero",
    "June": "junio",
    "November": "noviembre",
    "December": "diciembre",
}


def _in_spanish(value: str) -> str:
    return re.sub(r"^(\w+) (\d+), (\d{4})$", lambda date: f"{date[2]} de {_MONTHS[date[1]]} de {date[3]}", value)


SPANISH: Final[Mapping[str, str]] = {
    **{name: _in_spanish(value) for name, value in VALUES.items()},
    "due_short": "7 ene",
    "until_short": "22 dic",
    "contact": "Llame al (555) 555-0134",
    "elements": "apellido, grado",
    "elements_given": "apellido",
    "elements_kept": "grado",
    "changes": "apellido",
    "checked": "el acta de nacimiento",
    "reason": "La escuela lo revisó. El dato es correcto.",
    "recipients_told": "nadie tenía una copia",
    "extension_reason": "los papeles están en dos lugares.",
    "late_reason": "La oficina estaba cerrada.",
    "questions": "¿De qué grado se trata?",
}

_OUTCOMES: Final = {
    LetterKind.EXTENDED: (Outcome.EXTEND, Right.ACCESS),
    LetterKind.PARTIAL: (Outcome.PARTIAL, Right.ACCESS),
    LetterKind.DENIED_ACCESS: (Outcome.DENY, Right.ACCESS),
    LetterKind.DENIED_CORRECTION: (Outcome.DENY, Right.CORRECTION),
    LetterKind.DENIED_ERASURE: (Outcome.DENY, Right.ERASURE),
    LetterKind.DENIED_OTHER: (Outcome.DENY, Right.OBJECTION),
    LetterKind.READY: (Outcome.APPROVE, Right.ACCESS),
    LetterKind.CORRECTED: (Outcome.APPROVE, Right.CORRECTION),
    LetterKind.ERASED: (Outcome.APPROVE, Right.ERASURE),
    LetterKind.DONE_OTHER: (Outcome.APPROVE, Right.OBJECTION),
    LetterKind.LATE: (Outcome.LATE, Right.ACCESS),
    LetterKind.REFERRED: (Outcome.REFER, Right.ACCESS),
    LetterKind.HEARING_WON: (Outcome.APPROVE, Right.HEARING),
    LetterKind.HEARING_LOST: (Outcome.DENY, Right.HEARING),
}
_LINES: Final = {
    LetterKind.PROOF_NEEDED: (Line.CLOCK_RUNS,),
    LetterKind.QUESTION: (Line.CLOCK_RUNS,),
    LetterKind.PARTIAL: (Line.LINK,),
    LetterKind.DENIED_ERASURE: (Line.LATER_RETENTION, Line.NO_RIGHT),
    LetterKind.ERASED: (Line.KEPT,),
    LetterKind.BLOCKED: (Line.LATER_OPEN_ACCESS,),
    LetterKind.LATE: (Line.PARTIAL,),
}


def given(language: Language) -> Mapping[str, str]:
    """Return the values of this language."""
    return SPANISH if language is Language.ES else VALUES


def asked_by_law(kind: LetterKind) -> tuple[Notice, ...]:
    """Return what an Illinois public school's laws ask of this letter; nothing for a letter that decides nothing."""
    if kind not in _OUTCOMES:
        return ()
    outcome, right = _OUTCOMES[kind]
    return notice_codes(
        governing(BOOK, ("us-ferpa", "us-il-issra", "us-il-soppa"), right, RequesterKind.PARENT), outcome, BOOK
    )


def letter_text(kind: LetterKind, language: Language) -> str:
    """Return the sample letter of this kind as a family in Illinois would get it."""
    return compose(kind, language, asked_by_law(kind), given(language), _LINES.get(kind, ())).text()


def renew() -> None:
    """Write the golden letters anew: ``cd tests; python -c "import law_words_given; law_words_given.renew()"``."""
    for kind in LetterKind:
        for language in Language:
            (GOLDEN / f"{kind}.{language}.txt").write_text(letter_text(kind, language), encoding="utf-8")
