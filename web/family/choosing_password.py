"""Choose a new password, once, with the right that a code gave; and the one path on which all of a reset happens."""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.people.fields.store import Fields
from rightsdesk.verification.challenges import Purpose
from rightsdesk.verification.directories.port import Changed, Down, Elsewhere, Outcome, Refused
from rightsdesk.verification.errors import (
    PasswordKnown,
    PasswordNamesUs,
    PasswordProblem,
    PasswordRepeats,
    PasswordTooLong,
    PasswordTooShort,
)
from rightsdesk.verification.passwords import check_new
from rightsdesk.verification.students.resetting import held_as
from rightsdesk.verification.students.store import Held, Resets
from rightsdesk.verification.students.suggesting import three_words
from rightsdesk.web.family import resetting
from rightsdesk.web.family.faults import Fault, Mistake
from rightsdesk.web.family.naming import NUMBER_FIELD
from rightsdesk.web.family.seating import is_over
from rightsdesk.web.family.steps import ENDS, Step
from rightsdesk.web.resets.changing import NAMES, change
from rightsdesk.web.visits import Visit

FIELD: Final = "password"
_UNFIT: Final = {
    PasswordTooShort: Mistake.PASSWORD_SHORT,
    PasswordTooLong: Mistake.PASSWORD_LONG,
    PasswordKnown: Mistake.PASSWORD_KNOWN,
    PasswordRepeats: Mistake.PASSWORD_REPEATS,
    PasswordNamesUs: Mistake.PASSWORD_NAMES,
}


@dataclass(frozen=True, slots=True)
class PasswordPage:
    """The question for the new password. ``username`` is for password managers; what was typed is not shown again."""

    username: str
    suggestion: str = ""
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class Chooser:
    """Who may choose, and what must not be in the password."""

    person: UUID
    username: str
    names: tuple[str, ...]


def show(visit: Visit) -> Response:
    """Show the step at which this session stands; asked to, or standing nowhere, the first one."""
    step = visit.seat.purpose
    if visit.query("start") == "1":
        return resetting.show_name(visit)
    if step == Purpose.RESET_PASSWORD and visit.seat.challenge:
        return resetting.show_code(visit, renewed=visit.query("new") == "1")
    if step == Step.NUMBER and not is_over(visit):
        return resetting.show_number(visit)
    if step == Step.CHOOSE:
        chooser = _chooser(visit)
        return _page(visit, PasswordPage(chooser.username)) if chooser else _over(visit)
    return resetting.show_end(visit, step) if step in ENDS else resetting.show_name(visit)


def take(visit: Visit) -> Response:
    """Take what was sent: which field it is says which step, and the session says whether it stands there."""
    # A password manager's hidden username comes with the new password, so the order counts.
    sent = {name for name, _ in visit.form.fields}
    if FIELD in sent:
        return _choose(visit)
    if {"code", "again"} & sent:
        return resetting.answer_code(visit)
    if NUMBER_FIELD in sent:
        return resetting.answer_number(visit)
    return resetting.ask_code(visit)


def _choose(visit: Visit) -> Response:
    if visit.seat.purpose != Step.CHOOSE:
        return visit.see(visit.url("family.password"))
    with visit.looking():
        chooser = _chooser(visit)
    if chooser is None:
        return _over(visit)
    if visit.form.text("suggest"):
        words = three_words(visit.language, visit.portal.draw, chooser.names)
        return _page(visit, PasswordPage(chooser.username, words))
    typed = visit.form.secret(FIELD)
    try:
        check_new(typed, chooser.names)
    except PasswordProblem as problem:
        return _page(visit, PasswordPage(chooser.username, error=_unfit(problem)))
    return _changed(visit, chooser, change(visit, _held(visit), typed))


def _changed(visit: Visit, chooser: Chooser, outcome: Outcome | None) -> Response:
    if outcome is None:
        return _over(visit)
    if isinstance(outcome, Refused):
        return _page(visit, PasswordPage(chooser.username, error=Fault(Mistake.PASSWORD_NOT_TAKEN, FIELD)))
    if isinstance(outcome, Down):
        return visit.render("family/reset_down.html", PasswordPage(chooser.username), status=503)
    ended = Step.DONE if isinstance(outcome, Changed) else Step.UNSURE
    step = Step.ELSEWHERE if isinstance(outcome, Elsewhere) else ended
    with visit.unit():
        visit.renew(replace(visit.seat, purpose=step, grant=""))
    return visit.see(visit.url("family.password"))


def _page(visit: Visit, page: PasswordPage) -> Response:
    return visit.render("family/reset_password.html", page, status=422 if page.error else 200)


def _over(visit: Visit) -> Response:
    return resetting.show_name(visit, Fault(Mistake.GRANT_OVER, resetting.FIELD))


def _chooser(visit: Visit) -> Chooser | None:
    """Return whose password this session may choose, while it may."""
    reset = Resets(visit.tx, visit.here.id).open(_held(visit), visit.now)
    if reset is None or resetting.is_stopped(visit, reset):
        return None
    person, fields = visit.people.person(reset.person), Fields(visit.tx, visit.here, visit.vault)
    known = [fields.read(reset.person, element) for element in NAMES]
    own = (person.given, person.family, *(one.partition("@")[0] for one in known))
    names = (visit.here.name, visit.here.short_name, "Rightsdesk", *own)
    return Chooser(reset.person, next(filter(None, known), ""), names)


def _held(visit: Visit) -> Held:
    return held_as(visit.seat.grant, visit.seat.id)


def _unfit(problem: PasswordProblem) -> Fault:
    count = problem.count if isinstance(problem, PasswordTooShort | PasswordTooLong) else 0
    return Fault(_UNFIT[type(problem)], FIELD, count=count)
