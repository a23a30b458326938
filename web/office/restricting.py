"""Stop a guardian, confirm, change or lift that, and freeze a student, from a person's page."""

from datetime import date
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.people.errors import NotOnFile, RestrictionProblem
from rightsdesk.requests.people.phones.store import Numbers
from rightsdesk.requests.people.restricting import (
    Guardrails,
    Order,
    RestrictionKind,
    change_end,
    confirm_restriction,
    freeze,
    lift_restriction,
    set_restriction,
    thaw,
)
from rightsdesk.web.desk.refusing import abandon
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.office.passkeys import end_on_phone_of
from rightsdesk.web.office.people import person_page
from rightsdesk.web.office.shells import clerk, guardrails
from rightsdesk.web.visits import Visit


def restrict(visit: Visit) -> Response:
    """Stop one guardian, or everybody but the student, at once."""
    student = identity(visit.part("person"))
    try:
        for order in _orders(visit, student):
            set_restriction(guardrails(visit), order, clerk(visit), visit.now)
            _end_shared(visit, order.guardian)
    except RestrictionProblem as problem:
        return _again(visit, student, problem, "until")
    return _done(visit, student, "stopped")


def restriction(visit: Visit) -> Response:
    """Confirm a restriction, move its end, or lift it."""
    who, number = identity(visit.part("person")), identity(visit.part("restriction"))
    desk, by, act = guardrails(visit), clerk(visit), visit.form.text("do")
    _require_about(desk, number, who)
    try:
        if act == "confirm":
            confirm_restriction(desk, number, by)
        elif act == "lift":
            lift_restriction(desk, number, by, visit.now)
        else:
            change_end(desk, number, _day(visit.form.text("ends")), by, visit.now)
    except RestrictionProblem as problem:
        return _again(visit, who, problem, "main")
    return _done(visit, who, {"confirm": "confirmed", "lift": "lifted"}.get(act, "saved"))


def freezing(visit: Visit) -> Response:
    """Freeze a student, or lift that."""
    student, thaws = identity(visit.part("person")), visit.form.text("do") == "thaw"
    try:
        if thaws:
            thaw(guardrails(visit), student, clerk(visit))
        else:
            freeze(guardrails(visit), student, clerk(visit), visit.now)
    except RestrictionProblem as problem:
        return _again(visit, student, problem, "main")
    return _done(visit, student, "thawed" if thaws else "frozen")


def _end_shared(visit: Visit, guardian: UUID) -> None:
    """End sessions and passkeys of whoever shares a phone with the guardian: it may lie in the guardian's hand.

    The guardian's own goes on and opens nothing about the student, like that of anybody who is not linked.
    """
    for other in Numbers(visit.tx, visit.here, visit.vault).sharers(guardian):
        if visit.sessions is not None:
            visit.sessions.end_all(person=other)
        end_on_phone_of(visit, guardian, other)


def _orders(visit: Visit, student: UUID) -> list[Order]:
    form, today = visit.form, visit.here.today(visit.now)
    if form.text("kind") not in set(RestrictionKind):
        raise RestrictionProblem("Choose why.")
    everybody = form.text("guardian") == "everybody"
    guardians = guardrails(visit).restrictions.guardians(student) if everybody else [identity(form.text("guardian"))]
    about = None if form.text("scope") == "all" and not everybody else student
    kind, ends = RestrictionKind(form.text("kind")), _day(form.text("until"))
    return [Order(one, about, kind, today, ends, form.text("paper")[:60]) for one in guardians]


def _require_about(desk: Guardrails, number: UUID, who: UUID) -> None:
    """Refuse a path that joins a restriction to a person on whose page it does not stand."""
    store = desk.restrictions
    listed = (*store.of_guardian(who), *store.of_student(who, store.guardians(who)))
    if number not in {one.id for one in listed}:
        raise NotOnFile("No restriction of this person has this id.")


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError as wrong:
        raise RestrictionProblem("Write the day like 2027-06-30.") from wrong


def _again(visit: Visit, who: UUID, problem: RestrictionProblem, field: str) -> Response:
    abandon(visit)
    page = person_page(visit, who, Fault(visit.say(str(problem)), field))
    return visit.render("office/person.html", page, status=422)


def _done(visit: Visit, who: UUID, said: str) -> Response:
    return visit.see(f"{visit.url('office.person', person=str(who))}?said={said}")
