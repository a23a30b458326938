"""The lists of the desk, with one case open beside them."""

from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.errors import NoSuchCase
from rightsdesk.requests.cases.inbox import Inbox, Page, View, mark
from rightsdesk.requests.cases.standing import DECIDERS
from rightsdesk.web.desk.lines import SHOW_STATE, can_undo, written
from rightsdesk.web.desk.live import Around, around
from rightsdesk.web.desk.reading import detail
from rightsdesk.web.desk.sheets import InboxPage
from rightsdesk.web.desk.shells import known_view, shell
from rightsdesk.web.desk.shown import Choice, Detail, ViewLink
from rightsdesk.web.kin import family, is_own
from rightsdesk.web.visits import Visit

TEAM: Final = (View.DECISION, View.LATE, View.WEEK, View.WAITING, View.PROOF, View.DECIDED, View.CLOSED)
YOURS: Final = (View.MINE, View.DELETIONS, View.SECOND)


def home(visit: Visit) -> Response:
    """Lead from the short address of the desk to its inbox."""
    return visit.see(visit.url("desk.cases"))


def cases(visit: Visit) -> Response:
    """Show a view of fifty rows, or what a search finds; the first or the named case is open beside it."""
    return visit.render("desk/inbox.html", inbox(visit))


def inbox(visit: Visit) -> InboxPage:
    """Return the page of the view, or of the search, that the address names."""
    q = visit.query("q")
    view, behind = ("found", "") if q else known_view(visit.query("view"))
    lists, today, people = Inbox(visit.docket, family(visit)), visit.here.today(visit.now), around(visit)
    page = lists.search(q) if q else lists.rows(view, visit.me.id, today, visit.query("after") or behind)
    if q:
        visit.searched(len(page.rows))
    numbers = lists.counts(visit.me.id, today)
    place = ".".join(filter(None, (view, visit.query("after") or behind)))
    opened = _opened(visit, page, place, people)
    return InboxPage(
        shell=shell(visit, place, q),
        view=view,
        views=_views(numbers),
        last_of_team=TEAM[-1],
        count=None if q else numbers.get(view),
        rows=written(visit, page.rows, place, opened.reference if opened else "", people),
        undoable=tuple((row.reference, row.version) for row in page.rows if can_undo(visit, row)),
        next_href=f"{visit.url('desk.cases')}?{urlencode({'view': view, 'after': page.next})}" if page.next else "",
        open=opened.reference if opened else "",
        detail=opened,
        colleagues=_colleagues(visit, people),
    )


def _colleagues(visit: Visit, people: Around) -> tuple[Choice, ...]:
    """Return whom a case can be given to, by whoever decides; nobody for others."""
    if not visit.me.roles & DECIDERS:
        return ()
    return tuple(Choice(one.id, one.name) for one in people.staff.values() if one.is_here and one.roles & DECIDERS)


def after(visit: Visit, case: Case, said: str) -> Response:
    """Go on to the next case of the view the person works in, saying what was done."""
    view, behind = known_view(visit.form.text("view"))
    following = _following(visit, case, view)
    place = ".".join(filter(None, (view, behind)))
    answer = {"view": place, "open": following, "said": said, "ref": case.reference}
    return visit.see(f"{visit.url('desk.cases')}?{urlencode({key: value for key, value in answer.items() if value})}")


def _following(visit: Visit, case: Case, view: str) -> str:
    if view in SHOW_STATE:
        return ""
    place = mark(case.due_on, case.id)  # the next one starts behind the case just answered
    page = Inbox(visit.docket, family(visit)).rows(view, visit.me.id, visit.here.today(visit.now), place)
    return page.rows[0].reference if page.rows else ""


def _opened(visit: Visit, page: Page, view: str, people: Around) -> Detail | None:
    wanted = visit.query("open") or (page.rows[0].reference if page.rows else "")
    try:
        case, beside = visit.cases.beside(wanted)
    except NoSuchCase:
        return None
    if is_own(visit, case):
        return None
    visit.saw(case.reference, case.subject)
    return detail(visit, case, view, people, beside)


def _views(numbers: dict[str, int]) -> tuple[ViewLink, ...]:
    languages = sorted(view for view, number in numbers.items() if view.startswith("lang:") and number)
    spoken = [view for view in languages if view != "lang:en"]
    return tuple(ViewLink(str(view), numbers.get(view)) for view in (*TEAM, *YOURS, *spoken))
