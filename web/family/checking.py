"""Look at the answers once more, send them, and learn what happens next."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.cases import references
from rightsdesk.requests.cases.case import Case, Delivery, Kind
from rightsdesk.requests.cases.errors import AlreadyAsked, BadFiling, NoSuchCase
from rightsdesk.requests.cases.filing import Filing, Part, file_case, preview
from rightsdesk.requests.cases.laws import needs_consent
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.rows.store import SCOPE
from rightsdesk.requests.people.person import Person
from rightsdesk.verification.assurance import ProofKind
from rightsdesk.web.family.detailing import now_text
from rightsdesk.web.family.faults import Fault, Mistake
from rightsdesk.web.family.passkeys import is_offered
from rightsdesk.web.family.store import Uploads
from rightsdesk.web.family.subjects import grade, requester, school_name, shown_value, students, subject, subject_id
from rightsdesk.web.visits import Visit
from rightsdesk.web.words import OWN_NAMES

_HEARING: Final = "RIGHT_TO_HEARING"


@dataclass(frozen=True, slots=True)
class Line:
    """One element of the request: what it says now and what it should say, as far as pages show it."""

    id: str
    now: str
    proposed: str


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answers a part of the request, by which day, and where that day is written."""

    owner: Owner
    due: date
    policy: bool
    source: str


@dataclass(frozen=True, slots=True)
class CheckPage:
    """All answers, before they are sent. ``once`` makes sending twice one request."""

    requester: str
    own: bool
    ending: str
    language: str
    student: str
    name: str
    grade: str
    school: str
    several: bool
    kind: str
    lines: tuple[Line, ...]
    details: str
    has_file: bool
    parts: tuple[Answerer, ...]
    asks_delivery: bool
    delivery: str
    once: str
    back: str
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class SentCase:
    """One case that a request became."""

    reference: str
    answer: Answerer
    hearing: bool


@dataclass(frozen=True, slots=True)
class SentPage:
    """The receipt."""

    cases: tuple[SentCase, ...]
    ending: str
    offers_passkey: bool
    filed_at: datetime
    today: bool
    student: str
    name: str
    own: bool
    school: str
    kind: str
    lines: tuple[Line, ...]
    details: str


def show_check(visit: Visit) -> Response:
    """Show all answers, who must answer, and by which day."""
    return _page(visit, None)


def send(visit: Visit) -> Response:
    """File the request and show the receipt; pressed twice, it is filed once."""
    student, once = subject_id(visit), visit.form.text("once")
    sent = _sent_before(visit, once)
    if sent is not None:
        return visit.see(visit.url("family.sent", reference=sent.reference))
    if student is None:
        return visit.see(visit.url("family.ask"))
    fault = _changed(visit, once) or _choose_delivery(visit)
    if fault is not None:
        return _page(visit, fault)
    visit.vault.prepare(student, SCOPE)  # before this agency's turn to write: a new key waits for the disk
    try:
        case, *_ = file_case(visit.docket, _filing(visit, student, with_files=True), visit.now)
    except AlreadyAsked as known:
        return _page(visit, _asked_before(visit, known.reference))
    except BadFiling:
        return visit.see(visit.url("family.details"))
    if visit.seat.draft.evidence:
        _uploads(visit).drop(visit.seat.draft.evidence)
    visit.keep(replace(visit.seat, draft=visit.seat.draft.after_sending))
    return visit.see(visit.url("family.sent", reference=case.reference))


def show_sent(visit: Visit) -> Response:
    """Show the receipt: reference, dates, what happens next."""
    case = own_case(visit)
    student = visit.people.person(case.subject)
    cases = visit.cases.sent_once(case.once) or (case,)
    page = SentPage(
        cases=tuple(_sent_case(visit, one) for one in cases),
        ending=visit.seat.number_ending,
        offers_passkey=is_offered(visit),
        filed_at=case.filed_at,
        today=visit.here.today(case.filed_at) == visit.here.today(visit.now),
        student=student.name,
        name=student.given,
        own=student.id == case.requester,
        school=school_name(visit, student),
        kind=case.kind,
        lines=tuple(line for sent in cases for line in asked_lines(sent)),
        details=case.details,
    )
    return visit.render("family/sent.html", page)


def own_case(visit: Visit) -> Case:
    """Return the case of this path when it is this requester's.

    Raises:
        NoSuchCase: unknown, another agency's or another person's: the same page for all of them.
    """
    reference = references.read(visit.part("reference"))
    if not reference:
        raise NoSuchCase("We cannot find that request.")
    return visit.cases.of(requester(visit), reference)


def may_be_heard(visit: Visit, case: Case) -> bool:
    """Say whether a no to this case must offer a hearing, by the rule that governs its date (34 CFR 99.20(c))."""
    rules = [rule for rule in visit.portal.rulebook.rules if rule.id == case.due_rule]
    return case.kind is Kind.CORRECTION and any(_HEARING in rule.refusal_must_state for rule in rules)


def asked_lines(case: Case) -> tuple[Line, ...]:
    """Return what a case asks, as a page may show it; to see everything names nothing."""
    if case.kind is Kind.ACCESS:
        return ()
    return tuple(Line(one.element, shown_value(one.element, one.filed), one.proposed) for one in case.elements)


def _page(visit: Visit, error: Fault | None) -> Response:
    draft, student = visit.seat.draft, subject(visit)
    if student is None:
        return visit.see(visit.url("family.ask"))
    try:
        parts = preview(visit.docket, _filing(visit, student.id, with_files=False), visit.now)
    except (BadFiling, ValueError):
        return visit.see(visit.url("family.details" if draft.kind in set(Kind) else "family.ask"))
    person = requester(visit)
    page = CheckPage(
        requester=visit.people.person(person).name,
        own=student.id == person,
        ending=visit.seat.number_ending,
        language=OWN_NAMES[visit.language],
        student=student.name,
        name=student.given,
        grade=grade(student),
        school=school_name(visit, student),
        several=len(students(visit, person)) > 1,
        kind=draft.kind,
        lines=_lines(visit, student),
        details=draft.details if draft.kind != Kind.ACCESS else "",
        has_file=bool(draft.evidence) and draft.kind == Kind.CORRECTION,
        parts=tuple(_answerer(visit, part) for part in parts),
        asks_delivery=_asks_delivery(visit),
        delivery=draft.delivery,
        once=draft.once,
        back=visit.url("family.ask" if draft.kind == Kind.ACCESS else "family.details"),
        error=error,
    )
    return visit.render("family/check.html", page, status=_status(error))


def _status(error: Fault | None) -> int:
    if error is None:
        return 200
    return 422 if error.mistake is Mistake.DELIVERY_MISSING else 409


def _filing(visit: Visit, student: UUID, *, with_files: bool) -> Filing:
    draft = visit.seat.draft
    kind = Kind(draft.kind)
    proposed = dict(draft.corrections) if kind is Kind.CORRECTION else {}
    files = with_files and kind is Kind.CORRECTION
    return Filing(
        requester=requester(visit),
        subject=student,
        kind=kind,
        wanted=() if kind is Kind.ACCESS else tuple(Wanted(one, proposed.get(one, "")) for one in draft.elements),
        details="" if kind is Kind.ACCESS else draft.details,
        language=visit.language,
        once=draft.once,
        channel="sign_in" if visit.seat.proved_by is ProofKind.SCHOOL_SIGN_IN else "portal",
        means=visit.seat.means,
        received_at=visit.now,
        evidence=_uploads(visit).opened(draft.evidence) if files else (),
        delivery=Delivery(draft.delivery) if _asks_delivery(visit) and draft.delivery else None,
    )


def _changed(visit: Visit, once: str) -> Fault | None:
    """Return what is wrong when the answers were changed in another tab after this one showed them."""
    return None if once and once == visit.seat.draft.once else Fault(Mistake.CHANGED)


def _sent_before(visit: Visit, once: str) -> Case | None:
    if once in {"", visit.seat.draft.once}:  # not sent yet, as far as this session knows; filing looks once more
        return None
    return next((case for case in visit.cases.sent_once(once) if case.requester == requester(visit)), None)


def _asked_before(visit: Visit, reference: str) -> Fault:
    case = visit.cases.find(reference)
    return Fault(Mistake.ALREADY_ASKED, at=visit.here.today(case.filed_at), reference=reference)


def _uploads(visit: Visit) -> Uploads:
    return Uploads(visit.tx, visit.here.id, requester(visit), visit.vault)


def _lines(visit: Visit, student: Person) -> tuple[Line, ...]:
    draft = visit.seat.draft
    if draft.kind == Kind.ACCESS:
        return ()
    if draft.kind == Kind.ERASURE:
        return tuple(Line(one, "", "") for one in draft.elements)
    proposed = dict(draft.corrections)
    return tuple(Line(one, now_text(visit, student, one), proposed.get(one, "")) for one in draft.elements)


def _answerer(visit: Visit, part: Part) -> Answerer:
    return Answerer(part.owner, part.due.on, part.due.policy, _source(visit, part.due.rule_id, part.due.source))


def _sent_case(visit: Visit, case: Case) -> SentCase:
    (clock,) = (one for one in visit.cases.clocks(case.id) if one.rule == case.due_rule)
    source = _source(visit, clock.rule, clock.source)
    return SentCase(
        case.reference, Answerer(case.owner, case.due_on, clock.is_policy, source), may_be_heard(visit, case)
    )


def _source(visit: Visit, rule: str, cited: str) -> str:
    code = rule.partition(".")[0]
    law = next((law.short for law in visit.portal.rulebook.laws if law.code == code), "")
    return f"{law}: {cited}" if law else cited


def _asks_delivery(visit: Visit) -> bool:
    return visit.seat.draft.kind == Kind.ACCESS and needs_consent(visit.portal.rulebook, visit.here)


def _choose_delivery(visit: Visit) -> Fault | None:
    """Keep how the family wants to see it; nothing is chosen for them, because silence is no consent."""
    if not _asks_delivery(visit):
        return None
    chosen = visit.form.text("delivery")
    if chosen not in set(Delivery):
        return Fault(Mistake.DELIVERY_MISSING, "delivery")
    visit.keep(replace(visit.seat, draft=replace(visit.seat.draft, delivery=chosen)))
    return None
