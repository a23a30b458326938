"""The acts of the desk, each in a unit of work of its own, and what a refusal must leave alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cases_given import World, no, yes
from cases_people_given import ENOUGH

from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.claiming import claim
from rightsdesk.requests.cases.conversation import ask_family, go_on
from rightsdesk.requests.cases.deciding import decide, return_proposal
from rightsdesk.requests.cases.effects import take_effect
from rightsdesk.requests.cases.filing import enter_case
from rightsdesk.requests.cases.proving import prove, refuse_proof
from rightsdesk.requests.cases.ruling import Ruling
from rightsdesk.requests.cases.tables import CaseRow
from rightsdesk.requests.ledger.tables import AuditEventRow


def ruled(world: World, staff: UUID, ruling: Ruling, proved_ago: timedelta | None = timedelta(minutes=1)) -> Case:
    with world.at() as docket:
        return decide(docket, world.by(staff, proved_ago), ruling, world.now)


def left(world: World, case: Case) -> Case:
    with world.at() as docket:
        return take_effect(docket, case.id, world.now)


def refused(world: World, kind: type[Exception], act: Callable[[], object], words: str = ".") -> None:
    """Expect a refusal that changes no case and writes no entry."""
    before = [(row.version, row.state) for row in world.rows(CaseRow)], len(world.rows(AuditEventRow))
    with pytest.raises(kind, match=words):
        act()
    assert ([(row.version, row.state) for row in world.rows(CaseRow)], len(world.rows(AuditEventRow))) == before


def acts_of(world: World, case: Case, staff: UUID) -> list[Callable[[], object]]:
    """Return every act on a case that waits for a decision, as one member of staff would do it."""
    who, ref, version = world.by(staff), case.reference, case.version

    def within(act: Callable[..., object], *given: Any) -> Callable[[], object]:
        def done() -> object:
            with world.at() as docket:
                return act(docket, who, *given)

        return done

    return [
        within(claim, ref, version),
        within(ask_family, ref, version, "Which of the two names is right?", world.now),
        within(go_on, ref, version),
        within(decide, yes(case), world.now),
        within(decide, no(case), world.now),
        within(return_proposal, ref, version),
        within(prove, ref, version, "office_visit", world.now),
        within(refuse_proof, ref, version, ("NO_AUTHORITY", ENOUGH), world.now),
    ]


def unproved(world: World, **changed: Any) -> Case:
    with world.at() as docket:
        return enter_case(docket, world.filing(channel="paper", means="", **changed), world.now)[0]
