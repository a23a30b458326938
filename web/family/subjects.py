"""About whom somebody may ask, read anew on each page: an order can end it between two of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from rightsdesk.requests.agencies.store import Schools
from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.people.person import Person
from rightsdesk.requests.people.store import People
from rightsdesk.web.problems import NotFound
from rightsdesk.web.sessions import Draft
from rightsdesk.web.visits import Visit

KINDERGARTEN: Final = ("KG", "K")


def requester(visit: Visit) -> UUID:
    """Return who proved to be here.

    Raises:
        NotFound: nobody did; the screen should have said so in the table of routes.
    """
    if visit.seat.person is None:
        raise NotFound
    return visit.seat.person


def students(visit: Visit, person: UUID) -> Sequence[Person]:
    """Return each student this person may ask something about now, by name."""
    return _record(visit).students_for(person, tuple(Kind), visit.here.today(visit.now))


def kinds(visit: Visit, student: UUID) -> tuple[Kind, ...]:
    """Return what this person may ask about the student now."""
    today, person = visit.here.today(visit.now), requester(visit)
    return tuple(kind for kind in Kind if _record(visit).authority(person, student, kind, today).holds)


def _record(visit: Visit) -> People:
    # Not the docket's: that one waits for the agency's turn to write, and what is read here is checked again in it.
    return People(visit.tx, visit.here, visit.vault)


def subject(visit: Visit) -> Person | None:
    """Return the student the open answers are about: the chosen one, else the only one, else nobody yet."""
    student = subject_id(visit)
    return None if student is None else _record(visit).persons([student]).get(student)


def subject_id(visit: Visit) -> UUID | None:
    """Return the id of the same student, without opening anybody's name: sending a request needs no more."""
    today, person, chosen = visit.here.today(visit.now), requester(visit), visit.seat.draft.student
    if chosen is not None:
        return chosen if _record(visit).may_ask(person, chosen, tuple(Kind), today) else None
    able = _record(visit).ids_for(person, tuple(Kind), today)
    return able[0] if len(able) == 1 else None


def keep_answers(visit: Visit, draft: Draft) -> None:
    """Keep the answers; when any of them changed, a page that shows the ones before cannot send these any more."""
    changed = replace(draft, once=visit.seat.draft.once) != visit.seat.draft
    once = visit.portal.draw(16).hex() if changed or not draft.once else draft.once
    visit.keep(replace(visit.seat, draft=replace(draft, once=once)))


def school_name(visit: Visit, person: Person) -> str:
    """Return the name of the student's school, or nothing."""
    if person.school is None:
        return ""
    return Schools(visit.tx, visit.here.id).names([person.school]).get(person.school, "")


def grade(person: Person) -> str:
    """Return the grade of a student as families write it."""
    return shown_grade(person.grade)


def shown_grade(code: str) -> str:
    """Return a grade as families write it: "K", "7"; other codes of the roster as they are."""
    return "K" if code in KINDERGARTEN else code.lstrip("0")


def shown_value(element: str, value: str) -> str:
    """Return the value of an element as a page may show it: of a phone number the last two digits."""
    if element == "mobile":
        return value[-2:]
    return shown_grade(value) if element == "grade" else value
