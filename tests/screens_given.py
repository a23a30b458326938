"""A few screens of every kind, to test what surrounds all screens without depending on any real one."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlalchemy import text
from starlette.responses import PlainTextResponse, Response

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.cases.errors import BadFiling, MovedOn, NoSuchCase
from rightsdesk.web.portal import Portal
from rightsdesk.web.screens import Screen, Who
from rightsdesk.web.sessions import Draft
from rightsdesk.web.tables import JobRow
from rightsdesk.web.visits import Visit

PARENT: Final = UUID("44444444-4444-4444-8444-444444444444")
STUDENT: Final = UUID("55555555-5555-4555-8555-555555555555")
PRIYA: Final = Colleague(
    UUID("66666666-6666-4666-8666-666666666666"), "Priya Nair", "priya@marigold.example", frozenset({Role.APPROVER})
)
DRAFT: Final = Draft(
    STUDENT, "correction", ("name.family",), (("name.family", "Delgado"),), "It is misspelled", "once", "es"
)


def hello(visit: Visit) -> Response:
    """Say who is here."""
    seat = visit.seat
    return PlainTextResponse(f"{seat.kind} {seat.person or seat.staff or ''} {visit.address}".strip())


def echo(visit: Visit) -> Response:
    """Give back two fields."""
    return PlainTextResponse(f"{visit.form.text('a')}|{','.join(visit.form.texts('b'))}")


def enqueue(visit: Visit) -> Response:
    """Submit a job, then refuse when asked to."""
    visit.portal.jobs.submit(visit.tx, "quick", visit.form.text("key"), "id")
    match visit.form.text("then"):
        case "refuse":
            raise BadFiling("Choose at least one thing.")
        case "break":
            raise ZeroDivisionError("Maria Garcia")
        case "typed wrong":
            return PlainTextResponse("Write what it should be.", 422)
    return visit.see(f"/{visit.here.slug}/start")


def writes(visit: Visit) -> Response:
    """Try to write although the page is only looked at."""
    if visit.query("by") == "object":
        visit.tx.add(JobRow(kind="k", key="k", ids="[]", run_at=0.0))
        visit.tx.flush()
    visit.tx.connection().execute(text("DELETE FROM jobs"))
    return PlainTextResponse("written")


def refuses(visit: Visit) -> Response:
    """Refuse in the way the path names."""
    match visit.part("how"):
        case "unknown":
            raise NoSuchCase("No request of yours has this number.")
        case "moved":
            raise MovedOn("Somebody decided first.", 3)
        case "stuck":
            visit.tx.connection().execute(text("SELECT * FROM no_such_table"))
    return PlainTextResponse("not refused")


def ask(visit: Visit) -> Response:
    """Begin a challenge."""
    visit.keep(replace(visit.seat, challenge="c1", number_ending="0142"))
    return visit.see(f"/{visit.here.slug}/code")


def prove(visit: Visit) -> Response:
    """Prove a requester."""
    seat = visit.renew(replace(visit.seat, challenge="", person=PARENT, proved_at=visit.now))
    return PlainTextResponse("proved" if seat.draft.is_empty else "restored")


def draft(visit: Visit) -> Response:
    """Keep the answers so far."""
    visit.keep(replace(visit.seat, draft=DRAFT))
    return PlainTextResponse("kept")


def drafted(visit: Visit) -> Response:
    """Show the answers so far."""
    return PlainTextResponse(visit.seat.draft.details)


def leave(visit: Visit) -> Response:
    """End the session."""
    visit.leave()
    return visit.see(f"/{visit.here.slug}/start")


def password(visit: Visit) -> Response:
    """Accept a password."""
    visit.renew(replace(visit.seat, staff=PRIYA.id, password_at=visit.now))
    return visit.see(f"/desk/{visit.here.slug}/second")


def second(visit: Visit) -> Response:
    """Accept a second factor."""
    visit.renew(replace(visit.seat, second_at=visit.now))
    return visit.see(visit.onward(visit.form.text("next"), f"/desk/{visit.here.slug}/inbox"))


def see_case(visit: Visit) -> Response:
    """Show a case to staff."""
    visit.saw("MGD-7K3F-92QX", STUDENT)
    return hello(visit)


SCREENS: Final = (
    Screen("/{agency}/start", "start", Who.ANYONE, hello, echo),
    Screen("/{agency}/small", "small", Who.ANYONE, post=echo, largest=100),
    Screen("/{agency}/jobs", "jobs", Who.ANYONE, writes, enqueue),
    Screen("/{agency}/refuses/{how}", "refuses", Who.ANYONE, refuses),
    Screen("/{agency}/phone", "phone", Who.ANYONE, hello, ask),
    Screen("/{agency}/code", "code", Who.ASKED, hello, prove),
    Screen("/{agency}/mine", "mine", Who.PROVED, drafted, draft),
    Screen("/{agency}/poll", "poll", Who.PROVED, hello, is_poll=True),
    Screen("/{agency}/leave", "leave", Who.ANYONE, post=leave),
    Screen("/desk/{agency}/sign-in", "sign_in", Who.ANYONE, hello, password),
    Screen("/desk/{agency}/second", "second", Who.HALF_STAFF, hello, second),
    Screen("/desk/{agency}/inbox", "inbox", Who.STAFF, see_case, roles=frozenset({Role.APPROVER})),
    Screen("/office/{agency}/staff", "staff", Who.STAFF, hello, hello, roles=frozenset({Role.ADMINISTRATOR})),
)


def given_staff(portal: Portal, agency: UUID, colleague: Colleague = PRIYA) -> Colleague:
    """Enter a member of staff and return them."""
    with portal.storage.write() as tx:
        Staff(tx, agency, portal.vault.agency(agency)).add(colleague, portal.now())
    return colleague
