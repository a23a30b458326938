"""A case as a value: one request by one requester about one data subject to one agency."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.cases.errors import MovedOn
from rightsdesk.requests.cases.states import GRANTED, OPEN, Move, State, leads_to

HOLD: Final = timedelta(minutes=10)
ERASURE_WAIT: Final = timedelta(days=7)
REPLY_DAYS: Final = 14
_LOST: Final = "lost:"
# A refused element is done before the work starts; one that waits for a person was not changed.
_NOTHING_DONE: Final = frozenset({"", "refused", "needs_person"})


class Kind(StrEnum):
    """What a family can ask: see it, fix it, delete it."""

    ACCESS = "access"
    CORRECTION = "correction"
    ERASURE = "erasure"


class Delivery(StrEnum):
    """How a family gets to see the data: on its page, or at the school and on paper (8 NYCRR 121.12)."""

    ELECTRONIC = "electronic"
    OFFICE = "office"


class Outcome(StrEnum):
    """An agency's answer to a case or to one element of it."""

    APPROVE = "approve"
    DENY = "deny"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Asked:
    """One element of a case. ``filed`` is the value at filing, ``proposed`` what the family wants, both open text."""

    id: UUID
    element: str
    filed: str = ""
    proposed: str = ""
    accepted: str = ""
    outcome: str = ""
    ground: str = ""
    text: str = ""
    result: str = ""
    attempts: int = 0
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """The last day one law gives for an answer; ``is_policy`` when the number is the portal's own."""

    rule: str
    due_on: date
    is_policy: bool
    source: str


@dataclass(frozen=True, slots=True)
class Case:
    """One case. Times are aware UTC; ``due_on`` is a day in the agency's zone; free text is open."""

    id: UUID
    reference: str
    kind: Kind
    state: State
    requester: UUID
    requester_kind: str
    subject: UUID
    school: UUID | None
    owner: Owner
    channel: str
    once: str
    language: str
    received_at: datetime
    filed_at: datetime
    due_on: date
    due_rule: str
    delivery: Delivery = Delivery.ELECTRONIC
    details: str = ""
    elements: tuple[Asked, ...] = ()
    claimed_by: UUID | None = None
    outcome: str = ""
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    confirmed_by: UUID | None = None
    effective_at: datetime | None = None
    took_effect_at: datetime | None = None
    erase_at: datetime | None = None
    answer_by: date | None = None
    blocked: str = ""
    state_before: str = ""
    linked: UUID | None = None
    duplicate_of: UUID | None = None
    closed_at: datetime | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Say whether the case waits for anybody: it stands on the desk's lists until its answer has left."""
        return self.state in OPEN or self.state is State.FULFILLING or self.is_held

    @property
    def is_held(self) -> bool:
        """Say whether a decision stands but has not left: it can still be taken back."""
        return self.state in {*GRANTED, State.DENIED} and self.took_effect_at is None

    @property
    def was_never_proved(self) -> bool:
        """Say whether nobody has shown yet that this is really the wish of the person it names."""
        return self.state is State.AWAITING_PROOF and self.state_before in {"", State.AWAITING_PROOF}

    @property
    def seen_by_family(self) -> State:
        """Return the state as the family may know it: no decision shows before it takes effect.

        A case that lost its authority keeps the words it had, so that a restriction is invisible (T-25).
        """
        if self.state is State.AWAITING_PROOF and self.state_before:
            return State(self.state_before)
        return State.IN_REVIEW if self.is_held or self.state is State.AWAITING_SECOND_APPROVAL else self.state

    @property
    def has_begun(self) -> bool:
        """Say whether anything was released, changed or erased already."""
        return any(one.result not in _NOTHING_DONE for one in self.elements)

    @property
    def mark(self) -> str:
        """Return what ``state_before`` must hold so that ``came_from`` leads back here."""
        unproved = self.state is State.AWAITING_PROOF and self.state_before
        return f"{_LOST}{self.state_before}" if unproved else str(self.state)

    @property
    def came_from(self) -> tuple[State, str]:
        """Return the state a refused or joined case goes back to, and its ``state_before``: never past a proof."""
        if self.state_before.startswith(_LOST):
            return State.AWAITING_PROOF, self.state_before.removeprefix(_LOST)
        return State(self.state_before or self.state), ""

    def move(self, by: Move, to: State | None = None, **changes: object) -> Self:
        """Return this case after a move of the closed table, one version on.

        Raises:
            MovedOn: the table does not know the move from this state.
        """
        options = leads_to(self.state, by)
        target = to if to is not None else next(iter(options), None)
        if target is None or target not in options:
            raise MovedOn("This request has moved on since you opened it.", self.version)
        return replace(self, state=target, version=self.version + 1, **changes)  # type: ignore[arg-type]  # fields of this class

    def take_back(self, by: Move, to: State, **changes: object) -> Self:
        """Return this case after a move that takes its whole answer back, as if nobody had decided.

        Raises:
            MovedOn: the table does not know the move from this state.
        """
        asked = tuple(replace(one, outcome="", ground="", text="", accepted="", result="") for one in self.elements)
        nobody = dict.fromkeys(("decided_by", "confirmed_by"))
        never = dict.fromkeys(("decided_at", "effective_at", "took_effect_at", "erase_at"))
        return self.move(by, to, elements=asked, outcome="", **nobody, **never, **changes)

    def at(self, version: int) -> Self:
        """Return this case when the reader had its present version in hand.

        Raises:
            MovedOn: somebody changed it in between (F-42).
        """
        if version != self.version:
            raise MovedOn("Somebody changed this request while you had it open.", self.version)
        return self

    def touching(self) -> tuple[str, ...]:
        """Return the ids of the elements that the case is about."""
        return tuple(one.element for one in self.elements)


@dataclass(frozen=True, slots=True)
class Approver:
    """A member of staff at the moment of an act: roles read now, ``proved_at`` the last second factor."""

    staff: UUID
    roles: frozenset[str]
    person: UUID | None
    proved_at: datetime | None
