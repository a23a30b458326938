"""What is wrong, or what should go: the elements of a request, in the family's own words too."""

from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response

from rightsdesk.requests.agencies.catalogue import WHOLE_ACCOUNT, Element, Owner, correctable, erasable
from rightsdesk.requests.agencies.store import Schools
from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.cases.filing import DETAILS_LENGTH
from rightsdesk.requests.people.person import Person
from rightsdesk.web.family.faults import Fault, Mistake
from rightsdesk.web.family.store import Uploads
from rightsdesk.web.family.subjects import keep_answers, requester, shown_value, subject
from rightsdesk.web.family.values import agreed
from rightsdesk.web.sessions import Draft
from rightsdesk.web.visits import Visit

_KEPT_TEXT: Final = 10_000  # letters kept of a text that is too long, so that it can be shortened
_KEPT_VALUE: Final = 300


@dataclass(frozen=True, slots=True)
class FixLine:
    """One element that can be fixed: what it says now and what it should say. Of a phone number only its end shows."""

    id: str
    now: str
    ticked: bool
    proposed: str


@dataclass(frozen=True, slots=True)
class FixPage:
    """What can be fixed."""

    name: str
    own: bool
    lines: tuple[FixLine, ...]
    schools: tuple[str, ...]
    details: str
    has_file: bool
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """One element that can be deleted. ``held`` says whether there is anything to delete."""

    id: str
    ticked: bool
    held: bool


@dataclass(frozen=True, slots=True)
class DeletePart:
    """What one owner decides about."""

    owner: Owner
    lines: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class DeletePage:
    """What can be deleted, by who decides."""

    name: str
    own: bool
    parts: tuple[DeletePart, ...]
    details: str
    error: Fault | None = None


def show_details(visit: Visit) -> Response:
    """Ask what is wrong, or what should be deleted."""
    student, kind = subject(visit), visit.seat.draft.kind
    if student is None or not kind:
        return visit.see(visit.url("family.ask"))
    if kind == Kind.ACCESS:
        return visit.see(visit.url("family.check"))
    return _page(visit, student, None)


def take_details(visit: Visit) -> Response:
    """Keep the answers, also wrong ones and late ones, and go on when nothing is wrong with them."""
    if visit.seat.lapsed is not None:
        return _keep_late(visit, visit.seat.lapsed.draft)
    student, kind = subject(visit), visit.seat.draft.kind
    if student is None or kind not in {Kind.CORRECTION, Kind.ERASURE}:
        return visit.see(visit.url("family.ask"))
    draft = _typed(visit, visit.seat.draft)
    fault = _fault(visit, draft)
    if kind == Kind.CORRECTION:
        draft, file_fault = _with_file(visit, student, draft)
        fault = fault or file_fault
    keep_answers(visit, draft)
    return _page(visit, student, fault) if fault else visit.see(visit.url("family.check"))


def known_elements(kind: str) -> tuple[str, ...]:
    """Return the ids of the elements this kind of request can name."""
    return tuple(one.id for one in (correctable() if kind == Kind.CORRECTION else erasable()))


def now_text(visit: Visit, student: Person, element: str) -> str:
    """Return the live value as a page may show it."""
    return shown_value(element, visit.docket.live.read(student.id, element))


def _keep_late(visit: Visit, draft: Draft) -> Response:
    if draft.kind in {Kind.CORRECTION, Kind.ERASURE}:
        # A new key, so that an older page cannot send what it does not show.
        visit.keep_late(replace(_typed(visit, draft), once=visit.portal.draw(16).hex()))
    return visit.see(visit.url("family.details"))


def _typed(visit: Visit, draft: Draft) -> Draft:
    known = known_elements(draft.kind)
    ticked = tuple(one for one in known if one in visit.form.texts("elements"))
    corrections = dict(visit.form.prefixed("correction."))
    kept = tuple((one, corrections[one][:_KEPT_VALUE]) for one in known if one in corrections)
    details = visit.form.text("details")[:_KEPT_TEXT]
    return replace(draft, elements=ticked, corrections=kept, details=details)


def _fault(visit: Visit, draft: Draft) -> Fault | None:
    if not draft.elements:
        is_fix = draft.kind == Kind.CORRECTION
        return Fault(Mistake.NOTHING_WRONG if is_fix else Mistake.NOTHING_TO_DELETE, "elements")
    bad = _bad_value(visit, draft) if draft.kind == Kind.CORRECTION else None
    if bad is None and len(draft.details) > DETAILS_LENGTH:
        return Fault(Mistake.DETAILS_LONG, "details", count=len(draft.details))
    return bad


def _bad_value(visit: Visit, draft: Draft) -> Fault | None:
    proposed = dict(draft.corrections)
    for one in draft.elements:
        if not proposed.get(one):
            return Fault(Mistake.VALUE_MISSING, f"c-{one}", element=one)
        if not agreed(one, proposed[one], _schools(visit)):
            return Fault(Mistake.VALUE_IMPOSSIBLE, f"c-{one}", element=one)
    return None


def _with_file(visit: Visit, student: Person, draft: Draft) -> tuple[Draft, Fault | None]:
    photo = visit.form.photo
    if photo is None:
        return draft, None
    if photo.clean is None:
        return draft, Fault(Mistake(photo.refused), "evidence")
    kept = Uploads(visit.tx, visit.here.id, requester(visit), visit.vault)
    kept.drop(draft.evidence)
    file = visit.docket.fresh_id()
    kept.keep(file, student.id, photo.clean, visit.now)
    return replace(draft, evidence=(file,)), None


def _page(visit: Visit, student: Person, error: Fault | None) -> Response:
    draft = visit.seat.draft
    status = 422 if error else 200
    if draft.kind == Kind.CORRECTION:
        return visit.render("family/details_fix.html", _fix_page(visit, student, error), status=status)
    page = DeletePage(student.given, student.id == requester(visit), _parts(visit, student), draft.details, error)
    return visit.render("family/details_delete.html", page, status=status)


def _fix_page(visit: Visit, student: Person, error: Fault | None) -> FixPage:
    draft = visit.seat.draft
    proposed = dict(draft.corrections)
    return FixPage(
        name=student.given,
        own=student.id == requester(visit),
        lines=tuple(
            FixLine(one, now_text(visit, student, one), one in draft.elements, proposed.get(one, ""))
            for one in known_elements(draft.kind)
        ),
        schools=tuple(_schools(visit)),
        details=draft.details,
        has_file=bool(draft.evidence),
        error=error,
    )


def _parts(visit: Visit, student: Person) -> tuple[DeletePart, ...]:
    parts = [
        DeletePart(owner, tuple(_tick(visit, student, one) for one in erasable() if one.owner is owner))
        for owner in Owner
    ]
    return tuple(part for part in parts if part.lines)


def _tick(visit: Visit, student: Person, element: Element) -> Tick:
    held = element.id == WHOLE_ACCOUNT or bool(visit.docket.live.read(student.id, element.id))
    return Tick(element.id, element.id in visit.seat.draft.elements, held)


def _schools(visit: Visit) -> tuple[str, ...]:
    return tuple(name for _, name in Schools(visit.tx, visit.here.id).every())
