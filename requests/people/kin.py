"""Who belongs to the family of one person on the record: whose requests and pages that person may never work on."""

from uuid import UUID

from rightsdesk.requests.people.restrictions.store import Restrictions
from rightsdesk.requests.people.store import People


def family_of(people: People, person: UUID | None) -> frozenset[UUID]:
    """Return the person, their students, everybody who is or was a guardian of one, and their own guardians.

    A restriction ties like a link: whoever was stopped from reaching a student must not read about them at work.
    Nobody, for somebody who is not on the record.
    """
    if person is None:
        return frozenset()
    ties = Restrictions(people.session, people.agency.id, people.vault)
    stopped = {one.student for one in people.restrictions(person) if one.student is not None}
    students = {*ties.children(person), *stopped}
    guardians = {one for student in (*students, person) for one in ties.guardians(student)}
    return frozenset({person, *students, *guardians})
