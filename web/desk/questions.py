"""Questions that are asked often, ready in each family's language; what was typed always wins."""

from dataclasses import dataclass

from rightsdesk.web.visits import Visit
from rightsdesk.web.words import ENGLISH, known


@dataclass(frozen=True, slots=True)
class Question:
    """A saved question as the approver reads it, and as the family does."""

    own: str
    theirs: str


def saved(visit: Visit, language: str) -> tuple[Question, ...]:
    """Return the saved questions for a family of this language; English where we do not speak it."""
    own, theirs = _in(visit, visit.language), _in(visit, language)
    return tuple(Question(*pair) for pair in zip(own, theirs, strict=True))


def chosen(visit: Visit, language: str) -> str:
    """Return what the form asks: what was typed, else the saved question in the family's language, else nothing."""
    typed, number = visit.form.text("message"), visit.form.text("saved")
    if typed or not number:
        return typed
    return dict(zip("123456789", _in(visit, language), strict=False)).get(number, "")


def _in(visit: Visit, language: str) -> tuple[str, ...]:
    # One line of the template is one question: all words stand in templates.
    return visit.portal.pages.lines("desk/questions.html", known(language.replace("_", "-")) or ENGLISH)
