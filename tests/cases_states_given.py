"""A case as a value, in any state."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.cases.case import Asked, Case, Kind
from rightsdesk.requests.cases.states import State

NOON: Final = datetime(2026, 11, 23, 17, tzinfo=UTC)


def a_case(state: State = State.SUBMITTED, kind: Kind = Kind.CORRECTION, **changed: object) -> Case:
    """Return a correction of a parent about a last name, changed as told."""
    plain = Case(
        id=UUID(int=1),
        reference="MGD-2222-2222",
        kind=kind,
        state=state,
        requester=UUID(int=2),
        requester_kind="parent",
        subject=UUID(int=3),
        school=None,
        owner=Owner.AGENCY,
        channel="portal",
        once="once",
        language="es",
        received_at=NOON,
        filed_at=NOON,
        due_on=date(2027, 1, 7),
        due_rule="us-ferpa.correction",
        elements=(Asked(UUID(int=4), "name.family"),),
        version=7,
    )
    return replace(plain, **changed)  # type: ignore[arg-type]  # fields of a case
