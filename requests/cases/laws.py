"""Which laws bear on a request at one agency, for the kind of data that the directory holds."""

from typing import Final

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.law.precedence import Governing, governing, reaching
from rightsdesk.requests.law.requesters import Asker, Relation, requester_kinds
from rightsdesk.requests.law.rulebook import Rulebook
from rightsdesk.requests.law.terms import Reach, Region, RequesterKind, Right

# Every element of the catalogue is a directory entry: part of the school's record, kept at a vendor.
DIRECTORY: Final = frozenset({Reach.EDUCATION_RECORD, Reach.HELD_BY_OPERATOR})
_CONSENT: Final = "ELECTRONIC_CONSENT"
_RELATIONS: Final = {
    RequesterKind.PARENT: Relation.PARENT,
    RequesterKind.GUARDIAN: Relation.GUARDIAN,
    RequesterKind.ELIGIBLE_STUDENT: Relation.STUDENT,
    RequesterKind.STUDENT_OWN_MINOR: Relation.STUDENT,
}
_AGES: Final = {RequesterKind.ELIGIBLE_STUDENT: 18, RequesterKind.STUDENT_OWN_MINOR: 13}
_REGIONS: Final = {str(region): region for region in Region}


def governed_by(rulebook: Rulebook, agency: Agency, right: Right, requester_kind: str) -> Governing:
    """Return what the agency's laws say about this right for this person.

    A law about other data (surveys, special education) neither gives a right here nor takes a ground away.
    """
    kind = RequesterKind(requester_kind)
    laws = reaching(rulebook, agency.laws, DIRECTORY)
    return governing(rulebook, laws, right, {kind, *_also(agency, kind)})


def needs_consent(rulebook: Rulebook, agency: Agency) -> bool:
    """Say whether a law of the agency lets a copy go out online only with the requester's consent (8 NYCRR 121.12)."""
    return any(
        _CONSENT in rule.approval_must_state
        for law in rulebook.laws
        if law.code in agency.laws
        for rule in law.rules
        if rule.right is Right.ACCESS
    )


def _also(agency: Agency, kind: RequesterKind) -> frozenset[RequesterKind]:
    # The record knows "parent"; the laws of a region may call the same person by another word (GDPR Art 8, 12).
    if kind not in _RELATIONS:
        return frozenset()
    region = _REGIONS.get(agency.region.partition("-")[0], Region.US)
    return requester_kinds(Asker(relation=_RELATIONS[kind], region=region, student_age=_AGES.get(kind)))
