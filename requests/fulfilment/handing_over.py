"""Finish a request to see data where the family did so at the school, or was given paper (8 NYCRR 121.12)."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.cases.case import Approver, Case, Delivery, Kind, Outcome
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.effects import finish
from rightsdesk.requests.cases.errors import MovedOn
from rightsdesk.requests.cases.standing import DECIDERS, require_live_authority, require_no_conflict, require_role
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.fulfilment.package.contents import Disclosed
from rightsdesk.requests.fulfilment.store import Disclosures
from rightsdesk.requests.ledger.audit import Event

OFFICE: Final = "office"
HANDERS: Final = DECIDERS | {Role.ADMINISTRATOR}


def may_hand_over(case: Case) -> bool:
    """Say whether the office still has to show this family what was granted."""
    return case.kind is Kind.ACCESS and case.state is State.FULFILLING and case.delivery is Delivery.OFFICE


def hand_over(docket: Docket, approver: Approver, reference: str, version: int, now: datetime) -> Case:
    """Note that the family saw the data or was given paper, enter the release, and return the case fulfilled.

    Raises:
        NotForYou: wrong role or own family.
        AuthorityEnded: a link ended, a restriction stands, the student turned 18 or is frozen (F-13).
        MovedOn: nothing is to be handed over, or the case was changed since ``version``.
    """
    case = docket.cases.find(reference).at(version)
    require_role(approver, HANDERS)
    require_no_conflict(docket, approver, case)
    if not may_hand_over(case):
        raise MovedOn("There is nothing to hand over here any more.", case.version)
    require_live_authority(docket, case, now)
    given = tuple(one.element for one in case.elements if one.outcome == Outcome.APPROVE)
    disclosed = Disclosed(case.requester_kind, "access_request", given, now)
    releases = Disclosures(docket.session, docket.agency.id)
    releases.add(docket.fresh_id(), case.subject, disclosed, case.requester, case.reference)
    facts = (("how", OFFICE), ("elements", str(len(given))))
    docket.record(Event("disclosed", f"staff:{approver.staff}", case.reference, case.subject, facts))
    seen = tuple(replace(one, result=OFFICE) if one.element in given else one for one in case.elements)
    return finish(docket, docket.cases.save(case, replace(case, elements=seen, version=case.version + 1)), now)
