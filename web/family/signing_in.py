"""Sign in with a username and a password, where the agency keeps its students' passwords here."""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.people.phones.store import Numbers
from rightsdesk.verification.assurance import ProofKind
from rightsdesk.verification.challenges import Purpose
from rightsdesk.verification.errors import NameEmpty, NameProblem
from rightsdesk.verification.reading import counted_address, read_name
from rightsdesk.verification.staff.accounts import Attempt, Shown, Worth
from rightsdesk.verification.students import signing_in
from rightsdesk.web.family import phoning
from rightsdesk.web.family.faults import Fault, Mistake
from rightsdesk.web.family.resetting import EndPage
from rightsdesk.web.family.seating import seat_for
from rightsdesk.web.family.steps import Step
from rightsdesk.web.proof import means
from rightsdesk.web.resets.changing import student_means
from rightsdesk.web.visits import Visit

FIELD: Final = "username"
_SHUT: Final = {Worth.PAUSED: Mistake.SIGN_IN_PAUSED, Worth.LOCKED: Mistake.SIGN_IN_LOCKED}


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The question for username and password; the password is never shown again."""

    typed: str = ""
    next: str = ""
    error: Fault | None = None


def sign_in(visit: Visit) -> Response:
    """Ask for username and password."""
    if not phoning.keeps_passwords(visit):
        return visit.see(visit.url("family.phone"))
    return visit.render("family/sign_in.html", SignInPage(next=visit.onward(visit.query("next"), "")))


def signed_in(visit: Visit) -> Response:
    """Check the password; an unknown name costs the same work and is told the same."""
    page = SignInPage(visit.form.text(FIELD)[:60], visit.onward(visit.form.text("next"), ""))
    try:
        name = read_name(visit.form.text(FIELD))
    except NameProblem as problem:
        kind = Mistake.NAME_EMPTY if isinstance(problem, NameEmpty) else Mistake.NAME_LONG
        return _refused(visit, replace(page, error=Fault(kind, FIELD)))
    with visit.unit():
        if not phoning.keeps_passwords(visit):
            return visit.see(visit.url("family.phone"))
        keys = means(visit.portal, visit.tx, visit.here, visit.now).typed_keys(Purpose.RESET_PASSWORD, name)
        student = Numbers(visit.tx, visit.here, visit.vault).student_named(keys)
        tools = student_means(visit.docket, visit.portal.passwords, visit.now)
        begun = signing_in.begin(tools, student, name, visit.now, counted_address(visit.address))
    if isinstance(begun, Shown):
        return _refused(visit, replace(page, error=Fault(_SHUT[begun.worth], FIELD, at=begun.until)))
    return _compared(visit, begun, page)


def _compared(visit: Visit, attempt: Attempt, page: SignInPage) -> Response:
    typed = visit.form.secret("password")
    match = visit.portal.passwords.compare(attempt.stored, typed)  # 32 ms, in which others write
    with visit.unit():
        is_right = signing_in.end(student_means(visit.docket, visit.portal.passwords, visit.now), attempt, match, typed)
        if is_right and attempt.account is not None:
            return _let_in(visit, attempt.account, page.next)
    return _refused(visit, replace(page, error=Fault(Mistake.SIGN_IN_WRONG, FIELD)))


def _let_in(visit: Visit, student: UUID, onward: str) -> Response:
    """Give this browser the student's session; under 13, or at an age nobody knows, there is no own path."""
    if not Numbers(visit.tx, visit.here, visit.vault).is_old_enough(student, visit.here.today(visit.now)):
        return visit.render("family/reset_end.html", EndPage(Step.TOO_YOUNG))
    proof = (("proof", str(ProofKind.PASSWORD)),)
    visit.docket.record(Event("signed_in", f"requester:{student}", subject=student, facts=proof))
    seat = visit.seat if visit.seat.person == student else phoning.unproved(visit)
    visit.seat = replace(seat, onward=onward)
    return seat_for(visit, student, ProofKind.PASSWORD)


def _refused(visit: Visit, page: SignInPage) -> Response:
    return visit.render("family/sign_in.html", page, status=422)
