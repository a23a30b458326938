"""Enter a request for a family that called, wrote or came by (T-04)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.responses import Response

from rightsdesk.requests.agencies.catalogue import CATALOGUE, Correctable
from rightsdesk.requests.cases.case import Case, Delivery, Kind
from rightsdesk.requests.cases.conversation import note
from rightsdesk.requests.cases.errors import AlreadyAsked, BadFiling
from rightsdesk.requests.cases.filing import Filing, enter_case
from rightsdesk.requests.cases.laws import needs_consent
from rightsdesk.requests.cases.proving import MEANS
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.people.register.store import Register
from rightsdesk.web.desk.refusing import abandon
from rightsdesk.web.desk.shells import approver, shell
from rightsdesk.web.desk.shown import Fault, Shell
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.visits import Visit
from rightsdesk.web.words import LANGUAGES

CHANNELS: Final = ("phone", "paper", "mail")
SHORTEST_REASON: Final = 10


@dataclass(frozen=True, slots=True)
class Pair:
    """Somebody who may have asked, and the student it is about."""

    value: str
    requester: str
    subject: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Choosable:
    """One element of the catalogue on the form."""

    id: str
    is_correctable: bool
    is_chosen: bool
    proposed: str


@dataclass(frozen=True, slots=True)
class EnterPage:
    """The form, with what was typed."""

    shell: Shell
    searched: str
    people: tuple[Pair, ...]
    elements: tuple[Choosable, ...]
    once: str
    received: str
    languages: tuple[str, ...] = LANGUAGES
    pair: str = ""
    kind: str = ""
    details: str = ""
    channel: str = ""
    reason: str = ""
    means: str = ""
    language: str = "en"
    asks_delivery: bool = False
    delivery: str = ""
    error: Fault | None = None


class Unfilled(Exception):
    """Something on the form is missing; ``field`` is where."""

    def __init__(self, words: str, field: str) -> None:
        super().__init__(words)
        self.field = field


def enter(visit: Visit) -> Response:
    """Show the form; first the person is looked up on the roster."""
    return visit.render("desk/enter.html", _page(visit, visit.query("person"), None))


def entered(visit: Visit) -> Response:
    """File the request as of the day on which the family first asked."""
    try:
        filing = _filing(visit)
        filed = enter_case(visit.docket, filing, visit.now)
        _explain(visit, filed[0], filing)
    except Unfilled as problem:
        return _again(visit, visit.say(str(problem)), problem.field)
    except AlreadyAsked as same:
        return visit.see(f"{visit.url('desk.case', reference=same.reference)}")
    except BadFiling as problem:
        return _again(visit, visit.say(str(problem)), "elements")
    view = "proof" if filed[0].state is State.AWAITING_PROOF else "decision"
    return visit.see(f"{visit.url('desk.cases')}?view={view}&open={filed[0].reference}&said=entered")


def _filing(visit: Visit) -> Filing:
    form = visit.form
    requester, _, subject = form.text("pair").partition(".")
    if not subject:
        raise Unfilled("Choose who asked.", "pair")
    kind, channel = form.text("kind"), form.text("channel")
    if kind not in set(Kind):
        raise Unfilled("Choose what they ask for.", "kind")
    if channel not in CHANNELS:
        raise Unfilled("Choose how it came.", "channel")
    proposed = dict(form.prefixed("correction."))
    return Filing(
        requester=identity(requester),
        subject=identity(subject),
        kind=Kind(kind),
        wanted=tuple(Wanted(one, proposed.get(one, "")) for one in form.texts("elements")),
        details=form.text("details"),
        language=form.text("language") if form.text("language") in LANGUAGES else "en",
        once=form.text("once")[:64] or visit.portal.draw(16).hex(),  # never one empty key for all
        channel=channel,
        means=form.text("means") if form.text("means") in MEANS else "",
        received_at=_received(visit),
        delivery=Delivery(form.text("delivery")) if form.text("delivery") in set(Delivery) else None,
    )


def _received(visit: Visit) -> datetime:
    typed, today = visit.form.text("received_at"), visit.here.today(visit.now)
    try:
        day = date.fromisoformat(typed) if typed else today
    except ValueError as wrong:
        raise Unfilled("Write the day like 2026-11-20.", "received") from wrong
    if day > today:
        raise Unfilled("The day they first asked cannot be in the future.", "received")
    if day == today:
        return visit.now
    if len(visit.form.text("reason")) < SHORTEST_REASON:
        raise Unfilled("Say why the day is earlier.", "reason")
    return datetime.combine(day, time(12), ZoneInfo(visit.here.zone)).astimezone(UTC)


def _explain(visit: Visit, case: Case, filing: Filing) -> None:
    day = visit.here.today(filing.received_at).isoformat()
    facts = (("act", "entered"), ("channel", filing.channel), ("received", day))
    visit.docket.record(Event("routed", f"staff:{visit.me.id}", case.reference, case.subject, facts))
    if visit.form.text("reason"):
        note(visit.docket, approver(visit), case.reference, visit.form.text("reason"), visit.now)


def _again(visit: Visit, words: str, field: str) -> Response:
    abandon(visit)
    page = _page(visit, visit.form.text("person"), Fault(words, field))
    return visit.render("desk/enter.html", page, status=422)


def _page(visit: Visit, searched: str, error: Fault | None) -> EnterPage:
    form, proposed = visit.form, dict(visit.form.prefixed("correction."))
    chosen = form.texts("elements")
    return EnterPage(
        shell=shell(visit),
        searched=searched,
        people=_pairs(visit, searched) if searched else (),
        elements=tuple(
            Choosable(one.id, one.correctable is Correctable.REVIEWED, one.id in chosen, proposed.get(one.id, ""))
            for one in CATALOGUE.values()
        ),
        once=form.text("once") or visit.portal.draw(16).hex(),
        received=form.text("received_at") or visit.here.today(visit.now).isoformat(),
        pair=form.text("pair"),
        kind=form.text("kind"),
        details=form.text("details"),
        channel=form.text("channel"),
        reason=form.text("reason"),
        means=form.text("means"),
        language=form.text("language") or "en",
        asks_delivery=needs_consent(visit.docket.rulebook, visit.here),
        delivery=form.text("delivery"),
        error=error,
    )


def _pairs(visit: Visit, searched: str) -> tuple[Pair, ...]:
    register = Register(visit.tx, visit.here, visit.vault)
    found = visit.people.persons(register.found(searched))
    visit.searched(len(found))
    ties: dict[tuple[UUID, UUID], None] = {}
    for person in found.values():
        if person.is_student:
            ties[(person.id, person.id)] = None
            ties |= {(tie.guardian, tie.student): None for tie in register.ties(person.id) if tie.is_active}
        ties |= {(tie.guardian, tie.student): None for tie in register.children(person.id) if tie.is_active}
    people = visit.people.persons({one for pair in ties for one in pair})
    return tuple(
        Pair(f"{asks}.{about}", people[asks].name, people[about].name, is_own=asks == about)
        for asks, about in ties
        if asks in people and about in people
    )
