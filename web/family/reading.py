"""Pages that are only read: the paper form, privacy, accessibility, help, languages; and leaving."""

from dataclasses import dataclass

from starlette.responses import Response

from rightsdesk.web.family.finding import PlainPage
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class LanguagesPage:
    """Where the reader came from, so that a new language leads back there."""

    back: str


def show_paper(visit: Visit) -> Response:
    """Show the form to print and fill in by hand."""
    return visit.render("family/paper.html", PlainPage())


def show_privacy(visit: Visit) -> Response:
    """Show what is kept of a family's answers and why."""
    return visit.render("family/privacy.html", PlainPage())


def show_accessibility(visit: Visit) -> Response:
    """Show how the pages can be used and where to complain."""
    return visit.render("family/accessibility.html", PlainPage())


def show_help(visit: Visit) -> Response:
    """Show where help is."""
    return visit.render("family/help.html", PlainPage())


def show_languages(visit: Visit) -> Response:
    """Show the languages of the pages."""
    back = visit.onward(visit.query("next"), visit.url("family.start"))
    return visit.render("family/languages.html", LanguagesPage(back))


def leave(visit: Visit) -> Response:
    """Forget this browser's session and answers."""
    visit.leave()
    return visit.see(visit.url("family.start"))
