"""Choose the student and what to ask for."""

from dataclasses import dataclass, replace

from starlette.responses import Response

from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.people.person import Person
from rightsdesk.web.family.faults import Fault, Mistake
from rightsdesk.web.family.subjects import grade, keep_answers, kinds, requester, school_name, students, subject
from rightsdesk.web.problems import NotFound
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class Pupil:
    """One student in the list."""

    id: str
    name: str
    grade: str
    school: str
    own: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class StudentPage:
    """The students this requester may ask about."""

    requester: str
    students: tuple[Pupil, ...]
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class OtherWaysPage:
    """The same calm page for everybody who cannot go on, whatever the reason."""


@dataclass(frozen=True, slots=True)
class AskPage:
    """What can be asked about one student. ``own``: the requester is that student; ``alone``: it is the only one."""

    requester: str
    name: str
    own: bool
    alone: bool
    kinds: tuple[Kind, ...]
    chosen: str
    back: str
    error: Fault | None = None


def show_students(visit: Visit) -> Response:
    """Ask which student this is about; with only one there is nothing to ask."""
    able = students(visit, requester(visit))
    if len(able) == 1:
        return visit.see(visit.url("family.ask"))
    return _students_page(visit, None)


def choose_student(visit: Visit) -> Response:
    """Take the student and ask what is wanted."""
    chosen = visit.form.text("student")
    if not chosen:
        return _students_page(visit, Fault(Mistake.STUDENT_MISSING, "student"))
    able = students(visit, requester(visit))
    student = next((one for one in able if str(one.id) == chosen), None)
    if student is None:
        raise NotFound
    draft = visit.seat.draft
    if draft.student != student.id:
        # What was written about one student goes into no other student's record.
        draft = replace(draft, elements=(), corrections=(), evidence=(), details="")
    keep_answers(visit, replace(draft, student=student.id))
    return visit.see(visit.url("family.ask"))


def show_kinds(visit: Visit) -> Response:
    """Ask what is wanted."""
    student = subject(visit)
    return visit.see(visit.url("family.student")) if student is None else _kinds_page(visit, student, None)


def choose_kind(visit: Visit) -> Response:
    """Take what is wanted; to see everything needs no more questions."""
    student, chosen = subject(visit), visit.form.text("kind")
    if student is None:
        return visit.see(visit.url("family.student"))
    if not chosen:
        return _kinds_page(visit, student, Fault(Mistake.KIND_MISSING, "kind"))
    if chosen not in kinds(visit, student.id):
        raise NotFound
    draft = visit.seat.draft
    if draft.kind != chosen:
        draft = replace(draft, elements=(), corrections=(), evidence=())
    keep_answers(visit, replace(draft, student=student.id, kind=chosen))
    return visit.see(visit.url("family.check" if chosen == Kind.ACCESS else "family.details"))


def _students_page(visit: Visit, error: Fault | None) -> Response:
    person = requester(visit)
    able = students(visit, person)
    if not able:
        return visit.render("family/other_ways.html", OtherWaysPage())
    rows = tuple(_pupil(visit, one) for one in able)
    page = StudentPage(visit.people.person(person).name, rows, error)
    return visit.render("family/student.html", page, status=422 if error else 200)


def _pupil(visit: Visit, one: Person) -> Pupil:
    own, chosen = one.id == visit.seat.person, one.id == visit.seat.draft.student
    return Pupil(str(one.id), one.name, grade(one), school_name(visit, one), own, chosen)


def _kinds_page(visit: Visit, student: Person, error: Fault | None) -> Response:
    person = requester(visit)
    alone = len(students(visit, person)) == 1
    page = AskPage(
        requester=visit.people.person(person).name,
        name=student.given,
        own=student.id == person,
        alone=alone,
        kinds=kinds(visit, student.id),
        chosen=visit.seat.draft.kind,
        back=visit.url("family.start" if alone else "family.student"),
        error=error,
    )
    return visit.render("family/ask.html", page, status=422 if error else 200)
