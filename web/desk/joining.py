"""The first page of an invitation: its link shows a button, and only pressing that uses the link up."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.staff.invitations.inviting import take_up
from rightsdesk.web.desk.seating import begin_invited, means_of, owed
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.visits import Visit

# Nothing on that page leads elsewhere, and whatever does one day must not tell where from.
_TELL_NOBODY: Final = "strict-origin"


@dataclass(frozen=True, slots=True)
class JoinPage:
    """The button, with the secret of the link that led here; "" where it was cut off."""

    token: str
    error: Fault | None = None


def join(visit: Visit) -> Response:
    """Show the button. Nothing is looked up: a mail program that opens each link uses none of them up."""
    return _shown(visit, JoinPage(visit.query("invitation")), 200)


def joined(visit: Visit) -> Response:
    """Use the link up and go on without it in the address; each link that leads nowhere is told the same."""
    taken = take_up(means_of(visit), visit.form.text("invitation"), visit.now)
    if taken is None or Staff(visit.tx, visit.here.id, visit.vault).numbered(taken[0]) is None:
        words = visit.say("This link does not work. Each one works once, and for 7 days. Ask for a new one.")
        return _shown(visit, JoinPage("", Fault(words, "main")), 422)
    begin_invited(visit, *taken)
    return visit.see(visit.url(owed(visit)))


def _shown(visit: Visit, page: JoinPage, status: int) -> Response:
    response = visit.render("desk/join.html", page, status=status)
    response.headers.update({"Referrer-Policy": _TELL_NOBODY, "Cache-Control": "no-store"})
    return response
