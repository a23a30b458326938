"""Keeps staff away from their own family: its requests and pages are told like unknown ones (F-39)."""

from uuid import UUID

from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.people.kin import family_of
from rightsdesk.web.problems import NotFound
from rightsdesk.web.visits import Visit


def family(visit: Visit) -> frozenset[UUID]:
    """Return who is of the family of the signed-in member of staff; nobody where they are not on the roster."""
    own = visit.colleague.person if visit.colleague else None
    if own is None:
        return frozenset()
    if visit.family is None:
        visit.family = family_of(visit.people, own)
    return visit.family


def is_own(visit: Visit, case: Case) -> bool:
    """Say whether a case is about, or was filed by, the own family of whoever is signed in."""
    return not family(visit).isdisjoint({case.requester, case.subject})


def require_not_own(visit: Visit) -> None:
    """Let nobody open a path that names a request, or a person, of their own family.

    Raises:
        NotFound: the path does; the same as for a page that does not exist.
        NoSuchCase: no case has the reference.
    """
    if visit.colleague is None or visit.colleague.person is None:
        return
    reference, person = visit.part("reference"), visit.part("person")
    if reference and is_own(visit, visit.cases.find(reference)):
        raise NotFound
    if person and person.lower() in {str(one) for one in family(visit)}:
        raise NotFound
